"""The captures that could not be parsed: one row a capture, gone once it parses."""

from typing import Any

from sqlalchemy import Connection, Row, delete, select

from ingest.records.pages import Failure, Quarantined
from ingest.store.database.schema import quarantine
from ingest.store.database.upsert import insert_into


def put_aside(connection: Connection, failure: Failure) -> None:
    """Enters a capture, or that it failed once more."""
    values = {
        "capture_id": failure.capture_id,
        "source": failure.source,
        "url": failure.url,
        "error_kind": failure.error_kind,
        "error": failure.error,
        "field": failure.field,
        "attempts": 1,
        "first_failed_at": failure.failed_at,
        "last_failed_at": failure.failed_at,
    }
    insert = insert_into(connection, quarantine)
    newest = {name: insert.excluded[name] for name in ("error_kind", "error", "field", "last_failed_at")}
    statement = insert.on_conflict_do_update(
        index_elements=["capture_id"], set_={**newest, "attempts": quarantine.c.attempts + 1}
    )
    connection.execute(statement, values)


def release(connection: Connection, capture_id: int) -> None:
    """Takes a capture out: it parsed."""
    connection.execute(delete(quarantine).where(quarantine.c.capture_id == capture_id))


def quarantined(
    connection: Connection, source: str | None, quarantine_id: int | None = None
) -> tuple[Quarantined, ...]:
    """The captures that are aside, the first to fail first."""
    wanted = select(quarantine).order_by(quarantine.c.id)
    if source is not None:
        wanted = wanted.where(quarantine.c.source == source)
    if quarantine_id is not None:
        wanted = wanted.where(quarantine.c.id == quarantine_id)
    return tuple(_quarantined(row) for row in connection.execute(wanted))


def _quarantined(row: Row[Any]) -> Quarantined:
    return Quarantined(
        quarantine_id=row.id,
        attempts=row.attempts,
        first_failed_at=row.first_failed_at,
        failure=Failure(
            capture_id=row.capture_id,
            source=row.source,
            url=row.url,
            error_kind=row.error_kind,
            error=row.error,
            field=row.field,
            failed_at=row.last_failed_at,
        ),
    )
