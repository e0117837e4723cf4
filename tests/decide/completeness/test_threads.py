"""The ledger's rows of lists after a page, and the row of the day that counts them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ingest.decide.completeness.threads import (
    claimed,
    day_of_lists,
    list_after,
    list_failed,
    listed,
    remarked,
)
from ingest.records.lists import ThreadState
from ingest.records.pages import PageState, Tally
from parsers.lists import ListVisit, VisitStatus
from parsers.records import ThreadClaim

AT = datetime(2024, 5, 1, 12, tzinfo=UTC)
DAY = date(2024, 5, 1)
FRESH = ThreadState(source="quay", kind="comments", thread="7", day=DAY, section=0)
DONE = replace(FRESH, state="done", expected_comments=2, held_comments=2, visited_at=AT, full_at=AT)
LISTING = replace(DONE, kind="listing", thread="", expected_comments=1, held_comments=1)
SECTION = PageState(source="quay", day=DAY, section=0, state="pending")
HELD = Tally(articles=1, comments=2)


def visit(status: VisitStatus, rows: str = "ab", total: int | None = 2, others: str = "") -> ListVisit:
    return ListVisit(
        began_at=AT,
        rows=tuple(rows),
        others=frozenset(others),
        total=total,
        status=status,
        reason=None if status in {"open", "proven"} else "so it is",
    )


def after(before: ThreadState, seen: ListVisit | None, *, held: int = 2, doubts: Any = ()) -> ThreadState:
    return list_after(
        before, seen, held=held, doubts=doubts, captured_at=AT, capture_id=5, changed=bool(held)
    )


@pytest.mark.parametrize(
    ("seen", "held", "state", "error", "expected"),
    [
        (visit("open", total=9), 2, "pending", None, 9),
        (visit("proven"), 2, "done", None, 2),
        (visit("proven", "abc", 3, others="a"), 2, "done", None, 2),
        (visit("proven"), 1, "short", "1 of 2 are held", 2),
        (visit("unproven", total=None), 2, "unproven", "so it is", None),
        (visit("moved"), 2, "short", "so it is", 2),
        (visit("short", total=40), 2, "short", "so it is", 40),
    ],
)
def test_a_list_s_row_after_a_page(
    seen: ListVisit, held: int, state: str, error: str | None, expected: int | None
) -> None:
    row = after(FRESH, seen, held=held)
    assert (row.state, row.last_error, row.expected_comments, row.held_comments) == (
        state,
        error,
        expected,
        held,
    )
    assert (row.visited_at, row.capture_id) == (AT, 5)
    assert (row.visit is not None) == (seen.status == "open")
    rests = state == "short"
    assert (row.attempts, row.not_before) == ((1, AT + timedelta(hours=1)) if rests else (0, None))
    assert (row.full_at is not None) == row.settled


def test_a_settled_list_forgets_its_failures() -> None:
    failed = list_failed(replace(FRESH, visit=visit("open")), "HTTP 500", AT, 4)
    assert (failed.state, failed.last_error, failed.attempts, failed.capture_id) == (
        "failed",
        "HTTP 500",
        1,
        4,
    )
    assert failed.visit is None
    again = after(failed, visit("proven"))
    assert (again.state, again.last_error, again.attempts, again.not_before) == ("done", None, 0, None)


def test_what_cannot_be_read_proves_nothing() -> None:
    row = after(FRESH, visit("proven"), doubts=("comment 3 of article 7 cannot be read: no time",))
    assert (row.state, row.last_error) == ("short", "comment 3 of article 7 cannot be read: no time")
    assert row.visit is None


def test_a_page_that_is_of_no_visit_says_when_it_was_seen() -> None:
    row = after(DONE, None)
    assert (row.state, row.capture_id) == ("done", 5)


def test_a_listing_enters_threads_that_are_new_or_marked_otherwise() -> None:
    known = {
        "7": replace(DONE, mark="2"),
        "8": replace(DONE, thread="8", mark="2"),
        "9": replace(FRESH, thread="9", mark="2", state="failed"),
    }
    claims = [ThreadClaim(thread=one, mark=mark) for one, mark in zip("789x", "2323", strict=True)]
    changed = {row.thread: (row.state, row.mark) for row in listed(LISTING, claims, known)}
    assert changed == {"8": ("pending", "3"), "x": ("pending", "3")}


def test_a_thread_that_stands_elsewhere_now_moves() -> None:
    elsewhere = replace(DONE, day=DAY - timedelta(days=1))
    (row,) = listed(LISTING, [ThreadClaim(thread="7")], {"7": elsewhere})
    assert (row.day, row.state) == (DAY, "done")


@pytest.mark.parametrize(
    ("threads", "state", "error"),
    [
        ([DONE], "done", None),
        ([DONE, replace(FRESH, thread="8")], "pending", None),
        ([replace(DONE, state="unproven", last_error="no total")], "unproven", "thread 7: no total"),
        ([replace(DONE, state="short", last_error="so it is"), DONE], "short", "thread 7: so it is"),
        ([replace(DONE, state="short"), replace(DONE, state="failed")], "failed", None),
    ],
)
def test_a_day_is_as_good_as_the_worst_of_its_lists(
    threads: list[ThreadState], state: str, error: str | None
) -> None:
    held = Tally(articles=1, comments=sum(one.held_comments or 0 for one in threads))
    row = day_of_lists(SECTION, LISTING, threads, held)
    assert (row.state, row.last_error) == (state, error)


def test_a_day_whose_sums_differ_is_short() -> None:
    row = day_of_lists(SECTION, LISTING, [DONE], replace(HELD, articles=0))
    assert (row.state, row.last_error) == ("short", "0 of 1 articles are held")


def test_a_day_without_its_listing_only_counts() -> None:
    row = day_of_lists(SECTION, None, [DONE], HELD)
    assert (row.state, row.held_articles, row.held_comments, row.expected_articles) == ("pending", 1, 2, None)


def test_a_day_was_seen_in_full_when_the_oldest_of_its_lists_was() -> None:
    old = replace(DONE, visited_at=AT - timedelta(days=3), changed_at=AT - timedelta(days=4))
    row = day_of_lists(SECTION, LISTING, [old], HELD)
    assert (row.visited_at, row.full_at, row.changed_at) == (AT, old.visited_at, old.changed_at)
    unseen = day_of_lists(SECTION, LISTING, [replace(FRESH, thread="8")], HELD)
    assert unseen.full_at is None


def test_a_day_rests_until_the_first_of_its_lists_may_be_asked_for() -> None:
    rows = [replace(DONE, state="short", attempts=n, not_before=AT + timedelta(hours=n)) for n in (3, 2)]
    row = day_of_lists(SECTION, LISTING, rows, HELD)
    assert (row.attempts, row.not_before) == (3, AT + timedelta(hours=2))
    waiting = day_of_lists(SECTION, LISTING, [*rows, replace(FRESH, thread="8")], HELD)
    assert waiting.not_before is None


def test_a_page_that_changes_nothing_leaves_the_moment_of_the_last_change() -> None:
    before = replace(DONE, changed_at=AT - timedelta(days=2))
    later = AT + timedelta(days=1)
    for changed, moment in ((True, later), (False, before.changed_at)):
        row = list_after(
            before,
            visit("proven"),
            held=2,
            doubts=(),
            captured_at=later,
            capture_id=5,
            changed=changed,
        )
        assert row.changed_at == moment


@pytest.mark.parametrize(
    ("mark", "state", "after"),
    [
        ("new", "done", "pending"),
        ("new", "short", "short"),
        ("old", "done", None),
        (None, "done", None),
    ],
)
def test_threads_that_are_marked_otherwise_are_read_again(
    mark: str | None, state: Any, after: str | None
) -> None:
    known = {
        "7": replace(DONE, mark="old", state=state),
        "8": replace(DONE, thread="8", mark="old"),
    }
    found = remarked([ThreadClaim(thread="7", mark=mark), ThreadClaim(thread="9", mark="new")], known)
    expected = [] if after is None else [("7", "new", after)]
    assert [(row.thread, row.mark, row.state) for row in found] == expected


@pytest.mark.parametrize(
    ("expected", "held", "number"), [(5, 2, 5), (0, 2, 0), (None, 2, 2), (None, None, 0)]
)
def test_what_a_thread_has_is_what_it_claims_or_else_what_is_held(
    expected: int | None, held: int | None, number: int
) -> None:
    assert claimed(replace(DONE, expected_comments=expected, held_comments=held)) == number


def test_a_day_whose_listing_says_no_number_expects_what_is_held() -> None:
    day = day_of_lists(SECTION, replace(LISTING, expected_comments=None), [DONE], HELD, taken_down=1)
    assert (day.expected_articles, day.expected_comments, day.state) == (1, 2, "done")


@pytest.mark.parametrize(("before", "after"), [("leased", "leased"), ("done", "pending")])
def test_a_day_that_is_worked_on_stays_leased_while_a_list_is_read(before: Any, after: str) -> None:
    day = day_of_lists(replace(SECTION, state=before), LISTING, [replace(DONE, state="pending")], HELD)
    assert day.state == after


def test_sums_that_differ_are_no_fault_of_a_day_that_is_not_settled() -> None:
    thread = replace(DONE, state="pending", expected_comments=9)
    assert day_of_lists(SECTION, LISTING, [thread], HELD).state == "pending"
    settled = day_of_lists(SECTION, LISTING, [replace(thread, state="done")], HELD)
    assert (settled.state, settled.last_error) == ("short", "1 of 1 articles are held")
