"""Parsing processes that outlive a run: to start one costs more than to parse a test's pages."""

from types import TracebackType

from ingest.pipeline.parse.worker import Worker
from parsers.registry import configured
from parsers.source import Site

Sites = tuple[Site, ...]
_idle: dict[Sites, list["KeptWorker"]] = {}

KEPT = 6
"""Of how many tests' own sites a process is kept: replicas come again at the same address."""


class KeptWorker(Worker):
    """A worker that is kept for the next run of its sites, unless its own was broken off."""

    def __init__(self, sites: Sites) -> None:
        super().__init__()
        self._known = sites

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            _idle.setdefault(self._known, []).append(self)
        else:
            super().__exit__(kind, error, trace)

    def end(self) -> None:
        """End the process."""
        super().__exit__(None, None, None)


def kept_worker() -> Worker:
    """One that is idle, or a new one; those of the sites that were met first are ended in the end.

    A process learns the sites of the settings when it starts, and never again.
    """
    sites = configured()
    for others in [key for key in _idle if key and key != sites][:-KEPT]:
        for worker in _idle.pop(others):
            worker.end()
    idle = _idle.get(sites)
    return idle.pop() if idle else KeptWorker(sites)
