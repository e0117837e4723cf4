"""What a list's row in the ledger becomes after one of its pages, and a day's row after its lists. Pure.

A day is done when its listing is proven and every thread that it lists is; its row counts them all.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from operator import attrgetter

from ingest.records.lists import ThreadState
from ingest.records.pages import PageState, State, Tally
from parsers.lists import ListVisit
from parsers.records import ThreadClaim
from schedules.recrawl import backoff

WORST = ("failed", "short", "pending", "leased", "unproven", "done")
"""Of several lists' states, the first of these is the day's."""


def list_after(
    before: ThreadState,
    visit: ListVisit | None,
    *,
    held: int,
    doubts: Collection[str],
    captured_at: datetime,
    capture_id: int,
    changed: bool,
) -> ThreadState:
    """The row once a page of the list is loaded. ``held`` are the rows of it that the store has now.

    ``doubts`` are why the page does not show all that it should.
    """
    after = replace(
        before,
        held_comments=held,
        capture_id=capture_id,
        visited_at=captured_at,
        changed_at=captured_at if changed else before.changed_at,
        # With a row that cannot be read the visit proves nothing: it need not go on.
        visit=visit if visit is not None and visit.status == "open" and not doubts else None,
    )
    if visit is None:
        return after
    after = replace(after, expected_comments=_expected(visit))
    if doubts:
        return _rested(replace(after, state="short", last_error="; ".join(doubts)), captured_at)
    if visit.status == "open":
        return after
    state, reason = _verdict(visit, held)
    judged = replace(after, state=state, last_error=reason)
    if not judged.settled:
        return _rested(judged, captured_at)
    return replace(judged, attempts=0, not_before=None, full_at=captured_at)


def list_failed(before: ThreadState, error: str, now: datetime, capture_id: int | None) -> ThreadState:
    """The row once a page of the list could not be had, or not be read."""
    failed = replace(before, state="failed", last_error=error, visit=None)
    return _rested(replace(failed, capture_id=capture_id or before.capture_id), now)


def list_read_again(before: ThreadState, held: int) -> ThreadState:
    """The row after a better parser: what its list proved stays proved, and no more is."""
    return replace(before, held_comments=held)


def list_reopened(before: ThreadState) -> ThreadState:
    """The row of a thread that has late comments: it is read again, in this run or in the next."""
    return replace(before, state="pending")


def remarked(claims: Iterable[ThreadClaim], known: Mapping[str, ThreadState]) -> tuple[ThreadState, ...]:
    """The rows of the threads that a list of late comments marks otherwise; their places stay."""
    marks = {claim.thread: claim.mark for claim in claims if claim.mark is not None}
    return tuple(
        # A failed or short row keeps its state, with the time at which it is tried again.
        replace(row, mark=marks[thread], state="pending" if row.settled else row.state)
        for thread, row in known.items()
        if thread in marks and row.mark != marks[thread]
    )


def listed(
    listing: ThreadState, claims: Iterable[ThreadClaim], known: Mapping[str, ThreadState]
) -> tuple[ThreadState, ...]:
    """The rows of a listing's threads that are new, stand elsewhere now, or are marked otherwise."""
    found = []
    for claim in claims:
        before = known.get(claim.thread)
        fresh = ThreadState(
            source=listing.source,
            kind="comments",
            thread=claim.thread,
            day=listing.day,
            section=listing.section,
        )
        # A thread can move to another forum: its row goes along with its listing.
        after = replace(before or fresh, day=listing.day, section=listing.section, mark=claim.mark)
        if before is not None and before.settled and before.mark != claim.mark:
            after = replace(after, state="pending")
        if after != before:
            found.append(after)
    return tuple(found)


def day_of_lists(
    before: PageState,
    listing: ThreadState | None,
    threads: Collection[ThreadState],
    held: Tally,
    *,
    taken_down: int = 0,
) -> PageState:
    """A day's row, by its listing and its threads.

    ``taken_down`` is how many more threads the listing has, whose articles were taken down.
    """
    counted = replace(before, held_articles=held.articles, held_comments=held.comments)
    if listing is None:
        return counted
    lists = (listing, *threads)
    listed = listing.expected_comments
    expected = Tally(
        articles=held.articles if listed is None else listed - taken_down, comments=sum(map(claimed, threads))
    )
    state, reason = _worst(lists, expected, held)
    if before.state == "leased" and state == "pending":
        # Whoever works on the day goes on working.
        state = "leased"
    return replace(
        counted,
        state=state,
        last_error=reason,
        attempts=max(one.attempts for one in lists),
        not_before=_earliest(one.not_before for one in lists if not one.settled),
        expected_articles=expected.articles,
        expected_comments=expected.comments,
        visited_at=listing.visited_at,
        changed_at=max(filter(None, map(attrgetter("changed_at"), lists)), default=None),
        full_at=_earliest(one.visited_at for one in lists),
    )


def _worst(lists: Collection[ThreadState], expected: Tally, held: Tally) -> tuple[State, str | None]:
    """The state of the worst of the lists, and why; short where the sums differ all the same."""
    # Of several the first: a day's row has one reason only.
    worst = min(lists, key=lambda one: WORST.index(one.state))
    if worst.settled and expected != held:
        return "short", f"{held.articles} of {expected.articles} articles are held"
    if worst.last_error is None:
        return worst.state, None
    return worst.state, f"thread {worst.thread}: {worst.last_error}" if worst.thread else worst.last_error


def _earliest(moments: Iterable[datetime | None]) -> datetime | None:
    """The earliest moment; None if there is none, or if one of them has not come yet."""
    known = list(moments)
    return None if None in known else min(filter(None, known), default=None)


def _verdict(visit: ListVisit, held: int) -> tuple[State, str | None]:
    if visit.status == "unproven":
        return "unproven", visit.reason
    if visit.status != "proven":
        return "short", visit.reason
    # The site is proven, the store is not: rows are held that the list does not have, or lacks some.
    if held != visit.comments:
        return "short", f"{held} of {visit.comments} are held"
    return "done", None


def _expected(visit: ListVisit) -> int | None:
    """How many rows the list has by the site's word, or else by what it showed; without what is no comment.

    Of a list that is unproven, what was deleted is held as well: it has no count.
    """
    if visit.total is None and visit.status == "unproven":
        return None
    rows = visit.total if visit.total is not None else len(visit.shown)
    return rows - len(visit.others)


def claimed(thread: ThreadState) -> int:
    """How many comments the thread has by the site's word, or else how many are held."""
    return thread.expected_comments if thread.expected_comments is not None else thread.held_comments or 0


def _rested(state: ThreadState, now: datetime) -> ThreadState:
    attempts = state.attempts + 1
    return replace(state, attempts=attempts, not_before=now + backoff(attempts))
