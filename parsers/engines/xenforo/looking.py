"""Whether a site is XenForo's, by the markup of its home page."""

from parsers.engines.looking import Look
from parsers.engines.raw import RawPage
from parsers.engines.xenforo.refusals import root_of


def zone_of(raw: RawPage) -> None:
    """None: no page names the site's zone.

    Raises:
        ParseError: the page is none of XenForo's.
    """
    root_of(raw)


LOOKS = (Look(path="", zone_of=zone_of),)
