"""When a day is looked at again: never too soon, and never never."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.recrawl import (
    LOOKS,
    MISSED_WITHIN,
    RARELY,
    RARELY_FULL,
    UNFINISHED,
    backoff,
    days_due,
    visit_due,
)

TODAY = date(2018, 4, 14)
NOW = datetime(2018, 4, 14, 16, tzinfo=UTC)
DONE: Mapping[int, str] = {1: "done", 2: "done"}
SHORT: Mapping[int, str] = {1: "done", 2: "short"}
NEVER: Mapping[int, str] = {1: "failed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A day with its visits: hours before now, None for never."""

    age: int
    visited: float | None = 0.0
    full: float | None = 0.0
    states: Mapping[int, str] = field(default_factory=lambda: DONE)
    rests: float | None = None
    """Hours from now until its unfinished sections are due again."""

    @property
    def not_before(self) -> datetime | None:
        return None if self.rests is None else NOW + timedelta(hours=self.rests)

    @property
    def day(self) -> date:
        return TODAY - timedelta(days=self.age)

    @property
    def visited_at(self) -> datetime | None:
        return None if self.visited is None else NOW - timedelta(hours=self.visited)

    @property
    def full_at(self) -> datetime | None:
        return None if self.full is None else NOW - timedelta(hours=self.full)


def due(known: Known) -> str | None:
    return visit_due(known, today=TODAY, now=NOW)


@pytest.mark.parametrize(
    ("age", "hours"),
    [(1, 1), (2, 6), (3, 6), (4, 24), (7, 24), (8, 168), (30, 168), (31, 720), (5000, 720)],
)
def test_the_older_a_day_the_rarer_the_look(age: int, hours: int) -> None:
    assert due(Known(age=age, visited=hours - 0.01)) is None
    assert due(Known(age=age, visited=hours)) is not None


def test_today_is_always_due() -> None:
    assert due(Known(age=0)) == "look"


def test_a_day_that_was_never_visited_is_due() -> None:
    assert due(Known(age=40, visited=None, full=None, states=NEVER)) == "look"


@pytest.mark.parametrize("states", [SHORT, NEVER])
def test_an_unfinished_day_is_due_within_the_hour(states: Mapping[int, str]) -> None:
    assert due(Known(age=400, visited=0.9, states=states)) is None
    assert due(Known(age=400, visited=1, states=states)) == "look"


def test_a_day_that_failed_again_and_again_is_left_alone_for_longer() -> None:
    assert due(Known(age=400, visited=9, states=SHORT, rests=0.1)) is None
    assert due(Known(age=400, visited=9, states=SHORT, rests=0)) == "look"
    assert due(Known(age=400, visited=None, full=None, states=NEVER, rests=0.1)) is None
    assert due(Known(age=400, visited=24 * 31, states=SHORT, rests=0.1)) == "look"
    assert due(Known(age=0, visited=None, full=None, states=NEVER, rests=9)) == "look"


def test_patience_doubles_up_to_a_month() -> None:
    hours = [backoff(attempts) / timedelta(hours=1) for attempts in (1, 2, 3, 10, 11, 500)]
    assert hours == [1, 2, 4, 512, 720, 720]


@pytest.mark.parametrize(("age", "days"), [(0, 2), (7, 2), (8, 14), (30, 14), (31, 90)])
def test_now_and_then_a_day_is_fetched_in_full(age: int, days: int) -> None:
    assert due(Known(age=age, visited=24 * 60, full=24 * days - 1)) == "look"
    assert due(Known(age=age, visited=24 * 60, full=24 * days)) == "full"


def test_a_day_never_fetched_in_full_is_looked_at() -> None:
    assert due(Known(age=9, visited=24 * 60, full=None)) == "look"


@pytest.mark.parametrize("hours", [-1, -24 * 365 * 20])
def test_a_visit_of_the_future_puts_nothing_off(hours: float) -> None:
    assert due(Known(age=3, visited=hours, full=0)) == "look"
    assert due(Known(age=3, visited=24, full=hours)) == "full"


states = st.dictionaries(
    st.integers(1, 6), st.sampled_from(["done", "short", "failed", "pending"]), min_size=1
)
ages = st.integers(0, 6000)


@given(age=ages, visited=st.floats(0, 24 * 365), full=st.none() | st.floats(0, 24 * 365), states=states)
def test_a_day_is_never_due_twice_within_its_interval(
    age: int, visited: float, full: float | None, states: Mapping[int, str]
) -> None:
    interval = next((every for up_to, every in LOOKS if age <= up_to), RARELY)
    if set(states.values()) != {"done"}:
        interval = min(interval, UNFINISHED)
    known = Known(age=age, visited=visited, full=full, states=states)
    assert (due(known) is not None) == (NOW - (known.visited_at or NOW) >= interval)


@given(age=ages, since=st.floats(24 * 30, 24 * 365 * 9), full=st.floats(0, 24 * 365 * 9), states=states)
def test_nothing_known_is_forgotten_for_ever(
    age: int, since: float, full: float, states: Mapping[int, str]
) -> None:
    known = Known(age=age, visited=since, full=full, states=states)
    found = due(known)
    assert found is not None
    if timedelta(hours=full) >= RARELY_FULL:
        assert found == "full"


def test_today_and_missed_days_are_due_newest_first() -> None:
    visits = days_due([Known(age=4, visited=1), Known(age=2, visited=9)], today=TODAY, now=NOW)
    assert [(TODAY - day).days for day in visits] == [0, 1, 2, 3]
    assert set(visits.values()) == {"look"}


def test_a_single_day_of_years_ago_makes_no_day_missed() -> None:
    assert list(days_due([Known(age=2000, visited=1)], today=TODAY, now=NOW)) == [TODAY]


def test_where_nothing_is_known_today_is_due() -> None:
    assert days_due([], today=TODAY, now=NOW) == {TODAY: "look"}


def test_days_that_are_not_yet_are_left_out() -> None:
    assert days_due([Known(age=-3)], today=TODAY, now=NOW) == {TODAY: "look"}


@given(known=st.lists(st.builds(Known, age=st.integers(0, 90), visited=st.floats(0, 2000)), max_size=8))
def test_every_known_day_and_every_missed_one_of_the_month_is_due_or_was_visited_lately(
    known: list[Known],
) -> None:
    by_day = {one.day: one for one in known}
    visits = days_due(known, today=TODAY, now=NOW)
    first = min((day for day in by_day if TODAY - day <= MISSED_WITHIN), default=TODAY)
    for ago in range(100):
        day = TODAY - timedelta(days=ago)
        missed = "look" if day >= first else None
        assert visits.get(day) == (due(by_day[day]) if day in by_day else missed)
    assert TODAY in visits
    assert list(visits) == sorted(visits, reverse=True)


@pytest.mark.parametrize(
    ("state", "age", "is_due"),
    [("pending", 31, False), ("leased", 31, False), ("failed", 31, True), ("pending", 30, True)],
)
def test_an_old_day_that_is_only_listed_is_the_backfills(state: str, age: int, is_due: bool) -> None:
    listed = Known(age=age, visited=None, full=None, states={1: state, 2: "pending"})
    assert (listed.day in days_due([listed], today=TODAY, now=NOW)) == is_due


def test_today_is_fetched_in_full_when_that_is_due() -> None:
    today = Known(age=0, full=10_000)
    assert days_due([today], today=TODAY, now=NOW) == {TODAY: "full"}


def test_an_old_day_that_was_visited_once_is_no_longer_the_backfills() -> None:
    visited = Known(age=60, visited=2_000, states={1: "pending"})
    assert visited.day in days_due([visited], today=TODAY, now=NOW)
