"""Sources made of settings: each kind of site software by its name, and what tells that a site is of it."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from parsers.engines.discourse import looking as discourse_looking
from parsers.engines.discourse import making as discourse
from parsers.engines.looking import Look
from parsers.engines.wordpress import looking as wordpress_looking
from parsers.engines.wordpress import making as wordpress
from parsers.engines.xenforo import looking as xenforo_looking
from parsers.engines.xenforo import making as xenforo
from parsers.engines.xenforo.site_addresses import forum_of
from parsers.source import Site, Source

ENGINES: Mapping[str, Callable[[Site], Source]] = MappingProxyType(
    {"discourse": discourse.make, "wordpress": wordpress.make, "xenforo": xenforo.make}
)
FORUMS: Mapping[str, Callable[[str], tuple[int, str] | None]] = MappingProxyType({"xenforo": forum_of})
"""The kinds that have a listing for each forum; what reads a forum's id or address out of the settings, and
gives its id and what stands for it in addresses."""

LOOKS: Mapping[str, tuple[Look, ...]] = MappingProxyType(
    {
        "discourse": discourse_looking.LOOKS,
        "wordpress": wordpress_looking.LOOKS,
        "xenforo": xenforo_looking.LOOKS,
    }
)
"""The questions for each kind, of which one answer is enough."""


def make(site: Site) -> Source:
    """The source that the settings name; KeyError if there is no such engine."""
    return ENGINES[site.engine](site)


def named_forums(engine: str, settings: Iterable[int | str]) -> tuple[str, ...]:
    """What stands for each forum in addresses, by the ids or addresses that the settings give.

    Raises:
        ValueError: a kind of software that has forums is given none or one twice, or has none to name.
    """
    named = [str(setting) for setting in settings]
    read = FORUMS.get(engine)
    if read is None:
        if named:
            raise ValueError(f"a site of {engine} has no forums to name")
        return ()
    if not named:
        raise ValueError("name its forums, by their ids or addresses: forums = [2, 5]")
    found: dict[int, str] = {}
    for setting in named:
        if (forum := read(setting)) is None:
            raise ValueError(f"{setting!r} is no forum's id or address")
        if forum[0] in found:
            raise ValueError(f"forum {forum[0]} is named twice")
        found[forum[0]] = forum[1]
    return tuple(found.values())
