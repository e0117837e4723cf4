"""The input of every engine's parsers: the bytes of one answer, its address and its headers."""

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from zoneinfo import ZoneInfo

from parsers.encoding import decode
from parsers.errors import PageBlocked, PageTruncated, PageUnrecognised
from parsers.html import Page
from parsers.json import loads
from parsers.records import Decoded
from parsers.source import END, TAIL, WALLS

NO_HEADERS: Mapping[str, str] = MappingProxyType({})

LIMITS = ("slow down, too many requests", "too many crawling requests", "rate limit exceeded")
"""Words of plain answers to those who ask too often."""

WALL_WITHIN = 20_000


class RawPage:
    """One answer as it was received, and what is made of it once somebody asks.

    ``zone`` is the site's: it makes instants of times that are printed without an offset.
    """

    def __init__(
        self, body: bytes, url: str, headers: Mapping[str, str] = NO_HEADERS, zone: ZoneInfo | None = None
    ) -> None:
        self.body = body
        self.url = url
        self.zone = zone
        # Servers and proxies differ in how they write names: "X-WP-Total", "x-wp-total".
        self._headers = {name.lower(): value for name, value in headers.items()}

    def header(self, name: str) -> str | None:
        """The value of a header, whose name may be in any case."""
        return self._headers.get(name.lower())

    @cached_property
    def decoded(self) -> Decoded:
        """The text, and how its bytes became text."""
        return decode(self.body, self.header("content-type"))

    @property
    def text(self) -> str:
        """The source text."""
        return self.decoded.text

    @cached_property
    def page(self) -> Page:
        """The parsed tree."""
        return Page(self.decoded.utf8)

    @property
    def is_closed(self) -> bool:
        """Whether the markup's last tag is there: a page cut short has none."""
        return END in self.text[-TAIL:].lower()

    def json(self) -> object:
        """The value of a JSON answer.

        Raises:
            PageBlocked: a wall stands in its place.
            PageTruncated: it is cut short.
            PageUnrecognised: it is no JSON.
        """
        try:
            return loads(self.text, self.url)
        # A cut answer is the site's own; only what is no JSON at all may be a wall.
        except PageTruncated:
            raise
        except PageUnrecognised as error:
            raise self.stranger(error.reason) from error

    def require_closed(self) -> None:
        """Refuse markup whose last tag is missing: what it does not show may only be cut off.

        Raises:
            PageTruncated: the last tag is missing.
        """
        if not self.is_closed:
            raise PageTruncated("the page ends before its last tag", self.url)

    def stranger(self, reason: str) -> PageBlocked | PageUnrecognised:
        """The error for a page that no parser knows: a wall, or something else for the given reason."""
        # The header reads "cf-mitigated: challenge".
        if self.header("cf-mitigated"):
            return PageBlocked("the page is a challenge of the site's guard", self.url)
        text = self.text[:WALL_WITHIN].lower()
        for wall in (*LIMITS, *WALLS):
            if wall in text:
                return PageBlocked(f"the page is a wall: it says {wall!r}", self.url)
        return PageUnrecognised(reason, self.url)
