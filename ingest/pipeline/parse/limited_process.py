"""A process of our own that answers questions, with a limit on its memory and on its time.

A crafted page of 82 kB can take 43 seconds and 5 GB (notes of the parser's own project), and neither a
thread nor a signal can stop it: a process can be killed. It is started once and asked again and again; after
a failure the next question gets a fresh one.
"""

import fcntl
import gc
import logging
import multiprocessing
import os
import resource
import signal
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from pathlib import Path
from pickle import UnpicklingError
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

from ingest.errors import WorkerFailed
from ingest.records.archive_folder import ArchiveFolder, ObjectFolder
from parsers.errors import ThresherError
from parsers.registry import configure, configured
from parsers.source import Site

log = logging.getLogger(__name__)

THREADS = Path("/proc/self/task")
"""Where Linux lists them; elsewhere libraries of the system begin threads of their own."""
MEBIBYTE = 1024 * 1024
TRIES = 3
"""So often may a page end its process."""
FROM_A_STORE = 120.0
"""Seconds that reading a page may take in addition: a few requests, each with its retries."""
STARTING = 60.0
"""Seconds that a process may take to start: its time with a page begins when it is there."""

_census = threading.Lock()
"""multiprocessing keeps its list of children, and waits for them, without a lock of its own."""


class Question(Protocol):
    """Whatever can be pickled and names the page it is about."""

    @property
    def url(self) -> str: ...


QuestionT = TypeVar("QuestionT", bound=Question)
AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLimits:
    """Seconds a page may take, and bytes of address space the process may have."""

    seconds: float = 20.0
    memory: int = 1024 * MEBIBYTE


def limits_for(folder: ArchiveFolder, limits: WorkerLimits | None = None) -> WorkerLimits:
    """Those of a process that reads the page out of the archive as well, which a store takes its time for."""
    limits = limits or WorkerLimits()
    if isinstance(folder, ObjectFolder):
        return replace(limits, seconds=limits.seconds + FROM_A_STORE)
    return limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Generic[AnswerT]):
    """The answer to a question."""

    value: AnswerT


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lost:
    """An error after which nobody knows what the process is still good for; ``trace`` if it is a bug."""

    words: str
    trace: str | None = None


class _Ended(WorkerFailed):
    """The process is gone, and nobody said why."""


class LimitedProcess(Generic[QuestionT, AnswerT]):
    """A context manager. ``answer`` is pickled into the process and called there, once a question.

    With ``may_fork`` it is a copy of this process, which is there at once, where this one has no threads.
    """

    def __init__(
        self,
        answer: Callable[[QuestionT], AnswerT],
        limits: WorkerLimits | None = None,
        *,
        may_fork: bool = False,
    ) -> None:
        self._answer = answer
        self._limits = limits or WorkerLimits()
        self._may_fork = may_fork
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None
        self._asked = False
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        # Another thread waits for an answer: only the process may be touched here.
        if self._asked:
            self._break_off()
        else:
            self._stop(timeout=1.0)

    def ask(self, questions: Sequence[QuestionT]) -> Iterator[Answered[AnswerT] | ThresherError]:
        """An answer or an error to each question, in order.

        WorkerFailed: it took too long or too much memory, or ended its process three times.
        """
        done, deaths = 0, 0
        self._asked = True
        try:
            while done < len(questions):
                for answer in self._answers(questions[done:]):
                    if isinstance(answer, _Ended) and deaths < TRIES - 1 and not self._closed:
                        # Whatever else happened to the process need not be the page's fault.
                        deaths += 1
                        break
                    # Counted first: whoever asks may not come back for the next.
                    done, deaths = done + 1, 0
                    yield answer
        finally:
            self._asked = False
            if done < len(questions) or self._closed:
                self._stop()

    def _answers(self, questions: Sequence[QuestionT]) -> Iterator[Answered[AnswerT] | ThresherError]:
        """As many as the process lives for, its last words included."""
        if self._closed:
            yield self._ended(questions[0])
            return
        try:
            pipe = self._pipe or self._start()
            pipe.send(questions)
        except (EOFError, OSError):
            yield self._ended(questions[0])
            return
        for question in questions:
            yield self._answer_to(pipe, question)
            if self._pipe is None:
                return

    def _answer_to(self, pipe: Connection, question: QuestionT) -> Answered[AnswerT] | ThresherError:
        try:
            received = pipe.recv() if pipe.poll(self._limits.seconds) else None
        except (EOFError, OSError, UnpicklingError):
            return self._ended(question)
        if received is None:
            self._stop()
            return WorkerFailed(f"parsing the page took over {self._limits.seconds:g} s", question.url)
        if isinstance(received, _Lost):
            self._stop()
            if received.trace is not None:
                log.error("a bug in the parser of %s\n%s", question.url, received.trace)
            return WorkerFailed(f"parsing the page failed: {received.words}", question.url)
        answer: Answered[AnswerT] | ThresherError = received
        return answer

    def _ended(self, question: QuestionT) -> "_Ended":
        self._stop()
        return _Ended("parsing the page ended its process", question.url)

    def _start(self) -> Connection:
        ours, theirs = multiprocessing.Pipe()
        forks = self._may_fork and _is_alone()
        # A copy of this process has our end too, and would never see that it is closed.
        arguments = (theirs, ours if forks else None, self._limits.memory, self._answer, configured())
        process: multiprocessing.process.BaseProcess
        if forks:
            process = multiprocessing.get_context("fork").Process(target=_serve, args=arguments, daemon=True)
        else:
            # A new interpreter: a copy of a process with threads has locks that nobody opens.
            process = multiprocessing.get_context("spawn").Process(target=_serve, args=arguments, daemon=True)
            # multiprocessing's own child first: once that is there, start() unblocks no signal.
            resource_tracker.ensure_running()
        # Ctrl-C reaches the whole process group, and the child before it can ignore it: it inherits the mask.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            with _census:
                process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        self._process, self._pipe = process, ours
        if not ours.poll(STARTING):
            # As if it had ended: it gets its tries.
            raise EOFError
        ours.recv()
        return ours

    def _break_off(self) -> None:
        """End the process under whoever waits for it in another thread, who then sees to what is left."""
        process = self._process
        if process is not None:
            with suppress(ValueError):  # it has been seen to just now
                process.kill()

    def _stop(self, *, timeout: float = 0.0) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            with _census:
                self._process.join(timeout)  # an idle one ends by itself when its pipe is closed
                self._process.kill()
                self._process.join()
                self._process.close()
        self._pipe = self._process = None


def _is_alone() -> bool:
    """Whether this process has no other thread: a copy would have their locks, and not them."""
    return THREADS.is_dir() and len(list(THREADS.iterdir())) == 1


def _serve(
    pipe: Connection,
    other_end: Connection | None,
    memory: int,
    answer: Callable[[QuestionT], AnswerT],
    sites: Iterable[Site],
) -> None:
    """Answer until the pipe is closed."""
    if other_end is not None:
        other_end.close()
    configure(sites)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with_parent()
    # A page that goes over it gets a MemoryError, which says what happened.
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # What was imported stays: the collector need not look at it again with every page.
    gc.freeze()
    pipe.send(None)
    try:
        while True:
            questions: Sequence[QuestionT] = pipe.recv()
            for question in questions:
                pipe.send(_answered(answer, question))
    except (EOFError, BrokenPipeError):
        return


def _end_with_parent() -> None:
    """A parent that is killed closes no pipe itself: its end of the sentinel closes, and this process ends.

    The parser can hold the interpreter for long, so that no thread gets its turn. On Linux the kernel
    sends SIGIO when the sentinel closes, and nobody handles it: the process ends at once.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel
    fcntl.fcntl(sentinel, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(sentinel, fcntl.F_SETFL, fcntl.fcntl(sentinel, fcntl.F_GETFL) | os.O_ASYNC)
    threading.Thread(target=_exit_after, args=(sentinel,), name="parent", daemon=True).start()


def _exit_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _answered(
    answer: Callable[[QuestionT], AnswerT], question: QuestionT
) -> Answered[AnswerT] | ThresherError | _Lost:
    try:
        return Answered(value=answer(question))
    except ThresherError as error:
        return error
    # What is left of the process nobody knows: it is ended, and the next page gets a fresh one.
    except MemoryError:
        return _Lost(words="it took too much memory")
    except Exception as error:  # noqa: BLE001 - the page must not end the process: its error is returned
        return _Lost(words=f"{type(error).__name__}: {error}", trace=traceback.format_exc())
