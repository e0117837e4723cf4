"""The values that parsers hand on. Frozen, without behaviour; None means that the page does not say.

Texts are one line: every run of white space, line breaks included, is one blank, so that a page and a
text rendition of it give the same words. Ids are the site's, as strings. ``*_local`` is the site's wall
clock (``2018-03-23T01:35``), ``*_at`` the same instant as an aware UTC datetime.

The records of which a page has dozens are structs of msgspec, whose only door this is: made in a tenth of the
time, and otherwise what a frozen dataclass is; ``changed`` is their ``dataclasses.replace``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeVar

from msgspec import Struct, msgpack, structs

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""NUL, and halves of a pair that stand alone, as JSON may escape them."""

PageKind = Literal["section", "article", "comments", "latest"]
"""``latest``: the newest comments of the whole site, whichever thread they stand in."""


# gc=False: a row holds no cycle, and the collector need not walk through thousands of them.
class Comment(Struct, frozen=True, kw_only=True, gc=False):
    """One reader's comment as the page shows it; ``number`` is what the site prints and can change.

    ``position`` is its rank in the thread, from 1, where the site shows one. ``parent_number`` is the number
    of the comment that it answers, where the page does not show that one: its id is looked up among the held.
    """

    number: int | None
    external_id: str | None
    author: str | None
    posted_at: datetime
    posted_local: str
    text: str
    html: str | None
    parent_external_id: str | None = None
    position: int | None = None
    parent_number: int | None = None


class Article(Struct, frozen=True, kw_only=True, gc=False):
    """One article with the comments that stand below it, oldest first."""

    external_id: str
    date: date
    section: int | None
    section_name: str | None
    category: str | None
    title: str
    link: str | None
    outlet: str | None
    posted_by: str | None
    posted_at: datetime | None
    posted_local: str | None
    label: str | None
    views: int | None
    text: str
    text_original: str | None
    html: str | None
    comments: tuple[Comment, ...]


class Headline(Struct, frozen=True, kw_only=True, gc=False):
    """A row of the day's catalogue: what the site says it holds. ``last_comment_time`` is ``HH:MM``."""

    external_id: str
    section: int
    category: str | None
    title: str
    comment_count: int
    last_comment_id: str | None
    last_comment_time: str | None
    last_comment_author: str | None
    views: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """The site's own counters: of the whole archive, of the day, and of the day's sections."""

    articles: int | None = None
    comments: int | None = None
    articles_today: int | None = None
    comments_today: int | None = None
    sections: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A page's text, the same in UTF-8, and how its bytes became text."""

    text: str
    utf8: bytes
    encoding: str
    chosen_by: Literal["bom", "header", "meta", "utf-8", "detection", "fallback"]
    repaired: int
    """Stray bytes read one by one as windows-1252."""
    replaced: int
    """Bytes that mean nothing in the encoding, shown as U+FFFD."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A block of a page that could not be read, though others could: a comment, or a whole article."""

    article: str | None
    comment: str | None
    reason: str


Paging = Literal["overlap", "stream", "numbers", "pages"]
"""How the pages of a list hang together.

``overlap``: each begins with the last row of the one before. ``stream``: some of them give the ids of the
whole list. ``numbers``: each knows the ranks of its rows, and the last one is read first and last.
``pages``: each knows its number alone, and is read again once all others were read.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The rows of a list that one page shows: of a thread, or (``thread`` None) of a day's threads.

    ``first`` is the rank of the first row in the whole list, from 0; None where the page does not say.
    ``ids`` are all rows, in order; ``others`` those of them that are no comments: the article itself, or a
    note that a topic was closed. ``total`` is how many rows the whole list has by the site's word.
    ``stream`` are the ids of the whole list, where the site gives them.
    """

    thread: str | None
    paging: Paging
    first: int | None
    ids: tuple[str, ...]
    total: int | None
    starts: bool
    ends: bool
    others: frozenset[str] = frozenset()
    stream: tuple[str, ...] | None = None
    needs_total: bool = True
    """Whether the list is unproven where the site gives no total."""
    page: int | None = None
    """The number of the page, by the page's own word."""
    pages: int = 1
    """The highest number of a page that this one names."""
    aside: frozenset[str] = frozenset()
    """Threads of the day that are pinned above the rows, and have no rank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadClaim:
    """What a listing says of a thread: how many comments it has, and a ``mark`` that changes when it does.

    ``slug`` are the words beside its id in its address. None is what the listing does not say.
    """

    thread: str
    comments: int | None = None
    mark: str | None = None
    slug: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPage:
    """Everything that one page shows.

    ``silent_on`` names the article and comment fields (``article.label``) that this kind of page never
    shows: there None means "unknown"; elsewhere it means "shown to be empty". ``truncated`` is true
    if the page's foot is missing: its rows are whole, but it proves nothing about what it does not show.
    """

    source: str
    kind: PageKind
    url: str
    date: date
    section: int | None
    articles: tuple[Article, ...]
    headlines: tuple[Headline, ...]
    counters: Counters
    truncated: bool
    silent_on: frozenset[str]
    encoding: str
    encoding_from: str
    repaired: int
    replaced: int
    parser: str
    revision: int
    unreadable: tuple[Unreadable, ...] = ()
    """Blocks that are not in ``articles``: with one of them the page proves nothing."""
    counted: bool | None = None
    """Whether the page counts what it should show; None is what pages of its kind do."""
    part: Part | None = None
    """The list that the page is a part of: only all parts of one visit prove what is not there."""
    claims: tuple[ThreadClaim, ...] = ()
    dated: bool = True
    """Whether the page says which day it is of; else ``date`` is a guess, until the article is known."""

    @property
    def lists_uncounted(self) -> bool:
        """Whether the page lists a place of its day, and its template says that it counts nothing."""
        return self.part is None and self.kind == "section" and self.counted is False

    @property
    def can_be_complete(self) -> bool:
        """Whether the page lists a place of its day and counts it: what it leaves out is not there."""
        if self.part is not None:
            return False
        return self.kind == "section" if self.counted is None else self.counted


Row = Article | Comment | Headline
RowT = TypeVar("RowT", Article, Comment, Headline)


def changed(row: RowT, **values: object) -> RowT:
    """The same row with other values."""
    return structs.replace(row, **values)


def fields_of(kind: type[Row]) -> tuple[str, ...]:
    """The names of a row's fields."""
    return kind.__struct_fields__


def storable(text: str) -> str:
    """The text as both databases can hold it: PostgreSQL refuses NUL, UTF-8 has no lone surrogates."""
    # Most texts are ASCII: the pattern would be tried at each of their characters.
    if text.isascii() and "\x00" not in text:
        return text
    # NUL goes; half a pair stood for a character, and leaves a mark that one is lost.
    return UNSTORABLE.sub(lambda found: "" if found[0] == "\x00" else "\ufffd", text)


def packed(page: ParsedPage) -> bytes:
    """A page as bytes for another process of this very program: a tenth of what pickle costs."""
    return msgpack.encode(page)


_DECODER = msgpack.Decoder(ParsedPage)


def unpacked(data: bytes) -> ParsedPage:
    """The page that was packed."""
    return _DECODER.decode(data)
