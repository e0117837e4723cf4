"""The index in the order of the archive's files: few rows in memory at once, however many there are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select, tuple_

from ingest.records.pages import StoredCapture
from ingest.store.captures.index import is_gone, stored_captures
from ingest.store.database.schema import captures

AT_ONCE = 1_000
"""Rows that are read, and held, together."""

PLACE = tuple_(captures.c.warc_file, captures.c.warc_offset)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldIn:
    """What of the index lies in one file."""

    sources: tuple[str, ...]
    captures: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many captures are indexed, and of these how many have no body any more."""

    captures: int
    redacted: int


def behind(
    connection: Connection, source: str | None, file: str | None, after: tuple[str, int] | None
) -> tuple[StoredCapture, ...]:
    """The next captures behind a place, of a source and in a file if these are named."""
    wanted = _of(select(captures), source).order_by(captures.c.warc_file, captures.c.warc_offset)
    if file is not None:
        wanted = wanted.where(captures.c.warc_file == file)
    if after is not None:
        wanted = wanted.where(tuple_(*after) < PLACE)
    return stored_captures(connection, wanted.limit(AT_ONCE))


def offsets_behind(connection: Connection, file: str, after: int) -> tuple[int, ...]:
    """The next places in a file, in its order, that have a row."""
    here = select(captures.c.warc_offset).where(captures.c.warc_file == file, captures.c.warc_offset > after)
    return tuple(connection.scalars(here.order_by(captures.c.warc_offset).limit(AT_ONCE)))


def held_in_files(
    connection: Connection, source: str | None, since: datetime | None, until: datetime | None
) -> dict[str, HeldIn]:
    """By file, what lies in it of the captures from ``since`` up to, and without, ``until``."""
    moment = captures.c.captured_at
    totals = (func.count().label("captures"), func.min(moment).label("first"), func.max(moment).label("last"))
    wanted = _of(select(captures.c.warc_file, captures.c.source, *totals), source)
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


def counted(connection: Connection, source: str | None) -> Counted:
    """How many captures there are."""
    every = connection.execute(_of(select(func.count()), source)).scalar_one()
    gone = connection.execute(_of(select(func.count()), source).where(is_gone())).scalar_one()
    return Counted(captures=int(every), redacted=int(gone))


def _of(wanted: Select[Any], source: str | None) -> Select[Any]:
    wanted = wanted.select_from(captures)
    return wanted if source is None else wanted.where(captures.c.source == source)


def _both(one: HeldIn, other: HeldIn) -> HeldIn:
    return HeldIn(
        sources=tuple(sorted({*one.sources, *other.sources})),
        captures=one.captures + other.captures,
        first=min(one.first, other.first),
        last=max(one.last, other.last),
    )
