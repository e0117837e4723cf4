"""Whether a site is WordPress's: by the root of its REST interface in either form, else by its home page."""

import re

from parsers.engines.looking import CategoryLook, Look, zone_named
from parsers.engines.raw import RawPage
from parsers.engines.wordpress.addresses import categories_url
from parsers.engines.wordpress.day_archive import read_archive
from parsers.engines.wordpress.rest_answer import rest_objects
from parsers.engines.wordpress.site import read_site
from parsers.errors import PageUnrecognised

# https://quay.example/?p=7
PLAIN = re.compile(r"[?&]p=[0-9]")


def zone_of(raw: RawPage) -> str | None:
    """The zone of the site's clock.

    Raises:
        ParseError: the answer is no interface's root, or the interface has no articles.
    """
    facts = read_site(raw)
    if not facts.lists_comments:
        raise PageUnrecognised("the REST interface of the site has no articles", raw.url)
    return zone_named(facts.zone, facts.utc_offset_hours)


def pretty_zone_of(raw: RawPage) -> None:
    """Nothing: a page for people does not say the site's zone.

    Raises:
        ParseError: the page is none of WordPress's, or its articles' addresses are not pretty.
    """
    if _is_plain(raw):
        raise PageUnrecognised("the site's addresses are not pretty", raw.url)


def plain_zone_of(raw: RawPage) -> None:
    """The same for a site whose addresses are not pretty.

    Raises:
        ParseError: the page is none of WordPress's, or its articles' addresses are pretty.
    """
    if not _is_plain(raw):
        raise PageUnrecognised("the site's addresses are pretty", raw.url)


def _is_plain(raw: RawPage) -> bool:
    listed, _ = read_archive(raw)
    return any(PLAIN.search(one.url) for one in listed)


def _category_ids(raw: RawPage) -> frozenset[int]:
    return frozenset(category.integer("id") for category in rest_objects(raw, "category"))


# The interface first: it gives ids, totals and the zone.
LOOKS = (
    Look(path="wp-json/", zone_of=zone_of),
    Look(path="?rest_route=/", zone_of=zone_of, rest_route=True),
    Look(path="", zone_of=pretty_zone_of, html=True),
    Look(path="", zone_of=plain_zone_of, html=True, rest_route=True),
)
CATEGORIES = CategoryLook(url_of=categories_url, ids_of=_category_ids)
