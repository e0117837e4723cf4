"""Whether a site is XenForo's, by the markup of its home page, and which form its addresses have."""

import re

from parsers.engines.looking import Look
from parsers.engines.raw import RawPage
from parsers.engines.xenforo.refusals import root_of
from parsers.errors import PageUnrecognised
from parsers.html import attribute

# "/index.php?threads/a-new-mast.12/"
PLAIN = re.compile(r"(?:.*/)?index\.php\?[a-z-]+/.*")
# "/community/forums/knots.4/"
FRIENDLY = re.compile(r"(?:[^?]*/)?(?:forums|threads|login|members|whats-new|categories)/[^?]*")


def friendly_zone_of(raw: RawPage) -> None:
    """None: no page names the site's zone.

    Raises:
        ParseError: the page is none of XenForo's, or its addresses stand behind ``index.php?``.
    """
    if _is_plain(raw):
        raise PageUnrecognised("the board's addresses stand behind index.php?", raw.url)


def plain_zone_of(raw: RawPage) -> None:
    """The same for a board whose addresses are not friendly.

    Raises:
        ParseError: the page is none of XenForo's, or its addresses are friendly.
    """
    if not _is_plain(raw):
        raise PageUnrecognised("the board's addresses do not stand behind index.php?", raw.url)


def _is_plain(raw: RawPage) -> bool:
    # Raises for a page that is none of XenForo's, before its links are counted.
    root_of(raw)
    links = [attribute(link, "href") or "" for link in raw.page.select("a[href]")]
    plain = sum(PLAIN.fullmatch(link) is not None for link in links)
    return plain > sum(FRIENDLY.fullmatch(link) is not None for link in links)


LOOKS = (
    Look(path="", zone_of=friendly_zone_of),
    Look(path="", zone_of=plain_zone_of, plain_urls=True),
)
