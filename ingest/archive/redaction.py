"""An archive file written anew without the bodies of some captures; everything else as it was, byte for byte.

    NAME.warc.gz --copied, stubs between--> NAME.r1.warc.gz.part --fsync, rename--> NAME.r1.warc.gz
                 --the index points there--> NAME.warc.gz is removed

For what stands in a capture's place see ``stub``. Whenever the process is killed, the index points into a
whole file; of two revisions, the one that the index does not name is left over.
"""

import errno
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from ingest.archive.archive_file import OPEN, files
from ingest.archive.warc.file import sync_folder
from ingest.archive.warc.place import Place
from ingest.archive.warc.records import Member
from ingest.archive.warc.stub import stub_of
from ingest.errors import Busy, StoreUnusable
from ingest.records.archive_folder import ArchiveFolder
from ingest.records.file_rights import OWNERS_FILE
from ingest.records.pages import Moved

PART = ".part"
PIECE = 1024 * 1024
# THRESHER-quay-20240501060000000-00001-04711-host.r2.warc.gz
REVISED = re.compile(r"(?P<stem>THRESHER-.+?)(?:\.r(?P<number>[1-9]\d*))?\.warc\.gz")
"""A host's points are written as dashes: no other name ends like this."""


def next_name(file: str) -> str:
    """The name of a file's next revision."""
    found = REVISED.fullmatch(file)
    if found is None:
        raise StoreUnusable(f"{file} is no file that thresher wrote")
    return f"{found['stem']}.r{int(found['number'] or 0) + 1}.warc.gz"


def require_sealed(folder: Path, names: Iterable[str]) -> None:
    """Raises Busy if a file is still written to, or was left open by a killed run."""
    for name in names:
        if (folder / (name + OPEN)).exists():
            raise Busy(f"{name} is not closed yet: the next harvest closes what a killed run left open")


def rewrite(
    folder: Path, file: str, places: Iterable[Place], redacted: Mapping[int, str], *, at: datetime
) -> dict[int, Moved]:
    """Write the file's next revision beside it; return the new place of each of ``places``, by old offset.

    ``redacted`` are the reasons, by offset, of the records that a stub replaces. On return the new file is
    synced to disk; the old one is untouched.

    Raises:
        StoreUnusable: the disk cannot be written, or a record is not where the index says.
    """
    path, target = folder / file, folder / next_name(file)
    # The old file is read from its beginning to its end, once.
    ordered = sorted(places, key=lambda place: place.offset)
    stubs = {
        place.offset: (stub_of(path, place, reason=redacted[place.offset], at=at), redacted[place.offset])
        for place in ordered
        if place.offset in redacted
    }
    part = target.with_name(target.name + PART)
    try:
        with path.open("rb") as source, _beside(part, source) as sink:
            moved = _copy(source, sink, ordered, stubs)
            sink.flush()
            # Before the rename: after a power cut a name must not lead to a file without its bytes.
            os.fsync(sink.fileno())
        part.rename(target)
        sync_folder(folder)
    except OSError as exc:
        part.unlink(missing_ok=True)
        raise StoreUnusable(f"the archive cannot be rewritten: {path}: {exc.strerror}") from exc
    return moved


def _beside(part: Path, source: BinaryIO) -> BinaryIO:
    """A new file with the rights of the old one, before there is anything to read in it."""
    part.unlink(missing_ok=True)
    sink = os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNERS_FILE), "wb")
    os.fchmod(sink.fileno(), stat.S_IMODE(os.fstat(source.fileno()).st_mode))
    return sink


def remove(folder: Path, names: Iterable[str]) -> None:
    """Take files away that others have replaced. Raises StoreUnusable."""
    try:
        for name in names:
            (folder / name).unlink(missing_ok=True)
        if folder.is_dir():
            sync_folder(folder)
    except OSError as exc:
        raise StoreUnusable(f"the archive cannot be rewritten: {folder}: {exc.strerror}") from exc


def left_over(folder: ArchiveFolder, is_indexed: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """What a killed run left: a file, and the revision before or behind it that the index points into."""
    names = {path.name for path in files(folder)}
    for earlier in sorted(names):
        if REVISED.fullmatch(earlier) is None or (later := next_name(earlier)) not in names:
            continue
        # Killed behind the index's change, or before it.
        if is_indexed(later):
            yield earlier, later
        elif is_indexed(earlier):
            yield later, earlier


def superseded(folder: ArchiveFolder, is_indexed: Callable[[str], bool]) -> frozenset[str]:
    """The files whose captures another revision has too, and which are not to be read: see ``left_over``.

    If the index has neither, as after its loss, the later one counts: it got its name only when it was whole.
    """
    names = {path.name for path in files(folder)}
    revised = {name for name in names if REVISED.fullmatch(name) is not None}
    earlier = {name for name in revised if next_name(name) in names and not is_indexed(name)}
    return frozenset(earlier | {name for name, _ in left_over(folder, is_indexed)})


def left_by_a_kill(folder: Path, source: str, is_indexed: Callable[[str], bool]) -> tuple[str, ...]:
    """The files of a source that may be removed: ``left_over``, and revisions that are not finished."""
    ours = re.compile(rf"THRESHER-{re.escape(source)}-\d{{17}}-.*\.warc\.gz")
    unfinished = {path.name for path in folder.glob(f"*{PART}") if path.is_file()}
    names = unfinished | {name for name, _ in left_over(folder, is_indexed)}
    return tuple(sorted(name for name in names if ours.fullmatch(name.removesuffix(PART))))


def _copy(
    source: BinaryIO, sink: BinaryIO, places: Iterable[Place], stubs: Mapping[int, tuple[Member, str]]
) -> dict[int, Moved]:
    moved: dict[int, Moved] = {}
    for place in places:
        _copy_until(source, sink, place.offset)
        offset = sink.tell()
        if place.offset not in stubs:
            moved[place.offset] = Moved(offset=offset, length=place.length)
            continue
        stub, reason = stubs[place.offset]
        sink.write(stub.data)
        source.seek(place.offset + place.length)
        moved[place.offset] = Moved(offset=offset, length=len(stub.data), stub=stub.record_id, reason=reason)
    shutil.copyfileobj(source, sink, PIECE)
    return moved


def _copy_until(source: BinaryIO, sink: BinaryIO, offset: int) -> None:
    while (left := offset - source.tell()) > 0:
        piece = source.read(min(left, PIECE))
        if not piece:
            raise OSError(errno.EIO, f"the file ends before {offset}")
        sink.write(piece)
