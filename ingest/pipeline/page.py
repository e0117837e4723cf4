"""The line: one page from its address to the database. It decides nothing.

    Target -> fetch -> Capture -> archive -> Place -> parse -> ParsedPage
           -> decide -> Changes -> load -> Outcome

Archive comes before parse: a wrong parser never costs a page. The capture's row, the rows that changed
and the ledger are one transaction. A ThresherError fails the page and the line goes on; anything else is
a bug: it is logged with the page's address and fails the page too.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import TypeVar

from ingest.archive import ArchiveWriter, Written, payload_sha1
from ingest.decide.completeness.transitions import back_off
from ingest.errors import CouldNotRun, LeaseLost, RobotsForbidden, StatusUnexpected, Unreachable
from ingest.fetch import Fetcher
from ingest.pipeline.list_visit import ListPages
from ingest.pipeline.lists import fail_part
from ingest.pipeline.load import failure_of, is_unreadable
from ingest.pipeline.loaded import Loaded
from ingest.pipeline.parse.worker import Question, Worker
from ingest.pipeline.passage import Hold, Passage, capture_row, list_row, unfinished_sections, what_changed
from ingest.pipeline.rebuild import Rebuilder
from ingest.pipeline.workspace import Run
from ingest.records.capture import Capture, header_values
from ingest.records.outcome import Outcome
from ingest.records.pages import CaptureRow, PageState
from ingest.store import Transaction
from parsers.errors import PageBlocked, ThresherError
from parsers.records import ParsedPage
from parsers.urls import Address
from schedules.plan import Target, sections_to_fetch, sections_to_try

log = logging.getLogger(__name__)

T = TypeVar("T")


class Line:
    """The line of one source. The collaborators are opened and closed by whoever runs it."""

    def __init__(
        self,
        run: Run,
        *,
        base_url: str,
        archive: ArchiveWriter,
        fetcher: Fetcher,
        worker: Worker,
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

    async def visit(
        self, day: date, *, full: bool, hold: Hold | None = None
    ) -> AsyncGenerator[Outcome, None]:
        """Ask for one section page, and then for the sections that its catalogue shows to differ.

        Every section's page has the day's catalogue: if the first cannot be read, the next is asked for.
        Raises what ``hold`` raises, before anything is written.
        """
        if self._source.lists is not None:
            async for outcome in self._visit_lists(self._source.lists.entries(day), day, hold, full=full):
                yield outcome
            return
        known = self._store.ledger.day_known(self._source.name, day)
        tried: set[int] = set()
        unfinished = unfinished_sections(known)
        for section in sections_to_try(self._source.sections, known.articles.values(), unfinished=unfinished):
            why = "unfinished" if section in unfinished else "a look at the catalogue"
            log.debug("%s, section %d: fetched: %s", day, section, why)
            first = self._passage(day, section, hold)
            outcome = await self._pass(first)
            tried.add(section)
            yield outcome
            if outcome.refused:
                return
            if first.page is not None and outcome.state != "failed":
                wanted = self._differing(first.page, full=full)
                rest = [Target(day=day, section=other) for other in wanted if other not in tried]
                async for outcome in self.fetch(rest, hold=hold):
                    yield outcome
                return

    async def fetch(
        self, targets: Iterable[Target], *, hold: Hold | None = None
    ) -> AsyncGenerator[Outcome, None]:
        """Ask for just these pages; of a source with lists, for what their days lack."""
        if self._source.lists is not None:
            for day in dict.fromkeys(target.day for target in targets):
                async for outcome in self.visit(day, full=False, hold=hold):
                    yield outcome
            return
        refused = 0
        for target in targets:
            outcome = await self._pass(self._passage(target.day, target.section, hold))
            yield outcome
            # One page may be broken; a host that refuses two is to be left alone.
            refused += outcome.refused
            if refused > 1:
                return

    async def latest(self, since: datetime, today: date) -> AsyncGenerator[Outcome, None]:
        """Ask for the comments that were written since, and for the threads that they stand in."""
        lists = self._source.lists
        if lists is not None and lists.latest is not None:
            async for outcome in self._visit_lists((lists.latest(since),), today, None, full=False):
                yield outcome

    async def _visit_lists(
        self, entries: Iterable[Address], day: date, hold: Hold | None, *, full: bool
    ) -> AsyncGenerator[Outcome, None]:
        """Ask for a list's first page, and then for what each page says is still to be asked for."""
        pages, refused = ListPages(self._source, entries, full=full), 0
        while (wanted := pages.next()) is not None:
            log.debug("%s: fetched: %s", self._source.url_of(wanted.address, self._base_url), wanted.why)
            passage = self._list_passage(wanted.address, day, hold)
            outcome = await self._pass(passage)
            if passage.loaded is not None and pages.follow(wanted.address, passage.loaded):
                outcome = replace(outcome, state="done", reason="it changed while it was read: asked again")
            yield outcome
            refused += outcome.refused
            if refused > 1 or (outcome.refused and wanted.address in pages.entries):
                return

    def _list_passage(self, address: Address, day: date, hold: Hold | None) -> Passage:
        """The address is a thread's, which has a row; or a listing's of the day, or of late comments."""
        url = self._source.url_of(address, self._base_url)
        row = list_row(self._source.name, address, day)
        target = Target(day=row.day, section=row.section)
        return Passage(target=target, url=url, hold=hold, row=row)

    def _differing(self, catalogue: ParsedPage, *, full: bool) -> tuple[int, ...]:
        known = self._store.ledger.day_known(catalogue.source, catalogue.date)
        choices = sections_to_fetch(
            catalogue,
            known=known.articles,
            unfinished=[section for section, page in known.pages.items() if page.state != "done"],
            suppressed=known.suppressed,
            full=full,
            newest=self._source.newest_id,
        )
        for choice in choices:
            verdict = "fetched" if choice.wanted else "left out"
            log.debug("%s, section %d: %s: %s", catalogue.date, choice.section, verdict, choice.reason)
        return tuple(choice.section for choice in choices if choice.wanted)

    def _passage(self, day: date, section: int, hold: Hold | None) -> Passage:
        address = Address(kind="section", day=day, section=section)
        url = self._source.url_of(address, self._base_url)
        return Passage(target=Target(day=day, section=section), url=url, hold=hold)

    async def _pass(self, passage: Passage) -> Outcome:
        try:
            passage.capture = await self._fetcher.fetch(passage.url)
            self._look_after(passage)
            passage.place = self._keep(passage.url, passage.capture)
            # In a thread: a page that is slow to parse keeps neither a signal nor another source waiting.
            passage.page = await asyncio.to_thread(self._parse, passage.url, passage.capture)
            self._run.census.add(passage.page)
            return self._load(passage, passage.capture, passage.page)
        except (LeaseLost, CouldNotRun, asyncio.CancelledError):
            if passage.place is not None:
                # Its record has no row: a file that is left open is recovered, and the row made, next time.
                self._archive.leave()
            raise
        except ThresherError as error:
            return self._fail(passage, error)
        except Exception as bug:
            log.exception("a bug in thresher failed %s", passage.url)
            return replace(self._fail(passage, bug), bug=True)

    def _look_after(self, passage: Passage) -> None:
        """A process that slept through its lease does not keep what somebody else has fetched meanwhile."""
        if passage.hold is not None:
            self._transact(passage, lambda _: None)

    def _transact(self, passage: Passage, work: Callable[[Transaction], T]) -> T:
        def held(transaction: Transaction) -> T:
            # A transaction that is begun again loads all of it again.
            self._rebuilder.drop()
            if passage.hold is not None:
                passage.hold(transaction)
            return work(transaction)

        return self._store.transact(held)

    def _keep(self, url: str, capture: Capture) -> Written:
        original = None
        if capture.url == url and capture.wire_body:
            digest = payload_sha1(capture.wire_body)
            original = self._store.captures.original(self._source.name, url, digest)
        return self._archive.append(capture, original)

    def _parse(self, url: str, capture: Capture) -> ParsedPage:
        if capture.status != 200:
            raise StatusUnexpected(capture.status, url)
        question = Question(
            source=self._source.name,
            body=capture.body,
            # The address that was asked for: a redirect to another day's page must not pass for this one.
            url=url,
            captured_at=capture.captured_at,
            content_type=capture.header("content-type"),
            headers=header_values(capture.response_headers) if self._source.lists is not None else {},
        )
        return self._worker.parse(question)

    def _load(self, passage: Passage, capture: Capture, page: ParsedPage) -> Outcome:
        row = self._row(passage, capture, error=None)
        if page.part is not None:
            return self._load_part(passage, page, row)

        def load(transaction: Transaction) -> tuple[Loaded, PageState]:
            loaded = self._rebuilder.load(transaction, page, row)
            self._rebuilder.finish(transaction)
            own = (
                loaded.own
                or transaction.ledger.day_known(page.source, page.date).pages[passage.target.section]
            )
            return loaded, own

        loaded, own = self._transact(passage, load)
        log.debug("%s: %s", passage.url, what_changed(loaded))
        log.debug("%s: %s: %s", passage.url, own.state, own.last_error or "it agrees with its counters")
        return Outcome(
            day=page.date,
            section=passage.target.section,
            url=passage.url,
            state="done" if own.state == "done" else "short",
            reason=own.last_error,
            articles=loaded.changes.articles.counts,
            comments=loaded.changes.comments.counts,
        )

    def _load_part(self, passage: Passage, page: ParsedPage, row: CaptureRow) -> Outcome:
        passage.loaded = loaded = self._transact(passage, lambda of: self._rebuilder.load(of, page, row))
        part = loaded.part
        if part is None:
            raise AssertionError("a page of a list was loaded as another")
        log.debug("%s: %s", passage.url, what_changed(loaded))
        settled = part.state.settled or (part.visit is not None and part.visit.status == "open")
        return Outcome(
            day=part.state.day,
            section=part.state.section,
            url=passage.url,
            state="done" if settled else "short",
            reason=part.state.last_error,
            unproven=part.state.state == "unproven",
            articles=loaded.changes.articles.counts,
            comments=loaded.changes.comments.counts,
        )

    def _fail(self, passage: Passage, error: Exception) -> Outcome:
        target = passage.target
        log.warning("%s", error)
        self._transact(passage, lambda transaction: self._put_failure(transaction, passage, error))
        return Outcome(
            day=target.day,
            section=target.section,
            url=passage.url,
            state="failed",
            reason=str(error),
            kept=passage.place is not None,
            refused=isinstance(error, Unreachable | RobotsForbidden | PageBlocked),
            forbidden=isinstance(error, RobotsForbidden),
        )

    def _put_failure(self, transaction: Transaction, passage: Passage, error: Exception) -> None:
        target = passage.target
        fresh = PageState(source=self._source.name, day=target.day, section=target.section, state="failed")
        known = transaction.ledger.day_known(self._source.name, target.day)
        state = known.pages.get(target.section, fresh)
        capture_id = None
        if passage.capture is not None and passage.place is not None:
            row = self._row(passage, passage.capture, error=str(error))
            capture_id = transaction.captures.add(row)
            if is_unreadable(error):
                failure = failure_of(capture_id, row, error, failed_at=row.captured_at)
                transaction.captures.put_aside(failure)
        if passage.row is not None:
            fail_part(transaction, passage.row, str(error), self._clock.now(), capture_id)
            return
        failed = replace(state, state="failed", last_error=str(error), capture_id=capture_id)
        transaction.ledger.put(back_off(failed, self._clock.now()))

    def _row(self, passage: Passage, capture: Capture, *, error: str | None) -> CaptureRow:
        return capture_row(passage, capture, source=self._source.name, run_id=self._run.run_id, error=error)
