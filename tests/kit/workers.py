"""Parsing processes that outlive a run: to start one costs more than to parse a test's pages."""

from types import TracebackType

from ingest.pipeline.parse.worker import Worker
from parsers.registry import configured

_idle: list[Worker] = []


class KeptWorker(Worker):
    """A worker that is kept for the next run, unless its own was broken off."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            _idle.append(self)
        else:
            super().__exit__(kind, error, trace)


def kept_worker() -> Worker:
    """One that is idle, or a new one; with sites of a test's own a new one that is not kept.

    A process learns the sites of the settings when it starts, and never again.
    """
    if configured():
        return Worker()
    return _idle.pop() if _idle else KeptWorker()
