"""One writer takes what several processes parsed, many pages a transaction, in the order of the captures.

    Read --Batches--> rows, quarantine, Tally --> ReparseReport

For a re-parse of the store and for one of files alike: a page whose capture is held is parsed again, any
other is loaded for the first time.
"""

import logging
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice

from ingest.archive.archive_file import ArchiveFile
from ingest.decide.drift.fill_rates import Census
from ingest.errors import ArchiveUnreachable, CouldNotRun
from ingest.jobs.reparse.changed_days import ChangedDays
from ingest.jobs.reparse.diff import FAILURES, Difference, OfFiles, ReparseReport
from ingest.jobs.reparse.selection import COMMAND, Reparse
from ingest.jobs.reparse.worker import Said, Unchanged
from ingest.pipeline.lists import load_part_again
from ingest.pipeline.load import failure_of, is_unreadable, load_again
from ingest.pipeline.loaded import Loaded
from ingest.pipeline.parse.worker import Worker
from ingest.pipeline.rebuild import Rebuilder
from ingest.pipeline.workspace import Run
from ingest.records.pages import CaptureRow, Failure, StoredCapture
from ingest.store import Transaction
from parsers.records import ParsedPage

log = logging.getLogger(__name__)

PAGES_AT_ONCE = 100
"""Pages in one transaction: each is still written wholly or not at all."""

Progress = Callable[[int, int], None]
"""Called with how many captures are done, and how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A capture's row, what its page says or the error that prevented it, and for ``as_of`` see ``Asked``.

    ``stored`` is None for a capture that is not held yet; ``path`` is the file of others that it is out of.
    """

    row: CaptureRow
    stored: StoredCapture | None
    said: Said | Exception
    path: ArchiveFile | None = None
    as_of: int = 0


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a run counts, page by page."""

    difference: Difference
    census: Census = field(default_factory=Census)
    failures: list[Failure] = field(default_factory=list)
    looked: int = 0
    parsed: int = 0
    quarantined: int = 0
    unreadable: int = 0
    taken_in: int = 0
    of_files: OfFiles = field(default_factory=OfFiles)


def _page_again(_: Read) -> Said | Exception:
    raise AssertionError("only a worker that knows the database says that a page changes nothing")


class Batches:
    """Writes what was read. ``page_again`` reads a page whole that was passed over as changing nothing.

    ``on_batch`` is called with the last capture of a batch, in its transaction.
    """

    def __init__(
        self,
        wanted: Reparse,
        run: Run,
        worker: Worker,
        *,
        page_again: Callable[[Read], Said | Exception] = _page_again,
        on_batch: Callable[[Transaction, Read], None] = lambda _transaction, _last: None,
    ) -> None:
        self._wanted = wanted
        self._run = run
        self._store = run.workspace.store
        self._page_again = page_again
        self._on_batch = on_batch
        self._rebuilder = Rebuilder(run.source.name, run.workspace.settings.archive, worker.parse)
        self._changed = ChangedDays()
        self.tally = Tally(difference=Difference(once=wanted.diff))

    @property
    def commits(self) -> int:
        """How often the database was changed."""
        return self._changed.commits

    def write(self, reads: Iterable[Read], total: int, progress: Progress) -> None:
        """Load all of it; with ``diff`` into transactions that are taken back."""
        several = iter(reads)
        while batch := list(islice(several, PAGES_AT_ONCE)):
            self._transact(partial(self._write, batch=batch))
            self._changed.end(kept=not self._wanted.diff)
            progress(self.tally.looked, total)

    def pass_over(self, reason: object, path: ArchiveFile) -> None:
        """Count a capture that cannot be read any more, where it was found."""
        log.warning("%s", reason)
        self.tally.looked += 1
        self.tally.unreadable += 1
        self.tally.of_files[path, False] += 1

    def close(self, *, resumed: bool = False) -> ReparseReport:
        """Keep the report with the run, and the parsers' health unless nothing was changed."""
        self._run.report = report = self.report(resumed=resumed)
        self._store.transact(lambda transaction: transaction.put_report(self._run.run_id, report.as_json()))
        if not self._wanted.diff:
            self._run.census = self.tally.census
        return report

    def report(self, *, resumed: bool = False) -> ReparseReport:
        """What was written so far, added up."""
        tally = self.tally
        return ReparseReport(
            command="import" if self._wanted.only_new else COMMAND,
            source=self._run.source.name,
            run_id=self._run.run_id,
            diff=self._wanted.diff,
            resumed=resumed,
            looked=tally.looked,
            parsed=tally.parsed,
            quarantined=tally.quarantined,
            unreadable=tally.unreadable,
            taken_in=tally.taken_in,
            of_files=tally.of_files,
            articles=tally.difference.articles,
            comments=tally.difference.comments,
            fields=tally.difference.fields,
            failures=tuple(tally.failures),
            seconds=self._run.seconds,
        )

    def _transact(self, work: Callable[[Transaction], None]) -> None:
        before = self.tally, self._changed

        def counted(transaction: Transaction) -> None:
            # A transaction that is begun again counts from the same numbers.
            self.tally, self._changed = deepcopy(before)
            work(transaction)

        if self._wanted.diff:
            self._store.rehearse(counted)
        else:
            self._store.transact(counted)

    def _write(self, transaction: Transaction, *, batch: list[Read]) -> None:
        # A transaction that is begun again loads all of it again.
        self._rebuilder.drop()
        for read in batch:
            self._take(transaction, read)
        self._changed.add_days(self._rebuilder.finish(transaction))
        self._on_batch(transaction, batch[-1])

    def _take(self, transaction: Transaction, read: Read) -> None:
        self.tally.looked += 1
        self.tally.taken_in += read.stored is None
        said = read.said
        # A page before it changed the day: what a worker saw of it is of before.
        if isinstance(said, Unchanged) and self._changed.since(said.day, read.as_of):
            said = self._page_again(read)
        error = self._load_or_error(transaction, read, said)
        if read.path is not None:
            self.tally.of_files[read.path, error is None] += 1
        if error is None:
            self.tally.parsed += 1
        else:
            self._put_aside(transaction, read, error)

    def _load_or_error(
        self, transaction: Transaction, read: Read, said: Said | Exception
    ) -> Exception | None:
        # Not the page's fault: with it every page that follows would fail as well.
        if isinstance(said, ArchiveUnreachable):
            raise said
        if isinstance(said, Exception):
            return said
        if isinstance(said, ParsedPage):
            return self._load(transaction, read, said)
        if said.row != read.row:
            transaction.captures.add(said.row)
        self.tally.difference.add_unchanged(said.articles, said.comments)
        self.tally.census.include(said.rates)
        return None

    def _load(self, transaction: Transaction, read: Read, page: ParsedPage) -> Exception | None:
        try:
            # A savepoint: one bug takes back its own page, and not the hundred of the transaction.
            with transaction.page():
                loaded = self._loaded(transaction, read, page)
        except CouldNotRun:
            raise
        except Exception as bug:
            log.exception("a bug in thresher failed %s", read.row.url)
            return bug
        self._changed.add(loaded, page)
        self.tally.difference.add(loaded)
        self.tally.census.add(page)
        return None

    def _loaded(self, transaction: Transaction, read: Read, page: ParsedPage) -> Loaded:
        if read.stored is not None and read.stored.loaded:
            load = load_again if page.part is None else load_part_again
            return load(transaction, page, read.stored)
        return self._rebuilder.load(transaction, page, read.row)

    def _put_aside(self, transaction: Transaction, read: Read, error: Exception) -> None:
        log.warning("%s", error)
        tally, failed_at = self.tally, self._run.workspace.clock.now()
        stored, row = read.stored, replace(read.row, error=str(error))
        capture_id = stored.capture_id if stored is not None else transaction.captures.add(row)
        failure = failure_of(capture_id, read.row, error, failed_at=failed_at)
        if len(tally.failures) < FAILURES:
            tally.failures.append(failure)
        if not is_unreadable(error):
            tally.unreadable += 1
            return
        tally.quarantined += 1
        transaction.captures.put_aside(failure)
