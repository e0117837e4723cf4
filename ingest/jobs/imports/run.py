"""Found pages from lock to report: what is not held is taken in, what is held is parsed again.

With ``diff`` every page is loaded into a transaction that is taken back, and no file is written: the row of a
page that is not held names the file where it was found.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import islice

from ingest.archive import Written, payload_sha1
from ingest.archive.external.pages import ForeignPage
from ingest.clock import Clock
from ingest.decide.drift.fill_rates import Census
from ingest.errors import CouldNotRun
from ingest.jobs.imports.external_pages import desk
from ingest.jobs.reparse import Progress, Reparse, ReparseReport
from ingest.jobs.reparse.diff import FAILURES, Difference
from ingest.jobs.reparse.recounting import Recounted
from ingest.jobs.reparse.selection import is_in_window
from ingest.pipeline.capture_rows import index_row
from ingest.pipeline.load import Loaded, failure_of, load_again
from ingest.pipeline.parse.entry import Entry
from ingest.pipeline.parse.pool import Parsers, Read
from ingest.pipeline.parse.worker import Worker
from ingest.pipeline.rebuild import Rebuilder
from ingest.records.pages import CaptureRow, Failure, StoredCapture
from ingest.settings import Settings
from ingest.store import Store, Transaction
from parsers.records import ParsedPage

log = logging.getLogger(__name__)

REHEARSAL = "reparse --diff"
PAGES_AT_ONCE = 100
"""Pages in one transaction: each is still written wholly or not at all."""
INSTANT = timedelta(microseconds=1)

COUNTED = ("census", "_difference", "_failures", "_parsed", "_quarantined")
"""What a run adds to with each page that it writes."""

Keep = Callable[[ForeignPage], Written]
"""Puts a page that is not held where it is to lie, and says where that is."""


def reparse_entries(
    wanted: Reparse,
    found: Iterable[Entry],
    *,
    command: str,
    workers: int,
    settings: Settings,
    store: Store,
    clock: Clock,
    progress: Progress,
) -> ReparseReport:
    """Load what the found pages of a source say; with ``diff`` only tell what that would change.

    ``found`` is in the order of the captures; ``command`` is what the run is called.

    Raises:
        Busy: another run holds the source.
        StoreUnusable: the database or the archive failed.
    """
    name = wanted.source.name
    entries = _chosen(wanted, found)
    with store.lock(name):
        run_id = store.runs.begin(REHEARSAL if wanted.diff else command, name, clock.now())
        try:
            with (
                Worker() as worker,
                Parsers(workers) as parsers,
                _keeping(wanted, run_id, settings, store, clock) as keep,
            ):
                rebuilder = Rebuilder(name, settings.archive, worker.parse)
                run = _Run(wanted, run_id=run_id, store=store, clock=clock, rebuilder=rebuilder)
                report = run.through(entries, parsers, keep, progress)
        except BaseException as error:
            store.runs.end(run_id, clock.now(), "failed", {}, _why(error))
            raise
        with store.transaction() as transaction:
            transaction.put_report(run_id, report.as_json())
        if not wanted.diff:
            store.runs.put_rates(run_id, run.census.rates())
        store.runs.end(run_id, clock.now(), report.run_outcome, report.counts())
    return report


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """What a page says, and its capture's row; ``held`` is the capture if it was there before."""

    row: CaptureRow
    held: StoredCapture | None
    said: ParsedPage | Exception


class _Run:
    def __init__(
        self, wanted: Reparse, *, run_id: int, store: Store, clock: Clock, rebuilder: Rebuilder
    ) -> None:
        self._wanted = wanted
        self._rebuilder = rebuilder
        self._run_id = run_id
        self._store = store
        self._clock = clock
        self._began = clock.monotonic()
        self.census = Census()
        self._difference = Difference(once=wanted.diff)
        self._failures: list[Failure] = []
        self._looked = self._parsed = self._quarantined = self._unreadable = 0

    def through(
        self, entries: list[Entry], parsers: Parsers, keep: Keep, progress: Progress
    ) -> ReparseReport:
        placed = self._placed(parsers.read(entries), keep)
        while batch := list(islice(placed, PAGES_AT_ONCE)):
            self._transact(partial(self._write, batch=batch))
            progress(self._looked, len(entries))
        return self._report()

    def _placed(self, reads: Iterable[Read], keep: Keep) -> Iterator[_Placed]:
        """Each page in its place, before anything of it is written in the database."""
        for read in reads:
            known = self._known(read.entry)
            if known is not None and known.redacted:
                continue
            self._looked += 1
            if read.page is None:
                self._unreadable += 1
                log.warning("%s", read.said)
                continue
            row = known.row if known is not None else self._new_row(read.page, keep(read.page))
            yield _Placed(row=row, held=known, said=read.said)

    def _known(self, entry: Entry) -> StoredCapture | None:
        source, moment = self._wanted.source.name, entry.captured_at
        if not self._store.captures.has(source, entry.url, moment, entry.digest):
            return None
        held = self._store.captures.between(source, moment, moment + INSTANT)
        return next(one for one in held if (one.row.url, one.row.digest) == (entry.url, entry.digest))

    def _new_row(self, page: ForeignPage, written: Written) -> CaptureRow:
        name = self._wanted.source.name
        return index_row(page.as_capture(), written, source=name, run_id=self._run_id, url=page.url)

    def _transact(self, work: Callable[[Transaction], None]) -> None:
        if self._wanted.diff:
            with self._store.rehearsal() as transaction:
                work(transaction)
        else:
            self._store.transact(Recounted(self, COUNTED, work))

    def _write(self, transaction: Transaction, *, batch: list[_Placed]) -> None:
        # A transaction that is begun again loads all of it again.
        self._rebuilder.drop()
        for one in batch:
            self._take(transaction, one)
        self._rebuilder.finish(transaction)

    def _take(self, transaction: Transaction, one: _Placed) -> None:
        error = one.said if isinstance(one.said, Exception) else self._load(transaction, one, one.said)
        if error is None:
            self._parsed += 1
            return
        log.warning("%s", error)
        capture_id = transaction.captures.add(one.row)
        failure = failure_of(capture_id, one.row, error, failed_at=self._clock.now())
        if len(self._failures) < FAILURES:
            self._failures.append(failure)
        self._quarantined += 1
        transaction.captures.put_aside(failure)

    def _load(self, transaction: Transaction, one: _Placed, page: ParsedPage) -> Exception | None:
        try:
            with transaction.page():
                loaded = self._loaded(transaction, one, page)
        except CouldNotRun:
            raise
        except Exception as bug:
            log.exception("a bug in thresher failed %s", one.row.url)
            return bug
        self._difference.add(loaded)
        self.census.add(page)
        return None

    def _loaded(self, transaction: Transaction, one: _Placed, page: ParsedPage) -> Loaded:
        if one.held is not None and one.held.loaded:
            return load_again(transaction, page, one.held)
        return self._rebuilder.load(transaction, page, one.row)

    def _report(self) -> ReparseReport:
        return ReparseReport(
            source=self._wanted.source.name,
            run_id=self._run_id,
            diff=self._wanted.diff,
            resumed=False,
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


@contextmanager
def _keeping(wanted: Reparse, run_id: int, settings: Settings, store: Store, clock: Clock) -> Iterator[Keep]:
    if wanted.diff:
        yield _where_found
        return
    with (
        Worker() as worker,
        desk(
            wanted.source, run_id=run_id, settings=settings, store=store, clock=clock, worker=worker
        ) as opened,
    ):
        yield lambda page: opened.copy(page, clock.now())


def _where_found(page: ForeignPage) -> Written:
    return Written(
        file=page.file,
        offset=page.offset,
        length=page.end - page.offset,
        record_id=page.record_id,
        payload_sha1=payload_sha1(page.answer.wire_body),
        refers_to=None,
    )


def _chosen(wanted: Reparse, found: Iterable[Entry]) -> list[Entry]:
    name = wanted.source.name
    entries = [one for one in found if one.source == name and is_in_window(one.url, wanted)]
    total, number = len(entries), wanted.sample
    if number is None or number >= total:
        return entries
    return [entries[place * total // number] for place in range(number)]


def _why(error: BaseException) -> str:
    return "broken off" if isinstance(error, KeyboardInterrupt) else str(error) or type(error).__name__
