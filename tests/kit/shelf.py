"""A store of dictionaries: what a real one must hold after the same changes."""

from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

from ingest.decide.changes.decide import ONCE_MORE, Reading, decide
from ingest.decide.changes.model import Changes, Origin, Stored, StoredArticle, StoredRow
from parsers.records import ParsedPage


class Shelf:
    """Holds articles and versions in memory; ``visit`` decides on a page and keeps the outcome."""

    def __init__(self) -> None:
        self.articles: dict[str, StoredArticle] = {}
        self.former: list[Any] = []
        self.suppressed_articles: frozenset[str] = frozenset()
        self.suppressed_comments: frozenset[tuple[str, str]] = frozenset()
        self._ids = count(1)
        self._captures = count(1)

    def held(self) -> Stored:
        return Stored(
            articles=dict(self.articles),
            suppressed_articles=self.suppressed_articles,
            suppressed_comments=self.suppressed_comments,
        )

    def visit(
        self,
        page: ParsedPage,
        captured_at: datetime,
        *,
        complete: bool = True,
        reading: Reading = ONCE_MORE,
    ) -> Changes:
        held = self.held()
        changes = decide(page, held, captured_at=captured_at, complete=complete, reading=reading)
        self.keep(changes, next(self._captures))
        return changes

    def keep(self, changes: Changes, capture_id: int) -> None:
        origin = Origin(capture_id=capture_id, parser=changes.parser, revision=changes.revision)
        self.former += [*changes.articles.former, *changes.comments.former]
        for key, article in self.articles.items():
            row = self._after(article.row, changes, changes.articles, origin)
            comments = tuple(self._after(one, changes, changes.comments, origin) for one in article.comments)
            self.articles[key] = replace(article, row=row, comments=comments)
        for new in changes.articles.new:
            self.articles[new.article] = StoredArticle(
                external_id=new.article,
                row=self._new(new, changes, origin),
                views=None,
                claimed=None,
                claimed_at=None,
                comments=(),
            )
        for new in changes.comments.new:
            article = self.articles[new.article]
            row = self._new(new, changes, origin)
            self.articles[new.article] = replace(article, comments=(*article.comments, row))
        for read in changes.views:
            self.articles[read.article] = replace(self.articles[read.article], views=read.views)
        self._place(changes)
        for claim in changes.claims:
            self.articles[claim.article] = replace(
                self.articles[claim.article], claimed=claim.comments, claimed_at=changes.captured_at
            )

    def _place(self, changes: Changes) -> None:
        for article, place in changes.places.gone:
            known = self.articles[article]
            self.articles[article] = replace(known, elsewhere=tuple(set(known.elsewhere) - {place}))
        for article, place in changes.places.listed:
            known = self.articles[article]
            self.articles[article] = replace(known, elsewhere=tuple(sorted({*known.elsewhere, place})))

    def thread(self, article: str = "100") -> dict[str | None, StoredRow[Any]]:
        return {row.external_id: row for row in self.articles[article].comments}

    def _new(self, new: Any, changes: Changes, origin: Origin) -> StoredRow[Any]:
        return StoredRow(
            row_id=next(self._ids),
            external_id=new.external_id,
            content=new.content,
            first_seen_at=changes.captured_at,
            last_seen_at=changes.captured_at,
            vanished_at=None,
            since=changes.captured_at,
            origin=origin,
        )

    def _after(self, row: StoredRow[Any], changes: Changes, table: Any, origin: Origin) -> StoredRow[Any]:
        now = changes.captured_at
        for one in table.rewritten:
            if one.row_id == row.row_id:
                row = replace(row, content=one.content, external_id=one.external_id)
                row = replace(row, origin=origin) if one.renewed else row
        if row.row_id in {one.row_id for one in table.former}:
            row = replace(row, since=now)
        if row.row_id in table.seen:
            row = replace(row, last_seen_at=now)
        if row.row_id in table.seen_earlier:
            since = now if row.since == row.first_seen_at else row.since
            row = replace(row, first_seen_at=now, since=since)
        if row.row_id in table.vanished:
            row = replace(row, vanished_at=now)
        return replace(row, vanished_at=None) if row.row_id in table.returned else row
