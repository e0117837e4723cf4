"""The ledger of lists: a thread has one row wherever its article stands, a day's listing one a section."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ingest.records.lists import ThreadState
from ingest.records.pages import SourceStatus
from ingest.store import Store
from parsers.lists import ListVisit
from tests.kit.parsed import DAY, at

VISIT = ListVisit(
    began_at=datetime(2024, 5, 1, 12, tzinfo=UTC),
    rows=("1", None),
    others=frozenset({"2"}),
    total=2,
    needs_total=True,
)
THREAD = ThreadState(source="harbour", kind="comments", thread="100", day=DAY, section=1)
LISTING = replace(THREAD, kind="listing", thread="")
NEXT = DAY.replace(day=DAY.day + 1)


def put(store: Store, *states: ThreadState) -> None:
    with store.transaction() as tx:
        for state in states:
            tx.threads.put(state)


def of_day(store: Store, section: int = 1) -> tuple[ThreadState | None, tuple[ThreadState, ...]]:
    with store.transaction() as tx:
        return tx.threads.of_day("harbour", DAY, section)


@pytest.mark.parametrize("state", [THREAD, LISTING, replace(LISTING, kind="latest")])
def test_a_row_comes_back_as_it_was_written(store: Store, state: ThreadState) -> None:
    whole = replace(
        state,
        state="short",
        attempts=2,
        not_before=at(3),
        last_error="cut",
        expected_comments=7,
        held_comments=5,
        visited_at=at(1),
        changed_at=at(2),
        full_at=at(1),
        mark="7 replies",
        visit=VISIT,
    )
    put(store, replace(state, source="atlas"))
    for written in (whole, replace(whole, state="done", attempts=0, visit=None), whole):
        put(store, written)
        assert store.threads.of_window("harbour") == (written,)
        with store.transaction() as tx:
            assert tx.threads.current(replace(state, state="failed")) == written


def test_a_thread_has_one_row_and_takes_it_along(store: Store) -> None:
    moved = replace(THREAD, day=NEXT, section=2, state="done")
    put(store, THREAD, replace(THREAD, source="quay"), replace(THREAD, thread="101"), moved)
    assert store.threads.of_window("harbour") == (replace(THREAD, thread="101"), moved)
    with store.transaction() as tx:
        assert tx.threads.thread("harbour", "100") == moved
        assert tx.threads.known("harbour", {"100", "102"}) == {"100": moved}
        assert tx.threads.thread("quay", "101") is None


def test_a_listing_is_one_of_its_day_and_section(store: Store) -> None:
    others = (replace(LISTING, section=2), replace(LISTING, day=NEXT), replace(LISTING, kind="latest"))
    done = replace(LISTING, state="done")
    put(store, LISTING, *others, done)
    assert set(store.threads.of_window("harbour")) == {done, *others}
    with store.transaction() as tx:
        assert tx.threads.thread("harbour", "") is None


def test_a_day_shows_its_listing_and_its_threads_alone(store: Store) -> None:
    assert of_day(store) == (None, ())
    elsewhere = [replace(THREAD, thread="102", section=2), replace(THREAD, thread="103", day=NEXT)]
    put(store, LISTING, THREAD, replace(LISTING, kind="latest"), *elsewhere, replace(THREAD, source="quay"))
    assert of_day(store) == (LISTING, (THREAD,))
    assert of_day(store, section=2) == (None, (elsewhere[0],))


def test_a_window_has_both_its_days(store: Store) -> None:
    tomorrow = replace(THREAD, thread="101", day=NEXT)
    put(store, tomorrow, THREAD, replace(THREAD, source="quay"))
    assert store.threads.of_window("harbour", DAY, NEXT) == (THREAD, tomorrow)
    assert store.threads.of_window("harbour", NEXT, NEXT) == (tomorrow,)
    assert store.threads.of_window("harbour", None, DAY) == (THREAD,)
    assert len(store.threads.of_window(None)) == 3


def test_the_newest_list_is_the_one_that_was_settled_last(store: Store) -> None:
    assert store.threads.newest("harbour", "listing", "", 1) is None
    early = replace(LISTING, state="done", visited_at=at(1))
    late = replace(LISTING, day=NEXT, state="done", visited_at=at(2))
    put(
        store,
        late,
        early,
        replace(LISTING, day=NEXT.replace(day=NEXT.day + 1), state="short", visited_at=at(9)),
        replace(LISTING, section=2, state="done", visited_at=at(9)),
        replace(LISTING, kind="latest", state="done", visited_at=at(9)),
        replace(THREAD, state="done", visited_at=at(9)),
        replace(late, source="quay", visited_at=at(9)),
    )
    assert store.threads.newest("harbour", "listing", "", 1) == late
    assert store.threads.newest("harbour", "comments", "100", 1) is not None
    assert store.threads.newest("harbour", "comments", "101", 1) is None


def test_what_is_dropped_is_that_row_alone(store: Store) -> None:
    put(store, LISTING, THREAD, replace(THREAD, thread="101"), replace(THREAD, source="quay"))
    with store.transaction() as tx:
        tx.threads.drop([replace(THREAD, section=5)])
    assert of_day(store) == (LISTING, (replace(THREAD, thread="101"),))
    assert len(store.threads.of_window("quay")) == 1


def test_threads_are_counted_and_listings_are_not(store: Store) -> None:
    put(store, LISTING, THREAD, replace(THREAD, thread="101", state="done"))
    (status,) = store.runs.status(now=at(5))
    assert isinstance(status, SourceStatus)
    assert dict(status.threads) == {"pending": 1, "done": 1}
