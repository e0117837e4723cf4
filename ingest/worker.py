"""A process that parses, with a limit on its memory and on its time.

A crafted page of 82 kB can take 43 seconds and 5 GB (notes of the parser's own project), and neither a
thread nor a signal can stop it: a process can be killed. It is started once and asked again and again.
"""

import logging
import multiprocessing
import resource
import signal
import threading
import traceback
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

from ingest.errors import WorkerFailed
from parsers.errors import ThresherError
from parsers.records import ParsedPage
from parsers.registry import source_named

log = logging.getLogger(__name__)

MEBIBYTE = 1024 * 1024

_census = threading.Lock()
"""multiprocessing keeps its list of children, and waits for them, without a lock of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLimits:
    """Seconds a page may take to parse, and bytes of address space the process may have."""

    seconds: float = 20.0
    memory: int = 1024 * MEBIBYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One page to parse, see ``Source.parse``."""

    source: str
    body: bytes
    url: str
    captured_at: datetime
    content_type: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """An error that no pack should raise: what it says, and where it came from."""

    words: str
    trace: str


class Worker:
    """A context manager; after a failure the next page gets a fresh process."""

    def __init__(self, limits: WorkerLimits | None = None) -> None:
        self._limits = limits or WorkerLimits()
        self._context = multiprocessing.get_context("spawn")
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop(patience=1.0)

    def parse(self, question: Question) -> ParsedPage:
        """What the page says.

        Raises:
            ParseError, AddressUnknown: see ``Source.parse``.
            WorkerFailed: the page took too long or too much memory, or ended the process.
        """
        try:
            pipe = self._pipe or self._start()
            pipe.send(question)
            answer = pipe.recv() if pipe.poll(self._limits.seconds) else None
        except (EOFError, OSError) as exc:
            self._stop()
            raise WorkerFailed("parsing the page ended its process", question.url) from exc
        if answer is None:
            self._stop()
            raise WorkerFailed(f"parsing the page took over {self._limits.seconds:g} s", question.url)
        if isinstance(answer, ParsedPage):
            return answer
        if isinstance(answer, ThresherError):
            raise answer
        if isinstance(answer, Bug):
            log.error("a bug in the parser of %s failed %s\n%s", question.source, question.url, answer.trace)
        # After a lack of memory nobody knows what the process is still good for.
        self._stop()
        words = answer.words if isinstance(answer, Bug) else answer
        raise WorkerFailed(f"parsing the page failed: {words}", question.url)

    def _start(self) -> Connection:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(theirs, self._limits.memory), daemon=True)
        # Ctrl-C reaches the whole process group, and the child before it can ignore it: it inherits the mask.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            with _census:
                process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        self._process, self._pipe = process, ours
        return ours

    def _stop(self, *, patience: float = 0.0) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            with _census:
                self._process.join(patience)  # an idle one ends by itself when its pipe is closed
                self._process.kill()
                self._process.join()
                self._process.close()
        self._pipe = self._process = None


def _serve(pipe: Connection, memory: int) -> None:
    """Answer until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    while True:
        try:
            question: Question = pipe.recv()
        except EOFError:
            return
        pipe.send(_answer(question))


def _answer(question: Question) -> ParsedPage | ThresherError | Bug | str:
    try:
        return source_named(question.source).parse(
            question.body,
            url=question.url,
            captured_at=question.captured_at,
            content_type=question.content_type,
        )
    except ThresherError as error:
        return error
    except MemoryError:
        return "it took too much memory"
    except Exception as error:  # noqa: BLE001 - the page must not end the process: its fault is told
        return Bug(words=f"{type(error).__name__}: {error}", trace=traceback.format_exc())
