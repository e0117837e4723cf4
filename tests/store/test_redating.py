"""What a clock that was ahead entered is mended, in order; what is seen then is newer."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest.records.pages import PageState
from ingest.store import Store
from ingest.store.redating import MOMENTS, STEP
from tests.kit.parsed import DAY, NOON, article, at, comment, section_page
from tests.kit.visits import article_of, visit

AHEAD = [3, 40 * 24, 56 * 365 * 24]
"""Hours."""


def moments(store: Store) -> list[datetime]:
    """Every moment that was entered as the present of its time."""
    found = []
    with store._reading() as connection:
        for table, names in MOMENTS.items():
            for row in connection.execute(table.select()):
                found += [row._mapping[name] for name in names if row._mapping[name] is not None]
    return found


def thread(*numbers: int, text: str = "as it was") -> list[object]:
    return [comment(str(number), number, text=text) for number in numbers]


def run(store: Store, begun: datetime, minutes: float = 1) -> int:
    run_id = store.runs.begin("harvest", "harbour", begun)
    store.runs.end(run_id, begun + timedelta(minutes=minutes), "complete", {})
    return run_id


def a_run_ahead(store: Store, hours: float) -> None:
    """A good visit, and then one under a clock that is ahead, with an edit, a deletion and a failure."""
    run(store, at(0))
    visit(store, section_page([article("100", thread(1, 2))]), at(0))  # type: ignore[arg-type]
    run(store, at(hours))
    visit(store, section_page([article("100", thread(1, text="as it is"))]), at(hours))  # type: ignore[arg-type]
    with store.transaction() as tx:
        tx.ledger.put(
            PageState(
                source="harbour",
                day=DAY,
                section=1,
                state="failed",
                not_before=at(hours + 1),
                visited_at=at(hours),
            )
        )
    with store.present() as owner:
        claims = {"owner": owner, "now": at(hours), "lease_until": at(hours + 1)}
        claim = store.claims.claim("harbour/hourly", "harbour", at(hours), **claims)  # type: ignore[arg-type]
        assert claim is not None
        store.claims.end(claim, "done", ended_at=at(hours))
    store.turns.pause("harbour.example", now=at(hours), until=at(hours) + timedelta(minutes=5))


@pytest.mark.parametrize("hours", AHEAD)
def test_nothing_is_later_than_now_and_the_order_stays(store: Store, hours: float) -> None:
    a_run_ahead(store, hours)
    now = at(1)
    found = store.moments.ahead(now=now)
    assert found is not None
    assert (found.captures, found.runs, found.newest) == (1, 1, at(hours))
    changed = store.moments.redate(now=now)
    assert changed is not None
    assert {"articles", "captures", "comments", "pages", "runs", "schedule_runs"} <= changed.keys()
    assert max(moments(store)) < now
    assert store.moments.ahead(now=now) is None
    first, second = store.captures.between()
    assert first.row.captured_at == NOON < second.row.captured_at
    held = article_of(store)
    live, gone = sorted(held.comments, key=lambda row: row.content.number)
    assert (live.last_seen_at, gone.vanished_at) == (second.row.captured_at,) * 2
    assert gone.last_seen_at == NOON
    assert store.moments.redate(now=now) == {}


@pytest.mark.parametrize("hours", AHEAD)
def test_what_is_seen_now_is_newer(store: Store, hours: float) -> None:
    a_run_ahead(store, hours)
    store.moments.redate(now=at(1))
    changes = visit(store, section_page([article("100", thread(2, text="again"))]), at(1))  # type: ignore[arg-type]
    counts = changes.comments.counts
    assert (counts.vanished, counts.returned, counts.modified) == (1, 1, 1)


@pytest.mark.parametrize("others", [True, False], ids=["between right ones", "alone"])
def test_a_moment_of_1970_is_moved_to_just_before_the_first_that_is_right(store: Store, others: bool) -> None:
    first = datetime(1970, 1, 1, tzinfo=UTC)
    for minutes in (1, 2):
        moment = first + timedelta(minutes=minutes)
        run(store, moment, 0)
        visit(store, section_page([article("100", thread(*range(minutes)))]), moment)  # type: ignore[arg-type]
    if others:
        visit(store, section_page([article("100", thread(0, 1, 2))]), at(0))  # type: ignore[arg-type]
    early = store.moments.early()
    assert early is not None
    assert (early.captures, early.runs, early.oldest) == (2, 2, first + timedelta(minutes=1))
    changed = store.moments.redate(now=at(1))
    assert store.moments.early() is None

    right = at(0) if others else at(1)
    assert changed is not None
    assert {"articles", "captures", "comments", "runs"} <= changed.keys()
    assert [row.row.captured_at for row in store.captures.between()][:2] == [right - 2 * STEP, right - STEP]
    assert (min(moments(store)), max(moments(store))) == (right - 2 * STEP, at(0) if others else right - STEP)
    assert store.moments.redate(now=at(1)) == {}


def test_a_time_of_a_schedule_that_has_not_come_yet_is_none_that_was_run(store: Store) -> None:
    a_run_ahead(store, 40 * 24)
    store.moments.redate(now=at(1))
    assert store.claims.last("harbour/hourly") is None


def test_a_clock_that_is_far_behind_all_runs_mends_nothing_unless_forced(store: Store) -> None:
    run(store, at(0))
    visit(store, section_page([article("100")]), at(0))
    before = moments(store)
    back = at(-56 * 365 * 24)
    current = store.runs.begin("harvest", "harbour", back)
    assert store.moments.redate(now=back, run_id=current) is None
    assert moments(store) == [*before, back]
    assert store.moments.redate(now=back + timedelta(hours=1), forced=True)


def test_a_clock_that_was_set_back_a_little_is_not_reported(store: Store) -> None:
    run(store, at(0))
    assert store.moments.ahead(now=at(0) - timedelta(minutes=4)) is None
    assert store.moments.ahead(now=at(0) - timedelta(minutes=6)) is not None
