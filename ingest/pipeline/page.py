"""The pipeline of one page from its address to the database. It decides nothing.

    Target -> fetch -> Capture -> archive -> Place -> parse -> ParsedPage
           -> decide -> Changes -> load -> Outcome

Archive comes before parse: a wrong parser never costs a page. The capture's row, the rows that changed
and the ledger are one transaction. A ThresherError fails the page and the run goes on; anything else is
a bug: it is logged with the page's address and fails the page too.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import TypeVar

from ingest.archive import ArchiveWriter, Written, payload_sha1
from ingest.decide.completeness.transitions import failed
from ingest.errors import BudgetReached, CouldNotRun
from ingest.fetch import Fetcher
from ingest.pipeline.list_visit import ListPages
from ingest.pipeline.lists import fail_part
from ingest.pipeline.load import failure_of, is_unreadable
from ingest.pipeline.loaded import Loaded
from ingest.pipeline.parse.parse_input import of_capture
from ingest.pipeline.parse.worker import PageParser
from ingest.pipeline.rebuild import Rebuilder
from ingest.pipeline.visit import (
    PageVisit,
    RequireLease,
    capture_row,
    failed_outcome,
    list_outcome,
    list_row,
    unfinished_sections,
    what_changed,
)
from ingest.pipeline.workspace import Run
from ingest.records.capture import Capture
from ingest.records.outcome import Outcome
from ingest.records.pages import CaptureRow, PageState
from ingest.store import Transaction
from parsers.errors import ThresherError
from parsers.records import ParsedPage
from parsers.urls import Address
from schedules.plan import Target, sections_to_fetch, sections_to_try
from schedules.recrawl import SETTLED

log = logging.getLogger(__name__)

T = TypeVar("T")


class PagePipeline:
    """The pipeline of one source. The collaborators are opened and closed by whoever runs it."""

    def __init__(
        self,
        run: Run,
        *,
        base_url: str,
        archive: ArchiveWriter,
        fetcher: Fetcher,
        worker: PageParser,
    ) -> None:
        self._run = run
        self._source = run.source
        self._base_url = base_url
        self._store = run.workspace.store
        self._archive = archive
        self._fetcher = fetcher
        self._worker = worker
        self._clock = run.workspace.clock
        self._rebuilder = Rebuilder(self._source.name, archive.folder, worker.parse)

    def visit(
        self, day: date, *, full: bool, require_lease: RequireLease | None = None
    ) -> AsyncGenerator[Outcome, None]:
        """Ask for a day's pages: of its sections, or of its lists.

        Raises what ``require_lease`` raises, before anything is written.
        """
        lists = self._source.lists
        if lists is not None:
            return self._visit_lists(lists.entries(day), day, require_lease, full=full)
        return self._visit_sections(day, require_lease, full=full)

    async def _visit_sections(
        self, day: date, require_lease: RequireLease | None, *, full: bool
    ) -> AsyncGenerator[Outcome, None]:
        """Ask for one section page, and then for the sections that its catalogue shows to differ.

        Every section's page has the day's catalogue: if the first cannot be read, the next is asked for.
        """
        known = self._store.ledger.day_known(self._source.name, day)
        tried: set[int] = set()
        unfinished = unfinished_sections(known)
        for section in sections_to_try(self._source.sections, known.articles.values(), unfinished=unfinished):
            why = "unfinished" if section in unfinished else "a look at the catalogue"
            log.debug("%s, section %d: fetched: %s", day, section, why)
            first = self._page_visit(day, section, require_lease)
            outcome = await self._pass(first)
            tried.add(section)
            yield outcome
            # The host refuses: its other sections are on the same host.
            if outcome.refused:
                return
            # Its catalogue is the whole day's: one page that was read is enough to know what differs.
            if first.page is not None and outcome.state != "failed":
                wanted = self._differing(first.page, full=full)
                rest = [Target(day=day, section=other) for other in wanted if other not in tried]
                async for outcome in self.fetch(rest, require_lease=require_lease):
                    yield outcome
                return

    async def fetch(
        self, targets: Iterable[Target], *, require_lease: RequireLease | None = None
    ) -> AsyncGenerator[Outcome, None]:
        """Ask for just these pages; of a source with lists, for what their days lack."""
        if self._source.lists is not None:
            for day in dict.fromkeys(target.day for target in targets):
                async for outcome in self.visit(day, full=False, require_lease=require_lease):
                    yield outcome
            return
        refused = 0
        for target in targets:
            outcome = await self._pass(self._page_visit(target.day, target.section, require_lease))
            yield outcome
            # One page may be broken; a host that refuses two is to be left alone.
            refused += outcome.refused
            if refused > 1:
                return

    async def latest(self, lists: Iterable[Address], today: date) -> AsyncGenerator[Outcome, None]:
        """Ask for lists of what was written lately, and for the threads that it stands in."""
        async for outcome in self._visit_lists(lists, today, None, full=False):
            yield outcome

    async def _visit_lists(
        self, entries: Iterable[Address], day: date, require_lease: RequireLease | None, *, full: bool
    ) -> AsyncGenerator[Outcome, None]:
        """Ask for a list's first page, and then for what each page says is still to be asked for."""
        pages, refused = ListPages(self._source, entries, full=full), 0
        while (wanted := pages.next()) is not None:
            log.debug("%s: fetched: %s", self._source.url_of(wanted.address, self._base_url), wanted.why)
            visit = self._list_visit(wanted.address, day, require_lease)
            outcome = await self._pass(visit)
            if visit.loaded is not None:
                outcome = pages.follow(wanted.address, visit.loaded, outcome)
            yield outcome
            refused += outcome.refused
            if refused > 1 or (outcome.refused and wanted.address in pages.entries):
                return

    def _list_visit(self, address: Address, day: date, require_lease: RequireLease | None) -> PageVisit:
        """The address is a thread's, which has a row; or a listing's of the day, or of late comments."""
        url = self._source.url_of(address, self._base_url)
        row = list_row(self._source.name, address, day)
        target = Target(day=row.day, section=row.section)
        return PageVisit(target=target, url=url, require_lease=require_lease, row=row)

    def _differing(self, catalogue: ParsedPage, *, full: bool) -> tuple[int, ...]:
        known = self._store.ledger.day_known(catalogue.source, catalogue.date)
        choices = sections_to_fetch(
            catalogue,
            known=known.articles,
            unfinished=[section for section, page in known.pages.items() if page.state not in SETTLED],
            suppressed=known.suppressed,
            full=full,
            newest=self._source.newest_id,
        )
        for choice in choices:
            verdict = "fetched" if choice.wanted else "left out"
            log.debug("%s, section %d: %s: %s", catalogue.date, choice.section, verdict, choice.reason)
        return tuple(choice.section for choice in choices if choice.wanted)

    def _page_visit(self, day: date, section: int, require_lease: RequireLease | None) -> PageVisit:
        address = Address(kind="section", day=day, section=section)
        url = self._source.url_of(address, self._base_url)
        return PageVisit(target=Target(day=day, section=section), url=url, require_lease=require_lease)

    async def _pass(self, visit: PageVisit) -> Outcome:
        try:
            visit.capture = await self._fetcher.fetch(visit.url)
            self._look_after(visit)
            visit.place = self._keep(visit.url, visit.capture)
            # In a thread: a page that is slow to parse keeps neither a signal nor another source waiting.
            visit.page = await asyncio.to_thread(self._parse, visit.url, visit.capture)
            self._run.census.add(visit.page)
            return self._load(visit, visit.capture, visit.page)
        # These end the run, not the page: it is asked for again next time, and has not failed.
        except (CouldNotRun, BudgetReached, asyncio.CancelledError):
            if visit.place is not None:
                # Its record has no row: a file that is left open is recovered, and the row made, next time.
                self._archive.leave()
            raise
        except ThresherError as error:
            return self._fail(visit, error)
        except Exception as bug:
            log.exception("a bug in thresher failed %s", visit.url)
            return replace(self._fail(visit, bug), bug=True)

    def _look_after(self, visit: PageVisit) -> None:
        """A process that slept through its lease does not keep what somebody else has fetched meanwhile."""
        if visit.require_lease is not None:
            self._store.look(visit.require_lease)

    def _transact(self, visit: PageVisit, work: Callable[[Transaction], T]) -> T:
        def held(transaction: Transaction) -> T:
            # A transaction that is begun again loads all of it again.
            self._rebuilder.drop()
            if visit.require_lease is not None:
                visit.require_lease(transaction)
            return work(transaction)

        return self._store.transact(held)

    def _keep(self, url: str, capture: Capture) -> Written:
        original = None
        # A revisit record names the address of the original: after a redirect it would be another one.
        if capture.url == url and capture.wire_body:
            digest = payload_sha1(capture.wire_body)
            original = self._store.captures.original(self._source.name, url, digest)
        return self._archive.append(capture, original, asked=url)

    def _parse(self, url: str, capture: Capture) -> ParsedPage:
        return self._worker.parse(of_capture(self._source.name, capture, url=url))

    def _load(self, visit: PageVisit, capture: Capture, page: ParsedPage) -> Outcome:
        row = self._row(visit, capture, error=None)
        if page.part is not None:
            return self._load_part(visit, page, row)

        def load(transaction: Transaction) -> tuple[Loaded, PageState]:
            loaded = self._rebuilder.load(transaction, page, row)
            self._rebuilder.finish(transaction)
            own = (
                loaded.own or transaction.ledger.day_known(page.source, page.date).pages[visit.target.section]
            )
            return loaded, own

        loaded, own = self._transact(visit, load)
        log.debug("%s: %s", visit.url, what_changed(loaded))
        log.debug("%s: %s: %s", visit.url, own.state, own.last_error or "it agrees with its counters")
        return Outcome(
            day=page.date,
            section=visit.target.section,
            url=visit.url,
            state="done" if own.state in SETTLED else "short",
            reason=own.last_error,
            unproven=own.state == "unproven",
            articles=loaded.changes.articles.counts,
            comments=loaded.changes.comments.counts,
        )

    def _load_part(self, visit: PageVisit, page: ParsedPage, row: CaptureRow) -> Outcome:
        visit.loaded = loaded = self._transact(visit, lambda of: self._rebuilder.load(of, page, row))
        part = loaded.part
        if part is None:
            raise AssertionError("a page of a list was loaded as another")
        log.debug("%s: %s", visit.url, what_changed(loaded))
        return list_outcome(visit, loaded, part)

    def _fail(self, visit: PageVisit, error: Exception) -> Outcome:
        log.warning("%s", error)
        self._transact(visit, lambda transaction: self._put_failure(transaction, visit, error))
        return failed_outcome(visit, error)

    def _put_failure(self, transaction: Transaction, visit: PageVisit, error: Exception) -> None:
        target = visit.target
        fresh = PageState(source=self._source.name, day=target.day, section=target.section, state="failed")
        known = transaction.ledger.day_known(self._source.name, target.day)
        state = known.pages.get(target.section, fresh)
        capture_id = None
        if visit.capture is not None and visit.place is not None:
            row = self._row(visit, visit.capture, error=str(error))
            capture_id = transaction.captures.add(row)
            # Quarantine is for what another parser may read.
            if is_unreadable(error):
                failure = failure_of(capture_id, row, error, failed_at=row.captured_at)
                transaction.captures.put_aside(failure)
        if visit.row is not None:
            fail_part(transaction, visit.row, str(error), self._clock.now(), capture_id)
            return
        transaction.ledger.put(failed(state, str(error), self._clock.now(), capture_id))

    def _row(self, visit: PageVisit, capture: Capture, *, error: str | None) -> CaptureRow:
        return capture_row(visit, capture, source=self._source.name, run_id=self._run.run_id, error=error)
