"""One log of all that a run does to its disk, in the true order: statements and calls on files.

The statements are those the store issues, as the driver gets them; ``powercut`` replays them on a SQLite
whose files lie in memory, so that the two become one log of writes and syncs.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from sqlalchemy import Connection, Engine, event

import ingest.archive.recovery
import ingest.archive.warc.file
from ingest.store.database.sqlite import WRITES


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One of a write transaction: its words, and one row of parameters or many."""

    words: str
    parameters: Any
    many: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOp:
    """A call on a file of the archive. ``data`` is what was written, ``to`` the new name of a renamed one."""

    kind: Literal["create", "write", "truncate", "sync", "rename", "unlink"]
    name: str
    offset: int = 0
    data: bytes = b""
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """Whoever waited for it was told that this page is had."""

    url: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The database was closed."""


Event = Statement | FileOp | Acknowledged | Closed


@dataclass(slots=True)
class Recorder:
    """Writes down what happens in its context; the calls are made all the same."""

    events: list[Event] = field(default_factory=list)
    _writer: Connection | None = None

    @contextmanager
    def listening(self) -> Iterator["Recorder"]:
        disk = _Disk(self)
        listeners = {
            "begin": self._begun,
            "before_cursor_execute": self._executed,
            "commit": self._committed,
            "rollback": self._rolled_back,
        }
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ingest.archive.warc.file, "os", disk)
            patch.setattr(ingest.archive.recovery, "os", disk)
            patch.setattr(Path, "rename", self._renaming(Path.rename))
            patch.setattr(Path, "unlink", self._unlinking(Path.unlink))
            for name, listener in listeners.items():
                event.listen(Engine, name, listener)
            try:
                yield self
            finally:
                for name, listener in listeners.items():
                    event.remove(Engine, name, listener)
        self.events.append(Closed())

    def _begun(self, connection: Connection) -> None:
        if connection.get_execution_options().get(WRITES):
            if self._writer is not None:
                raise AssertionError("two transactions write at once")
            self._writer = connection
            self.events.append(Statement(words="BEGIN IMMEDIATE", parameters=(), many=False))

    def _executed(
        self,
        connection: Connection,
        _cursor: object,
        words: str,
        parameters: Any,
        _context: object,
        many: bool,
    ) -> None:
        if connection is self._writer and not words.startswith("SELECT"):
            self.events.append(Statement(words=words, parameters=parameters, many=many))

    def _committed(self, connection: Connection) -> None:
        self._over(connection, "COMMIT")

    def _rolled_back(self, connection: Connection) -> None:
        self._over(connection, "ROLLBACK")

    def _over(self, connection: Connection, words: str) -> None:
        if connection is self._writer:
            self.events.append(Statement(words=words, parameters=(), many=False))
            self._writer = None

    def _renaming(self, rename: Any) -> Any:
        def renamed(path: Path, to: Path) -> Any:
            if ".warc.gz" in path.name:
                self.events.append(FileOp(kind="rename", name=path.name, to=Path(to).name))
            return rename(path, to)

        return renamed

    def _unlinking(self, unlink: Any) -> Any:
        def unlinked(path: Path, **more: bool) -> None:
            if ".warc.gz" in path.name:
                self.events.append(FileOp(kind="unlink", name=path.name))
            unlink(path, **more)

        return unlinked


class _Disk:
    """``os`` as the archive sees it: nothing is kept from it, everything is written down."""

    def __init__(self, recorder: Recorder) -> None:
        self._events = recorder.events
        self._names: dict[int, str] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def open(self, path: Path, flags: int, mode: int = 0o777) -> int:
        descriptor = os.open(path, flags, mode)
        self._names[descriptor] = "" if flags & os.O_DIRECTORY else Path(path).name
        if flags & os.O_CREAT:
            self._events.append(FileOp(kind="create", name=Path(path).name))
        return descriptor

    def write(self, descriptor: int, data: bytes) -> int:
        offset = os.fstat(descriptor).st_size
        written = os.write(descriptor, data)
        self._events.append(
            FileOp(kind="write", name=self._names[descriptor], offset=offset, data=bytes(data[:written]))
        )
        return written

    def fsync(self, descriptor: int) -> None:
        os.fsync(descriptor)
        self._events.append(FileOp(kind="sync", name=self._names[descriptor]))

    def ftruncate(self, descriptor: int, length: int) -> None:
        os.ftruncate(descriptor, length)
        self._events.append(FileOp(kind="truncate", name=self._names[descriptor], offset=length))
