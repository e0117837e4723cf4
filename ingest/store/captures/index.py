"""Rows of the index as the records that the other rooms know, and the one order of captures."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    String,
    bindparam,
    exists,
    func,
    select,
    tuple_,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from ingest.records.pages import REDACTED, CaptureRow, StoredCapture, TiedCapture
from ingest.store.database.parameters import IDS, SOURCE
from ingest.store.database.schema import captures
from ingest.store.database.upsert import in_parts

FIELDS = tuple(field.name for field in fields(CaptureRow))
OK = 200
PLACE = ("warc_file", "warc_offset")
LEARNT = ("kind", "day", "encoding", "encoding_from", "repaired", "replaced", "parser", "revision", "error")


def stored_captures(connection: Connection, wanted: Select[Any]) -> tuple[StoredCapture, ...]:
    """The captures that a SELECT of whole rows finds, each with the one it repeats."""
    found = [(row.id, capture_of(row), row.tied) for row in connection.execute(_with_ties(wanted))]
    originals = _rows_of(
        connection, sorted({row.refers_to for _, row, _ in found if row.refers_to is not None})
    )
    return tuple(
        StoredCapture(
            capture_id=capture_id,
            row=row,
            original=originals.get(row.refers_to or 0),
            behind=behind(connection, row) if tied else (),
        )
        for capture_id, row, tied in found
    )


class InByteOrder(FunctionElement[str]):
    """A text that every database compares by its bytes: PostgreSQL would take the database's language."""

    name = "in_byte_order"
    inherit_cache = True


@compiles(InByteOrder)
def _as_it_is(element: InByteOrder, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(InByteOrder, "postgresql")
def _collated(element: InByteOrder, compiler: SQLCompiler, **options: Any) -> str:
    return f'({compiler.process(element.clauses, **options)} COLLATE "C")'


URL = InByteOrder(captures.c.url)
"""Addresses as the order of captures compares them."""


def order_of(row: CaptureRow) -> tuple[datetime, str, str]:
    """The one order of captures, which does not depend on when and where they were put into the archive."""
    return (row.captured_at, row.digest, row.url)


def behind(connection: Connection, row: CaptureRow) -> tuple[TiedCapture, ...]:
    """The loaded captures of the row's source and moment that come behind it in the order of captures."""
    this = {"source": row.source, "moment": row.captured_at, "digest": row.digest, "url": row.url}
    return tuple(
        TiedCapture(capture_id=tied.id, url=tied.url, day=tied.day, kind=tied.kind)
        for tied in connection.execute(_behind(), this)
    )


@cache
def _behind() -> Select[Any]:
    columns = (captures.c.id, captures.c.url, captures.c.day, captures.c.kind)
    return select(*columns).where(
        captures.c.source == SOURCE,
        captures.c.captured_at == bindparam("moment"),
        captures.c.day.is_not(None),
        is_loaded(captures),
        tuple_(captures.c.digest, URL)
        > tuple_(bindparam("digest", type_=String), bindparam("url", type_=String)),
    )


def _with_ties(wanted: Select[Any]) -> Select[Any]:
    """The SELECT with a column that says whether the source has another capture of the moment."""
    other = captures.alias()
    tied = exists().where(
        other.c.source == captures.c.source,
        other.c.captured_at == captures.c.captured_at,
        other.c.id != captures.c.id,
    )
    return wanted.add_columns(tied.correlate(captures).label("tied"))


def is_loaded(rows: FromClause) -> ColumnElement[bool]:
    return rows.c.parser.is_not(None) & (rows.c.error.is_(None) | is_redacted(rows))


def is_gone() -> ColumnElement[bool]:
    """Whether a capture's body is redacted, its own or that of the capture that it repeats."""
    first = captures.alias()
    repeated = exists().where(first.c.id == captures.c.refers_to, is_redacted(first))
    return is_redacted(captures) | repeated


def is_redacted(rows: FromClause) -> ColumnElement[bool]:
    return func.coalesce(rows.c.error, "").startswith(REDACTED, autoescape=True)


def _rows_of(connection: Connection, ids: Sequence[int]) -> dict[int, CaptureRow]:
    found: dict[int, CaptureRow] = {}
    for some in in_parts(ids):
        found |= {row.id: capture_of(row) for row in connection.execute(_by_id(), {"ids": some})}
    return found


@cache
def _by_id() -> Select[Any]:
    return select(captures).where(captures.c.id.in_(IDS))


def capture_of(row: Row[Any]) -> CaptureRow:
    return CaptureRow(**{name: row._mapping[name] for name in FIELDS})
