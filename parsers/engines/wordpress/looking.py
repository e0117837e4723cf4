"""Whether a site is WordPress's, by the root of its REST interface in either form."""

from parsers.engines.looking import Look, zone_named
from parsers.engines.raw import RawPage
from parsers.engines.wordpress.site import read_site
from parsers.errors import PageUnrecognised


def zone_of(raw: RawPage) -> str | None:
    """The zone of the site's clock.

    Raises:
        ParseError: the answer is no interface's root, or the interface has no articles.
    """
    facts = read_site(raw)
    if not facts.lists_comments:
        raise PageUnrecognised("the REST interface of the site has no articles", raw.url)
    return zone_named(facts.zone, facts.utc_offset_hours)


LOOKS = (
    Look(path="wp-json/", zone_of=zone_of),
    Look(path="?rest_route=/", zone_of=zone_of, rest_route=True),
)
