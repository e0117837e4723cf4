"""Processes with limits that answer for whoever asks: one after the other, or several at a time, in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from itertools import islice
from queue import LifoQueue
from types import TracebackType
from typing import Generic, Self

from ingest.pipeline.parse.limited_process import Answered, AnswerT, LimitedProcess, QuestionT, WorkerLimits
from parsers.errors import ThresherError

AT_ONCE = 20
"""Questions that a process gets together."""
AHEAD = 3
"""Such parts under way or waiting to be taken, a process: what bounds the memory."""


class Pool(Generic[QuestionT, AnswerT]):
    """A context manager: up to ``number`` processes, begun as they are needed; any thread may ask.

    ``answer`` is pickled into each process and called there, once a question. ``may_fork``: see
    ``LimitedProcess``.
    """

    def __init__(
        self,
        answer: Callable[[QuestionT], AnswerT],
        number: int,
        *,
        limits: WorkerLimits | None = None,
        may_fork: bool = False,
    ) -> None:
        self._number = number
        self._closing = ExitStack()
        # The one that was used last is the next: of many that are allowed, few are begun.
        self._idle: LifoQueue[LimitedProcess[QuestionT, AnswerT]] = LifoQueue()
        for _ in range(number):
            process = LimitedProcess(answer, limits, may_fork=may_fork)
            self._idle.put(self._closing.enter_context(process))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End them; whoever waits for an answer gets a WorkerFailed."""
        self._closing.close()

    def ask(self, questions: Sequence[QuestionT]) -> list[Answered[AnswerT] | ThresherError]:
        """An answer or an error to each question, by one process, once one is idle."""
        process = self._idle.get()
        try:
            return list(process.ask(questions))
        finally:
            self._idle.put(process)

    def answers(
        self, questions: Iterable[QuestionT]
    ) -> Iterator[tuple[QuestionT, Answered[AnswerT] | ThresherError]]:
        """Each question with its answer, in order, by all processes.

        Few are under way, and each question is made shortly before it is asked.
        """
        rest = iter(questions)
        under_way: deque[tuple[list[QuestionT], Future[list[Answered[AnswerT] | ThresherError]]]] = deque()
        with ThreadPoolExecutor(max_workers=self._number) as threads:
            try:
                while part := list(islice(rest, AT_ONCE)):
                    under_way.append((part, threads.submit(self.ask, part)))
                    # In the order of the questions: what is held depends on it.
                    if len(under_way) >= AHEAD * self._number:
                        yield from _answered(*under_way.popleft())
                while under_way:
                    yield from _answered(*under_way.popleft())
            except BaseException:
                # Nobody waits for the rest: the processes end under whoever asks them.
                threads.shutdown(wait=False, cancel_futures=True)
                self.close()
                raise


def _answered(
    part: list[QuestionT], answers: "Future[list[Answered[AnswerT] | ThresherError]]"
) -> Iterator[tuple[QuestionT, Answered[AnswerT] | ThresherError]]:
    return zip(part, answers.result(), strict=True)
