"""What the archive holds, and whether all of it can be read: the files against the index."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from ingest.archive import place_of, read_stored
from ingest.archive.archive_file import ArchiveFile, files
from ingest.archive.check import Checked, Finding, check, final_name
from ingest.archive.redaction import left_over, superseded
from ingest.archive.unindexed import Known, outline, source_of_file
from ingest.archive.warc.stub import is_stub
from ingest.errors import StoreUnusable
from ingest.records.archive_folder import ArchiveFolder
from ingest.records.pages import CaptureRow, StoredCapture
from ingest.store import Store
from ingest.store.captures.kept import HeldIn
from parsers.source import Source
from schedules.windows import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHeld:
    """A file and the captures in it that are indexed; ``checked`` tells of the file itself."""

    checked: Checked
    sources: tuple[str, ...]
    captures: int
    first: datetime | None
    last: datetime | None


def listing(folder: ArchiveFolder, store: Store, held: Mapping[str, HeldIn]) -> Iterator[FileHeld]:
    """Every file of the archive with what of the index lies in it.

    Of a file of ours only what the index does not know is read.
    """
    for path in files(folder):
        here = held.get(final_name(path))
        yield FileHeld(
            checked=_outlined(path, store),
            sources=here.sources if here else (),
            captures=here.captures if here else 0,
            first=here.first if here else None,
            last=here.last if here else None,
        )


def _outlined(path: ArchiveFile, store: Store) -> Checked:
    if source_of_file(path.name) is None:
        return check(path)
    places = store.captures.places_in(path.name)
    return outline(path, (Known(offset=offset, length=length) for offset, length in places))


def findings(folder: ArchiveFolder, store: Store) -> Iterator[Finding]:
    """Everything that is wrong: in the files, and in what the index says of them."""
    old = superseded(folder, partial(_is_indexed, store))
    for path in files(folder):
        yield from _in_file(path, store, old)
    # Both revisions of a redacted file: a run was killed before it removed the old one.
    for name, other in left_over(folder, partial(_is_indexed, store)):
        yield Finding(file=name, offset=0, reason=f"{other} stands in its place: archive redact removes it")
    for capture in store.captures.by_place():
        reason = _unread(folder, capture)
        if reason is not None:
            row = capture.row
            yield Finding(file=row.warc_file, offset=row.warc_offset, reason=reason)


def _in_file(path: ArchiveFile, store: Store, old: Collection[str]) -> Iterator[Finding]:
    """A file that others made is no part of our index, nor is one that another revision has replaced."""
    name = final_name(path)
    ours = source_of_file(name) is not None and name not in old
    checked = check(path, store.captures.offsets_in(name) if ours else None)
    yield from checked.findings
    if checked.unindexed:
        reason = f"{checked.unindexed} captures have no row in the database: archive adopt loads them"
        where = checked.first_unindexed
        yield Finding(file=path.name, offset=where, reason=reason, unindexed=checked.unindexed)


def held_within(
    store: Store, source: Source | None, since: date | None, until: date | None
) -> dict[str, HeldIn]:
    """By file, what was captured on days of the window, both included, in the source's zone."""
    zone = ZoneInfo(source.zone if source is not None else "UTC")
    name = source.name if source is not None else None
    behind = until + timedelta(days=1) if until is not None else None
    return store.captures.held_in_files(name, _midnight(since, zone), _midnight(behind, zone))


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    if day is None:
        return None
    try:
        return datetime.combine(day, time.min, zone).astimezone(UTC)
    except OverflowError:  # the first and the last day that there are, in another zone
        return datetime.combine(day, time.min, UTC)


def captured_within(
    store: Store, source: Source, since: date | None, until: date | None
) -> Iterator[StoredCapture]:
    """The captures that were made on days of the window, both included, in the source's zone.

    They come in the order of the files, few in memory at once.
    """
    zone = ZoneInfo(source.zone)
    # The last day that there is has no day after it, which a window needs.
    window = Window.of(since or date.min, until or date.fromordinal(date.max.toordinal() - 1))
    return (
        capture
        for capture in store.captures.by_place(source.name)
        if capture.row.captured_at.astimezone(zone).date() in window
    )


def with_originals(captures: Iterable[StoredCapture]) -> Iterator[CaptureRow]:
    """The captures' rows, each original before what repeats it: a copy must lean on nothing else."""
    known: dict[str, set[int]] = {}
    for capture in captures:
        for row in (capture.original, capture.row):
            if row is None:
                continue
            offsets = known.setdefault(row.warc_file, set())
            if row.warc_offset not in offsets:
                offsets.add(row.warc_offset)
                yield row


def _is_indexed(store: Store, file: str) -> bool:
    return next(store.captures.offsets_in(file), None) is not None


def _unread(folder: ArchiveFolder, capture: StoredCapture) -> str | None:
    if capture.redacted:
        gone = not capture.row.redacted or is_stub(folder, place_of(capture.row))
        return None if gone else f"capture {capture.capture_id} is redacted, but no stub stands for it"
    try:
        body = read_stored(folder, capture)
    except StoreUnusable as error:
        return str(error)
    agrees = hashlib.sha256(body).hexdigest() == capture.row.digest
    return None if agrees else f"capture {capture.capture_id} does not read back to its digest"
