"""One writer loads what several processes read, many pages a transaction, in the order of the captures.

What was taken down is loaded until its takedown's moment, and then emptied: so its rows and the counts of
its days become what they were.
"""

import logging
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from ingest.errors import CouldNotRun
from ingest.jobs.rebuild.failures import put_failure
from ingest.jobs.rebuild.worker import Taken
from ingest.pipeline.parse.worker import Worker
from ingest.pipeline.rebuild import Rebuilder
from ingest.pipeline.workspace import Run
from ingest.records.outcome import ArchiveReading
from ingest.records.pages import CaptureRow
from ingest.records.takedown import TakenDown
from ingest.store import Transaction
from parsers.errors import ThresherError
from parsers.records import unpacked

log = logging.getLogger(__name__)

PAGES_AT_ONCE = 100


@dataclass(slots=True, kw_only=True)
class SourceRebuild(ArchiveReading):
    """The counts of one source; ``redacted`` are answers whose words are gone."""

    loaded: int = 0
    redacted: int = 0

    def counts(self) -> dict[str, int]:
        """The counts, as the run's row and ``--json`` have them."""
        return {
            "loaded": self.loaded,
            "unread": self.unread,
            "redacted": self.redacted,
            "damaged": len(self.damaged),
        }


class Loading:
    """Loads the captures of one source; ``takedowns`` are those that the database does not have yet."""

    def __init__(
        self, run: Run, worker: Worker, report: SourceRebuild, takedowns: Collection[TakenDown]
    ) -> None:
        self._run = run
        self._report = report
        self._due = deque(sorted(takedowns, key=lambda one: one.suppressed_at))
        self._rebuilder = Rebuilder(run.source.name, run.workspace.settings.archive, worker.parse)

    def load(self, taken: Iterable[Taken], on_page: Callable[[int], None]) -> None:
        """Load all of it, and take down what is left to be."""
        store, several = self._run.workspace.store, iter(taken)
        while batch := list(islice(several, PAGES_AT_ONCE)):
            unread, self._due = store.transact(partial(self._write, batch=batch))
            self._report.unread += unread
            self._report.loaded += len(batch) - unread
            for one in batch:
                self._run.census.include(one.rates)
            on_page(len(batch))
        left = tuple(self._due)
        if left:
            store.transact(partial(_take_down_unindexed, takedowns=left))

    def _write(self, transaction: Transaction, *, batch: list[Taken]) -> tuple[int, deque[TakenDown]]:
        """How many pages could not be read, and what is to be taken down later; called again, the same."""
        self._rebuilder.drop()
        due, unread = deque(self._due), 0
        with transaction.without_index():
            for one in batch:
                # Taken down when it was: pages from before it still counted what it was about.
                while due and due[0].suppressed_at < one.row.captured_at:
                    self._rebuilder.finish(transaction)
                    _take_down(transaction, (due.popleft(),))
                unread += not self._is_loaded(transaction, one)
            self._rebuilder.finish(transaction)
        return unread, due

    def _is_loaded(self, transaction: Transaction, one: Taken) -> bool:
        row = _with_original(transaction, one)
        error = self._load_or_error(transaction, one, row)
        if error is not None:
            put_failure(transaction, self._run.source, row, error)
        return error is None

    def _load_or_error(self, transaction: Transaction, one: Taken, row: CaptureRow) -> Exception | None:
        if isinstance(one.page, ThresherError):
            log.warning("%s", one.page)
            return one.page
        try:
            with transaction.page():
                self._rebuilder.load(transaction, unpacked(one.page), row)
        except CouldNotRun:
            raise
        except Exception as bug:
            log.exception("a bug in thresher failed %s", row.url)
            return bug
        return None


def _with_original(transaction: Transaction, one: Taken) -> CaptureRow:
    if one.original is None:
        return one.row
    at = transaction.captures.at(one.original.file, one.original.offset)
    return replace(one.row, refers_to=at)


def _take_down_unindexed(transaction: Transaction, takedowns: Iterable[TakenDown]) -> None:
    """The same where the rows are not in the index yet, out of which SQLite cannot take them."""
    with transaction.without_index():
        _take_down(transaction, takedowns)


def _take_down(transaction: Transaction, takedowns: Iterable[TakenDown]) -> None:
    for one in takedowns:
        what = one.what
        transaction.suppress(
            what.source, what.article, what.comment, reason=one.reason, suppressed_at=one.suppressed_at
        )
