"""Copies of records as a WARC file of their own, with an index beside it."""

import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from ingest.archive.export.cdxj import cdxj_line, in_order
from ingest.archive.reader import find_file, read_member
from ingest.archive.warc.file import sync_folder
from ingest.archive.warc.place import Place
from ingest.archive.warc.records import warcinfo_member
from ingest.archive.warc.walk import RawRecord, walk
from ingest.errors import StoreUnusable
from ingest.records.pages import CaptureRow

PART = ".part"
"""Behind the name of a file that is not finished."""


def export_warc(
    folder: Path, rows: Iterable[CaptureRow], target: Path, *, about: Mapping[str, str], at: datetime
) -> tuple[int, int]:
    """Copy the captures with their requests, byte for byte; return how many captures and how many bytes.

    The index is written beside it. Raises StoreUnusable; ArchiveDamaged if a capture is not whole.
    """
    lines: list[str] = []
    try:
        with finished(target) as path, path.open("xb") as file:
            end = file.write(warcinfo_member(about, file=target.name, at=at).data)
            for row in rows:
                answer, *more = _with_request(folder, row)
                captured_at = row.captured_at
                lines.append(cdxj_line(answer, captured_at=captured_at, file=target.name, offset=end))
                for record in (answer, *more):
                    end += file.write(_bytes_of(folder, row, record))
            file.flush()
            os.fsync(file.fileno())
        _write(index_path(target), in_order(lines))
    except OSError as exc:
        raise StoreUnusable(f"cannot be exported: {target}: {exc.strerror}") from exc
    return len(lines), end


def export_cdxj(folder: Path, rows: Iterable[CaptureRow], target: Path) -> int:
    """Write an index of the captures' places in the archive; return how many lines it has."""
    lines = []
    for row in rows:
        answer = _with_request(folder, row)[0]
        lines.append(
            cdxj_line(answer, captured_at=row.captured_at, file=row.warc_file, offset=row.warc_offset)
        )
    try:
        _write(target, in_order(lines))
    except OSError as exc:
        raise StoreUnusable(f"cannot be exported: {target}: {exc.strerror}") from exc
    return len(lines)


def index_path(warc: Path) -> Path:
    """The path of a WARC file's index: beside the file."""
    return warc.with_name(warc.name.removesuffix(".gz").removesuffix(".warc") + ".cdxj")


@contextmanager
def finished(target: Path) -> Iterator[Path]:
    """Yield a file to write to; it gets its final name only on success, and never replaces another file."""
    if target.exists():
        raise FileExistsError(errno.EEXIST, "a file of this name is there already")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + PART)
    part.unlink(missing_ok=True)
    try:
        yield part
        part.rename(target)
        sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)


def _with_request(folder: Path, row: CaptureRow) -> list[RawRecord]:
    found: list[RawRecord] = []
    for record in walk(find_file(folder, row.warc_file), start=row.warc_offset):
        if found and record.header("WARC-Concurrent-To") != found[0].header("WARC-Record-ID"):
            break
        found.append(record)
        if len(found) == 2:
            break
    if not found:
        raise StoreUnusable(f"the archive is damaged: {row.warc_file} at {row.warc_offset}: nothing is there")
    return found


def _bytes_of(folder: Path, row: CaptureRow, record: RawRecord) -> bytes:
    return read_member(
        folder,
        Place(file=row.warc_file, offset=record.offset, length=record.end - record.offset),
    )


def _write(target: Path, content: bytes) -> None:
    with finished(target) as path, path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
