"""Copies of records as a WARC file of their own, with an index beside it."""

import errno
import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from ingest.archive.archive_file import find_file
from ingest.archive.export.cdxj import Lines, cdxj_line
from ingest.archive.reader import read_member
from ingest.archive.warc.file import make_folder, share, sync_folder
from ingest.archive.warc.place import Place
from ingest.archive.warc.records import warcinfo_member
from ingest.archive.warc.walk import RawRecord, walk
from ingest.errors import StoreUnusable
from ingest.records.archive_folder import ArchiveFolder
from ingest.records.file_rights import OWNERS_FILE
from ingest.records.pages import CaptureRow

PART = ".part"
"""Behind the name of a file that is not finished."""


def export_warc(
    folder: ArchiveFolder, rows: Iterable[CaptureRow], target: Path, *, about: Mapping[str, str], at: datetime
) -> tuple[int, int]:
    """Copy the captures with their requests, byte for byte; return how many captures and how many bytes.

    The index is written beside it. Raises StoreUnusable; ArchiveDamaged if a capture is not whole.
    """
    try:
        with Lines(target.parent) as lines:
            with finished(target) as path, begun(path) as file:
                end = file.write(warcinfo_member(about, file=target.name, at=at).data)
                for row in rows:
                    answer, *more = _with_request(folder, row)
                    captured_at = row.captured_at
                    lines.add(cdxj_line(answer, captured_at=captured_at, file=target.name, offset=end))
                    for record in (answer, *more):
                        end += file.write(_bytes_of(folder, row, record))
                file.flush()
                os.fsync(file.fileno())
            _write(index_path(target), lines)
    except OSError as exc:
        raise StoreUnusable(f"cannot be exported: {target}: {exc.strerror}") from exc
    return lines.count, end


def export_cdxj(folder: ArchiveFolder, rows: Iterable[CaptureRow], target: Path) -> int:
    """Write an index of the captures' places in the archive; return how many lines it has."""
    try:
        make_folder(target.parent)
        with Lines(target.parent) as lines:
            for row in rows:
                answer = _with_request(folder, row)[0]
                lines.add(
                    cdxj_line(answer, captured_at=row.captured_at, file=row.warc_file, offset=row.warc_offset)
                )
            _write(target, lines)
    except OSError as exc:
        raise StoreUnusable(f"cannot be exported: {target}: {exc.strerror}") from exc
    return lines.count


def index_path(warc: Path) -> Path:
    """The path of a WARC file's index: beside the file."""
    return warc.with_name(warc.name.removesuffix(".gz").removesuffix(".warc") + ".cdxj")


@contextmanager
def finished(target: Path, *, replaces: bool = False) -> Iterator[Path]:
    """Yield a file to write to; it gets its final name only on success.

    It never takes another file's place, unless it ``replaces``, and never that of an export at work.
    """
    if target.exists() and not replaces:
        raise FileExistsError(errno.EEXIST, "a file of this name is there already")
    make_folder(target.parent)
    part = target.with_name(target.name + PART)
    _clear(part)
    try:
        yield part
        # Whoever looks sees no file, or the whole of it.
        part.rename(target)
        sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)


def _clear(part: Path) -> None:
    """Remove what a killed export left; FileExistsError if another is writing it."""
    with suppress(FileNotFoundError), part.open("rb") as left:
        try:
            fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise FileExistsError(errno.EEXIST, "another export is writing it") from exc
        part.unlink()


def _with_request(folder: ArchiveFolder, row: CaptureRow) -> list[RawRecord]:
    found: list[RawRecord] = []
    for record in walk(find_file(folder, row.warc_file), start=row.warc_offset):
        # A request stands right behind its response; what follows else is another capture's.
        if found and record.header("WARC-Concurrent-To") != found[0].header("WARC-Record-ID"):
            break
        found.append(record)
        if len(found) == 2:
            break
    if not found:
        raise StoreUnusable(f"the archive is damaged: {row.warc_file} at {row.warc_offset}: nothing is there")
    return found


def _bytes_of(folder: ArchiveFolder, row: CaptureRow, record: RawRecord) -> bytes:
    return read_member(
        folder,
        Place(file=row.warc_file, offset=record.offset, length=record.end - record.offset),
    )


def begun(path: Path) -> BinaryIO:
    """A new file, open to be written; it is its owner's alone, unless its folder is a group's."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNERS_FILE)
    fcntl.flock(descriptor, fcntl.LOCK_EX)  # it ends with the process
    share(descriptor, path.parent)
    return os.fdopen(descriptor, "wb")


def _write(target: Path, lines: Lines) -> None:
    with finished(target) as path, begun(path) as file:
        file.writelines(lines.in_order())
        file.flush()
        os.fsync(file.fileno())
