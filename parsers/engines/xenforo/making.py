"""A XenForo board as a source, made of its settings."""

from functools import partial

from parsers.engines.site_source import entries_of, latest_of, source_of
from parsers.engines.xenforo.pages import follow, read
from parsers.engines.xenforo.site_addresses import address_of, forums_of, url_of
from parsers.source import Lists, Site, Source

DELAY = 2.0


def make(site: Site) -> Source:
    """The source; each forum of the settings is a section of its days."""
    # A board has no list of all its threads by day: each forum is listed by itself.
    sections = tuple(forums_of(site))
    return source_of(
        site,
        delay=DELAY,
        sections=sections,
        address_of=partial(address_of, site),
        url_of=partial(url_of, site),
        lists=Lists(
            entries=partial(entries_of, sections),
            follow=follow,
            read=partial(read, site),
            latest=partial(latest_of, sections),
        ),
    )
