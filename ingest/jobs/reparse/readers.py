"""Several workers read captures at a time; what they say comes in the order of the captures."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from ingest.jobs.reparse.batches import Read
from ingest.jobs.reparse.worker import Asked, Reading, Said
from ingest.pipeline.parse.limited_process import Answered, LimitedProcess, WorkerLimits
from ingest.records.pages import StoredCapture

AT_ONCE = 20
"""Captures that a worker is asked for together: a few days, whose rows it then looks up once."""
AHEAD = 3
"""Such parts under way or waiting for the writer, a worker: what bounds the memory."""

Reader = LimitedProcess[Asked, Said]


class Readers:
    """A context manager: ``number`` workers and as many threads that wait for them."""

    def __init__(
        self, folder: Path, number: int, *, database: str | None, limits: WorkerLimits | None = None
    ) -> None:
        self._reading = Reading(folder, database)
        self._number = number
        self._limits = limits
        self._idle: SimpleQueue[Reader] = SimpleQueue()
        self._closing = ExitStack()
        self._threads = ThreadPoolExecutor(max_workers=number)

    def __enter__(self) -> Self:
        for _ in range(self._number):
            self._idle.put(self._closing.enter_context(LimitedProcess(self._reading, self._limits)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(cancel_futures=True)
        self._closing.close()

    def read(self, captures: Iterable[StoredCapture], as_of: Callable[[], int]) -> Iterator[Read]:
        """What each capture says; never more than a few are under way or waiting to be taken.

        ``as_of`` returns, whenever a part is asked for, how often the database was changed.
        """
        under_way: deque[Future[list[Read]]] = deque()
        rest = iter(captures)
        while part := list(islice(rest, AT_ONCE)):
            moment = as_of()
            questions = [Asked(stored=stored, as_of=moment) for stored in part]
            under_way.append(self._threads.submit(self._ask, questions))
            if len(under_way) >= AHEAD * self._number:
                yield from under_way.popleft().result()
        while under_way:
            yield from under_way.popleft().result()

    def page_again(self, read: Read) -> Said | Exception:
        """What the same capture says as a whole page, whatever it changes."""
        if read.stored is None:
            raise AssertionError("a capture that is not held is always read whole")
        (whole,) = self._ask([Asked(stored=read.stored, as_of=read.as_of, whole=True)])
        return whole.said

    def _ask(self, questions: list[Asked]) -> list[Read]:
        reader = self._idle.get()
        try:
            answers = reader.ask(questions)
            return [
                Read(
                    row=asked.stored.row,
                    stored=asked.stored,
                    as_of=asked.as_of,
                    said=answer.value if isinstance(answer, Answered) else answer,
                )
                for asked, answer in zip(questions, answers, strict=True)
            ]
        finally:
            self._idle.put(reader)
