"""The writer of an archive: it begins files, rotates them, and decides between a response and a revisit.

A capture that repeats an earlier payload becomes a revisit of the original, never of another revisit. The
first capture of a file, and every fiftieth of one payload, is a full response all the same: long chains break
the replay tools, and a file should not lean on others alone.
"""

import hashlib
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from ingest.archive.archive_file import find_file, local_folder
from ingest.archive.spool import upload_sealed
from ingest.archive.warc.digests import payload_sha1
from ingest.archive.warc.file import OpenFile
from ingest.archive.warc.place import Place
from ingest.archive.warc.records import Borrowed, Member, request_member, response_member, revisit_member
from ingest.errors import StoreUnusable
from ingest.records.archive_folder import ArchiveFolder, ObjectFolder
from ingest.records.capture import Capture
from ingest.records.pages import Original

# A gigabyte is the size that the WARC standard recommends.
FULL_FILE = 10**9
FULL_OBJECT = 64 * 10**6
SPOOLED = timedelta(seconds=600)
"""So long is a file written to in the spool before the store gets it, where other machines read it."""
IDLE = timedelta(seconds=600)
"""After so long without a record a file is not written to any more."""
MOST_REVISITS = 49
"""To one original, before a full response is written again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written(Place):
    """What was put on disk. ``refers_to`` is the capture that a revisit repeats, None for a response."""

    record_id: str
    payload_sha1: str
    refers_to: int | None


class ArchiveWriter:
    """Appends captures to new files of its own in ``folder``; a file begins with its first capture.

    Where that is in a store, a file is written in the spool, and uploaded when it is sealed.

    ``about`` goes into the warcinfo records. Before a record that finds the file with ``largest`` bytes, idle
    for ten minutes, or of an earlier UTC day, it is sealed and another begun. The time is the capture's, or
    that of its copying: what is copied of many old days stays together.

    A full disk or a failed fsync raises StoreUnusable, after which the writer must not be used: what a failed
    fsync left on disk is not known. A context that ends with an error leaves its file open for the
    recovery of the next run, as a capture in it may have no row.
    """

    def __init__(
        self,
        folder: ArchiveFolder,
        *,
        source: str,
        started_at: datetime,
        about: Mapping[str, str],
        largest: int | None = None,
    ) -> None:
        self._folder = folder
        in_store = isinstance(folder, ObjectFolder)
        self._source = source
        self._about = about
        self._begun_at = self._written_at = started_at
        self._largest = largest or (FULL_OBJECT if in_store else FULL_FILE)
        self._oldest = SPOOLED if in_store else None
        self._serial = 0
        self._file: OpenFile | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self.leave()

    @property
    def folder(self) -> ArchiveFolder:
        """Where its files are."""
        return self._folder

    def append(
        self, capture: Capture, original: Original | None = None, *, asked: str | None = None
    ) -> Written:
        """Put a capture and its request on disk; on return they are there to stay.

        ``asked`` is the address that was asked for; a redirect may have led to the capture's.

        ``original`` is a full response of the same address and payload, if the store knows one.
        """
        digest = payload_sha1(capture.wire_body)
        try:
            file = self._opened(capture.captured_at)
            repeated = original if original and self._may_repeat(original, capture, file) else None
            if repeated is not None:
                answer = revisit_member(capture, repeated.row, warcinfo_id=file.warcinfo_id)
            else:
                answer = response_member(capture, warcinfo_id=file.warcinfo_id, asked=asked)
            request = request_member(capture, warcinfo_id=file.warcinfo_id, concurrent_to=answer.record_id)
            return self._write(file, digest, repeated, answer, request)
        except OSError as exc:
            raise self._failed("written", exc) from exc

    def copy(self, capture: Capture, borrowed: Borrowed) -> Written:
        """Put a capture of others on disk, saying where it is from."""
        digest = payload_sha1(capture.wire_body)
        try:
            file = self._opened(borrowed.copied_at)
            answer = response_member(capture, warcinfo_id=file.warcinfo_id, borrowed=borrowed)
            return self._write(file, digest, None, answer)
        except OSError as exc:
            raise self._failed("written", exc) from exc

    def close(self) -> None:
        """Give the file its final name."""
        if self._file is None:
            return
        file, self._file = self._file, None
        try:
            file.seal()
        except OSError as exc:
            raise self._failed("closed", exc) from exc
        upload_sealed(self._folder)

    def leave(self) -> None:
        """Let go of the file as it is: the next run's recovery gives its row to whatever has none."""
        if self._file is not None:
            file, self._file = self._file, None
            file.leave()

    def _write(
        self, file: OpenFile, digest: str, repeated: Original | None, answer: Member, *more: Member
    ) -> Written:
        offset, *_ = file.write(answer, *more)
        file.captures += 1
        return Written(
            file=file.name,
            offset=offset,
            length=len(answer.data),
            record_id=answer.record_id,
            payload_sha1=digest,
            refers_to=repeated.capture_id if repeated is not None else None,
        )

    def _may_repeat(self, original: Original, capture: Capture, file: OpenFile) -> bool:
        row = original.row
        # The body as well: SHA-1 can be made to agree, and the same bytes can be coded otherwise.
        same = (row.payload_sha1, row.digest) == (
            payload_sha1(capture.wire_body),
            hashlib.sha256(capture.body).hexdigest(),
        )
        if not (same and file.captures and original.revisits < MOST_REVISITS):
            return False
        return find_file(self._folder, row.warc_file).exists()

    def _opened(self, at: datetime) -> OpenFile:
        # A capture may be older than its writer, and a clock can be set back: no file for that.
        at = max(at, self._written_at)
        if self._file is not None and self._is_over(self._file, at):
            over, self._file = self._file, None
            over.seal()
            upload_sealed(self._folder)
        if self._file is None:
            self._serial += 1
            self._begun_at = at
            self._file = OpenFile(local_folder(self._folder), self._name(), about=self._about, at=at)
        self._written_at = at
        return self._file

    def _is_over(self, file: OpenFile, at: datetime) -> bool:
        another_day = at.astimezone(UTC).date() != self._begun_at.astimezone(UTC).date()
        old = self._oldest is not None and at - self._begun_at >= self._oldest
        return file.end >= self._largest or another_day or old or at - self._written_at >= IDLE

    def _name(self) -> str:
        stamp = self._begun_at.strftime("%Y%m%d%H%M%S") + f"{self._begun_at.microsecond // 1000:03}"
        # A dot could be read as the beginning of a revision's number: ".r2".
        host = "".join(c if c.isalnum() else "-" for c in platform.node()) or "host"
        return f"THRESHER-{self._source}-{stamp}-{self._serial:05}-{os.getpid():05}-{host}.warc.gz"

    def _failed(self, what: str, exc: OSError) -> StoreUnusable:
        return StoreUnusable(
            f"the archive cannot be {what}: {local_folder(self._folder) / self._name()}: {exc.strerror}"
        )
