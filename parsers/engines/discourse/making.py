"""A Discourse site as a source, made of its settings."""

from functools import partial

from parsers.engines.discourse.pages import follow, read
from parsers.engines.discourse.site_addresses import address_of, categories_of, url_of
from parsers.engines.site_source import entries_of, latest_of, source_of
from parsers.source import Lists, Site, Source

DELAY = 1.0
# No category has this id.
WHOLE_SITE = (0,)


def make(site: Site) -> Source:
    """The source; each category of the settings is a section of its days, else the whole site is number 0."""
    sections = tuple(categories_of(site)) or WHOLE_SITE
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
