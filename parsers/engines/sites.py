"""Sources made of settings: each kind of site software by its name, and what tells that a site is of it."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from parsers.engines.discourse import looking as discourse_looking
from parsers.engines.discourse import making as discourse
from parsers.engines.discourse import site_addresses as discourse_addresses
from parsers.engines.looking import CategoryLook, Look
from parsers.engines.wordpress import addresses as wordpress_addresses
from parsers.engines.wordpress import looking as wordpress_looking
from parsers.engines.wordpress import making as wordpress
from parsers.engines.xenforo import looking as xenforo_looking
from parsers.engines.xenforo import making as xenforo
from parsers.engines.xenforo.site_addresses import forum_of
from parsers.source import Site, Source

ENGINES: Mapping[str, Callable[[Site], Source]] = MappingProxyType(
    {"discourse": discourse.make, "wordpress": wordpress.make, "xenforo": xenforo.make}
)
Places = Mapping[str, Callable[[str], tuple[int, str] | None]]
"""By the kind of software, what reads an id or an address out of the settings, and gives the id and what
stands for it in addresses."""

FORUMS: Places = MappingProxyType({"xenforo": forum_of})
"""The kinds that have a listing for each forum, and none for the whole site."""

CATEGORIES: Places = MappingProxyType(
    {"discourse": discourse_addresses.category_of, "wordpress": wordpress_addresses.category_of}
)
"""The kinds that have a listing for each category as well as one for the whole site."""

LOOKS: Mapping[str, tuple[Look, ...]] = MappingProxyType(
    {
        "discourse": discourse_looking.LOOKS,
        "wordpress": wordpress_looking.LOOKS,
        "xenforo": xenforo_looking.LOOKS,
    }
)
"""The questions for each kind, of which one answer is enough."""

CATEGORY_LOOKS: Mapping[str, CategoryLook] = MappingProxyType(
    {"discourse": discourse_looking.CATEGORIES, "wordpress": wordpress_looking.CATEGORIES}
)
"""The question which of its categories a site has."""


def make(site: Site) -> Source:
    """The source that the settings name; KeyError if there is no such engine."""
    return ENGINES[site.engine](site)


def named_forums(engine: str, settings: Iterable[int | str]) -> tuple[str, ...]:
    """What stands for each forum in addresses, by the ids or addresses that the settings give.

    Raises:
        ValueError: a kind of software that has forums is given none or one twice, or has none to name.
    """
    named = _named(FORUMS, engine, "forum", "forums", settings)
    if engine in FORUMS and not named:
        raise ValueError("name its forums, by their ids or addresses: forums = [2, 5]")
    return named


def named_categories(engine: str, settings: Iterable[int | str], *, html: bool) -> tuple[str, ...]:
    """What stands for each category in addresses, by the ids or addresses that the settings give.

    Raises:
        ValueError: one is given twice, or the software has none to name, or is read without them (``html``).
    """
    named = _named(CATEGORIES, engine, "category", "categories", settings)
    if named and html:
        raise ValueError("categories are listed by the interface alone, which is closed here (html)")
    return named


def _named(
    places: Places, engine: str, one: str, several: str, settings: Iterable[int | str]
) -> tuple[str, ...]:
    named = [str(setting) for setting in settings]
    read = places.get(engine)
    if read is None:
        if named:
            raise ValueError(f"a site of {engine} has no {several} to name")
        return ()
    found: dict[int, str] = {}
    for setting in named:
        if (place := read(setting)) is None:
            raise ValueError(f"{setting!r} is no {one}'s id or address")
        if place[0] in found:
            raise ValueError(f"{one} {place[0]} is named twice")
        found[place[0]] = place[1]
    return tuple(found.values())
