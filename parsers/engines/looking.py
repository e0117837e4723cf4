"""What is asked of a site before it becomes a source, and what its answer says of it."""

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from parsers.engines.raw import RawPage
from parsers.source import Site

EAST, WEST = 14, -12
"""The hours from UTC for which there is a zone such as ``Etc/GMT-2``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One question: ``path`` is relative to the site's root, empty for the root itself.

    ``zone_of`` reads the answer and gives the zone that the site says, or None; it raises ParseError where
    the answer is none of this software's. ``rest_route``, ``html`` and ``plain_urls`` are the settings
    that go with the answer.
    """

    path: str
    zone_of: Callable[[RawPage], str | None]
    rest_route: bool = False
    html: bool = False
    plain_urls: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryLook:
    """Which of the categories of the settings a site has: the question for them, and the ids in its answer.

    ``ids_of`` raises ParseError where the answer is none to that question.
    """

    url_of: Callable[[Site], str]
    ids_of: Callable[[RawPage], frozenset[int]]


def zone_named(name: str | None, hours: float | None) -> str | None:
    """The zone of that name, or one of whole hours from UTC where no name is given; None if there is none.

    A name that is unknown here does not fall back to the hours: those may be summer's alone.
    """
    if name:
        return name if is_zone(name) else None
    # 5.5 hours are India's: there is no "Etc/GMT-5.5".
    if hours is None or hours != int(hours) or not WEST <= hours <= EAST:
        return None
    # The names have the signs of POSIX: Etc/GMT-2 is two hours ahead of UTC.
    return f"Etc/GMT{-int(hours):+d}" if hours else "Etc/UTC"


def is_zone(name: str) -> bool:
    """Whether there is a time zone of that name."""
    try:
        ZoneInfo(name)
    # "../etc" is a ValueError, the name of a folder such as "Europe" an OSError.
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
