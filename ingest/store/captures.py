"""The index of what lies in the archive."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from ingest.ledger import CaptureRow, StoredCapture
from ingest.store.schema import captures
from ingest.store.writing import insert_into

FIELDS = tuple(field.name for field in fields(CaptureRow))
PLACE = ("warc_file", "warc_offset")
LEARNT = ("kind", "encoding", "encoding_from", "repaired", "replaced", "parser", "revision", "error")


def add_capture(connection: Connection, row: CaptureRow) -> int:
    """The id of the capture at the row's place in the archive.

    A place that is known is not entered twice: only what reading it told is replaced.
    """
    insert = insert_into(connection, captures)
    learnt = {name: insert.excluded[name] for name in LEARNT}
    statement = insert.on_conflict_do_update(index_elements=list(PLACE), set_=learnt)
    values = {name: getattr(row, name) for name in FIELDS}
    return int(connection.execute(statement.returning(captures.c.id), values).scalar_one())


def kept_captures(
    connection: Connection, source: str | None, since: datetime | None, until: datetime | None
) -> tuple[StoredCapture, ...]:
    """The captures from ``since`` up to, and without, ``until``, oldest first."""
    wanted = select(captures).order_by(captures.c.captured_at, captures.c.id)
    if source is not None:
        wanted = wanted.where(captures.c.source == source)
    if since is not None:
        wanted = wanted.where(captures.c.captured_at >= since)
    if until is not None:
        wanted = wanted.where(captures.c.captured_at < until)
    return tuple(_stored(row) for row in connection.execute(wanted))


def indexed_offsets(connection: Connection, warc_file: str) -> frozenset[int]:
    """Where in a WARC file the members lie that have a row; any other member waits to be adopted."""
    wanted = select(captures.c.warc_offset).where(captures.c.warc_file == warc_file)
    return frozenset(connection.scalars(wanted))


def _stored(row: Row[Any]) -> StoredCapture:
    values = {name: row._mapping[name] for name in FIELDS}
    return StoredCapture(capture_id=row.id, row=CaptureRow(**values))
