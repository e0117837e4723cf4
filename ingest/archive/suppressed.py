"""What was taken down, remembered beside the WARC files: a database made anew from them must leave it out.

    suppressed.jsonl    one JSON object a line: source, article, comment (or null), reason, suppressed_at

A line is on disk before the database is changed, so that a takedown that was acknowledged is in the file. A
last line without its end was never acknowledged: it is passed over, and cut off when the next is written.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from ingest.archive.warc.file import make_folder, share, sync_folder
from ingest.errors import StoreUnusable
from ingest.records.file_rights import OWNERS_FILE
from ingest.records.takedown import TakedownTarget, TakenDown

log = logging.getLogger(__name__)

FILE = "suppressed.jsonl"


def read_suppressed(folder: Path) -> tuple[TakenDown, ...] | None:
    """What was taken down, the first first, each target once; None if there is no such file.

    Raises:
        StoreUnusable: the file cannot be read, or a whole line of it is no takedown.
    """
    path = folder / FILE
    try:
        lines = path.read_bytes().split(b"\n")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as exc:
        raise StoreUnusable(f"{path} cannot be read: {exc.strerror}") from exc
    if lines.pop():
        log.warning("%s: the last line is torn and is passed over: it was never acknowledged", path)
    found: dict[TakedownTarget, TakenDown] = {}
    for number, line in enumerate(lines, 1):
        takedown = _takedown(line, f"{path}, line {number}")
        found.setdefault(takedown.what, takedown)
    return tuple(found.values())


def append_suppressed(folder: Path, takedowns: Iterable[TakenDown]) -> None:
    """Add lines; on return they are on disk to stay. Raises StoreUnusable."""
    data = b"".join(_line(takedown) for takedown in takedowns)
    if not data:
        return
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
