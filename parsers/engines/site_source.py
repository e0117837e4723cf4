"""A source made of a site's settings: what is the same for every kind of software."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from urllib.parse import urlsplit

from parsers.source import Lists, Site, Source
from parsers.urls import Address


def source_of(
    site: Site,
    *,
    delay: float,
    sections: tuple[int, ...],
    address_of: Callable[[str], Address],
    url_of: Callable[[Address, str], str],
    lists: Lists,
) -> Source:
    """The source; ``delay`` in seconds is for a site whose settings give none."""
    return Source(
        name=site.name,
        base_url=site.base_url,
        hosts=(urlsplit(site.base_url).hostname or "",),
        zone=site.zone,
        delay=delay if site.delay is None else site.delay,
        sections=sections,
        # Pages are read by ``lists``: their addresses say of which kind they are.
        templates=(),
        address_of=address_of,
        url_of=url_of,
        lists=lists,
        site=site,
    )


def entries_of(sections: Iterable[int], day: date) -> tuple[Address, ...]:
    """Where a visit of a day begins: at the listing of each section."""
    return tuple(Address(kind="section", day=day, section=section) for section in sections)


def latest_of(sections: Iterable[int], since: datetime) -> tuple[Address, ...]:
    """The list of each section of what was written since then."""
    return tuple(Address(kind="latest", section=section, since=since) for section in sections)
