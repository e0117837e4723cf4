"""The one writer of one WARC file."""

import errno
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from ingest.archive.records import capture_members, warcinfo_member
from ingest.capture import Capture
from ingest.errors import StoreUnusable

OPEN = ".open"
"""A file that is still written to has this behind its name; indexers pass it over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a capture's response record lies: a file's final name, and its member's bytes in it."""

    file: str
    offset: int
    length: int


class ArchiveWriter:
    """Appends captures to a new file of its own in ``folder``; the file begins with the first capture.

    ``about`` goes into the warcinfo record. A full disk or a failed fsync raises StoreUnusable, after
    which the writer must not be used: what a failed fsync left on disk is not known.
    """

    def __init__(self, folder: Path, *, source: str, started_at: datetime, about: Mapping[str, str]) -> None:
        stamp = started_at.strftime("%Y%m%d%H%M%S") + f"{started_at.microsecond // 1000:03}"
        host = "".join(c if c.isalnum() else "-" for c in platform.node()) or "host"
        self._folder = folder
        self._name = f"THRESHER-{source}-{stamp}-{os.getpid():05}-{host}.warc.gz"
        self._about = about
        self._started_at = started_at
        self._warcinfo_id = ""
        self._descriptor: int | None = None
        self._end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def append(self, capture: Capture) -> Place:
        """Put a capture on disk; on return it is there to stay."""
        try:
            if self._descriptor is None:
                self._open()
            response, request = capture_members(capture, warcinfo_id=self._warcinfo_id)
            place = Place(file=self._name, offset=self._end, length=len(response))
            self._write(response)
            self._write(request)
            os.fsync(self._opened())
        except OSError as exc:
            raise StoreUnusable(f"the archive cannot be written: {self._path(OPEN)}: {exc.strerror}") from exc
        return place

    def close(self) -> None:
        """Give the file its final name."""
        if self._descriptor is None:
            return
        descriptor, self._descriptor = self._descriptor, None
        try:
            os.close(descriptor)
            if self._end:
                self._path(OPEN).rename(self._path())
            else:
                self._path(OPEN).unlink()  # a full disk took not even the first record
            self._sync_folder()
        except OSError as exc:
            raise StoreUnusable(f"the archive cannot be closed: {self._path(OPEN)}: {exc.strerror}") from exc

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._path().exists():
            # Its name at the end: a clock set back and a process id that came again must not cost a file.
            raise FileExistsError(errno.EEXIST, "a file of this name is there already")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        self._descriptor = os.open(self._path(OPEN), flags, 0o644)
        self._sync_folder()
        member, self._warcinfo_id = warcinfo_member(self._about, file=self._name, at=self._started_at)
        self._write(member)

    def _write(self, member: bytes) -> None:
        written = os.write(self._opened(), member)
        if written != len(member):
            # A full disk takes a part: cut it off, so that the file ends with a whole member.
            os.ftruncate(self._opened(), self._end)
            raise OSError(0, f"only {written} of {len(member)} bytes could be written")
        self._end += written

    def _opened(self) -> int:
        if self._descriptor is None:
            raise OSError(0, "the file is closed")
        return self._descriptor

    def _path(self, suffix: str = "") -> Path:
        return self._folder / (self._name + suffix)

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
