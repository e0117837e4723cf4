"""What a source pack is made of, and the way of one page through it.

bytes -> Decoded -> Document -> Template (by signature, then by capture date) -> ParsedPage
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from types import MappingProxyType

from parsers.encoding import decode
from parsers.errors import PageBlocked, PageUnrecognised
from parsers.html import Page
from parsers.lists import Follow
from parsers.records import Article, Counters, Decoded, Headline, PageKind, ParsedPage, Unreadable
from parsers.urls import Address

# <title>Just a moment...</title>, <input name="pwd" type="password">
WALLS = (
    "captcha",
    "access denied",
    "are you a robot",
    "attention required",
    "checking your browser",
    "just a moment",
    "too many connections",
    "temporarily unavailable",
    'type="password"',
    "type='password'",
    "type=password",
    "fatal error",
    "database error",
)
"""Words of pages that stand in a page's place; looked for only where no template knows the page."""

END = "</html>"
OK = 200
TAIL = 2000
"""How near a page's end its last tag stands; a visitor's address can follow it."""

NO_COUNTERS = Counters(sections={})
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Document:
    """A page's text and, once somebody asks, its tree."""

    def __init__(self, decoded: Decoded, url: str, address: Address | None) -> None:
        self.decoded = decoded
        self.url = url
        self.address = address

    @property
    def text(self) -> str:
        """The page's source text."""
        return self.decoded.text

    @property
    def is_closed(self) -> bool:
        """Whether the markup's last tag is there: a page cut short has none."""
        return END in self.text[-TAIL:].lower()

    @cached_property
    def page(self) -> Page:
        """The parsed tree."""
        return Page(self.decoded.utf8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One layout of one kind of page. A new layout is a new module and a new template."""

    name: str
    kind: PageKind
    revision: int
    recognises: Callable[[Document], bool]
    read: Callable[[Document, "Template"], ParsedPage]
    silent_on: frozenset[str] = frozenset()
    """Fields that this kind of page never shows, see ``ParsedPage``."""
    since: date = date.min
    until: date = date.max
    counted: bool | None = None
    """Whether such a page counts what it should show, see ``ParsedPage``. A section whose page does not is
    ``unproven``: all that it shows is held, and that is all that can be said."""

    def page(
        self,
        document: Document,
        *,
        day: date,
        section: int | None,
        articles: tuple[Article, ...],
        headlines: tuple[Headline, ...] = (),
        counters: Counters = NO_COUNTERS,
        truncated: bool,
        unreadable: tuple[Unreadable, ...] = (),
    ) -> ParsedPage:
        """What the template read, with the page and the parser that it is from."""
        decoded = document.decoded
        return ParsedPage(
            source=self.name.partition(".")[0],
            kind=self.kind,
            url=document.url,
            date=day,
            section=section,
            articles=articles,
            headlines=headlines,
            counters=counters,
            truncated=truncated,
            silent_on=self.silent_on,
            encoding=decoded.encoding,
            encoding_from=decoded.chosen_by,
            repaired=decoded.repaired,
            replaced=decoded.replaced,
            parser=self.name,
            revision=self.revision,
            unreadable=unreadable,
            counted=self.counted,
        )

    def covers(self, day: date) -> bool:
        """Whether the layout was in use on that day (``until`` is the first day it was not)."""
        return self.since <= day < self.until


def highest_number(ids: Collection[str]) -> str | None:
    """The highest of ids that are numbers without leading zeros: of two, the longer is the higher."""
    # "12" is higher than "9", and sorts before it as a text.
    return max(ids, key=lambda one: (len(one), one), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a site answered: the body, the address that was asked for, the headers, and when it was asked."""

    body: bytes
    url: str
    headers: Mapping[str, str]
    captured_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """How a site is read that lists its threads: whole, page by page.

    ``entries`` are the addresses where a visit of a day begins; ``follow`` those that a page says are still
    to be asked for. ``latest`` are those of what was written since a moment, where the site has such lists,
    at most one a section.
    ``read`` reads every page.
    """

    entries: Callable[[date], tuple[Address, ...]]
    follow: Follow
    read: Callable[[Answer], ParsedPage]
    latest: Callable[[datetime], tuple[Address, ...]] | None = None
    statuses: frozenset[int] = frozenset({OK})
    """The statuses of answers that are read: some sites have none but 404 for a day without articles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A site of a common kind of software, as its operator's settings name it. ``delay`` None is the
    default."""

    name: str
    engine: str
    base_url: str
    zone: str
    delay: float | None = None
    forums: tuple[str, ...] = ()
    """The forums that are harvested, where a site has a listing for each: ``4``, or ``knots.4``."""
    categories: tuple[str, ...] = ()
    """The categories that are harvested, where a site has a listing for each: ``5``, or ``boats/5``; none for
    the whole site."""
    rest_route: bool = False
    """Whether WordPress's addresses are not pretty: its interface is asked for by ``?rest_route=``."""
    plain_urls: bool = False
    """Whether XenForo's addresses are not friendly: all of them stand behind ``index.php?``."""
    html: bool = False
    """Whether WordPress's interface is closed, and its pages for people are read instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A pack: what a site's addresses and pages mean."""

    name: str
    base_url: str
    hosts: tuple[str, ...]
    zone: str
    delay: float
    """Seconds between requests that the site is owed at least."""
    sections: tuple[int, ...]
    templates: tuple[Template, ...]
    address_of: Callable[[str], Address]
    url_of: Callable[[Address, str], str]
    newest_id: Callable[[Collection[str]], str | None] = highest_number
    """The newest of the site's comment ids; None of none."""
    lists: Lists | None = None
    """How its threads are read; None where a day's section pages show all its threads whole."""
    site: Site | None = None
    """The settings that the source was made of, if it was."""

    def reads(self, status: int) -> bool:
        """Whether an answer with this status can be a page."""
        return status in self.lists.statuses if self.lists is not None else status == OK

    def parse(
        self,
        body: bytes,
        *,
        url: str,
        captured_at: datetime,
        content_type: str | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> ParsedPage:
        """Read one page. Pure: the same arguments give the same answer.

        ``url`` may be empty if the page itself says what it is. ``headers`` are the answer's;
        ``content_type`` is that header's value, where it is the only one that is known.

        Raises:
            AddressUnknown: the address is none of the source's pages.
            ParseError: the page is not what it should be; nothing of it may be believed.
        """
        if self.lists is not None:
            known = headers if content_type is None else {"content-type": content_type, **headers}
            return self.lists.read(Answer(body=body, url=url, headers=known, captured_at=captured_at))
        address = self.address_of(url) if url else None
        document = Document(decode(body, content_type), url, address)
        template = self._template(document, captured_at)
        # A redirect to another kind of page must not be stored under the address that was asked for.
        if address is not None and address.kind != template.kind:
            raise PageUnrecognised(
                f"the address is of the kind {address.kind}, the page {template.kind}", url
            )
        return template.read(document, template)

    def _template(self, document: Document, captured_at: datetime) -> Template:
        known: Template | None = None
        for template in self.templates:
            if template.recognises(document):
                # Two eras may share a signature: then the capture's date decides.
                if template.covers(captured_at.date()):
                    return template
                # Of no era that fits the day, the first that knows the page reads it.
                known = known or template
        if known is None:
            raise _stranger(document, self.name)
        return known


def _stranger(document: Document, source: str) -> PageBlocked | PageUnrecognised:
    text = document.text[:20_000].lower()
    for wall in WALLS:
        if wall in text:
            return PageBlocked(f"the page is a wall: it says {wall!r}", document.url)
    return PageUnrecognised(f"the page is none of {source}'s", document.url)
