"""Parses captures in several processes, each with its limits; answers come in the order of the questions."""

import logging
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from ingest.archive import read_stored
from ingest.ledger import StoredCapture
from ingest.worker import Question, Worker, WorkerLimits
from parsers.errors import ThresherError
from parsers.records import ParsedPage

log = logging.getLogger(__name__)

AHEAD = 4
"""Pages a process may be ahead of the writer: what bounds the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A capture and what it says, or why that could not be told."""

    stored: StoredCapture
    page: ParsedPage | None = None
    error: Exception | None = None


class Readers:
    """A context manager: ``number`` workers and as many threads that wait for them."""

    def __init__(self, folder: Path, number: int, limits: WorkerLimits | None = None) -> None:
        self._folder = folder
        self._number = number
        self._limits = limits
        self._idle: SimpleQueue[Worker] = SimpleQueue()
        self._closing = ExitStack()
        self._threads = ThreadPoolExecutor(max_workers=number)

    def __enter__(self) -> Self:
        for _ in range(self._number):
            self._idle.put(self._closing.enter_context(Worker(self._limits)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(cancel_futures=True)
        self._closing.close()

    def read(self, captures: Iterable[StoredCapture]) -> Iterator[Read]:
        """What each capture says; never more than a few are under way or waiting to be taken."""
        under_way: deque[Future[Read]] = deque()
        for stored in captures:
            under_way.append(self._threads.submit(self._read, stored))
            if len(under_way) >= AHEAD * self._number:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()

    def _read(self, stored: StoredCapture) -> Read:
        worker = self._idle.get()
        try:
            page = worker.parse(question_of(stored, self._folder))
            return Read(stored=stored, page=page)
        except ThresherError as error:
            return Read(stored=stored, error=error)
        except Exception as bug:
            log.exception("a bug in thresher failed %s", stored.row.url)
            return Read(stored=stored, error=bug)
        finally:
            self._idle.put(worker)


def question_of(stored: StoredCapture, folder: Path) -> Question:
    """The capture as a question to a worker.

    Raises:
        StoreUnusable: the archive does not have its record.
    """
    row = stored.row
    return Question(
        source=row.source,
        body=read_stored(folder, stored),
        url=row.url,
        captured_at=row.captured_at,
        content_type=row.content_type,
    )
