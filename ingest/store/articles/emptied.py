"""Comments that were taken down: their rows stay, without their words."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, exists, select, update

from ingest.store.database.parameters import IDS
from ingest.store.database.schema import (
    articles,
    comment_versions,
    comments,
    suppressed,
)
from ingest.store.database.upsert import in_parts

EMPTY_COMMENT = {"author": None, "text": "", "html": None, "content_digest": ""}


def reapply_suppression(connection: Connection, comment_ids: Sequence[int]) -> None:
    """Empties those of these rows whose id was taken down: a row can learn its id later than its words."""
    for some in in_parts(sorted(comment_ids)):
        found = connection.scalars(_taken_down(), {"ids": some}).all()
        if found:
            empty_comments(connection, comments.c.id.in_(found))


@cache
def _taken_down() -> Select[Any]:
    """Those of some rows of comments whose id was taken down."""
    down = exists().where(
        articles.c.id == comments.c.article_id,
        suppressed.c.source == articles.c.source,
        suppressed.c.article_external_id == articles.c.external_id,
        suppressed.c.comment_external_id == comments.c.external_id,
    )
    return select(comments.c.id).where(comments.c.id.in_(IDS), down)


def empty_comments(connection: Connection, which: ColumnElement[bool]) -> tuple[int, int]:
    """How many comments lost their words, and how many versions went."""
    emptied = select(comments.c.id).where(which)
    former = connection.execute(delete(comment_versions).where(comment_versions.c.comment_id.in_(emptied)))
    return connection.execute(update(comments).where(which).values(EMPTY_COMMENT)).rowcount, former.rowcount
