"""What is searched for, and what was found; ``Store.search`` makes the one from the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

SearchedKind = Literal["article", "comment"]
MOST_ROWS = 1_000
"""So many rows one answer may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Words as a person types them, and what the rows must be besides.

    In ``words`` all are required: ``"a phrase"``, the beginning of a word as ``harb*``, and ``-without`` it.
    Capitals and accents do not matter. ``author`` is the whole name as the site prints it. Without
    ``sources`` it is all of them. ``since`` and ``until`` both include their day, in the source's zone.
    ``only`` is None for articles and comments.
    ``count_facets`` asks for what the rows have in common, too.
    """

    words: str
    author: str | None = None
    sources: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    only: SearchedKind | None = None
    limit: int = 20
    offset: int = 0
    count_facets: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRow:
    """An article or a comment that has the words.

    ``article`` and ``comment`` are the site's ids; ``comment`` is None for an article, and for a comment
    without an id. ``title`` is the article's. ``excerpt`` is plain text, and ``marks`` are the words in it:
    where each begins and ends, in characters; ``title_marks`` are the same in the title of an article.
    ``url`` is the page that showed the row. ``rank`` is higher for a better match.
    """

    kind: SearchedKind
    source: str
    article: str
    comment: str | None
    number: int | None
    author: str | None
    posted_at: datetime | None
    posted_local: str | None
    day: date
    title: str
    title_marks: tuple[tuple[int, int], ...]
    excerpt: str
    marks: tuple[tuple[int, int], ...]
    url: str
    vanished: bool
    rank: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """How many of all rows that were ranked are of each kind, source, author and year."""

    kinds: Mapping[str, int]
    sources: Mapping[str, int]
    authors: Mapping[str, int]
    years: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The best rows first. ``total`` were ranked; with ``more`` others match, which were loaded earlier."""

    rows: tuple[FoundRow, ...]
    total: int
    more: bool
    facets: Facets | None = None
