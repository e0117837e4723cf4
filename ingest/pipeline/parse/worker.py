"""Parses pages in a process with limits: a crafted page costs itself, never the run."""

from contextlib import ExitStack
from queue import LifoQueue
from types import TracebackType
from typing import Protocol, Self

from ingest.pipeline.parse.limited_process import Answered, LimitedProcess, WorkerLimits
from ingest.records.parse_input import ParseInput
from parsers.records import ParsedPage, packed, unpacked
from parsers.registry import source_named


class PageParser(Protocol):
    """A worker, or several."""

    def parse(self, page: ParseInput) -> ParsedPage:
        """What the page says; raises as ``Source.parse``, or WorkerFailed."""
        ...


class Worker:
    """A context manager; after a failure the next page gets a fresh process.

    ``may_fork`` is for a command that has no database open, which would be copied as it is.
    """

    def __init__(self, limits: WorkerLimits | None = None, *, may_fork: bool = False) -> None:
        self._process: LimitedProcess[ParseInput, bytes] = LimitedProcess(
            answer_of, limits, may_fork=may_fork
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.__exit__(kind, error, trace)

    def parse(self, page: ParseInput) -> ParsedPage:
        """What the page says.

        Raises:
            ParseError, AddressUnknown: see ``Source.parse``.
            WorkerFailed: the page took too long or too much memory, or ended the process.
        """
        (answer,) = self._process.ask((page,))
        if isinstance(answer, Answered):
            return unpacked(answer.value)
        raise answer


class Workers:
    """A context manager: up to ``most`` workers, begun as they are needed; any thread may ask."""

    def __init__(self, most: int) -> None:
        self._closing = ExitStack()
        # The one that was used last is the next: of many that are allowed, few are begun.
        self._idle: LifoQueue[Worker] = LifoQueue()
        for _ in range(most):
            self._idle.put(self._closing.enter_context(Worker()))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End them; whoever waits for an answer gets a WorkerFailed."""
        self._closing.close()

    def parse(self, page: ParseInput) -> ParsedPage:
        """What the page says, once a worker is idle; raises as ``Worker.parse``."""
        worker = self._idle.get()
        try:
            return worker.parse(page)
        finally:
            self._idle.put(worker)


def answer_of(page: ParseInput) -> bytes:
    """What the page says, packed for the way back."""
    return packed(parsed(page))


def parsed(page: ParseInput) -> ParsedPage:
    """What the page says; for a process that may be lost."""
    return source_named(page.source).parse(
        page.body,
        url=page.url,
        captured_at=page.captured_at,
        content_type=page.content_type,
        headers=page.headers,
    )
