"""What a killed run left of an archive: whole records are kept, a torn tail is cut, the file is sealed.

NAME.open --lock--> nobody writes it --walk--> whole | torn: cut --what has no row is adopted--> NAME

Between the listing of a folder and the lock the owner may seal its file, or another run recover it: only
the file that still has its name once it is locked is changed, and none that is linked to from elsewhere.
"""

import errno
import fcntl
import logging
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingest.archive.archive_file import OPEN, local_folder
from ingest.archive.warc.file import is_at, sync_folder
from ingest.archive.warc.walk import walk
from ingest.errors import ArchiveDamaged, StoreUnusable
from ingest.records.archive_folder import ArchiveFolder

log = logging.getLogger(__name__)


NO_FILE_OF_OURS = (errno.ENOENT, errno.ELOOP, errno.EISDIR, errno.ENXIO)
"""Gone, and so sealed by its owner or by another run; a link; a folder; a socket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A file that a run left: where it is until it is sealed, its final name, the bytes that were cut off."""

    path: Path
    name: str
    cut: int


def left_open(folder: ArchiveFolder, source: str) -> tuple[Path, ...]:
    """The files of a source that a writer began and did not seal, oldest first."""
    # THRESHER-quay-20240501060000000-00001-04711-host.warc.gz.open
    ours = re.compile(rf"THRESHER-{re.escape(source)}-\d{{17}}-.*\.warc\.gz{re.escape(OPEN)}")
    named = (path for path in local_folder(folder).glob(f"*{OPEN}") if ours.fullmatch(path.name))
    return tuple(sorted(path for path in named if path.is_file() and not path.is_symlink()))


@contextmanager
def recovering(path: Path, *, verified: Callable[[], int] = lambda: 0) -> Iterator[Left | None]:
    """The file with its torn tail cut off; if the context ends well it gets its final name.

    None if a live process writes it or has sealed it, or nothing in it was whole and it was removed.
    ``verified`` is asked once the file is locked: where a record is known to begin, and all before it to
    be whole.

    Raises:
        StoreUnusable: the folder cannot be read or written.
    """
    try:
        with _locked(path) as descriptor:
            left = None if descriptor is None else _cut(path, descriptor, verified())
            yield left
            if left is not None and descriptor is not None:
                _seal(left, descriptor)
    except OSError as exc:
        raise _failed(path, exc) from exc


def whole_until(path: Path, start: int = 0) -> int:
    """The end of the last whole record; ``start`` if none begins there."""
    end = start
    try:
        for record in walk(path, start=start):
            end = record.end
    except ArchiveDamaged:
        pass
    return end


@contextmanager
def _locked(path: Path) -> Iterator[int | None]:
    """The descriptor of a file that nobody else writes and that is still at its path, or None."""
    try:
        # O_NOFOLLOW: a link would cut a file elsewhere; O_NONBLOCK: opening a pipe would wait for ever.
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as exc:
        if exc.errno not in NO_FILE_OF_OURS:
            raise
        yield None
        return
    try:
        yield descriptor if _is_left(path, descriptor) else None
    finally:
        os.close(descriptor)


def _is_left(path: Path, descriptor: int) -> bool:
    try:
        # The lock of a killed process is gone with it.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    here = os.fstat(descriptor)
    if not (path.name.endswith(OPEN) and stat.S_ISREG(here.st_mode) and is_at(path, descriptor)):
        return False
    if here.st_nlink > 1:
        log.warning("%s: has another name as well and is left as it is: cutting it would cut both", path)
        return False
    return True


def _cut(path: Path, descriptor: int, verified: int) -> Left | None:
    name = path.name.removesuffix(OPEN)
    if path.with_name(name).exists():
        # Before anything in it gets a row: the row would lead into the other file.
        raise FileExistsError(errno.EEXIST, "a sealed file of this name is there already")
    size = os.fstat(descriptor).st_size
    end = whole_until(path, min(verified, size))
    _require_name(path, descriptor)
    if not end:
        # Not even its warcinfo record was whole.
        path.unlink()
        sync_folder(path.parent)
        return None
    if end < size:
        os.ftruncate(descriptor, end)
    os.fsync(descriptor)
    return Left(path=path, name=name, cut=size - end)


def _seal(left: Left, descriptor: int) -> None:
    final = left.path.with_name(left.name)
    _require_name(left.path, descriptor)
    left.path.rename(final)
    sync_folder(final.parent)


def _require_name(path: Path, descriptor: int) -> None:
    if not is_at(path, descriptor):
        raise FileNotFoundError(errno.ENOENT, "the file was removed or replaced while it was recovered")


def _failed(path: Path, exc: OSError) -> StoreUnusable:
    return StoreUnusable(f"the archive cannot be recovered: {path}: {exc.strerror}")
