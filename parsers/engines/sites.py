"""Sources made of settings: each kind of site software by its name, and what tells that a site is of it.

A kind is imported when a site of it is made or looked at: most processes have none, and all would pay for it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from parsers.engines.looking import is_zone
from parsers.source import Site, Source

if TYPE_CHECKING:
    from parsers.engines.looking import CategoryLook, Look


# https://board.example/community; no name or password before the host, no query
ADDRESS = re.compile(r"https?://[^/\s?#@]+(?:/[^\s?#]*)?$")


def _at(where: str) -> Any:
    """What stands there, such as ``discourse.making:make``."""
    module, _, name = where.partition(":")
    return getattr(import_module(f"parsers.engines.{module}"), name)


def _later(where: str) -> Callable[[Any], Any]:
    """The function there, which is imported when it is called."""

    def call(given: object) -> Any:
        return _at(where)(given)

    return call


ENGINES: Mapping[str, Callable[[Site], Source]] = MappingProxyType(
    {name: _later(f"{name}.making:make") for name in ("discourse", "wordpress", "xenforo")}
)
Places = Mapping[str, Callable[[str], tuple[int, str] | None]]
"""By the kind of software, what reads an id or an address out of the settings, and gives the id and what
stands for it in addresses."""

FORUMS: Places = MappingProxyType({"xenforo": _later("xenforo.site_addresses:forum_of")})
"""The kinds that have a listing for each forum, and none for the whole site."""

CATEGORIES: Places = MappingProxyType(
    {
        "discourse": _later("discourse.site_addresses:category_of"),
        "wordpress": _later("wordpress.addresses:category_of"),
    }
)
"""The kinds that have a listing for each category as well as one for the whole site."""


def looks_at(engine: str) -> "tuple[Look, ...]":
    """The questions for a kind, of which one answer is enough."""
    looks: tuple[Look, ...] = _at(f"{engine}.looking:LOOKS")
    return looks


def category_look_at(engine: str) -> "CategoryLook":
    """The question which of its categories a site has, for the kinds in ``CATEGORIES``."""
    look: CategoryLook = _at(f"{engine}.looking:CATEGORIES")
    return look


def site_named(
    name: str,
    *,
    engine: str,
    base_url: str,
    zone: str,
    forums: Iterable[int | str] = (),
    categories: Iterable[int | str] = (),
    html: bool = False,
    **plain: Any,
) -> Site:
    """The site that settings name; ``plain`` are the fields of a ``Site`` that are taken as they are.

    Raises:
        ValueError: the kind of software is unknown, or a value is none for it.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine is {engine!r}: known are {', '.join(sorted(ENGINES))}")
    if not is_zone(zone):
        raise ValueError(f"zone is {zone!r}, which is no time zone")
    if not ADDRESS.match(base_url):
        raise ValueError(f"base_url is {base_url!r}, which is no http address")
    return Site(
        name=name,
        engine=engine,
        # Without the slash its last part would be lost where a path is joined to it.
        base_url=f"{base_url.rstrip('/')}/",
        zone=zone,
        forums=named_forums(engine, forums),
        categories=named_categories(engine, categories, html=html),
        html=html,
        **plain,
    )


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
        # "knots.4" and "4" are one forum: each of its threads would be listed twice.
        if place[0] in found:
            raise ValueError(f"{one} {place[0]} is named twice")
        found[place[0]] = place[1]
    return tuple(found.values())
