"""Articles with their comments as they stood at a moment: what was seen by then, in the words of then.

What was taken down is in none of them. A row that vanished and is back was there all the while: how long it
was away is not kept.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, select

from ingest.records.extract import Part
from ingest.records.thread import ThreadArticle, ThreadComment
from ingest.store.articles.current import IN_ORDER
from ingest.store.articles.extracts import BY_ARTICLE, Question, answered, article_stands, comment_stands
from ingest.store.database.parameters import IDS
from ingest.store.database.schema import (
    article_versions,
    articles,
    comment_versions,
    comments,
    suppressed,
)

ARTICLES_AT_ONCE = 50
NAMES: dict[type, tuple[str, ...]] = {
    kind: tuple(one.name for one in fields(kind)) for kind in (ThreadArticle, ThreadComment)
}

Rows = defaultdict[int, list[Row[Any]]]


def threads(connection: Connection, part: Part, moment: datetime | None) -> Iterator[ThreadArticle]:
    """The articles by source, day and id; as of now where there is no moment. Few are in memory at once."""
    question = Question(statement=_standing(), order=BY_ARTICLE)
    some: list[int] = []
    for row in answered(connection, question, part):
        some.append(row.id)
        if len(some) == ARTICLES_AT_ONCE:
            yield from _together(connection, some, moment)
            some = []
    yield from _together(connection, some, moment)


def _together(connection: Connection, ids: Sequence[int], moment: datetime | None) -> Iterator[ThreadArticle]:
    if not ids:
        return
    asked_for = {"ids": ids}
    found = {row.id: row for row in connection.execute(_articles(), asked_for)}
    thread = _by(connection, _comments(), asked_for, comments.c.article_id)
    articles_then, comments_then = (
        _former(connection, asked_for) if moment is not None else (Rows(list), Rows(list))
    )
    gone = {tuple(row) for row in connection.execute(_gone(), asked_for)}
    for row in _seen((found[number] for number in ids), moment):
        shown = _seen(thread[row.id], moment)
        held = tuple(
            _without_parent(_fields(ThreadComment, one, comments_then, moment), row.id, gone) for one in shown
        )
        yield ThreadArticle(**_fields(ThreadArticle, row, articles_then, moment), comments=held)


def _former(connection: Connection, asked_for: dict[str, Any]) -> tuple[Rows, Rows]:
    """The versions of the articles, and of their comments."""
    return (
        _by(connection, _former_articles(), asked_for, article_versions.c.article_id),
        _by(connection, _former_comments(), asked_for, comment_versions.c.comment_id),
    )


def _seen(rows: Iterable[Row[Any]], moment: datetime | None) -> Iterator[Row[Any]]:
    """Those that had been seen by the moment."""
    return (row for row in rows if moment is None or row.first_seen_at <= moment)


def _fields(kind: type, row: Row[Any], former: Rows, moment: datetime | None) -> dict[str, Any]:
    """The row's values, with those of the version that stood at the moment in place of what is newer."""
    values = dict(row._mapping)
    if moment is not None:
        then = next((one for one in former[row.id] if one.valid_to > moment), None)
        values |= dict(then._mapping) if then is not None else {}
        if row.vanished_at is not None and row.vanished_at > moment:
            values["vanished_at"] = None
    return {name: values[name] for name in NAMES[kind] if name in values}


def _without_parent(
    values: dict[str, Any], article: int, gone: AbstractSet[tuple[int, str]]
) -> ThreadComment:
    """The comment; what it replies to is not named where that was taken down."""
    if (article, values["parent_external_id"]) in gone:
        values["parent_external_id"] = None
    return ThreadComment(**values)


def _by(connection: Connection, statement: Select[Any], asked_for: dict[str, Any], of: Column[Any]) -> Rows:
    rows = Rows(list)
    for row in connection.execute(statement, asked_for):
        rows[getattr(row, of.name)].append(row)
    return rows


@cache
def _standing() -> Select[Any]:
    return select(articles.c.id).where(article_stands())


@cache
def _articles() -> Select[Any]:
    return select(articles).where(articles.c.id.in_(IDS))


@cache
def _comments() -> Select[Any]:
    of_these = select(comments).join_from(articles, comments, comments.c.article_id == articles.c.id)
    return of_these.where(articles.c.id.in_(IDS), comment_stands()).order_by(*IN_ORDER)


@cache
def _gone() -> Select[Any]:
    of_article = (suppressed.c.source == articles.c.source) & (
        suppressed.c.article_external_id == articles.c.external_id
    )
    gone = select(articles.c.id, suppressed.c.comment_external_id).join_from(articles, suppressed, of_article)
    return gone.where(articles.c.id.in_(IDS))


@cache
def _former_articles() -> Select[Any]:
    of_these = select(article_versions).where(article_versions.c.article_id.in_(IDS))
    return of_these.order_by(article_versions.c.valid_to, article_versions.c.id)


@cache
def _former_comments() -> Select[Any]:
    of_these = select(comment_versions).join(comments, comments.c.id == comment_versions.c.comment_id)
    of_these = of_these.where(comments.c.article_id.in_(IDS))
    return of_these.order_by(comment_versions.c.valid_to, comment_versions.c.id)
