"""What was taken down, remembered beside the WARC files: a database made anew from them must leave it out.

    suppressed.jsonl    one JSON object a line: source, article, comment (or null), reason, suppressed_at

A line is on disk before the database is changed, so that a takedown that was acknowledged is in the file. A
last line without its end was never acknowledged: it is passed over, and cut off when the next is written.
Nothing can be added to an object of a store: there each line is an object of its own, ``suppressed.*.jsonl``,
which is read in a folder too, for one may have been copied from a store.
"""

import fcntl
import hashlib
import json
import logging
import os
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from ingest.archive import object_store
from ingest.archive.warc.file import make_folder, share, sync_folder
from ingest.errors import StoreUnusable
from ingest.records.archive_folder import ArchiveFolder, ObjectFolder
from ingest.records.file_rights import OWNERS_FILE
from ingest.records.takedown import TakedownTarget, TakenDown

log = logging.getLogger(__name__)

STEM = "suppressed"
FILE = f"{STEM}.jsonl"
# "suppressed.20240501060000-0123456789abcdef.jsonl", one a line where files cannot grow
NAME = re.compile(rf"{STEM}(?:\.\d{{14}}-[0-9a-f]{{16}})?\.jsonl")


def read_suppressed(folder: ArchiveFolder) -> tuple[TakenDown, ...] | None:
    """What was taken down, the first first, each target once; None if there is no such file.

    Raises:
        StoreUnusable: the folder or the file cannot be read, or a whole line of it is no takedown.
    """
    takedowns: list[TakenDown] = []
    is_there = False
    for named, content in _in_store(folder) if isinstance(folder, ObjectFolder) else _in_folder(folder):
        is_there = True
        takedowns += _takedowns(named, content)
    found: dict[TakedownTarget, TakenDown] = {}
    for takedown in sorted(takedowns, key=lambda one: one.suppressed_at):
        # The first reason and moment stay: those after it only repeat it.
        found.setdefault(takedown.what, takedown)
    return tuple(found.values()) if is_there else None


def suppressed_files(folder: Path) -> tuple[Path, ...]:
    """The files of a folder that takedowns are in; none if there is no folder.

    Raises:
        StoreUnusable: the folder cannot be listed.
    """
    try:
        return tuple(sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name)))
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as exc:
        # An empty answer would bring back what was taken down.
        raise StoreUnusable(f"{folder} cannot be read: {exc.strerror}") from exc


def _in_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in suppressed_files(folder):
        try:
            yield str(path), path.read_bytes()
        except FileNotFoundError:
            continue
        except OSError as exc:
            raise StoreUnusable(f"{path} cannot be read: {exc.strerror}") from exc


def _in_store(folder: ObjectFolder) -> Iterator[tuple[str, bytes]]:
    for name, _ in object_store.listed(folder, STEM):
        if NAME.fullmatch(name):
            yield f"{folder}/{name}", object_store.whole(folder, name)


def _takedowns(named: str, content: bytes) -> Iterator[TakenDown]:
    lines = content.split(b"\n")
    # Every line ends with a line feed: what follows the last one is half a line.
    if lines.pop():
        log.warning("%s: the last line is torn and is passed over: it was never acknowledged", named)
    for number, line in enumerate(lines, 1):
        yield _takedown(line, f"{named}, line {number}")


def append_suppressed(folder: ArchiveFolder, takedowns: Iterable[TakenDown]) -> None:
    """Add lines; on return they are on disk, or in the store, to stay.

    Raises:
        StoreUnusable: the folder cannot be written.
        ArchiveUnreachable: the store cannot.
    """
    lines = [(takedown, _line(takedown)) for takedown in takedowns]
    if isinstance(folder, ObjectFolder):
        for takedown, line in lines:
            _put(folder, takedown, line)
    elif lines:
        _append_to_file(folder, b"".join(line for _, line in lines))


def _put(folder: ObjectFolder, takedown: TakenDown, line: bytes) -> None:
    stamp, digest = f"{takedown.suppressed_at:%Y%m%d%H%M%S}", hashlib.sha256(line).hexdigest()
    name = f"{STEM}.{stamp}-{digest[:16]}.jsonl"
    if not (object_store.put_new(folder, name, line) or object_store.has(folder, name, line)):
        raise StoreUnusable(f"{folder}/{name} is there and says something else")


def _append_to_file(folder: Path, data: bytes) -> None:
    path = folder / FILE
    try:
        make_folder(folder)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, OWNERS_FILE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            _append(descriptor, data, folder)
        finally:
            os.close(descriptor)
        sync_folder(folder)
    except OSError as exc:
        raise StoreUnusable(f"{path} cannot be written: {exc.strerror}") from exc


def _append(descriptor: int, data: bytes, folder: Path) -> None:
    size = os.fstat(descriptor).st_size
    if not size:
        share(descriptor, folder)
    end = os.pread(descriptor, size, 0).rfind(b"\n") + 1
    os.ftruncate(descriptor, end)
    left = memoryview(data)
    while left:
        # A signal or a disk that is nearly full can end a write early.
        written = os.pwrite(descriptor, left, end)
        end, left = end + written, left[written:]
    os.fsync(descriptor)


def _line(takedown: TakenDown) -> bytes:
    what = takedown.what
    fields = {
        "source": what.source,
        "article": what.article,
        "comment": what.comment,
        "reason": takedown.reason,
        "suppressed_at": takedown.suppressed_at.isoformat(),
    }
    return json.dumps(fields).encode() + b"\n"


def _takedown(line: bytes, named: str) -> TakenDown:
    try:
        fields = json.loads(line)
        what = TakedownTarget(source=fields["source"], article=fields["article"], comment=fields["comment"])
        at = datetime.fromisoformat(fields["suppressed_at"])
        return TakenDown(what=what, reason=fields["reason"], suppressed_at=at)
    except (KeyError, TypeError, ValueError) as exc:
        raise StoreUnusable(f"{named}: is no takedown: mend or remove the line") from exc
