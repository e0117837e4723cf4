"""The few statements that all writers share."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Insert, Table, Update, bindparam, update
from sqlalchemy.dialects import sqlite

from ingest.store.database.parameters import IDS

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

Row = Mapping[str, Any]
IDS_AT_ONCE = 500
"""SQLite and PostgreSQL both limit how many values one statement may bind."""


def insert_into(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT of the connection's own dialect, which knows ON CONFLICT."""
    return insert_of(connection.dialect.name, table)


def insert_of(dialect: str, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """The same by the dialect's name, for statements that are made once: making one takes a millisecond."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - SQLite's users need not wait for it

        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_or_update(
    connection: Connection, table: Table, key: Sequence[str], rows: Sequence[Row], *, never: Sequence[str]
) -> None:
    """Inserts rows of equal columns; where the key is taken by an older row, all but ``never`` is replaced.

    The rows need a ``last_seen_at``. They go in by order of their key, so that two writers cannot
    block one another.
    """
    if not rows:
        return
    replaced = tuple(name for name in rows[0] if name not in {*key, *never})
    statement = _upsert(connection.dialect.name, table, tuple(key), replaced)
    # A comment without an id sorts before those with one.
    ordered = sorted(rows, key=lambda row: [(row[name] is not None, row[name]) for name in key])
    connection.execute(statement, ordered)


@cache
def _upsert(dialect: str, table: Table, key: tuple[str, ...], replaced: tuple[str, ...]) -> Insert:
    insert = insert_of(dialect, table)
    return insert.on_conflict_do_update(
        index_elements=list(key),
        set_={name: insert.excluded[name] for name in replaced},
        where=insert.excluded.last_seen_at >= table.c.last_seen_at,
    )


def mark(
    connection: Connection, table: Table, ids: Sequence[int], column: str, when: datetime | None
) -> None:
    """Sets one column of the rows with these ids."""
    for some in in_parts(sorted(ids)):
        connection.execute(_marking(table, column), {"ids": some, "moment": when})


@cache
def _marking(table: Table, column: str) -> Update:
    return update(table).where(table.c.id.in_(IDS)).values({column: bindparam("moment")})


def in_parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The values in slices that one statement can take."""
    for start in range(0, len(values), IDS_AT_ONCE):
        yield values[start : start + IDS_AT_ONCE]
