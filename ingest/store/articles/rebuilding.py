"""Takes back what the captures of some days have made, so that they can be loaded again in their order.

What was taken down stays as it is: its emptied row, and its id. A lease of a day stays its owner's.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, delete, exists, insert, select, update

from ingest.store.database.schema import (
    article_versions,
    articles,
    comment_versions,
    comments,
    pages,
    places,
    suppressed,
)
from ingest.store.database.upsert import in_parts

UNKNOWN = (
    *("not_before", "last_error", "expected_articles", "held_articles", "expected_comments"),
    *("held_comments", "capture_id", "visited_at", "changed_at", "full_at", "emptied_at"),
    *("mark", "visit"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptiedComment:
    """The row of a comment that was taken down: it still says whether the site shows the comment."""

    article: str
    values: Mapping[str, Any]


class Rebuilding:
    """Takes days back within one transaction; ``Transaction.rebuilding`` is one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def days_of(self, source: str, article_ids: Collection[str], days: set[date]) -> set[date]:
        """The days, and all others that an article of theirs, or one of these, ever stood on."""
        ids = _ids(self._connection, articles.c.source == source, articles.c.external_id, sorted(article_ids))
        reached: set[date] = set()
        while days - reached:
            ids |= _rows_of_days(self._connection, source, days - reached)
            reached = set(days)
            days = days | _days_of_rows(self._connection, ids)
        return days

    def clear_days(self, source: str, days: Collection[date]) -> tuple[EmptiedComment, ...]:
        """Deletes the articles of the days, threads and versions; their ledger is as if never visited.

        Returns the emptied rows of their threads, for ``restore_emptied``.
        """
        emptied: list[EmptiedComment] = []
        for some in in_parts(sorted(_rows_of_days(self._connection, source, days))):
            wanted = articles.c.id.in_(some) & ~_is_down()
            ids = list(self._connection.scalars(select(articles.c.id).where(wanted)))
            emptied += _emptied(self._connection, ids)
            _delete_articles(self._connection, ids)
        freed = case((pages.c.state == "leased", pages.c.state), else_="pending")
        values = {"state": freed, "attempts": 0, **dict.fromkeys(UNKNOWN)}
        for these in in_parts(sorted(days)):
            of_days = (pages.c.source == source) & pages.c.day.in_(these)
            self._connection.execute(update(pages).where(of_days).values(values))
        return tuple(emptied)

    def restore_emptied(self, source: str, emptied: Collection[EmptiedComment]) -> tuple[EmptiedComment, ...]:
        """Puts emptied rows back below articles that are there again; returns those that still wait."""
        wanted = sorted({one.article for one in emptied})
        ids: dict[str, int] = {}
        for some in in_parts(wanted):
            of_source = (articles.c.source == source) & articles.c.external_id.in_(some)
            ids |= {
                row.external_id: row.id for row in self._connection.execute(select(articles).where(of_source))
            }
        rows = [{**one.values, "article_id": ids[one.article]} for one in emptied if one.article in ids]
        if rows:
            self._connection.execute(insert(comments), rows)
        return tuple(one for one in emptied if one.article not in ids)


def _emptied(connection: Connection, ids: Collection[int]) -> list[EmptiedComment]:
    down = and_(
        suppressed.c.source == articles.c.source,
        suppressed.c.article_external_id == articles.c.external_id,
        suppressed.c.comment_external_id == comments.c.external_id,
    )
    columns = [column for column in comments.c if column.name not in ("id", "article_id")]
    wanted = select(articles.c.external_id.label("of"), *columns).join(
        comments, comments.c.article_id == articles.c.id
    )
    rows = connection.execute(wanted.where(articles.c.id.in_(ids), exists().where(down)))
    return [
        EmptiedComment(
            article=row.of,
            values={column.name: row._mapping[column] for column in columns} | {"vanished_at": None},
        )
        for row in rows
    ]


def _delete_articles(connection: Connection, ids: Collection[int]) -> None:
    thread = select(comments.c.id).where(comments.c.article_id.in_(ids))
    connection.execute(delete(comment_versions).where(comment_versions.c.comment_id.in_(thread)))
    connection.execute(delete(comments).where(comments.c.article_id.in_(ids)))
    connection.execute(delete(article_versions).where(article_versions.c.article_id.in_(ids)))
    connection.execute(delete(places).where(places.c.article_id.in_(ids)))
    connection.execute(delete(articles).where(articles.c.id.in_(ids)))


def _is_down() -> ColumnElement[bool]:
    return exists().where(
        suppressed.c.source == articles.c.source,
        suppressed.c.article_external_id == articles.c.external_id,
        suppressed.c.comment_external_id.is_(None),
    )


def _rows_of_days(connection: Connection, source: str, days: Collection[date]) -> set[int]:
    ids = _ids(connection, articles.c.source == source, articles.c.date, sorted(days))
    for some in in_parts(sorted(days)):
        former = select(articles.c.id).join(article_versions, article_versions.c.article_id == articles.c.id)
        of_source = (articles.c.source == source, article_versions.c.date.in_(some))
        ids |= set(connection.scalars(former.where(*of_source)))
        listed = select(places.c.article_id).where(places.c.source == source, places.c.day.in_(some))
        ids |= set(connection.scalars(listed))
    return ids


def _ids(
    connection: Connection,
    of_source: ColumnElement[bool],
    column: ColumnElement[Any],
    values: Collection[Any],
) -> set[int]:
    ids: set[int] = set()
    for some in in_parts(list(values)):
        ids |= set(connection.scalars(select(articles.c.id).where(of_source, column.in_(some))))
    return ids


def _days_of_rows(connection: Connection, ids: Collection[int]) -> set[date]:
    found: set[date] = set()
    for some in in_parts(sorted(ids)):
        now: Select[Any] = select(articles.c.date).where(articles.c.id.in_(some))
        before: Select[Any] = select(article_versions.c.date).where(article_versions.c.article_id.in_(some))
        elsewhere: Select[Any] = select(places.c.day).where(places.c.article_id.in_(some))
        for wanted in (now, before, elsewhere):
            found |= set(connection.scalars(wanted))
    return found
