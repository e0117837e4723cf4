"""Writes one page's ``Changes``, touching only the rows that change."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Table, Update, bindparam, insert, select, update

from ingest.decide.changes.content import (
    ARTICLE_FIELDS,
    COMMENT_FIELDS,
    ArticleContent,
    CommentContent,
    Content,
    ContentT,
)
from ingest.decide.changes.model import Changes, FormerContent, NewRow, RewrittenRow, RowChanges
from ingest.store.articles.emptied import reapply_suppression
from ingest.store.articles.places import put_places
from ingest.store.database.parameters import IDS, SOURCE
from ingest.store.database.schema import article_versions, articles, comment_versions, comments
from ingest.store.database.types import html_values
from ingest.store.database.upsert import Row, in_parts, insert_or_update, mark

FIRST_ONLY = ("first_seen_at",)


def load(connection: Connection, changes: Changes, capture_id: int) -> None:
    """Writes everything that ``changes`` says, in the connection's transaction."""
    origin = {"capture_id": capture_id, "parser": changes.parser, "revision": changes.revision}
    _keep_former(connection, article_versions, "article_id", changes.articles.former)
    _keep_former(connection, comment_versions, "comment_id", changes.comments.former)
    _rewrite(connection, articles, changes.articles.rewritten, origin)
    _rewrite(connection, comments, changes.comments.rewritten, origin)
    _add_articles(connection, changes, origin)
    _add_comments(connection, changes, origin)
    _mark_sightings(connection, articles, changes.articles, changes)
    _mark_sightings(connection, comments, changes.comments, changes)
    _read_numbers(connection, changes)
    put_places(connection, changes.source, changes.places, changes.captured_at)
    reapply_suppression(connection, [one.row_id for one in changes.comments.rewritten])


def content_values(content: Content) -> dict[str, Any]:
    """The content as column values."""
    names = ARTICLE_FIELDS if isinstance(content, ArticleContent) else COMMENT_FIELDS
    return html_values({name: getattr(content, name) for name in names})


def _keep_former(
    connection: Connection, table: Table, reference: str, former: Iterable[FormerContent[ContentT]]
) -> None:
    rows = [
        {
            reference: one.row_id,
            **content_values(one.content),
            "valid_from": one.valid_from,
            "valid_to": one.valid_to,
            "capture_id": one.origin.capture_id,
            "parser": one.origin.parser,
            "revision": one.origin.revision,
        }
        for one in former
    ]
    if rows:
        connection.execute(insert(table), rows)


def _rewrite(
    connection: Connection, table: Table, rewritten: Iterable[RewrittenRow[ContentT]], origin: Row
) -> None:
    renewed: list[dict[str, Any]] = []
    filled: list[dict[str, Any]] = []
    for one in rewritten:
        values = {**content_values(one.content), "content_digest": one.digest, "external_id": one.external_id}
        (renewed if one.renewed else filled).append({"row": one.row_id, **values})
    for rows, more in ((renewed, origin), (filled, {})):
        if rows:
            connection.execute(_by_row(table), [{**row, **more} for row in rows])


@cache
def _by_row(table: Table) -> Update:
    return update(table).where(table.c.id == bindparam("row"))


def _add_articles(connection: Connection, changes: Changes, origin: Row) -> None:
    rows = [{"source": changes.source, **_new_values(new, changes, origin)} for new in changes.articles.new]
    insert_or_update(connection, articles, ("source", "external_id"), rows, never=FIRST_ONLY)


def _add_comments(connection: Connection, changes: Changes, origin: Row) -> None:
    ids = _article_ids(connection, changes.source, {new.article for new in changes.comments.new})
    rows = [
        {"article_id": ids[new.article], **_new_values(new, changes, origin)} for new in changes.comments.new
    ]
    insert_or_update(connection, comments, ("article_id", "external_id"), rows, never=FIRST_ONLY)


def _new_values(
    new: NewRow[ArticleContent] | NewRow[CommentContent], changes: Changes, origin: Row
) -> dict[str, Any]:
    return {
        "external_id": new.external_id,
        **content_values(new.content),
        "content_digest": new.digest,
        "first_seen_at": changes.captured_at,
        "last_seen_at": changes.captured_at,
        **origin,
    }


def _article_ids(connection: Connection, source: str, external_ids: set[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in in_parts(sorted(external_ids)):
        for row in connection.execute(_row_ids(), {"source": source, "ids": some}):
            found[row.external_id] = row.id
    return found


@cache
def _row_ids() -> Select[Any]:
    wanted = (articles.c.source == SOURCE) & articles.c.external_id.in_(IDS)
    return select(articles.c.external_id, articles.c.id).where(wanted)


def _mark_sightings(
    connection: Connection, table: Table, rows: RowChanges[ContentT], changes: Changes
) -> None:
    mark(connection, table, rows.seen, "last_seen_at", changes.captured_at)
    mark(connection, table, rows.seen_earlier, "first_seen_at", changes.captured_at)
    mark(connection, table, rows.vanished, "vanished_at", changes.captured_at)
    mark(connection, table, rows.returned, "vanished_at", None)


def _read_numbers(connection: Connection, changes: Changes) -> None:
    read: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for seen in changes.views:
        read[seen.article]["views"] = seen.views
    for claim in changes.claims:
        read[claim.article] |= {"claimed_comments": claim.comments, "claimed_at": changes.captured_at}
    alike: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for article, values in read.items():
        alike[tuple(values)].append({"of": changes.source, "article": article, **values})
    for columns, rows in alike.items():
        connection.execute(_reading(columns), rows)


@cache
def _reading(columns: tuple[str, ...]) -> Update:
    return _of_article().values({name: bindparam(name) for name in columns})


def _of_article() -> Update:
    article = (articles.c.source == bindparam("of")) & (articles.c.external_id == bindparam("article"))
    return update(articles).where(article)
