"""What a killed run left of an archive: whole records are kept, a torn tail is cut, the file is sealed.

NAME.open --lock--> nobody writes it --walk--> whole | torn: cut --what has no row is adopted--> NAME
"""

import errno
import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingest.archive.file import OPEN, sync_folder
from ingest.archive.walk import walk
from ingest.errors import ArchiveDamaged, StoreUnusable


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A file that a run left: where it is until it is sealed, its final name, the bytes that were cut off."""

    path: Path
    name: str
    cut: int


def left_open(folder: Path, source: str) -> tuple[Path, ...]:
    """The files of a source that a writer began and did not seal, oldest first."""
    ours = re.compile(rf"THRESHER-{re.escape(source)}-\d{{17}}-.*\.warc\.gz{re.escape(OPEN)}")
    return tuple(sorted(path for path in folder.glob(f"*{OPEN}") if ours.fullmatch(path.name)))


@contextmanager
def recovering(path: Path, *, verified: int = 0) -> Iterator[Left | None]:
    """The file with its torn tail cut off; if the context ends well it gets its final name.

    None if a live process writes it, or nothing in it was whole and it was removed. ``verified`` is where
    a record is known to begin, and all before it to be whole.

    Raises:
        StoreUnusable: the disk does not let us.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError as exc:
        raise _failed(path, exc) from exc
    try:
        left = _cut(path, descriptor, verified)
        yield left
        if left is not None:
            _seal(left)
    except OSError as exc:
        raise _failed(path, exc) from exc
    finally:
        os.close(descriptor)


def whole_until(path: Path, start: int = 0) -> int:
    """The end of the last whole record; ``start`` if none begins there."""
    end = start
    try:
        for record in walk(path, start=start):
            end = record.end
    except ArchiveDamaged:
        pass
    return end


def _cut(path: Path, descriptor: int, verified: int) -> Left | None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    size = os.fstat(descriptor).st_size
    end = whole_until(path, min(verified, size))
    if not end:
        path.unlink()
        sync_folder(path.parent)
        return None
    os.ftruncate(descriptor, end)
    os.fsync(descriptor)
    return Left(path=path, name=path.name.removesuffix(OPEN), cut=size - end)


def _seal(left: Left) -> None:
    final = left.path.with_name(left.name)
    if final.exists():
        raise FileExistsError(errno.EEXIST, "a sealed file of this name is there already")
    left.path.rename(final)
    sync_folder(final.parent)


def _failed(path: Path, exc: OSError) -> StoreUnusable:
    return StoreUnusable(f"the archive cannot be recovered: {path}: {exc.strerror}")
