"""A XenForo board as a source, made of its settings."""

from datetime import date, datetime
from functools import partial

from parsers.engines.site_source import source_of
from parsers.engines.xenforo.pages import follow, read
from parsers.engines.xenforo.site_addresses import address_of, forums_of, url_of
from parsers.source import Lists, Site, Source
from parsers.urls import Address

DELAY = 2.0


def make(site: Site) -> Source:
    """The source; each forum of the settings is a section of its days."""
    return source_of(
        site,
        delay=DELAY,
        sections=tuple(forums_of(site)),
        address_of=partial(address_of, site),
        url_of=partial(url_of, site),
        lists=Lists(
            entries=partial(_entries, site),
            follow=follow,
            read=partial(read, site),
            latest=partial(_latest, site),
        ),
    )


def _latest(site: Site, since: datetime) -> tuple[Address, ...]:
    return tuple(Address(kind="latest", section=forum, since=since) for forum in forums_of(site))


def _entries(site: Site, day: date) -> tuple[Address, ...]:
    return tuple(Address(kind="section", day=day, section=forum) for forum in forums_of(site))
