"""The rows of a table in the order of their ids, with values that are the same on both databases."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, Table, bindparam, func, select

from ingest.store.database.bulk import Values
from ingest.store.database.schema import metadata
from parsers.records import storable

TABLES: tuple[Table, ...] = tuple(metadata.sorted_tables)
"""All of the schema, each behind those that it refers to."""
AT_ONCE = 5_000
"""Rows of one transaction, and of one question."""
FETCHED = 200
"""Rows in memory: one may have the text of a whole page."""
AFTER: BindParameter[int] = bindparam("after")

OnRows = Callable[[int], object]
"""Called with the number of rows that are done more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How many rows a table has, and the greatest of their ids: 0 in an empty table."""

    rows: int
    last: int


def extents(connection: Connection) -> dict[str, Extent]:
    """Of each table by its name, in the order in which they are copied."""
    return {table.name: _extent(connection, table) for table in TABLES}


def _extent(connection: Connection, table: Table) -> Extent:
    row = connection.execute(select(func.count(), func.max(table.c.id)).select_from(table)).one()
    return Extent(rows=row[0], last=row[1] or 0)


def rows_after(connection: Connection, table: Table, after: int) -> Iterator[Values]:
    """At most AT_ONCE rows whose ids are greater than ``after``."""
    streaming = {"yield_per": FETCHED}
    with connection.execute(_after(table), {"after": after}, execution_options=streaming) as wanted:
        for row in wanted:
            # A database that was changed by hand may hold text that no other can.
            yield tuple(storable(value) if isinstance(value, str) else value for value in row)


@cache
def _after(table: Table) -> Select[Any]:
    return select(table).where(table.c.id > AFTER).order_by(table.c.id).limit(AT_ONCE)


def digest(connection: Connection, table: Table, on_rows: OnRows) -> str:
    """The SHA-256 of a table's rows in the order of their ids, each as a line of JSON."""
    total = hashlib.sha256()
    position, after, number = table.columns.keys().index("id"), 0, AT_ONCE
    while number == AT_ONCE:
        number = 0
        for row in rows_after(connection, table, after):
            total.update(LINE.encode(row).encode())
            total.update(b"\n")
            after = row[position]
            number += 1
        on_rows(number)
    return total.hexdigest()


def _plain(value: Any) -> str:
    # Instants are UTC on both databases.
    return value.isoformat() if isinstance(value, date) else bytes(value).hex()


LINE = json.JSONEncoder(default=_plain)
