"""Which days the captures of each WARC file are of."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from ingest.store.database.schema import captures


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDays:
    """A file, and the days of its captures, None for those that were never parsed; the moments it spans."""

    file: str
    days: frozenset[date | None]
    first: datetime
    last: datetime


def days_in_files(connection: Connection, source: str) -> tuple[FileDays, ...]:
    """The files that hold captures of a source, by name."""
    moment = captures.c.captured_at
    wanted = select(
        captures.c.warc_file, captures.c.day, func.min(moment).label("first"), func.max(moment).label("last")
    ).where(captures.c.source == source)
    found: dict[str, FileDays] = {}
    for row in connection.execute(wanted.group_by(captures.c.warc_file, captures.c.day)):
        one = FileDays(file=row.warc_file, days=frozenset({row.day}), first=row.first, last=row.last)
        found[one.file] = _both(found.get(one.file, one), one)
    return tuple(found[name] for name in sorted(found))


def _both(one: FileDays, other: FileDays) -> FileDays:
    return FileDays(
        file=one.file,
        days=one.days | other.days,
        first=min(one.first, other.first),
        last=max(one.last, other.last),
    )
