"""Reads what is held of articles, as ``decide`` and ``show`` need it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Connection, Row, ScalarSelect, Select, Table, func, or_, select

from ingest.decide.changes.content import (
    ARTICLE_FIELDS,
    COMMENT_FIELDS,
    ArticleContent,
    CommentContent,
    ContentT,
)
from ingest.decide.changes.model import Origin, Place, Stored, StoredArticle, StoredRow
from ingest.store.articles.places import elsewhere, ids_elsewhere
from ingest.store.database.parameters import DAY, IDS, SOURCE
from ingest.store.database.schema import article_versions, articles, comment_versions, comments, suppressed

IN_ORDER = (comments.c.number.asc().nulls_last(), comments.c.position.asc().nulls_last(), comments.c.id)
"""As the site counts; where it prints no numbers, as it shows them."""


def held(connection: Connection, source: str, article_ids: Collection[str], day: date | None) -> Stored:
    """The articles with these ids, with their comments; those of the day as well, without."""
    asked_for = {"source": source, "ids": sorted(article_ids)}
    found = list(connection.execute(_articles_named(), asked_for))
    if day is not None:
        # Not one query with OR: SQLite would read every article of the source for it.
        for others in (_others_at_home(), _others_listed()):
            found += connection.execute(others, {**asked_for, "day": day})
    threaded = [row.id for row in found if row.external_id in article_ids]
    return _held(connection, source, found, threaded, article_ids)


def last_seen(connection: Connection, source: str, article_ids: Collection[str]) -> datetime | None:
    """When the newest sighting of any of these articles was; None if none of them is held."""
    newest: datetime | None = connection.scalar(
        _newest_sighting(), {"source": source, "ids": sorted(article_ids)}
    )
    return newest


@cache
def _newest_sighting() -> Select[Any]:
    named = (articles.c.source == SOURCE) & articles.c.external_id.in_(IDS)
    return select(func.max(articles.c.last_seen_at)).where(named)


def held_day(connection: Connection, source: str, day: date) -> Stored:
    """All articles that a day lists, with their comments."""
    of_day = {"source": source, "day": day, "ids": ()}
    found = [
        row for wanted in (_others_at_home(), _others_listed()) for row in connection.execute(wanted, of_day)
    ]
    return _held(connection, source, found, [row.id for row in found], [row.external_id for row in found])


def held_article(connection: Connection, row_id: int) -> StoredArticle:
    """One article with all its comments, by its row's id."""
    row = connection.execute(_article_rows().where(articles.c.id == row_id)).one()
    thread = _threads(connection, [row_id]).get(row_id, ())
    return _held_article(row, thread, elsewhere(connection, [row_id]).get(row_id, ()))


def origin_of(row: Row[Any]) -> Origin:
    """The provenance in a row that has its three columns."""
    return _origin(row.capture_id, row.parser, row.revision)


@lru_cache(maxsize=1024)
def _origin(capture_id: int, parser: str, revision: int) -> Origin:
    return Origin(capture_id=capture_id, parser=parser, revision=revision)


def article_content_of(row: Row[Any]) -> ArticleContent:
    """The content in a row of ``articles`` or ``article_versions``."""
    values = row._mapping
    return ArticleContent(**{name: values[name] for name in ARTICLE_FIELDS})


def comment_content_of(row: Row[Any]) -> CommentContent:
    """The content in a row of ``comments`` or ``comment_versions``."""
    values = row._mapping
    return CommentContent(**{name: values[name] for name in COMMENT_FIELDS})


@cache
def _articles_named() -> Select[Any]:
    return _article_rows().where(articles.c.source == SOURCE, articles.c.external_id.in_(IDS))


@cache
def _others_at_home() -> Select[Any]:
    """The articles whose home is the day, but for some."""
    others = (articles.c.source == SOURCE) & articles.c.external_id.not_in(IDS)
    return _article_rows().where(others, articles.c.date == DAY)


@cache
def _others_listed() -> Select[Any]:
    """The articles of other days that the day lists besides, but for some."""
    others = (articles.c.source == SOURCE) & articles.c.external_id.not_in(IDS)
    return _article_rows().where(others, articles.c.date != DAY, articles.c.id.in_(ids_elsewhere()))


def _held(
    connection: Connection,
    source: str,
    found: Sequence[Row[Any]],
    threaded: Collection[int],
    article_ids: Collection[str],
) -> Stored:
    threads = _threads(connection, threaded)
    placed = elsewhere(connection, [row.id for row in found])
    taken_down = _suppressed(connection, source, article_ids)
    return Stored(
        articles={
            row.external_id: _held_article(row, threads.get(row.id, ()), placed.get(row.id, ()))
            for row in found
        },
        suppressed_articles=frozenset(article for article, comment in taken_down if comment is None),
        suppressed_comments=frozenset((article, comment) for article, comment in taken_down if comment),
    )


def _article_rows() -> Select[Any]:
    return select(articles, _changed_last(article_versions, "article_id", articles).label("changed_last"))


def _changed_last(versions: Table, reference: str, table: Table) -> ScalarSelect[Any]:
    newest = select(func.max(versions.c.valid_to)).where(versions.c[reference] == table.c.id)
    return newest.correlate(table).scalar_subquery()


def _threads(
    connection: Connection, article_ids: Collection[int]
) -> Mapping[int, Sequence[StoredRow[CommentContent]]]:
    threads: defaultdict[int, list[StoredRow[CommentContent]]] = defaultdict(list)
    for row in connection.execute(_comments_of(), {"ids": sorted(article_ids)}):
        threads[row.article_id].append(_held_row(row, comment_content_of(row)))
    return threads


@cache
def _comments_of() -> Select[Any]:
    """The comments of the articles with these row ids."""
    changed_last = _changed_last(comment_versions, "comment_id", comments).label("changed_last")
    return select(comments, changed_last).where(comments.c.article_id.in_(IDS)).order_by(*IN_ORDER)


def _held_article(
    row: Row[Any], thread: Iterable[StoredRow[CommentContent]], placed: Iterable[Place]
) -> StoredArticle:
    return StoredArticle(
        external_id=row.external_id,
        row=_held_row(row, article_content_of(row)),
        views=row.views,
        claimed=row.claimed_comments,
        claimed_at=row.claimed_at,
        comments=tuple(thread),
        elsewhere=tuple(placed),
    )


def _held_row(row: Row[Any], content: ContentT) -> StoredRow[ContentT]:
    return StoredRow(
        row_id=row.id,
        external_id=row.external_id,
        content=content,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        vanished_at=row.vanished_at,
        since=row.changed_last or row.first_seen_at,
        origin=origin_of(row),
    )


def _suppressed(
    connection: Connection, source: str, article_ids: Collection[str]
) -> list[tuple[str, str | None]]:
    rows = connection.execute(_taken_down(), {"source": source, "ids": sorted(article_ids)})
    return [(row.article_external_id, row.comment_external_id) for row in rows]


@cache
def _taken_down() -> Select[Any]:
    """What was taken down of the source as a whole, and of some articles."""
    ids = (suppressed.c.article_external_id, suppressed.c.comment_external_id)
    return select(*ids).where(suppressed.c.source == SOURCE, or_(ids[0].in_(IDS), ids[1].is_(None)))
