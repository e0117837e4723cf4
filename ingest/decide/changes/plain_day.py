"""A page that is read again, beside plain rows of its day: does ``decide`` find anything to change?

    PlainDay (tuples, as stored) + ParsedPage --unmodified--> how many rows agree, or None

Most pages of a re-parse change nothing, and to find that out by ``decide`` costs as much as to parse them.
Here the answer is a number only where ``decide`` would change nothing; None means that it has to be asked.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import NamedTuple

from ingest.decide.changes.content import ARTICLE_FIELDS, COMMENT_FIELDS
from ingest.decide.changes.rows import Reading
from parsers.records import Article, ParsedPage, storable

Values = tuple[str | int | date | datetime | None, ...]

ARTICLE_VALUES = attrgetter(*ARTICLE_FIELDS)
COMMENT_VALUES = attrgetter(*COMMENT_FIELDS)
POSITION = COMMENT_FIELDS.index("position")


class PlainRow(NamedTuple):
    """A stored article or comment; ``values`` are its content, in the order of its fields."""

    capture_id: int
    first_seen_at: datetime
    last_seen_at: datetime
    vanished_at: datetime | None
    values: Values


class PlainArticle(NamedTuple):
    """An article with its comments by id; ``claimed`` see ``StoredArticle``."""

    row: PlainRow
    views: int | None
    claimed: int | None
    claimed_at: datetime | None
    comments: dict[str, PlainRow]


PlainDay = Mapping[str, PlainArticle]
"""The articles whose home a day is, by id: none of them is listed elsewhere, or was taken down in part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    captured_at: datetime
    reading: Reading
    silent_article: frozenset[int]
    silent_comment: frozenset[int]
    views: bool

    def article_agrees(self, article: Article, held: PlainArticle) -> bool:
        if not self._agrees(held.row, ARTICLE_VALUES(article), self.silent_article):
            return False
        if self.views and held.views != article.views and self._views_move(held):
            return False
        return self._thread_agrees(article, held.comments)

    def is_gone(self, row: PlainRow) -> bool:
        """Whether a row that the page does not list may vanish by it."""
        return row.vanished_at is None and self.reading.proves_gone(row.last_seen_at, self.captured_at)

    def claim_moves(self, held: PlainArticle, comments: int) -> bool:
        newer = held.claimed_at is None or self.reading.is_up_to_date(held.claimed_at, self.captured_at)
        return newer and held.claimed != comments

    def _thread_agrees(self, article: Article, rows: dict[str, PlainRow]) -> bool:
        met = set()
        for comment in article.comments:
            row = rows.get(comment.external_id) if comment.external_id is not None else None
            if row is None or not self._agrees(row, COMMENT_VALUES(comment), self.silent_comment):
                return False
            met.add(comment.external_id)
        # A page that shows one comment twice goes the long way.
        if len(met) != len(article.comments):
            return False
        return len(met) == len(rows) or not any(self.is_gone(rows[one]) for one in rows.keys() - met)

    def _agrees(self, row: PlainRow, shown: Values, silent: frozenset[int]) -> bool:
        _, first_seen_at, last_seen_at, vanished_at, values = row
        at = self.captured_at
        # A sighting would move, or a vanished row return: both are changes to write.
        if last_seen_at < at or at < first_seen_at or self.reading.returns(vanished_at, at):
            return False
        # An older page that was read by this revision before has filled all gaps that it can.
        if last_seen_at > at and self.reading.again:
            return True
        if last_seen_at == at and row.capture_id in self.reading.behind:
            return False
        return values == shown or _says_no_more(values, shown, silent)

    def _views_move(self, held: PlainArticle) -> bool:
        return held.views is None or self.reading.is_up_to_date(held.row.last_seen_at, self.captured_at)


def unmodified(
    page: ParsedPage, day: PlainDay, captured_at: datetime, reading: Reading
) -> tuple[int, int] | None:
    """How many articles and comments the page shows, if it changes nothing; None if it may.

    ``day`` is the page's.
    """
    shown = {article.external_id for article in page.articles}
    if not _is_plain(page, shown):
        return None
    look = _Look(
        captured_at=captured_at,
        reading=reading,
        silent_article=_places(page, "article.", ARTICLE_FIELDS),
        # A page without ranks leaves the held ones as they are.
        silent_comment=_places(page, "comment.", COMMENT_FIELDS) | {POSITION},
        views="article.views" not in page.silent_on,
    )
    for article in page.articles:
        held = day.get(article.external_id)
        if held is None or not _is_at_home(page, article) or not look.article_agrees(article, held):
            return None
    if not _catalogue_agrees(page, shown, day, look):
        return None
    return len(shown), sum(len(article.comments) for article in page.articles)


def _is_plain(page: ParsedPage, shown: AbstractSet[str]) -> bool:
    """Whether it is no part of a list, and shows something, and nothing twice."""
    return page.part is None and len(shown) == len(page.articles) and bool(shown or page.headlines)


def _is_at_home(page: ParsedPage, article: Article) -> bool:
    """Whether the page cannot add a place to the article."""
    if not page.can_be_complete or page.section is None:
        return True
    return (article.date, article.section) == (page.date, page.section)


def _catalogue_agrees(page: ParsedPage, shown: set[str], day: PlainDay, look: _Look) -> bool:
    claims: dict[str, int] = {}
    for headline in page.headlines:
        # Of an article that two sections list, the larger claim.
        claims[headline.external_id] = max(headline.comment_count, claims.get(headline.external_id, 0))
    if page.can_be_complete and any(look.is_gone(day[one].row) for one in day.keys() - claims.keys() - shown):
        return False
    return not any(one in day and look.claim_moves(day[one], comments) for one, comments in claims.items())


def _says_no_more(values: Values, shown: Values, silent: frozenset[int]) -> bool:
    return all(
        held == (storable(value) if isinstance(value, str) else value) or (value is None and place in silent)
        for place, (held, value) in enumerate(zip(values, shown, strict=True))
    )


def _places(page: ParsedPage, table: str, fields: tuple[str, ...]) -> frozenset[int]:
    return frozenset(place for place, name in enumerate(fields) if table + name in page.silent_on)
