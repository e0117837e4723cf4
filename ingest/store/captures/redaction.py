"""The index after captures were taken out of an archive file: everything in the file lies elsewhere now."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from ingest.records.pages import REDACTED, Moved, StoredCapture
from ingest.store.captures.index import stored_captures
from ingest.store.database.schema import captures, quarantine
from ingest.store.database.upsert import in_parts


def captures_in(connection: Connection, warc_file: str) -> tuple[StoredCapture, ...]:
    """The captures of a file, in its order."""
    wanted = select(captures).where(captures.c.warc_file == warc_file)
    return stored_captures(connection, wanted.order_by(captures.c.warc_offset))


def with_their_body(connection: Connection, capture_ids: Collection[int]) -> tuple[StoredCapture, ...]:
    """These captures, the originals that they repeat, and everything that repeats those."""
    bodies: set[int] = set()
    for some in in_parts(sorted(capture_ids)):
        rows = connection.execute(select(captures.c.id, captures.c.refers_to).where(captures.c.id.in_(some)))
        bodies |= {row.refers_to or row.id for row in rows}
    found: list[StoredCapture] = []
    for some in in_parts(sorted(bodies)):
        shared = or_(captures.c.id.in_(some), captures.c.refers_to.in_(some))
        found += stored_captures(connection, select(captures).where(shared).order_by(captures.c.id))
    return tuple(found)


def move_captures(connection: Connection, file: str, to: str, moved: Mapping[int, Moved]) -> None:
    """Points the rows of a file at its new one, by their ids.

    A redacted row keeps its digest, so that the same response is known and not imported again, and loses
    the one by which it would be the original of a revisit.
    """
    here = (captures.c.id == bindparam("row")) & (captures.c.warc_file == file)
    place = {"warc_file": to, "warc_offset": bindparam("offset"), "warc_length": bindparam("length")}
    rows = [{"row": key, "offset": one.offset, "length": one.length} for key, one in moved.items()]
    connection.execute(update(captures).where(here).values(place), rows)
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
    connection.execute(update(captures).where(captures.c.id == bindparam("row")).values(gone), redacted)
    for some in in_parts([row["row"] for row in redacted]):
        connection.execute(delete(quarantine).where(quarantine.c.capture_id.in_(some)))
