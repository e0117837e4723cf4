"""Takes an article or a comment down for good: its words go, its id stays so that it cannot come back.

The row remains, emptied: it still says whether the site shows it, so that the counts still come
out, and when a comment was posted, by which a page without ids is known to show it again. Versions are
deleted. Captures in the archive are not touched.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, or_, select, update

from ingest.records.pages import NOTHING
from ingest.records.takedown import TakedownTarget, TakenDown
from ingest.store.articles.counts import day_tallies
from ingest.store.articles.emptied import empty_comments
from ingest.store.articles.places import elsewhere
from ingest.store.database.engine import Connected
from ingest.store.database.schema import (
    article_versions,
    articles,
    comments,
    pages,
    suppressed,
)
from ingest.store.ledger.pages import lock_day
from ingest.store.ledger.proven_days import OF_DAYS

EMPTY_ARTICLE = {
    "section_name": None,
    "category": None,
    "title": "",
    "link": None,
    "outlet": None,
    "posted_by": None,
    "posted_at": None,
    "posted_local": None,
    "label": None,
    "views": None,
    "text": "",
    "text_original": None,
    "html": None,
    "content_digest": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """What was taken down, why and when. ``thread`` are the ids of the article's comments that are held."""

    what: TakedownTarget
    reason: str
    suppressed_at: datetime
    thread: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedCounts:
    """How many rows lost their words and how many versions went; ``already`` if it was taken down before."""

    already: bool
    articles: int
    comments: int
    versions: int


class Takedown:
    """What was taken down; ``Store.takedown`` is one."""

    def __init__(self, connected: Connected) -> None:
        self._connected = connected

    def named(self, external_id: str) -> tuple[TakedownTarget, ...]:
        """Everything that the id may mean: what is held, and what was taken down without being held."""
        with self._connected() as connection:
            whole = select(articles.c.source, articles.c.external_id).where(
                articles.c.external_id == external_id
            )
            part = select(articles.c.source, articles.c.external_id, comments.c.external_id.label("comment"))
            part = part.join_from(comments, articles).where(comments.c.external_id == external_id)
            article, comment = suppressed.c.article_external_id, suppressed.c.comment_external_id
            gone = select(suppressed.c.source, article, comment).where(
                or_(comment == external_id, (article == external_id) & comment.is_(None))
            )
            found = {TakedownTarget(source=row[0], article=row[1]) for row in connection.execute(whole)}
            for statement in (part, gone):
                rows = connection.execute(statement)
                found |= {TakedownTarget(source=row[0], article=row[1], comment=row[2]) for row in rows}
            return tuple(sorted(found, key=lambda one: (one.source, one.article, one.comment or "")))

    def sources(self) -> tuple[str, ...]:
        """The sources of which something was taken down, by name."""
        with self._connected() as connection:
            return tuple(
                connection.scalars(select(suppressed.c.source).distinct().order_by(suppressed.c.source))
            )

    def remembered(self, source: str) -> tuple[TakenDown, ...]:
        """What was taken down of a source, the first first; one question, however much that is."""
        wanted = select(suppressed).where(suppressed.c.source == source)
        with self._connected() as connection:
            rows = connection.execute(wanted.order_by(suppressed.c.suppressed_at, suppressed.c.id)).all()
        return tuple(
            TakenDown(what=_target(row), reason=row.reason, suppressed_at=row.suppressed_at) for row in rows
        )

    def suppressed(self, source: str | None = None) -> tuple[Suppressed, ...]:
        """What was taken down, the first first."""
        with self._connected() as connection:
            wanted = select(suppressed).order_by(suppressed.c.suppressed_at, suppressed.c.id)
            if source is not None:
                wanted = wanted.where(suppressed.c.source == source)
            return tuple(
                Suppressed(
                    what=_target(row),
                    reason=row.reason,
                    suppressed_at=row.suppressed_at,
                    thread=_thread(connection, row.source, row.article_external_id),
                )
                for row in connection.execute(wanted).all()
            )


def _target(row: Row[Any]) -> TakedownTarget:
    return TakedownTarget(source=row.source, article=row.article_external_id, comment=row.comment_external_id)


def suppress(connection: Connection, what: TakedownTarget, *, reason: str, when: datetime) -> ErasedCounts:
    """Takes it down, whether it is held or not. Once is enough: the first reason stays."""
    day = connection.scalar(select(articles.c.date).where(*_is(what)))
    if day is not None:
        # Who reads what is suppressed and then writes is let through first.
        lock_day(connection, what.source, day)
    key = {
        "source": what.source,
        "article_external_id": what.article,
        "comment_external_id": what.comment,
    }
    # is_not_distinct_from: a takedown of a whole article has NULL as its comment, and NULL equals nothing.
    same = [suppressed.c[name].is_not_distinct_from(value) for name, value in key.items()]
    already = connection.scalar(select(suppressed.c.id).where(*same)) is not None
    if not already:
        connection.execute(insert(suppressed).values(**key, reason=reason, suppressed_at=when))
        if what.comment is None:
            _leave_out_of_ledger(connection, what)
    return replace(_empty(connection, what), already=already)


def _thread(connection: Connection, source: str, article: str) -> frozenset[str]:
    wanted = select(comments.c.external_id).join_from(comments, articles)
    wanted = wanted.where(articles.c.source == source, articles.c.external_id == article)
    return frozenset(connection.scalars(wanted.where(comments.c.external_id.is_not(None))))


def _leave_out_of_ledger(connection: Connection, what: TakedownTarget) -> None:
    """What is expected is counted without the article from now on, as what is held is already."""
    row = connection.execute(select(articles).where(*_is(what))).first()
    if row is None or row.vanished_at is not None or row.section is None:
        return
    others = elsewhere(connection, [row.id]).get(row.id, ())
    for day, section in ((row.date, row.section), *((one.day, one.section) for one in others)):
        _leave_out_of_page(connection, row, day, section)


def _leave_out_of_page(connection: Connection, row: Row[Any], day: date, section: int) -> None:
    here = (pages.c.source == row.source) & (pages.c.day == day) & (pages.c.section == section) & OF_DAYS
    held = day_tallies(connection, row.source, day).get(section, NOTHING)
    claimed = row.claimed_comments or 0
    connection.execute(
        update(pages)
        # Never below zero: a row may have been counted without the article already.
        .where(here, pages.c.expected_articles > 0, pages.c.expected_comments >= claimed)
        .values(
            expected_articles=pages.c.expected_articles - 1,
            expected_comments=pages.c.expected_comments - claimed,
            held_articles=held.articles,
            held_comments=held.comments,
        )
    )


def _empty(connection: Connection, what: TakedownTarget) -> ErasedCounts:
    row = select(articles.c.id).where(*_is(what)).scalar_subquery()
    thread: ColumnElement[bool] = comments.c.article_id == row
    if what.comment is not None:
        emptied, versions = empty_comments(connection, thread & _is_comment(connection, thread, what.comment))
        return ErasedCounts(already=False, articles=0, comments=emptied, versions=versions)
    former = connection.execute(delete(article_versions).where(article_versions.c.article_id == row))
    whole = connection.execute(update(articles).where(*_is(what)).values(EMPTY_ARTICLE))
    emptied, versions = empty_comments(connection, thread)
    return ErasedCounts(
        already=False, articles=whole.rowcount, comments=emptied, versions=versions + former.rowcount
    )


def _is(what: TakedownTarget) -> tuple[ColumnElement[bool], ...]:
    return articles.c.source == what.source, articles.c.external_id == what.article


def _is_comment(connection: Connection, thread: ColumnElement[bool], comment: str) -> ColumnElement[bool]:
    """The comment's row, and rows without an id by the same author at the same minute: the same comment."""
    own = comments.c.external_id == comment
    row = connection.execute(select(comments).where(thread, own)).first()
    if row is None or not row.content_digest:  # emptied before: its author is gone
        return own
    # A page without ids has shown the same comment as a row of its own: its words go, too.
    twin = and_(
        comments.c.external_id.is_(None),
        comments.c.author.is_not_distinct_from(row.author),
        comments.c.posted_local == row.posted_local,
    )
    return or_(own, twin)
