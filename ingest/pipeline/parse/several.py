"""Several limited processes answer at a time; the answers come in the order of the questions."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from itertools import islice
from queue import SimpleQueue
from types import TracebackType
from typing import Generic, Self

from ingest.pipeline.parse.limited_process import Answered, AnswerT, LimitedProcess, QuestionT, WorkerLimits
from parsers.errors import ThresherError

AT_ONCE = 20
"""Questions that a process gets together."""
AHEAD = 3
"""Such parts under way or waiting to be taken, a process: what bounds the memory."""


class Several(Generic[QuestionT, AnswerT]):
    """A context manager: ``number`` processes and as many threads that wait for them."""

    def __init__(
        self, answer: Callable[[QuestionT], AnswerT], number: int, *, limits: WorkerLimits | None = None
    ) -> None:
        self._answer = answer
        self._number = number
        self._limits = limits
        self._idle: SimpleQueue[LimitedProcess[QuestionT, AnswerT]] = SimpleQueue()
        self._closing = ExitStack()
        self._threads = ThreadPoolExecutor(max_workers=number)

    def __enter__(self) -> Self:
        for _ in range(self._number):
            self._idle.put(self._closing.enter_context(LimitedProcess(self._answer, self._limits)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(cancel_futures=True)
        self._closing.close()

    def answers(
        self, questions: Iterable[QuestionT]
    ) -> Iterator[tuple[QuestionT, Answered[AnswerT] | ThresherError]]:
        """Each question with its answer; few are under way, and each is made shortly before it is asked."""
        under_way: deque[Future[list[tuple[QuestionT, Answered[AnswerT] | ThresherError]]]] = deque()
        rest = iter(questions)
        while part := list(islice(rest, AT_ONCE)):
            under_way.append(self._threads.submit(self.ask, part))
            if len(under_way) >= AHEAD * self._number:
                yield from under_way.popleft().result()
        while under_way:
            yield from under_way.popleft().result()

    def ask(self, part: list[QuestionT]) -> list[tuple[QuestionT, Answered[AnswerT] | ThresherError]]:
        """The same for a few, by one process."""
        process = self._idle.get()
        try:
            return list(zip(part, process.ask(part), strict=True))
        finally:
            self._idle.put(process)
