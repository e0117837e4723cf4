"""A WordPress site as a source, made of its settings."""

from datetime import datetime
from functools import partial

from parsers.engines.site_source import entries_of, source_of
from parsers.engines.wordpress import addresses, html_addresses, html_pages, pages
from parsers.source import OK, Lists, Site, Source
from parsers.urls import Address

DELAY = 1.0
NOT_FOUND = 404
"""What a day without articles has for an archive."""
# No category has this id.
WHOLE_SITE = (0,)


def make(site: Site) -> Source:
    """The source; each category of the settings is a section of its days, else the whole site is number 0."""
    return source_of(
        site,
        delay=DELAY,
        sections=_sections(site),
        address_of=partial((html_addresses if site.html else addresses).address_of, site),
        url_of=partial((html_addresses if site.html else addresses).url_of, site),
        lists=_html_lists(site) if site.html else _rest_lists(site),
    )


def _rest_lists(site: Site) -> Lists:
    return Lists(
        entries=partial(entries_of, _sections(site)),
        follow=pages.follow,
        read=partial(pages.read, site),
        latest=_latest,
    )


def _html_lists(site: Site) -> Lists:
    return Lists(
        entries=partial(entries_of, WHOLE_SITE),
        follow=partial(html_pages.follow, site),
        read=partial(html_pages.read, site),
        # A 404 is taken for a page here: whether it is WordPress's word for an empty day, its markup says.
        statuses=frozenset({OK, NOT_FOUND}),
    )


def _sections(site: Site) -> tuple[int, ...]:
    return addresses.categories_of(site) or WHOLE_SITE


def _latest(since: datetime) -> tuple[Address, ...]:
    return (Address(kind="latest", since=since),)
