"""A Discourse site as a source, made of its settings."""

from datetime import date, datetime
from functools import partial

from parsers.engines.discourse.pages import follow, read
from parsers.engines.discourse.site_addresses import address_of, url_of
from parsers.engines.site_source import source_of
from parsers.source import Lists, Site, Source
from parsers.urls import Address

DELAY = 1.0


def make(site: Site) -> Source:
    """The source; its days have one section, number 0."""
    return source_of(
        site,
        delay=DELAY,
        sections=(0,),
        address_of=partial(address_of, site),
        url_of=url_of,
        lists=Lists(entries=_entries, follow=follow, read=partial(read, site), latest=_latest),
    )


def _latest(since: datetime) -> tuple[Address, ...]:
    return (Address(kind="latest", section=0, since=since),)


def _entries(day: date) -> tuple[Address, ...]:
    return (Address(kind="section", day=day, section=0),)
