"""How well parsers fill their fields, counted over a run: only numbers are kept, never a page. Pure.

    ParsedPage... -> Census -> Rates, one for each source, kind of page, parser and revision

A field is filled in an article or a comment if it is neither None nor empty. ``page.articles`` and
``page.headlines`` are counted over pages: a parser that finds nothing on pages it recognises falls there.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from parsers.records import Article, Comment, PageKind, ParsedPage, fields_of

IDENTITY = {"external_id", "date", "number"}
"""Always there, or the page is not parsed at all."""

ARTICLE_FIELDS = tuple(name for name in fields_of(Article) if name not in IDENTITY)
COMMENT_FIELDS = tuple(name for name in fields_of(Comment) if name != "number")
PAGE_FIELDS = ("articles", "headlines")

Layout = tuple[str, PageKind, str, int]
"""Source, kind of page, parser, revision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What one parser read in one run: how many of each, and in how many of them each field was filled.

    ``filled`` has every field that this kind of page can show, by names such as ``article.title``.
    """

    source: str
    kind: PageKind
    parser: str
    revision: int
    pages: int
    articles: int
    comments: int
    filled: Mapping[str, int]

    def rows(self, name: str) -> int:
        """How many pages, articles or comments could have had the field."""
        owner = name.partition(".")[0]
        return {"page": self.pages, "article": self.articles, "comment": self.comments}[owner]

    def rate(self, name: str) -> float | None:
        """The share of them in which the field was filled; None of none."""
        rows = self.rows(name)
        return self.filled.get(name, 0) / rows if rows else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRates:
    """The same, with the run it was counted in."""

    run_id: int
    command: str
    started_at: datetime
    rates: Rates


@dataclass(slots=True)
class _Count:
    pages: int = 0
    articles: int = 0
    comments: int = 0
    filled: Counter[str] = field(default_factory=Counter)


class Census:
    """Counts pages as they pass; what it holds does not grow with their number."""

    def __init__(self) -> None:
        self._counts: dict[Layout, _Count] = {}

    def add(self, page: ParsedPage) -> None:
        """Count a page."""
        count = self._counts.setdefault((page.source, page.kind, page.parser, page.revision), _Count())
        comments = [comment for article in page.articles for comment in article.comments]
        count.pages += 1
        count.articles += len(page.articles)
        count.comments += len(comments)
        _count(count.filled, "page", PAGE_FIELDS, [page], page.silent_on)
        _count(count.filled, "article", ARTICLE_FIELDS, page.articles, page.silent_on)
        _count(count.filled, "comment", COMMENT_FIELDS, comments, page.silent_on)

    def include(self, rates: Iterable[Rates]) -> None:
        """Count pages that were counted elsewhere."""
        for each in rates:
            count = self._counts.setdefault((each.source, each.kind, each.parser, each.revision), _Count())
            count.pages += each.pages
            count.articles += each.articles
            count.comments += each.comments
            count.filled.update(each.filled)

    def rates(self) -> tuple[Rates, ...]:
        """What was counted, by source, kind, parser and revision."""
        return tuple(
            Rates(
                source=source,
                kind=kind,
                parser=parser,
                revision=revision,
                pages=count.pages,
                articles=count.articles,
                comments=count.comments,
                filled=dict(count.filled),
            )
            for (source, kind, parser, revision), count in sorted(self._counts.items())
        )


def fill_rates(pages: Iterable[ParsedPage]) -> tuple[Rates, ...]:
    """The fill rates of pages; each page is dropped once it is counted."""
    census = Census()
    for page in pages:
        census.add(page)
    return census.rates()


def _count(
    filled: Counter[str], owner: str, names: Iterable[str], rows: Iterable[object], silent: frozenset[str]
) -> None:
    shown = list(rows)
    for name in names:
        key = f"{owner}.{name}"
        # A field that this kind of page never shows would fall to 0 with every such page.
        if key not in silent:
            filled[key] += sum(1 for row in shown if _is_filled(getattr(row, name)))


def _is_filled(value: object) -> bool:
    return value is not None and value not in ("", ())
