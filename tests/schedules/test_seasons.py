"""Months of a scheduler's life: outages, broken pages and changes of the clock, and no day is forgotten."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.backfill import plan_backfill
from schedules.recrawl import LOOKS, MISSED_WITHIN, RARELY, UNFINISHED, backoff, days_due
from schedules.schedule import Every
from schedules.windows import DAY, Window

BEGAN = datetime(2018, 1, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
ZONES = ("America/New_York", "Europe/London", "Australia/Lord_Howe")
CHANGES = {
    "America/New_York": (date(2018, 3, 11), date(2018, 11, 4)),
    "Europe/London": (date(2018, 3, 25), date(2018, 10, 28)),
    "Australia/Lord_Howe": (date(2018, 4, 1), date(2018, 10, 7)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A day of the ledger with a single section."""

    day: date
    visited_at: datetime | None = None
    full_at: datetime | None = None
    not_before: datetime | None = None
    attempts: int = 0
    states: Mapping[int, str] = field(default_factory=lambda: {1: "done"})

    def visited(self, now: datetime, *, full: bool) -> "Known":
        return Known(day=self.day, visited_at=now, full_at=now if full else self.full_at or now)

    def failed(self, now: datetime) -> "Known":
        attempts = self.attempts + 1
        return replace(self, states={1: "failed"}, attempts=attempts, not_before=now + backoff(attempts))


def interval(age: int) -> timedelta:
    """How long a day of that age may go without a look."""
    for up_to, every in LOOKS:
        if age <= up_to:
            return every
    return RARELY


@dataclass(slots=True)
class Ledger:
    """Harvests by what is due, and what is known after them."""

    zone: ZoneInfo
    known: dict[date, Known] = field(default_factory=dict)
    first_visits: list[date] = field(default_factory=list)

    def harvest(self, now: datetime, fails: frozenset[date] = frozenset()) -> set[date]:
        today = now.astimezone(self.zone).date()
        due = days_due(self.known.values(), today=today, now=now)
        for day, visit in due.items():
            if day not in self.known:
                self.first_visits.append(day)
            known = self.known.get(day, Known(day=day))
            self.known[day] = known.failed(now) if day in fails else known.visited(now, full=visit == "full")
        return set(due)


gaps = st.sampled_from([1, 1, 1, 2, 6, 24, 24, 24 * 4, 24 * 9, 24 * 25]).map(lambda hours: hours * HOUR)


@settings(max_examples=40)
@given(gaps=st.lists(gaps, min_size=5, max_size=60), seed=st.integers(0, 1000), broken=st.floats(0, 0.6))
def test_every_day_is_visited_again_as_soon_as_it_is_due_and_somebody_is_there(
    gaps: list[timedelta], seed: int, broken: float
) -> None:
    chance, ledger, now = random.Random(seed), Ledger(zone=ZoneInfo("America/New_York")), BEGAN
    for gap in [timedelta(0), *gaps]:
        now += gap
        today = now.astimezone(ledger.zone).date()
        before = dict(ledger.known)
        days = [today - ago * DAY for ago in range(200)]
        visited = ledger.harvest(now, frozenset(day for day in days if chance.random() < broken))
        for day, known in before.items():
            age = (today - day).days
            if known.visited_at is None:
                # Never read: after each failure it is left alone for longer.
                assert (day in visited) == (age == 0 or known.not_before is None or known.not_before <= now)
                continue
            is_due = now - known.visited_at >= interval(age)
            retry = known.not_before is not None and known.not_before <= now
            is_due = is_due or (retry and now - known.visited_at >= UNFINISHED)
            assert (day in visited) == is_due
        # Every day from the first on is known: the outages here are shorter than what is made up for.
        first = min(ledger.known)
        assert set(ledger.known) == set(Window.of(first, today).days())


def test_no_outage_here_is_longer_than_what_is_made_up_for() -> None:
    assert timedelta(days=25) < MISSED_WITHIN


@pytest.mark.parametrize("outage", [1, 6, 25, 29])
def test_days_of_an_outage_are_visited_the_first_hour_after_it(outage: int) -> None:
    ledger = Ledger(zone=ZoneInfo("America/New_York"))
    ledger.harvest(BEGAN + 12 * HOUR)
    visited = ledger.harvest(BEGAN + 12 * HOUR + outage * DAY)
    assert visited == set(Window.of(date(2018, 1, 1), date(2018, 1, 1) + outage * DAY).days())


def test_a_longer_outage_is_a_backfills() -> None:
    ledger = Ledger(zone=ZoneInfo("America/New_York"))
    ledger.harvest(BEGAN + 12 * HOUR)
    now = BEGAN + 12 * HOUR + 40 * DAY
    ledger.harvest(now)
    window = Window.of(date(2018, 1, 1), date(2018, 2, 10))
    plan = plan_backfill(window, sections=(1,), known=ledger.known.values(), zone=ledger.zone, now=now)
    assert plan.days == tuple(Window.of(date(2018, 1, 2), date(2018, 2, 9)).days())


def year_of(fires: Iterator[datetime]) -> Iterator[datetime]:
    return (fire for fire in islice(fires, 366 * 24) if fire < BEGAN + 366 * DAY)


@pytest.mark.parametrize("zone", ZONES)
def test_an_hourly_harvest_has_each_day_of_the_year_once_and_in_order(zone: str) -> None:
    todays = [
        fire.astimezone(ZoneInfo(zone)).date()
        for fire in year_of(Every(interval=HOUR).fires_after(BEGAN - HOUR))
    ]
    days = list(dict.fromkeys(todays))
    assert days == list(Window.of(days[0], days[-1]).days(newest_first=False))
    assert todays == sorted(todays)
    hours = Counter(todays)
    inner = days[1:-1]
    assert {hours[day] for day in inner} <= {23, 24, 25}
    odd = [day for day in inner if hours[day] != 24]
    # Half an hour, as on Lord Howe, changes the number of whole hours of a day only now and then.
    assert set(odd) <= set(CHANGES[zone])
    assert zone == "Australia/Lord_Howe" or len(odd) == 2


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=12)
@given(minute=st.integers(0, 24 * 60 - 1))
def test_a_daily_harvest_skips_no_day_and_begins_none_twice(zone: str, minute: int) -> None:
    """At some minutes of the day in UTC summer time skips a date, or has it twice, as "today"."""
    ledger = Ledger(zone=ZoneInfo(zone))
    fires = Every(interval=DAY).fires_after(datetime(2018, 1, 1, tzinfo=UTC) - timedelta(microseconds=1))
    for midnight in islice(fires, 365):
        now = midnight + minute * timedelta(minutes=1)
        # It is visited, though perhaps a day late, before the next one is begun.
        ledger.known = {day: one for day, one in ledger.known.items() if now - 4 * DAY < _noon(day)}
        visited = ledger.harvest(now)
        assert now.astimezone(ledger.zone).date() in visited
    days = ledger.first_visits
    assert len(days) == len(set(days))
    assert sorted(days) == list(Window.of(min(days), max(days)).days(newest_first=False))
    assert max(days) - min(days) >= 363 * DAY
    assert set(CHANGES[zone]) <= set(days)


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@pytest.mark.parametrize("zone", ZONES)
def test_a_backfill_visits_the_days_of_the_change_once(zone: str) -> None:
    for change in CHANGES[zone]:
        window = Window.of(change - 2 * DAY, change + 2 * DAY)
        now = datetime(2019, 1, 1, tzinfo=UTC)
        plan = plan_backfill(window, sections=(1, 2), known=(), zone=ZoneInfo(zone), now=now)
        assert plan.days == tuple(window.days())
        assert plan.days.count(change) == 1


@pytest.mark.parametrize("zone", ZONES)
def test_the_hours_around_midnight_of_the_change_cut_the_window_at_the_right_day(zone: str) -> None:
    for change in CHANGES[zone]:
        window = Window.of(change - DAY, change + 5 * DAY)
        midnight = datetime(change.year, change.month, change.day, tzinfo=ZoneInfo(zone)) + DAY
        for seconds, last in ((-1, change - DAY), (0, change)):
            now = midnight.astimezone(UTC) + timedelta(seconds=seconds)
            plan = plan_backfill(window, sections=(1,), known=(), zone=ZoneInfo(zone), now=now)
            assert plan.days[0] == last
