"""A re-parse from lock to report: one writer takes what the readers parsed, many pages a transaction."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path

from ingest.clock import Clock
from ingest.decide.drift.fill_rates import Census
from ingest.errors import CouldNotRun, StoreUnusable
from ingest.jobs.reparse.diff import FAILURES, Difference, ReparseReport
from ingest.jobs.reparse.readers import Read, Readers
from ingest.jobs.reparse.recounting import Recounted
from ingest.jobs.reparse.selection import Reparse, spread, wanted_captures
from ingest.jobs.reparse.worker import Unchanged
from ingest.pipeline.load import Loaded, failure_of, is_unreadable, load_again
from ingest.pipeline.parse.limited_process import WorkerLimits
from ingest.pipeline.parse.worker import Worker
from ingest.pipeline.rebuild import Rebuilder
from ingest.records.pages import Cursor, Failure, StoredCapture
from ingest.store import Store, Transaction
from parsers.errors import ThresherError
from parsers.records import ParsedPage

log = logging.getLogger(__name__)

COMMAND, REHEARSAL = "reparse", "reparse --diff"
PAGES_AT_ONCE = 100
"""Pages in one transaction: each is still written wholly or not at all."""

COUNTED = (
    "census",
    "_difference",
    "_failures",
    "_looked",
    "_parsed",
    "_quarantined",
    "_touched",
    "_unreadable",
)
"""What a run adds to with each page."""

Progress = Callable[[int, int], None]
"""Called with how many captures are done, and how many there are."""


def reparse(
    wanted: Reparse,
    *,
    folder: Path,
    workers: int,
    store: Store,
    clock: Clock,
    progress: Progress,
    limits: WorkerLimits | None = None,
) -> ReparseReport:
    """Parse kept captures of a source again; with ``diff`` only tell what that would change.

    A run over everything that was broken off is taken up where it ended.

    Raises:
        Busy: another run holds the source.
        StoreUnusable: the database failed, or there is no archive.
    """
    name = wanted.source.name
    if not folder.is_dir():
        raise StoreUnusable(f"the archive cannot be read: there is no folder {folder}")
    with store.lock(name):
        run_id = store.runs.begin(REHEARSAL if wanted.diff else COMMAND, name, clock.now())
        try:
            with (
                Worker(limits) as worker,
                Readers(folder, workers, database=store.url, limits=limits) as readers,
            ):
                rebuilder = Rebuilder(name, folder, worker.parse)
                run = _Run(
                    wanted, run_id=run_id, store=store, clock=clock, readers=readers, rebuilder=rebuilder
                )
                report = run.through(progress)
        except BaseException as error:
            store.runs.end(run_id, clock.now(), "failed", {}, _why(error))
            raise
        with store.transaction() as transaction:
            transaction.put_report(run_id, report.as_json())
        if not wanted.diff:
            store.runs.put_rates(run_id, run.census.rates())
        store.runs.end(run_id, clock.now(), report.run_outcome, report.counts())
    return report


class _Touched:
    """Which days this run has changed: what a worker said of them before is not true any more."""

    def __init__(self) -> None:
        self.commits = 0
        """How often the database was changed."""
        self._days: dict[date, int] = {}
        self._fresh = False

    def add(self, loaded: Loaded, page: ParsedPage) -> None:
        """A page was written, which the commit to come will make known."""
        held = loaded.held.articles.values()
        for day in {page.date, *(known.row.content.date for known in held)}:
            self._days[day] = self.commits + 1
        self._fresh = True

    def add_days(self, days: Iterable[date]) -> None:
        """Days were rebuilt, which the commit to come will make known."""
        for day in days:
            self._days[day] = self.commits + 1
            self._fresh = True

    def since(self, day: date, as_of: int) -> bool:
        """Whether the day was changed after so many commits."""
        return self._days.get(day, 0) > as_of

    def end(self, *, kept: bool) -> None:
        """The transaction is over."""
        if not kept:
            self._days.clear()
        elif self._fresh:
            self.commits += 1
        self._fresh = False


class _Run:
    def __init__(
        self,
        wanted: Reparse,
        *,
        run_id: int,
        store: Store,
        clock: Clock,
        readers: Readers,
        rebuilder: Rebuilder,
    ) -> None:
        self._rebuilder = rebuilder
        self._wanted = wanted
        self._readers = readers
        self._touched = _Touched()
        self._run_id = run_id
        self._store = store
        self._clock = clock
        self._began = clock.monotonic()
        self.census = Census()
        self._difference = Difference(once=wanted.diff)
        self._failures: list[Failure] = []
        self._looked = self._parsed = self._quarantined = self._unreadable = 0
        self._cursor = self._place_to_resume()

    def through(self, progress: Progress) -> ReparseReport:
        after = (self._cursor.captured_at, self._cursor.capture_id) if self._cursor is not None else None
        resumed = after is not None
        captures = wanted_captures(self._store, self._wanted, after)
        total = sum(1 for _ in captures)
        captures = wanted_captures(self._store, self._wanted, after)
        if self._wanted.sample is not None and self._wanted.sample < total:
            captures = spread(captures, total, self._wanted.sample)
            total = self._wanted.sample
        for batch in _batches(self._readers.read(captures, lambda: self._touched.commits)):
            self._transact(partial(self._write, batch=batch, resumed=resumed))
            self._touched.end(kept=not self._wanted.diff)
            progress(self._looked, total)
        return self._report(resumed=resumed)

    def _place_to_resume(self) -> Cursor | None:
        # By default the captures' own revisions tell what is left to do.
        if self._wanted.diff or not (self._wanted.everything or self._wanted.revision):
            return None
        cursor = self._store.runs.broken_off_at(COMMAND, self._wanted.source.name, self._run_id)
        return cursor if cursor is not None and cursor.scope == self._wanted.scope else None

    def _transact(self, work: Callable[[Transaction], None]) -> None:
        if self._wanted.diff:
            with self._store.rehearsal() as transaction:
                work(transaction)
        else:
            self._store.transact(Recounted(self, COUNTED, work))

    def _write(self, transaction: Transaction, *, batch: list[Read], resumed: bool) -> None:
        # A transaction that is begun again loads all of it again.
        self._rebuilder.drop()
        for read in batch:
            self._take(transaction, read)
        self._touched.add_days(self._rebuilder.finish(transaction))
        self._remember(transaction, batch[-1], resumed=resumed)

    def _take(self, transaction: Transaction, read: Read) -> None:
        self._looked += 1
        said = read.said
        if isinstance(said, Unchanged) and self._touched.since(said.day, read.as_of):
            said = self._readers.page(read).said
        error = self._load_or_error(transaction, read.stored, said)
        if error is None:
            self._parsed += 1
        else:
            self._put_aside(transaction, read.stored, error)

    def _load_or_error(
        self, transaction: Transaction, stored: StoredCapture, said: ParsedPage | Unchanged | ThresherError
    ) -> Exception | None:
        if isinstance(said, ThresherError):
            return said
        if isinstance(said, ParsedPage):
            return self._load(transaction, stored, said)
        if said.row != stored.row:
            transaction.captures.add(said.row)
        self._difference.add_unchanged(said.articles, said.comments)
        self.census.include(said.rates)
        return None

    def _put_aside(self, transaction: Transaction, stored: StoredCapture, error: Exception) -> None:
        log.warning("%s", error)
        failure = failure_of(stored.capture_id, stored.row, error, failed_at=self._clock.now())
        if len(self._failures) < FAILURES:
            self._failures.append(failure)
        if not is_unreadable(error):
            self._unreadable += 1
            return
        self._quarantined += 1
        transaction.captures.put_aside(failure)

    def _load(self, transaction: Transaction, stored: StoredCapture, page: ParsedPage) -> Exception | None:
        try:
            with transaction.page():
                loaded = self._loaded(transaction, stored, page)
        except CouldNotRun:
            raise
        except Exception as bug:
            log.exception("a bug in thresher failed %s", stored.row.url)
            return bug
        self._touched.add(loaded, page)
        self._difference.add(loaded)
        self.census.add(page)
        return None

    def _loaded(self, transaction: Transaction, stored: StoredCapture, page: ParsedPage) -> Loaded:
        if stored.loaded:
            return load_again(transaction, page, stored)
        return self._rebuilder.load(transaction, page, stored.row)

    def _remember(self, transaction: Transaction, last: Read, *, resumed: bool) -> None:
        stored = last.stored
        cursor = Cursor(
            scope=self._wanted.scope, captured_at=stored.row.captured_at, capture_id=stored.capture_id
        )
        transaction.put_report(self._run_id, self._report(resumed=resumed).as_json(), cursor)

    def _report(self, *, resumed: bool) -> ReparseReport:
        return ReparseReport(
            source=self._wanted.source.name,
            run_id=self._run_id,
            diff=self._wanted.diff,
            resumed=resumed,
            looked=self._looked,
            parsed=self._parsed,
            quarantined=self._quarantined,
            unreadable=self._unreadable,
            articles=self._difference.articles,
            comments=self._difference.comments,
            fields=self._difference.fields,
            failures=tuple(self._failures),
            seconds=self._clock.monotonic() - self._began,
        )


def _batches(reads: Iterable[Read]) -> Iterator[list[Read]]:
    several = iter(reads)
    while batch := list(islice(several, PAGES_AT_ONCE)):
        yield batch


def _why(error: BaseException) -> str:
    return "broken off" if isinstance(error, KeyboardInterrupt) else str(error) or type(error).__name__
