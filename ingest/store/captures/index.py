"""The index of what lies in the archive."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    case,
    exists,
    func,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.sql.dml import ReturningInsert

from ingest.records.pages import REDACTED, CaptureRow, Original, StoredCapture, TiedCapture
from ingest.store.database.schema import captures
from ingest.store.database.upsert import in_parts, insert_of

FIELDS = tuple(field.name for field in fields(CaptureRow))
OK = 200
PLACE = ("warc_file", "warc_offset")
LEARNT = ("kind", "day", "encoding", "encoding_from", "repaired", "replaced", "parser", "revision", "error")


def add_capture(connection: Connection, row: CaptureRow) -> int:
    """The id of the capture at the row's place in the archive.

    A known place is not entered twice: only the columns that parsing fills are replaced.
    """
    values = {name: getattr(row, name) for name in FIELDS}
    return int(connection.execute(_entry(connection.dialect.name), values).scalar_one())


@cache
def _entry(dialect: str) -> ReturningInsert[Any]:
    insert = insert_of(dialect, captures)
    learnt: dict[str, ColumnElement[Any]] = {name: insert.excluded[name] for name in LEARNT}
    # The same response read elsewhere does not bring a redacted body back.
    learnt["error"] = case((_is_redacted(captures), captures.c.error), else_=insert.excluded.error)
    statement = insert.on_conflict_do_update(index_elements=list(PLACE), set_=learnt)
    return statement.returning(captures.c.id)


def put_error(connection: Connection, capture_id: int, error: str) -> None:
    """Enters why a capture could not be parsed; what an earlier parser learnt of it stays."""
    this = (captures.c.id == capture_id) & ~_is_redacted(captures)
    connection.execute(update(captures).where(this).values(error=error))


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
    return stored_captures(connection, wanted)


def kept_capture(connection: Connection, capture_id: int) -> StoredCapture | None:
    """The capture of that id."""
    found = stored_captures(connection, select(captures).where(captures.c.id == capture_id))
    return found[0] if found else None


def kept_after(
    connection: Connection, source: str, after: tuple[datetime, int] | None, limit: int
) -> tuple[StoredCapture, ...]:
    """At most ``limit`` answers of status 200 behind the capture of a moment and an id; none redacted.

    They are in the order of captures, so that what is made of them does not depend on their ids.
    """
    moment, *tied = captures.c.captured_at, captures.c.digest, captures.c.url, captures.c.id
    wanted = select(captures).order_by(moment, *tied).limit(limit)
    wanted = wanted.where(captures.c.source == source, captures.c.status == OK)
    wanted = wanted.where(~is_gone())
    if after is not None:
        last_moment, last_id = after
        last = connection.execute(select(*tied).where(captures.c.id == last_id)).one()
        later = (moment == last_moment) & (tuple_(*tied) > tuple_(*map(literal, last)))
        wanted = wanted.where((moment > last_moment) | later)
    return stored_captures(connection, wanted)


def stored_captures(connection: Connection, wanted: Select[Any]) -> tuple[StoredCapture, ...]:
    """The captures that a SELECT of whole rows finds, each with the one it repeats."""
    found = [(row.id, _capture(row), row.tied) for row in connection.execute(_with_ties(wanted))]
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


def loaded_of_days(connection: Connection, source: str, days: Collection[date]) -> tuple[StoredCapture, ...]:
    """The captures of these days that were parsed, redacted ones included, in the order of captures."""
    found: list[StoredCapture] = []
    for some in in_parts(sorted(days)):
        of_days = (captures.c.source == source) & captures.c.day.in_(some) & _is_loaded(captures)
        found += stored_captures(connection, select(captures).where(of_days))
    return tuple(sorted(found, key=lambda one: order_of(one.row)))


def order_of(row: CaptureRow) -> tuple[datetime, str, str]:
    """The one order of captures, which does not depend on when and where they were put into the archive."""
    return (row.captured_at, row.digest, row.url)


def is_late(connection: Connection, row: CaptureRow, day: date) -> bool:
    """Whether a loaded capture of that day was made later than this one."""
    later = (captures.c.source == row.source) & (captures.c.day == day)
    wanted = select(captures.c.id).where(
        later, captures.c.captured_at > row.captured_at, _is_loaded(captures)
    )
    return connection.execute(wanted.limit(1)).first() is not None


def behind(connection: Connection, row: CaptureRow) -> tuple[TiedCapture, ...]:
    """The loaded captures of the row's source and moment that come behind it in the order of captures."""
    columns = (captures.c.id, captures.c.url, captures.c.day, captures.c.kind)
    wanted = select(*columns).where(
        captures.c.source == row.source,
        captures.c.captured_at == row.captured_at,
        captures.c.day.is_not(None),
        _is_loaded(captures),
        tuple_(captures.c.digest, captures.c.url) > tuple_(literal(row.digest), literal(row.url)),
    )
    return tuple(
        TiedCapture(capture_id=tied.id, url=tied.url, day=tied.day, kind=tied.kind)
        for tied in connection.execute(wanted)
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


def _is_loaded(rows: FromClause) -> ColumnElement[bool]:
    return rows.c.parser.is_not(None) & (rows.c.error.is_(None) | _is_redacted(rows))


def original(connection: Connection, source: str, url: str, payload_sha1: str) -> Original | None:
    """The newest full response from this address with this payload."""
    same = (captures.c.source == source) & (captures.c.url == url) & (captures.c.payload_sha1 == payload_sha1)
    wanted = select(captures).where(same, captures.c.refers_to.is_(None))
    row = connection.execute(wanted.order_by(captures.c.captured_at.desc(), captures.c.id.desc())).first()
    if row is None:
        return None
    revisits = select(func.count()).where(same, captures.c.refers_to == row.id)
    return Original(
        capture_id=row.id, row=_capture(row), revisits=int(connection.execute(revisits).scalar_one())
    )


def response(
    connection: Connection, source: str, url: str, record_id: str, captured_at: datetime | None
) -> CaptureRow | None:
    """The full response from this address with this record id (without brackets), or else of this moment."""
    of_address = (captures.c.source == source) & (captures.c.url == url) & captures.c.refers_to.is_(None)
    by_id = captures.c.record_id == f"<{record_id}>"
    for same in (by_id, captures.c.captured_at == captured_at):
        row = connection.execute(select(captures).where(of_address, same).order_by(captures.c.id)).first()
        if row is not None:
            return _capture(row)
    return None


def has_capture(connection: Connection, source: str, url: str, captured_at: datetime, digest: str) -> bool:
    """Whether this very response is held already."""
    same = (captures.c.source == source) & (captures.c.url == url) & (captures.c.digest == digest)
    wanted = select(captures.c.id).where(same, captures.c.captured_at == captured_at)
    return connection.execute(wanted).first() is not None


def indexed_offsets(connection: Connection, warc_file: str) -> frozenset[int]:
    """Where in a WARC file the members lie that have a row; any other member waits to be adopted."""
    wanted = select(captures.c.warc_offset).where(captures.c.warc_file == warc_file)
    return frozenset(connection.scalars(wanted))


def is_gone() -> ColumnElement[bool]:
    """Whether a capture's body is redacted, its own or that of the capture that it repeats."""
    first = captures.alias()
    repeated = exists().where(first.c.id == captures.c.refers_to, _is_redacted(first))
    return _is_redacted(captures) | repeated


def _is_redacted(rows: FromClause) -> ColumnElement[bool]:
    return func.coalesce(rows.c.error, "").startswith(REDACTED, autoescape=True)


def _rows_of(connection: Connection, ids: Sequence[int]) -> dict[int, CaptureRow]:
    found: dict[int, CaptureRow] = {}
    for some in in_parts(ids):
        wanted = select(captures).where(captures.c.id.in_(some))
        found |= {row.id: _capture(row) for row in connection.execute(wanted)}
    return found


def _capture(row: Row[Any]) -> CaptureRow:
    return CaptureRow(**{name: row._mapping[name] for name in FIELDS})
