"""What one transaction writes into the index of the archive, and into quarantine."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Delete, Select, bindparam, case, delete, select, update
from sqlalchemy.sql.dml import ReturningInsert

from ingest.records.pages import REDACTED, CaptureRow, Failure, Moved, StoredCapture, TiedCapture
from ingest.store.captures.index import FIELDS, behind, is_loaded, is_redacted, order_of, stored_captures
from ingest.store.database.engine import Redact
from ingest.store.database.parameters import DAY, SOURCE
from ingest.store.database.schema import captures, quarantine
from ingest.store.database.upsert import in_parts, insert_into, insert_of

LEARNT = ("kind", "day", "encoding", "encoding_from", "repaired", "replaced", "parser", "revision", "error")
KEY = ("warc_file", "warc_offset")


class CaptureEntries:
    """Writes captures; ``Transaction.captures`` is one."""

    def __init__(self, connection: Connection, redact_quotes: Redact) -> None:
        self._connection = connection
        self._redact_quotes = redact_quotes

    def add(self, row: CaptureRow) -> int:
        """The id of the capture at the row's place in the archive.

        A known place is not entered twice: only the columns that parsing fills are replaced.
        """
        values = {name: getattr(row, name) for name in FIELDS}
        values["error"] = self._redact_quotes(row.source, row.error)
        return int(self._connection.execute(_entry(self._connection.dialect.name), values).scalar_one())

    def at(self, file: str, offset: int) -> int | None:
        """The id of the capture at a place of the archive."""
        here = select(captures.c.id).where(captures.c.warc_file == file, captures.c.warc_offset == offset)
        return self._connection.scalar(here)

    def is_late(self, row: CaptureRow, day: date) -> bool:
        """Whether a loaded capture of that day was made later than this one."""
        this = {"source": row.source, "day": day, "moment": row.captured_at}
        return self._connection.execute(_later_of_day(), this).first() is not None

    def behind(self, row: CaptureRow) -> tuple[TiedCapture, ...]:
        """The loaded captures of the same moment that come behind this one in the order of captures."""
        return behind(self._connection, row)

    def loaded_of_days(self, source: str, days: Collection[date]) -> tuple[StoredCapture, ...]:
        """The captures of these days that were parsed, redacted ones included, in the order of captures."""
        found: list[StoredCapture] = []
        for some in in_parts(sorted(days)):
            of_days = (captures.c.source == source) & captures.c.day.in_(some) & is_loaded(captures)
            found += stored_captures(self._connection, select(captures).where(of_days))
        return tuple(sorted(found, key=lambda one: order_of(one.row)))

    def put_aside(self, failure: Failure) -> None:
        """Puts a capture that could not be parsed into quarantine, or enters that it failed once more.

        What an earlier parser learnt of it stays.
        """
        error = self._redact_quotes(failure.source, failure.error) or failure.error
        this = (captures.c.id == failure.capture_id) & ~is_redacted(captures)
        self._connection.execute(update(captures).where(this).values(error=error))
        values = {
            "capture_id": failure.capture_id,
            "source": failure.source,
            "url": failure.url,
            "error_kind": failure.error_kind,
            "error": error,
            "field": failure.field,
            "attempts": 1,
            "first_failed_at": failure.failed_at,
            "last_failed_at": failure.failed_at,
        }
        insert = insert_into(self._connection, quarantine)
        newest = {name: insert.excluded[name] for name in ("error_kind", "error", "field", "last_failed_at")}
        statement = insert.on_conflict_do_update(
            index_elements=["capture_id"], set_={**newest, "attempts": quarantine.c.attempts + 1}
        )
        self._connection.execute(statement, values)

    def release(self, capture_id: int) -> None:
        """Takes a capture out: it parsed."""
        self._connection.execute(_release(), {"capture": capture_id})

    def move(self, file: str, to: str, moved: Mapping[int, Moved]) -> None:
        """Points the rows of a file at its new one, by their ids.

        A redacted row keeps its digest, so that the same response is known and not imported again, and loses
        the one by which it would be the original of a revisit.
        """
        here = (captures.c.id == bindparam("row")) & (captures.c.warc_file == file)
        place = {"warc_file": to, "warc_offset": bindparam("offset"), "warc_length": bindparam("length")}
        rows = [{"row": key, "offset": one.offset, "length": one.length} for key, one in moved.items()]
        self._connection.execute(update(captures).where(here).values(place), rows)
        gone: dict[str, object] = {
            "error": bindparam("why"),
            "payload_sha1": None,
            "record_id": bindparam("stub"),
        }
        redacted = [
            {"row": key, "stub": one.stub, "why": f"{REDACTED}{one.reason}"}
            for key, one in moved.items()
            if one.stub is not None
        ]
        self._connection.execute(
            update(captures).where(captures.c.id == bindparam("row")).values(gone), redacted
        )
        for some in in_parts([row["row"] for row in redacted]):
            self._connection.execute(delete(quarantine).where(quarantine.c.capture_id.in_(some)))


@cache
def _entry(dialect: str) -> ReturningInsert[Any]:
    insert = insert_of(dialect, captures)
    learnt: dict[str, ColumnElement[Any]] = {name: insert.excluded[name] for name in LEARNT}
    # The same response read elsewhere does not bring a redacted body back.
    learnt["error"] = case((is_redacted(captures), captures.c.error), else_=insert.excluded.error)
    statement = insert.on_conflict_do_update(index_elements=list(KEY), set_=learnt)
    return statement.returning(captures.c.id)


@cache
def _later_of_day() -> Select[Any]:
    of_day = (captures.c.source == SOURCE) & (captures.c.day == DAY)
    wanted = select(captures.c.id).where(of_day, captures.c.captured_at > bindparam("moment"))
    return wanted.where(is_loaded(captures)).limit(1)


@cache
def _release() -> Delete:
    return delete(quarantine).where(quarantine.c.capture_id == bindparam("capture"))
