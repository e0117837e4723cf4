"""A machine whose every step can be its last: what a run does outside its memory, counted and broken.

    with Machine({7: "kill"}).at_work():
        rig.backfill(...)      # raises Killed at its eighth step; nothing after it reaches disk or network

A step is a statement or a commit of the database, a call on a file of the archive, a request or its answer, a
page to parse. Pages are parsed in this process: what a process of its own does for them is proved elsewhere.
"""

import errno
import os
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Self

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

import ingest.archive.recovery
import ingest.archive.warc.file
import ingest.pipeline.opening
from ingest.fetch.http.exchange import Exchange
from ingest.pipeline.parse.worker import parsed
from ingest.records.parse_input import ParseInput
from parsers.records import ParsedPage
from tests.kit.rig import Rig

Trouble = Literal["kill", "full", "eio"]
SAID_BY_SQLITE = {"full": "database or disk is full", "eio": "disk I/O error"}
NO_DISK = {"ask", "answered", "parse"}
ERRNO = {"full": errno.ENOSPC, "eio": errno.EIO}


class Killed(BaseException):
    """The machine is off: nothing in the program may catch this."""


Step = int | tuple[str, int]
"""The nth of all steps, or the nth of its name, the first being 0."""


class Machine:
    """``trouble`` says what happens at which step; ``steps`` has the names of those that were made.

    Whatever is written when it dies is written in part, at random. A trouble that does not concern a step,
    as a full disk does not concern a request, passes it by.
    """

    def __init__(self, trouble: Mapping[Step, Trouble] | None = None, *, seed: int = 0) -> None:
        self.trouble = dict(trouble or {})
        self.steps: list[str] = []
        self.met: list[str] = []
        self._made: Counter[str] = Counter()
        self.dead = False
        self._chance = random.Random(seed)

    @contextmanager
    def at_work(self) -> Iterator["Machine"]:
        """All that a run of this process does goes through it."""
        disk = _Disk(self)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ingest.archive.warc.file, "os", disk)
            patch.setattr(ingest.archive.recovery, "os", disk)
            patch.setattr(Path, "rename", self._named("rename", Path.rename))
            patch.setattr(Path, "unlink", self._named("unlink", Path.unlink))
            patch.setattr(Exchange, "ask", self._asking(Exchange.ask))
            patch.setattr(ingest.pipeline.opening, "Worker", lambda: PlainWorker(self))
            event.listen(Engine, "before_cursor_execute", self._statement)
            event.listen(Engine, "commit", self._commit)
            try:
                yield self
            finally:
                event.remove(Engine, "before_cursor_execute", self._statement)
                event.remove(Engine, "commit", self._commit)

    def step(self, name: str) -> Trouble | None:
        """Counts it; what is to go wrong with it. Raises Killed if it is the last, or long past it."""
        if self.dead:
            raise Killed
        trouble = self.trouble.get(len(self.steps)) or self.trouble.get((name, self._made[name]))
        self.steps.append(name)
        self._made[name] += 1
        if name in NO_DISK and trouble != "kill":
            return None
        if trouble is not None:
            self.met.append(f"{trouble} at {name}")
        if trouble == "kill":
            self.dead = True
            if name != "write":
                raise Killed
        return trouble

    def part_of(self, data: bytes) -> bytes:
        """So much of a write as reaches the disk."""
        return data[: self._chance.randrange(len(data) + 1)]

    def _statement(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self._database(f"sql {statement.split(None, 1)[0]}", statement)

    def _commit(self, _connection: object) -> None:
        self._database("sql COMMIT", "COMMIT")

    def _database(self, name: str, statement: str) -> None:
        trouble = self.step(name)
        if trouble is not None:
            raise OperationalError(statement, None, Exception(SAID_BY_SQLITE[trouble]))

    def _named(self, name: str, call: Any) -> Any:
        def called(path: Path, *more: Any, **named: Any) -> Any:
            if ".warc.gz" in path.name:
                trouble = self.step(name)
                if trouble is not None:
                    raise OSError(ERRNO[trouble], os.strerror(ERRNO[trouble]))
            return call(path, *more, **named)

        return called

    def _asking(self, ask: Any) -> Any:
        async def asked(exchange: Exchange, address: Any, **how: Any) -> Any:
            self.step("ask")
            answer = await ask(exchange, address, **how)
            self.step("answered")
            return answer

        return asked


class PlainWorker:
    """Parses where it is asked."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """There is no process to end."""

    def parse(self, question: ParseInput) -> ParsedPage:
        """What the page says."""
        self._machine.step("parse")
        return parsed(question)


class _Disk:
    """``os`` as the archive sees it."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def write(self, descriptor: int, data: bytes) -> int:
        trouble = self._machine.step("write")
        if trouble == "kill":
            os.write(descriptor, self._machine.part_of(data))
            raise Killed
        if trouble == "eio":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return os.write(descriptor, self._machine.part_of(data) if trouble == "full" else data)

    def fsync(self, descriptor: int) -> None:
        self._may_fail("fsync")
        os.fsync(descriptor)

    def ftruncate(self, descriptor: int, length: int) -> None:
        self._may_fail("ftruncate")
        os.ftruncate(descriptor, length)

    def _may_fail(self, name: str) -> None:
        trouble = self._machine.step(name)
        if trouble is not None:
            raise OSError(ERRNO[trouble], os.strerror(ERRNO[trouble]))


def steps_of(rig: Rig, *days: Any) -> list[str]:
    """The names of the steps of a backfill of these days, none of them troubled."""
    with Machine().at_work() as machine:
        rig.backfill(min(days), max(days))
    return machine.steps
