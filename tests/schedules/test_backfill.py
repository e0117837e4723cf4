"""Backfill: every day of a window is exactly one of done, taken, resting or waiting, and no other day is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.records.pages import PageState
from schedules.backfill import BackfillPlan, plan_backfill, repair_targets, time_left
from schedules.plan import Target
from schedules.recrawl import RARELY, KnownDay
from schedules.windows import DAY, Window

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2018, 4, 14, 16, tzinfo=UTC)
TODAY = date(2018, 4, 14)
SECTIONS = (1, 2, 3, 4, 5, 6)
WEEK = Window.of(date(2018, 4, 1), date(2018, 4, 7))
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    owner: str = "another"
    until: datetime = NOW + HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    day: date
    states: Mapping[int, str] = field(default_factory=lambda: {1: "done", 2: "done"})
    not_before: datetime | None = None
    visited_at: datetime | None = NOW - HOUR
    full_at: datetime | None = None


def day(number: int) -> date:
    return date(2018, 4, number)


def plan(*known: Known, window: Window = WEEK, **changes: object) -> BackfillPlan:
    arguments: dict[str, object] = {"sections": SECTIONS, "zone": NEW_YORK, "now": NOW}
    return plan_backfill(window, known=known, **(arguments | changes))  # type: ignore[arg-type]


def counts(found: BackfillPlan) -> dict[str, int]:
    every = {"done": found.done, "resting": found.resting, "taken": found.taken, "waiting": found.waiting}
    return {name: count for name, count in every.items() if count}


def states_of(rows: Iterable[PageState]) -> dict[Target, str]:
    return {Target(day=row.day, section=row.section): row.state for row in rows}


def test_days_of_which_nothing_is_known_are_visited_newest_first() -> None:
    found = plan()
    assert found.days == tuple(WEEK.days())
    assert counts(found) == {"waiting": 7}
    assert (found.requests_least, found.requests_likely) == (7, 42)
    assert found.lasts(2.5) == timedelta(seconds=105)
    assert found.again_at is None


def test_oldest_first() -> None:
    assert plan(newest_first=False).days == tuple(WEEK.days(newest_first=False))


def test_a_day_that_is_done_is_not_visited() -> None:
    found = plan(*(Known(day=one) for one in WEEK.days()))
    assert found.days == ()
    assert counts(found) == {"done": 7}
    assert (found.requests_least, found.requests_likely, found.lasts(1)) == (0, 0, timedelta(0))


@pytest.mark.parametrize("state", ["pending", "failed", "short", "leased"])
def test_a_day_with_a_section_that_is_not_done_is_visited(state: str) -> None:
    one = Window.of(day(3), day(3))
    assert plan(Known(day=day(3), states={1: "done", 2: state}), window=one).days == (day(3),)
    assert plan(Known(day=day(3), states={}), window=one).days == (day(3),)


def test_a_day_seen_only_before_it_was_over_is_not_done() -> None:
    one = Window.of(day(3), day(3))
    # Midnight in New York is 4 o'clock in UTC.
    for hours, expected in ((3, (day(3),)), (4, ())):
        visited = datetime(2018, 4, 4, hours, tzinfo=UTC)
        assert plan(Known(day=day(3), visited_at=visited), window=one).days == expected
    assert plan(Known(day=day(3), visited_at=None), window=one).days == ()
    early = plan(Known(day=day(3), visited_at=datetime(2018, 4, 3, 20, tzinfo=UTC)), window=one)
    assert (early.requests_least, early.requests_likely) == (1, 1)


def test_a_day_that_failed_lately_rests_and_tells_until_when() -> None:
    def failed(number: int, until: datetime) -> Known:
        return Known(day=day(number), states={1: "failed"}, not_before=until)

    found = plan(failed(1, NOW + 5 * HOUR), failed(2, NOW + 2 * HOUR), failed(3, NOW))
    assert counts(found) == {"waiting": 5, "resting": 2}
    assert found.days[-1] == day(3)
    assert found.again_at == NOW + 2 * HOUR


def test_a_rest_that_no_patience_asked_for_was_set_by_a_clock_that_was_wrong() -> None:
    for rest, expected in ((RARELY, {"resting": 1}), (RARELY + HOUR, {"waiting": 1})):
        known = Known(day=day(3), states={1: "failed"}, not_before=NOW + rest)
        assert counts(plan(known, window=Window.of(day(3), day(3)))) == expected


def test_a_day_that_somebody_else_holds_is_taken_until_the_lease_runs_out() -> None:
    leases = {
        day(1): Lease(),
        day(2): Lease(until=NOW),
        day(3): Lease(owner="me"),
        day(4): Lease(),
        day(5): Lease(),
        day(20): Lease(),
    }
    known = (
        Known(day=day(4)),
        Known(day=day(5), states={1: "failed"}, not_before=NOW + HOUR),
    )
    found = plan(*known, leases=leases, owner="me", newest_first=False)
    assert counts(found) == {"done": 1, "taken": 2, "waiting": 4}
    assert found.days == (day(2), day(3), day(6), day(7))
    assert found.again_at is None


def test_today_is_the_harvests_and_what_is_not_yet_has_nothing() -> None:
    assert plan(window=Window.of(day(12), day(30))).days == (day(13), day(12))
    assert counts(plan(window=Window.of(day(14), day(30)))) == {}
    assert counts(plan(window=Window.of(day(20), day(30)))) == {}
    # A quarter of an hour after midnight in UTC it is still yesterday in New York.
    midnight = datetime(2018, 4, 14, 0, 15, tzinfo=UTC)
    assert plan(window=Window.of(day(12), day(30)), now=midnight).days == (day(12),)
    assert plan(window=Window.of(day(12), day(30)), now=midnight, zone=UTC).days == (day(13), day(12))


@pytest.mark.parametrize(
    ("states", "least", "likely"),
    [
        ({}, 1, 6),
        ({1: "failed"}, 1, 6),
        ({1: "failed", 2: "failed"}, 1, 6),
        ({1: "short"}, 1, 1),
        ({1: "failed", 2: "pending", 3: "pending"}, 3, 3),
        ({1: "done", 2: "pending", 3: "short", 4: "done"}, 2, 3),
    ],
    ids=str,
)
def test_the_requests_of_a_day(states: dict[int, str], least: int, likely: int) -> None:
    found = plan(Known(day=day(3), states=states), window=Window.of(day(3), day(3)))
    assert (found.requests_least, found.requests_likely) == (least, likely)


def test_the_ledgers_own_records_will_do() -> None:
    known = KnownDay(
        day=day(3),
        visited_at=NOW,
        changed_at=None,
        full_at=None,
        not_before=None,
        states={1: "done", 2: "failed"},
    )
    found = plan_backfill(WEEK, sections=SECTIONS, known=[known], zone=NEW_YORK, now=NOW)
    assert found.waiting == 7
    row = PageState(source="rantburg", day=day(3), section=2, state="failed")
    assert repair_targets(states_of([row])) == (Target(day=day(3), section=2),)


names = st.sampled_from(["done", "done", "done", "pending", "short", "failed", "leased"])
knowns = st.builds(
    Known,
    day=st.dates(date(2018, 3, 1), date(2018, 5, 15)),
    states=st.dictionaries(st.integers(1, 6), names, max_size=3),
    not_before=st.none() | st.integers(-50, 900).map(lambda hours: NOW + hours * HOUR),
    visited_at=st.none() | st.integers(0, 900).map(lambda hours: NOW - hours * HOUR),
)
leases = st.dictionaries(
    st.dates(date(2018, 3, 1), date(2018, 5, 15)),
    st.builds(
        Lease,
        owner=st.sampled_from(["me", "another"]),
        until=st.integers(-5, 5).map(lambda hours: NOW + hours * HOUR),
    ),
    max_size=8,
)
windows = st.builds(
    lambda since, length: Window(since=since, before=since + length * DAY),
    st.dates(date(2018, 3, 1), date(2018, 5, 10)),
    st.integers(1, 60),
)


def expected_state(known: Known | None, lease: Lease | None) -> str:
    """What becomes of a day, said once more in other words."""
    unfinished = [state for state in (known.states.values() if known else ()) if state != "done"]
    if known is not None and known.states and not unfinished:
        morning = datetime(known.day.year, known.day.month, known.day.day, tzinfo=NEW_YORK)
        if known.visited_at is None or known.visited_at >= morning.replace(hour=23, minute=59) + HOUR / 60:
            return "done"
    if lease is not None and lease.owner == "another" and lease.until > NOW:
        return "taken"
    if known is None or known.not_before is None:
        return "waiting"
    return "resting" if NOW < known.not_before <= NOW + timedelta(days=30) else "waiting"


@given(window=windows, known=st.lists(knowns, max_size=25), leases=leases, newest_first=st.booleans())
def test_every_day_that_is_over_is_exactly_one_of_the_four(
    window: Window, known: list[Known], leases: dict[date, Lease], newest_first: bool
) -> None:
    by_day = {one.day: one for one in known}
    found = plan(*by_day.values(), window=window, leases=leases, owner="me", newest_first=newest_first)
    over = [one for one in window.days(newest_first=newest_first) if one < TODAY]
    expected = {one: expected_state(by_day.get(one), leases.get(one)) for one in over}
    assert list(found.days) == [one for one in over if expected[one] == "waiting"]
    for name, count in (("done", found.done), ("taken", found.taken), ("resting", found.resting)):
        assert count == list(expected.values()).count(name)
    assert found.done + found.taken + found.resting + found.waiting == len(over)
    assert (found.again_at is not None) == (found.resting > 0)
    assert found.again_at is None or found.again_at > NOW
    assert found.waiting <= found.requests_least <= found.requests_likely <= 7 * found.waiting


@given(window=windows, data=st.data())
def test_a_backfill_that_is_killed_and_resumed_visits_every_day_once(
    window: Window, data: st.DataObject
) -> None:
    known: dict[date, Known] = {}
    visited: list[date] = []
    for _ in range(70):
        days = plan(*known.values(), window=window).days
        if not days:
            break
        for one in days[: data.draw(st.integers(1, 70))]:
            visited.append(one)
            known[one] = Known(day=one, visited_at=NOW)
    assert visited == [one for one in window.days() if one < TODAY]


@pytest.mark.parametrize(
    ("done", "remaining", "minutes", "left"),
    [(10, 90, 5, 45), (3, 1, 3, 1), (10, 0, 5, 0), (0, 0, 0, 0), (0, 9, 5, None), (5, 9, 0, None)],
)
def test_the_time_left_by_the_rate_so_far(done: int, remaining: int, minutes: int, left: int | None) -> None:
    expected = None if left is None else timedelta(minutes=left)
    assert time_left(done, remaining, timedelta(minutes=minutes)) == expected


rows = st.builds(
    PageState,
    source=st.just("rantburg"),
    day=st.dates(date(2018, 3, 1), date(2018, 3, 5)),
    section=st.integers(1, 6),
    state=st.sampled_from(["pending", "leased", "done", "failed", "short"]),
)


@given(st.lists(rows, max_size=30, unique_by=lambda row: (row.day, row.section)))
def test_a_repair_asks_for_what_is_short_or_failed_newest_first_and_for_nothing_else(
    rows: list[PageState],
) -> None:
    targets = repair_targets(states_of(rows))
    assert set(targets) == {
        Target(day=row.day, section=row.section) for row in rows if row.state in ("short", "failed")
    }
    assert len(targets) == len(set(targets))
    order = [(-target.day.toordinal(), target.section) for target in targets]
    assert order == sorted(order)
