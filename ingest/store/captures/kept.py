"""What is kept in the archive, asked of its index.

In the order of the archive's files few rows are in memory at once, however many there are.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, literal, or_, select, tuple_

from ingest.records.pages import CaptureRow, Failure, Original, Quarantined, StoredCapture
from ingest.store.captures.files import FileDays, days_in_files
from ingest.store.captures.index import URL, capture_of, is_gone, stored_captures
from ingest.store.database.engine import Connected
from ingest.store.database.parameters import SOURCE
from ingest.store.database.schema import captures, quarantine
from ingest.store.database.upsert import in_parts

OK = 200
AT_ONCE = 1_000
"""Rows that are read, and held, together."""

PLACE = tuple_(captures.c.warc_file, captures.c.warc_offset)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldIn:
    """The captures of the index in one file."""

    sources: tuple[str, ...]
    captures: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many captures are indexed, and of these how many have no body any more."""

    captures: int
    redacted: int


class Captures:
    """The index of the archive; ``Store.captures`` is one."""

    def __init__(self, connected: Connected) -> None:
        self._connected = connected

    def between(
        self, source: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[StoredCapture, ...]:
        """The captures from ``since`` up to, and without, ``until``, oldest first."""
        with self._connected() as connection:
            wanted = _of_source(select(captures).order_by(captures.c.captured_at, captures.c.id), source)
            if since is not None:
                wanted = wanted.where(captures.c.captured_at >= since)
            if until is not None:
                wanted = wanted.where(captures.c.captured_at < until)
            return stored_captures(connection, wanted)

    def one(self, capture_id: int) -> StoredCapture | None:
        """The capture of that id, if there is one."""
        with self._connected() as connection:
            found = stored_captures(connection, select(captures).where(captures.c.id == capture_id))
            return found[0] if found else None

    def of_day(self, source: str, day: date, limit: int) -> tuple[StoredCapture, ...]:
        """The newest captures of a day's pages, newest first."""
        with self._connected() as connection:
            wanted = select(captures).where(captures.c.source == source, captures.c.day == day)
            newest = wanted.order_by(captures.c.captured_at.desc(), captures.c.id.desc()).limit(limit)
            return stored_captures(connection, newest)

    def kept_after(
        self,
        source: str,
        after: tuple[datetime, int] | None,
        limit: int,
        files: Collection[str] | None = None,
    ) -> tuple[StoredCapture, ...]:
        """At most ``limit`` answers of status 200 behind the capture of a moment and an id; none redacted.

        With ``files`` those in these WARC files. They are in the order of captures, whatever their ids.
        """
        with self._connected() as connection:
            moment, *tied = captures.c.captured_at, captures.c.digest, URL, captures.c.id
            wanted = select(captures).order_by(moment, *tied).limit(limit)
            wanted = wanted.where(captures.c.source == source, captures.c.status == OK, ~is_gone())
            if files is not None:
                wanted = wanted.where(captures.c.warc_file.in_(files))
            if after is not None:
                last_moment, last_id = after
                last = connection.execute(select(*tied).where(captures.c.id == last_id)).one()
                later = (moment == last_moment) & (tuple_(*tied) > tuple_(*map(literal, last)))
                wanted = wanted.where((moment > last_moment) | later)
            return stored_captures(connection, wanted)

    def by_place(self, source: str | None = None, *, file: str | None = None) -> Iterator[StoredCapture]:
        """All captures, or those of a source or a file, in the order of the files; few in memory at once.

        Between them no transaction is open: what others write in the meantime may be in it or not.
        """
        after = None
        while some := self._behind(source, file, after):
            yield from some
            after = (some[-1].row.warc_file, some[-1].row.warc_offset)

    def offsets_in(self, file: str) -> Iterator[int]:
        """The places in a file that have a row, in its order; few in memory at once."""
        return (offset for offset, _ in self.places_in(file))

    def places_in(self, file: str) -> Iterator[tuple[int, int]]:
        """The offset and the length of each record in a file that has a row, in its order."""
        after = -1
        while some := self._places_behind(file, after):
            yield from some
            after = some[-1][0]

    def held_in_files(
        self, source: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> dict[str, HeldIn]:
        """By file, its captures from ``since`` up to, and without, ``until``."""
        with self._connected() as connection:
            moment = captures.c.captured_at
            totals = (
                func.count().label("captures"),
                func.min(moment).label("first"),
                func.max(moment).label("last"),
            )
            wanted = _of_source(select(captures.c.warc_file, captures.c.source, *totals), source)
            if since is not None:
                wanted = wanted.where(moment >= since)
            if until is not None:
                wanted = wanted.where(moment < until)
            found: dict[str, HeldIn] = {}
            for row in connection.execute(wanted.group_by(captures.c.warc_file, captures.c.source)):
                one = HeldIn(sources=(row.source,), captures=row.captures, first=row.first, last=row.last)
                other = found.get(row.warc_file)
                found[row.warc_file] = one if other is None else _both(one, other)
            return found

    def days_in_files(self, source: str) -> tuple[FileDays, ...]:
        """The files that hold captures of a source, and the days of these, by file."""
        with self._connected() as connection:
            return days_in_files(connection, source)

    def counted(self, source: str | None = None) -> Counted:
        """How many captures are indexed, and how many of them are redacted."""
        with self._connected() as connection:
            every = connection.execute(_of_source(select(func.count()), source)).scalar_one()
            gone = connection.execute(_of_source(select(func.count()), source).where(is_gone())).scalar_one()
            return Counted(captures=int(every), redacted=int(gone))

    def original(self, source: str, url: str, payload_sha1: str) -> Original | None:
        """The newest full response from this address with this payload (base32 SHA-1), if there is one."""
        with self._connected() as connection:
            same = {"source": source, "url": url, "payload": payload_sha1}
            row = connection.execute(_newest_full(), same).first()
            if row is None:
                return None
            revisits = connection.execute(_revisits(), {**same, "first": row.id}).scalar_one()
            return Original(capture_id=row.id, row=capture_of(row), revisits=int(revisits))

    def response(
        self, source: str, url: str, record_id: str, captured_at: datetime | None
    ) -> CaptureRow | None:
        """The full response from this address with this record id (no brackets), or else of this moment."""
        with self._connected() as connection:
            of_address = (
                (captures.c.source == source) & (captures.c.url == url) & captures.c.refers_to.is_(None)
            )
            by_id = captures.c.record_id == f"<{record_id}>"
            for same in (by_id, captures.c.captured_at == captured_at):
                row = connection.execute(
                    select(captures).where(of_address, same).order_by(captures.c.id)
                ).first()
                if row is not None:
                    return capture_of(row)
            return None

    def has(self, source: str, url: str, captured_at: datetime, digest: str) -> bool:
        """Whether this very response is held already; ``digest`` is that of the decoded body."""
        with self._connected() as connection:
            same = (captures.c.source == source) & (captures.c.url == url) & (captures.c.digest == digest)
            wanted = select(captures.c.id).where(same, captures.c.captured_at == captured_at)
            return connection.execute(wanted).first() is not None

    def indexed_offsets(self, warc_file: str) -> frozenset[int]:
        """The offsets in a WARC file that have a row; any other member waits to be adopted."""
        with self._connected() as connection:
            wanted = select(captures.c.warc_offset).where(captures.c.warc_file == warc_file)
            return frozenset(connection.scalars(wanted))

    def in_file(self, warc_file: str) -> tuple[StoredCapture, ...]:
        """The captures of a file, in its order."""
        with self._connected() as connection:
            wanted = select(captures).where(captures.c.warc_file == warc_file)
            return stored_captures(connection, wanted.order_by(captures.c.warc_offset))

    def with_their_body(self, capture_ids: Collection[int]) -> tuple[StoredCapture, ...]:
        """These captures, the originals that they repeat, and everything that repeats those."""
        with self._connected() as connection:
            bodies: set[int] = set()
            for some in in_parts(sorted(capture_ids)):
                rows = connection.execute(
                    select(captures.c.id, captures.c.refers_to).where(captures.c.id.in_(some))
                )
                bodies |= {row.refers_to or row.id for row in rows}
            found: list[StoredCapture] = []
            for some in in_parts(sorted(bodies)):
                shared = or_(captures.c.id.in_(some), captures.c.refers_to.in_(some))
                found += stored_captures(connection, select(captures).where(shared).order_by(captures.c.id))
            return tuple(found)

    def quarantined(
        self, source: str | None = None, quarantine_id: int | None = None
    ) -> tuple[Quarantined, ...]:
        """The captures that could not be parsed, the first to fail first."""
        with self._connected() as connection:
            wanted = select(quarantine).order_by(quarantine.c.id)
            if source is not None:
                wanted = wanted.where(quarantine.c.source == source)
            if quarantine_id is not None:
                wanted = wanted.where(quarantine.c.id == quarantine_id)
            return tuple(_quarantined(row) for row in connection.execute(wanted))

    def _behind(
        self, source: str | None, file: str | None, after: tuple[str, int] | None
    ) -> tuple[StoredCapture, ...]:
        """The next captures behind a place, of a source and in a file if these are named."""
        with self._connected() as connection:
            wanted = _of_source(select(captures), source).order_by(
                captures.c.warc_file, captures.c.warc_offset
            )
            if file is not None:
                wanted = wanted.where(captures.c.warc_file == file)
            if after is not None:
                wanted = wanted.where(tuple_(*after) < PLACE)
            return stored_captures(connection, wanted.limit(AT_ONCE))

    def _places_behind(self, file: str, after: int) -> list[tuple[int, int]]:
        """The next places in a file, in its order, that have a row."""
        with self._connected() as connection:
            here = select(captures.c.warc_offset, captures.c.warc_length).where(
                captures.c.warc_file == file, captures.c.warc_offset > after
            )
            rows = connection.execute(here.order_by(captures.c.warc_offset).limit(AT_ONCE))
            return [(row.warc_offset, row.warc_length) for row in rows]


@cache
def _same_payload() -> ColumnElement[bool]:
    of_page = (captures.c.source == SOURCE) & (captures.c.url == bindparam("url"))
    return of_page & (captures.c.payload_sha1 == bindparam("payload"))


@cache
def _newest_full() -> Select[Any]:
    wanted = select(captures).where(_same_payload(), captures.c.refers_to.is_(None))
    return wanted.order_by(captures.c.captured_at.desc(), captures.c.id.desc()).limit(1)


@cache
def _revisits() -> Select[Any]:
    return select(func.count()).where(_same_payload(), captures.c.refers_to == bindparam("first"))


def _of_source(wanted: Select[Any], source: str | None) -> Select[Any]:
    wanted = wanted.select_from(captures)
    return wanted if source is None else wanted.where(captures.c.source == source)


def _both(one: HeldIn, other: HeldIn) -> HeldIn:
    return HeldIn(
        sources=tuple(sorted({*one.sources, *other.sources})),
        captures=one.captures + other.captures,
        first=min(one.first, other.first),
        last=max(one.last, other.last),
    )


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
