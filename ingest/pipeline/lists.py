"""One page of a list into the store, in the transaction of whoever calls: a thread's, or a day's listing.

    ParsedPage -> placed -> Changes, and ListVisit -> loaded -> the thread's row, and its day's

A page of a list adds and renews; only the last one of a proven visit says what is not there any more.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime

from ingest.decide.changes.absent import gone_from_listing, gone_from_thread, with_absent, with_claim
from ingest.decide.changes.decide import Reading, decide
from ingest.decide.changes.model import Changes, Stored
from ingest.decide.completeness.counters import unreadable_blocks
from ingest.decide.completeness.emptied import CONFIRMED_AFTER
from ingest.decide.completeness.lists import advance
from ingest.decide.completeness.threads import (
    claimed,
    day_of_lists,
    list_after,
    list_failed,
    list_read_again,
    list_reopened,
    listed,
    remarked,
)
from ingest.pipeline.capture_rows import read_as
from ingest.pipeline.load import reading_of
from ingest.pipeline.loaded import Loaded, LoadedPart
from ingest.pipeline.placed import Placed, placed
from ingest.records.lists import KINDS, ListKind, ThreadState
from ingest.records.pages import NOTHING, CaptureRow, PageState, StoredCapture
from ingest.store import Transaction
from parsers.lists import KnownThread, ListVisit
from parsers.records import ParsedPage, Part


def load_part(transaction: Transaction, shown: ParsedPage, row: CaptureRow) -> Loaded:
    """Write what a page of a list says that was not loaded before, and what that means for the ledger."""
    if shown.part is None:
        raise AssertionError("only a page of a list has a part of one")
    at = placed(transaction, shown)
    return _Loading(transaction, at, shown.part, read_as(row, at.page)).load()


def load_part_again(transaction: Transaction, shown: ParsedPage, stored: StoredCapture) -> Loaded:
    """Write what a loaded capture says by today's parser: what its list proved stays proved, and no more
    is."""
    at = placed(transaction, shown)
    page = at.page
    capture_id = transaction.captures.add(read_as(stored.row, page))
    transaction.captures.release(capture_id)
    held = at.held or _held(transaction, page)
    changes = decide(
        page,
        held,
        captured_at=stored.row.captured_at,
        complete=False,
        reading=reading_of(stored, page),
    )
    transaction.load(changes, capture_id)
    state = at.state or row_of(transaction, page)
    if state.kind == "comments" and not changes.nothing:
        now = transaction.threads.held(page.source, state.thread)
        transaction.threads.put(list_read_again(state, now))
        settle_day(transaction, page.source, state.day, state.section)
    return Loaded(capture_id=capture_id, held=held, changes=changes, doubts=tuple(unreadable_blocks(page)))


def fail_part(
    transaction: Transaction, state: ThreadState, error: str, now: datetime, capture: int | None
) -> None:
    """Enter that a page of a list could not be had, or not be read; its address need not tell its section."""
    # The section is in the row: a thread's address does not have it.
    known = transaction.threads.current(state)
    if known is None and state.kind == "comments":
        return  # no listing names the thread any more
    before = known or state
    transaction.threads.put(list_failed(before, error, now, capture))
    if before.kind != "latest":
        settle_day(transaction, before.source, before.day, before.section)


def settle_day(transaction: Transaction, source: str, day: date, section: int) -> PageState:
    """Write the day's row anew, by its listing and its threads; without those that were taken down."""
    before = transaction.ledger.page(source, day, section)
    listing, threads = transaction.threads.of_day(source, day, section)
    suppressed = transaction.suppressed_articles(source)
    # Their threads are never asked for again, and would leave the day unfinished for good.
    left = [thread for thread in threads if thread.thread not in suppressed]
    state = day_of_lists(
        before or PageState(source=source, day=day, section=section, state="pending"),
        listing,
        left,
        transaction.tallies(source, day).get(section, NOTHING),
        taken_down=len(threads) - len(left),
    )
    transaction.ledger.put(state)
    return state


class _Loading:
    """The loading of one page."""

    def __init__(self, transaction: Transaction, at: Placed, part: Part, row: CaptureRow) -> None:
        self._transaction = transaction
        self._page = page = at.page
        self._part = part
        self._row = row
        self._known = at.state
        self._before = at.state or row_of(transaction, page)
        self._held = at.held or _held(transaction, page)
        self._doubts = list(unreadable_blocks(page))

    def load(self) -> Loaded:
        """Write the capture, what the page shows, what its list proves, and the ledger."""
        page, before, captured_at = self._page, self._before, self._row.captured_at
        capture_id = self._transaction.captures.add(self._row)
        self._transaction.captures.release(capture_id)
        changes = decide(
            page, self._held, captured_at=captured_at, complete=False, reading=Reading(first=True)
        )
        fresh = frozenset(new.article for new in changes.comments.new)
        visit, state, threads = None, before, self._known_threads()
        # An older page than the newest of its list fills gaps, and proves nothing of today.
        is_newest = before.visited_at is None or before.visited_at <= captured_at
        if is_newest:
            visit = advance(before.visit, self._part, captured_at)
            # Only with a visit: a page alone cannot say that its list lacks a row.
            changes = self._by_visit(changes, visit) if visit is not None else changes
        self._transaction.load(changes, capture_id)
        if is_newest:
            state = self._settle(visit, capture_id, changes)
        known = {thread: _known(row) for thread, row in threads.items()}
        part = LoadedPart(
            page=self._without_taken_down(),
            state=state,
            visit=visit,
            threads=known,
            fresh=fresh,
            late=not is_newest,
        )
        return Loaded(
            capture_id=capture_id,
            held=self._held,
            changes=changes,
            doubts=tuple(self._doubts),
            part=part,
        )

    def _by_visit(self, changes: Changes, visit: ListVisit) -> Changes:
        """The changes with what the whole list says besides: what is gone, and how many there are."""
        # A comment that cannot be read would look like one that is gone.
        if visit.status == "proven" and not self._doubts:
            changes = self._without_the_absent(changes, visit)
        if self._before.kind == "comments":
            changes = with_claim(changes, visit, self._before.thread, self._held)
        return changes

    def _without_taken_down(self) -> ParsedPage:
        """The page as it is followed: nothing is asked for again that was taken down."""
        down = self._held.suppressed_articles
        return replace(
            self._page, claims=tuple(claim for claim in self._page.claims if claim.thread not in down)
        )

    def _known_threads(self) -> dict[str, ThreadState]:
        named = {claim.thread for claim in self._page.claims}
        named |= {article.external_id for article in self._page.articles}
        if self._known is not None and named == {self._known.thread}:
            return {self._known.thread: self._known}
        return self._transaction.threads.known(self._page.source, named)

    def _without_the_absent(self, changes: Changes, visit: ListVisit) -> Changes:
        if self._part.thread is None:
            return self._without_articles(changes, visit)
        # A list of late comments ends at a moment: what is older is not gone.
        if self._page.kind == "latest":
            return changes
        gone = gone_from_thread(visit, self._part.thread, self._held)
        return with_absent(changes, comments=gone)

    def _without_articles(self, changes: Changes, visit: ListVisit) -> Changes:
        page = self._page
        gone = gone_from_listing(visit, self._held, page.section or 0)
        if not gone:
            self._remember_emptiness(None)
            return changes
        # A forum also shows nothing while its own database is down.
        if not visit.shown and not self._is_empty_for_long():
            self._doubts.append(f"the day shows no articles, and {len(gone)} are held")
            return changes
        # What is held of the day has no comments: those of the articles that go are needed with them.
        held = self._transaction.held(page.source, gone)
        rows = [held.articles[external_id] for external_id in gone]
        comments = [one.row_id for article in rows for one in article.comments if one.live]
        return with_absent(changes, articles=[one.row.row_id for one in rows], comments=comments)

    def _is_empty_for_long(self) -> bool:
        page, now = self._page, self._row.captured_at
        known = self._transaction.ledger.emptying(page.source, page.date, page.section)
        since = known.since if known.since is not None else now
        self._remember_emptiness(since)
        accepted = known.accepted_at is not None and since <= known.accepted_at <= now
        return accepted or now - since >= CONFIRMED_AFTER

    def _remember_emptiness(self, since: datetime | None) -> None:
        page = self._page
        known = self._transaction.ledger.emptying(page.source, page.date, page.section)
        if known.since != since:
            self._transaction.ledger.put_emptying(
                page.source, page.date, replace(known, since=since), page.section
            )

    def _settle(self, visit: ListVisit | None, capture_id: int, changes: Changes) -> ThreadState:
        transaction, page, captured_at = self._transaction, self._page, self._row.captured_at
        state = list_after(
            self._before,
            visit,
            held=self._rows_held(visit),
            doubts=self._doubts,
            captured_at=captured_at,
            capture_id=capture_id,
            changed=changes.visible,
        )
        transaction.threads.put(state)
        if page.kind == "latest":
            self._reopen(frozenset(new.article for new in changes.comments.new))
            self._remark()
            return state
        known = transaction.threads.known(page.source, {claim.thread for claim in page.claims})
        for row in listed(state, page.claims, known):
            transaction.threads.put(row)
        # Until the listing is proven, a thread that a page lacks may stand on the next one.
        if state.kind == "listing" and state.settled:
            self._drop_unlisted(visit, state)
        settle_day(transaction, page.source, state.day, state.section)
        return state

    def _drop_unlisted(self, visit: ListVisit | None, state: ThreadState) -> None:
        if visit is not None and visit.status == "proven":
            _, threads = self._transaction.threads.of_day(state.source, state.day, state.section)
            shown = visit.shown
            self._transaction.threads.drop(row for row in threads if row.thread not in shown)

    def _reopen(self, threads: Collection[str]) -> None:
        for row in self._transaction.threads.known(self._page.source, threads).values():
            self._transaction.threads.put(list_reopened(row))
            settle_day(self._transaction, row.source, row.day, row.section)

    def _remark(self) -> None:
        """Threads that a list of late comments marks otherwise are read again, in this run or in the next."""
        claims = self._page.claims
        known = self._transaction.threads.known(self._page.source, {claim.thread for claim in claims})
        for row in remarked(claims, known):
            self._transaction.threads.put(row)
            settle_day(self._transaction, row.source, row.day, row.section)

    def _rows_held(self, visit: ListVisit | None) -> int:
        """How many rows of the list are held now; a listing's are what it lists, which its threads may
        bring."""
        if self._before.kind != "comments":
            return visit.comments if visit is not None else 0
        return self._transaction.threads.held(self._page.source, self._before.thread)


def _held(transaction: Transaction, page: ParsedPage) -> Stored:
    """What is held of the page's articles; for a listing, of all of its day."""
    ids = {article.external_id for article in page.articles}
    return transaction.held(page.source, ids, page.date if page.kind == "section" else None)


def _known(row: ThreadState) -> KnownThread:
    return KnownThread(settled=row.settled, mark=row.mark, comments=claimed(row))


def row_of(transaction: Transaction, page: ParsedPage) -> ThreadState:
    """The ledger row of the list that the page is a part of, new or not."""
    section = page.section or 0
    kind: ListKind = KINDS[page.kind]
    thread = page.part.thread if page.part is not None else None
    fresh = ThreadState(source=page.source, kind=kind, thread=thread or "", day=page.date, section=section)
    return transaction.threads.current(fresh) or fresh
