"""Missed times: none is run twice, none beyond the horizon, and with "all" none within it is lost."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.catch_up import next_starts, start_of, times_to_run
from schedules.cron import Cron
from schedules.schedule import GRACE, CatchUp, Every, Schedule

NOON = datetime(2018, 3, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched(Every):
    """Every minute; keeps what it was asked for, and which of its times were looked at."""

    interval: timedelta = MINUTE
    asked: list[datetime] = field(default_factory=list)
    walked: list[datetime] = field(default_factory=list)

    def fires_after(self, moment: datetime) -> Iterator[datetime]:
        self.asked.append(moment)
        for time in Every(interval=self.interval).fires_after(moment):
            self.walked.append(time)
            yield time


def hourly(
    catch_up: CatchUp = "latest", *, jitter: int = 0, horizon: timedelta = 24 * HOUR, name: str = "hourly"
) -> Schedule:
    return Schedule(
        id=name,
        source="rantburg",
        kind="harvest",
        when=Every(interval=HOUR),
        catch_up=catch_up,
        jitter=jitter,
        horizon=horizon,
    )


def run(schedule: Schedule, last: datetime | None, now: datetime) -> list[float]:
    """The times to run, in hours from noon."""
    assert isinstance(schedule.when, Every)
    found = times_to_run(schedule, last=last, now=now)
    return [(time - NOON) / HOUR for time in found]


@pytest.mark.parametrize(
    ("catch_up", "found"), [("none", []), ("latest", [5]), ("all", [1, 2, 3, 4, 5])], ids=str
)
def test_after_an_outage(catch_up: CatchUp, found: list[float]) -> None:
    assert run(hourly(catch_up), NOON, NOON + 5 * HOUR + 10 * MINUTE) == found


@pytest.mark.parametrize("catch_up", ["none", "latest", "all"])
def test_on_time(catch_up: CatchUp) -> None:
    schedule = hourly(catch_up)
    assert run(schedule, NOON, NOON + HOUR) == [1]
    assert run(schedule, NOON, NOON + HOUR + GRACE) == [1]
    assert run(schedule, NOON + HOUR, NOON + HOUR + GRACE) == []
    assert run(schedule, NOON, NOON + HOUR - timedelta(microseconds=1)) == []


@pytest.mark.parametrize("catch_up", ["none", "latest", "all"])
def test_what_never_ran_missed_nothing(catch_up: CatchUp) -> None:
    assert run(hourly(catch_up), None, NOON + 30 * MINUTE) == []
    assert run(hourly(catch_up), None, NOON + GRACE) == [0]


def test_what_is_older_than_the_horizon_is_let_go() -> None:
    schedule = hourly("all", horizon=3 * HOUR)
    assert run(schedule, NOON, NOON + 9 * HOUR) == [6, 7, 8, 9]
    assert run(schedule, NOON, NOON + 9 * HOUR + MINUTE) == [7, 8, 9]
    assert run(hourly("latest", horizon=10 * MINUTE), NOON, NOON + 9 * HOUR + 11 * MINUTE) == []


@pytest.mark.parametrize("catch_up", ["none", "latest", "all"])
def test_a_clock_set_back_gives_nothing_and_forgets_nothing(catch_up: CatchUp) -> None:
    schedule = hourly(catch_up)
    assert run(schedule, NOON, NOON - 5 * HOUR) == []
    assert run(schedule, NOON, NOON) == []
    assert run(schedule, NOON, NOON + HOUR) == [1]


def test_the_years_before_the_horizon_are_not_walked_through() -> None:
    when = Watched()
    schedule = replace(hourly("latest", horizon=2 * HOUR), when=when)
    found = times_to_run(schedule, last=NOON - timedelta(days=3650), now=NOON)
    assert found == (NOON,)
    assert len(when.asked) == 1
    assert len(when.walked) == 122
    assert when.walked[-1] == NOON + MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Once(Every):
    """Fires once, at noon."""

    interval: timedelta = HOUR

    def fires_after(self, moment: datetime) -> Iterator[datetime]:
        return iter([NOON] if moment < NOON else [])


def test_times_that_end() -> None:
    schedule = replace(hourly("all"), when=Once())
    assert times_to_run(schedule, last=NOON - HOUR, now=NOON) == (NOON,)
    assert times_to_run(schedule, last=NOON, now=NOON + HOUR) == ()


def test_a_time_whose_start_is_still_to_come_is_not_run() -> None:
    schedule = hourly(jitter=1800)
    start = start_of(schedule, NOON)
    assert NOON < start <= NOON + 30 * MINUTE
    assert run(schedule, NOON - HOUR, start - timedelta(seconds=1)) == []
    assert run(schedule, NOON - HOUR, start) == [0]
    assert run(hourly("none", jitter=1800), NOON - HOUR, start + GRACE) == [0]
    assert run(hourly("none", jitter=1800), NOON - HOUR, start + GRACE + MINUTE) == []


def test_times_of_cron() -> None:
    schedule = Schedule(
        id="monthly",
        source="rantburg",
        kind="verify",
        when=Cron(text="41 5 3 * *"),
        horizon=timedelta(days=14),
        catch_up="latest",
    )
    last, third = datetime(2018, 2, 3, 5, 41, tzinfo=UTC), datetime(2018, 3, 3, 5, 41, tzinfo=UTC)
    assert times_to_run(schedule, last=last, now=third + timedelta(days=14)) == (third,)
    assert times_to_run(schedule, last=last, now=third + timedelta(days=15)) == ()


def test_a_daily_time_fires_once_a_day_where_new_yorks_clocks_change() -> None:
    """06:30 UTC is in the hour that is doubled in autumn, and beside the one that is left out in spring."""
    for changing in (datetime(2018, 11, 3, tzinfo=UTC), datetime(2018, 3, 10, tzinfo=UTC)):
        times = list(islice(Cron(text="30 6 * * *").fires_after(changing), 4))
        assert [later - earlier for earlier, later in pairwise(times)] == [24 * HOUR] * 3


def test_starts_are_the_times_with_their_jitter() -> None:
    schedule = hourly(jitter=1800)
    moment = datetime(2018, 4, 14, 16, 5, tzinfo=UTC)
    starts = next_starts(schedule, moment, 5)
    times = [moment - 5 * MINUTE + number * HOUR for number in range(6)]
    assert starts == tuple(start for time in times if (start := start_of(schedule, time)) > moment)[:5]
    assert next_starts(schedule, starts[0], 1) == starts[1:2]


jitters = st.integers(0, 3599)


@given(jitter=jitters, hours=st.integers(0, 100_000))
def test_every_process_finds_the_same_start(jitter: int, hours: int) -> None:
    time = NOON + hours * HOUR
    start = start_of(hourly(jitter=jitter), time)
    assert time <= start <= time + timedelta(seconds=jitter)
    assert start == start_of(hourly(jitter=jitter), time.astimezone(timezone(-4 * HOUR)))


def test_the_starts_are_spread_over_the_jitter() -> None:
    def delays(schedule: Schedule) -> list[int]:
        times = [NOON + hour * HOUR for hour in range(2000)]
        return [(start_of(schedule, time) - time) // timedelta(seconds=1) for time in times]

    assert set(delays(hourly(jitter=9))) == set(range(10))
    assert delays(hourly(jitter=600)) != delays(hourly(jitter=600, name="others"))
    assert abs(sum(delays(hourly(jitter=600))) / 2000 - 300) < 20


policies = st.sampled_from(["none", "latest", "all"])
horizons = st.integers(1, 60 * 72).map(lambda minutes: minutes * MINUTE)
waits = st.one_of(st.integers(0, 180), st.integers(0, 60 * 100)).map(lambda minutes: minutes * MINUTE)
# A clock that is set back, now and then.
steps = st.lists(st.one_of(waits, waits, waits, waits.map(lambda wait: -wait)), min_size=1, max_size=25)


@settings(max_examples=200)
@given(policy=policies, horizon=horizons, jitter=jitters, steps=steps)
def test_none_twice_none_too_late_none_too_early(
    policy: CatchUp, horizon: timedelta, jitter: int, steps: list[timedelta]
) -> None:
    schedule = hourly(policy, jitter=jitter, horizon=horizon)
    assert isinstance(schedule.when, Every)
    ran: list[datetime] = [NOON]
    now = NOON
    for step in steps:
        now += step
        found = times_to_run(schedule, last=ran[-1], now=now)
        assert policy == "all" or len(found) <= 1
        for time in found:
            late = now - start_of(schedule, time)
            assert timedelta(0) <= late <= (GRACE if policy == "none" else horizon)
        ran += found
    assert ran == sorted(set(ran))


@settings(max_examples=200)
@given(horizon=horizons, jitter=jitters, steps=steps)
def test_all_loses_nothing_within_the_horizon(
    horizon: timedelta, jitter: int, steps: list[timedelta]
) -> None:
    schedule = hourly("all", jitter=jitter, horizon=horizon)
    assert isinstance(schedule.when, Every)
    ran, let_go = {NOON}, set[datetime]()
    now = NOON
    for step in steps:
        now += step
        ran.update(times_to_run(schedule, last=max(ran), now=now))
        for time in (NOON + hour * HOUR for hour in range(1, 25 * 100)):
            start = start_of(schedule, time)
            if start > now:
                break
            # What was once too old stays so where the clock is set back afterwards.
            if now - start > horizon:
                let_go.add(time)
            assert time in ran | let_go


@settings(max_examples=200)
@given(policy=st.sampled_from(["latest", "all"]), horizon=horizons, jitter=jitters, wait=waits)
def test_the_latest_is_never_left_out(
    policy: CatchUp, horizon: timedelta, jitter: int, wait: timedelta
) -> None:
    schedule = hourly(policy, jitter=jitter, horizon=horizon)
    now = NOON + wait
    started = [NOON + hour * HOUR for hour in range(1, 101) if start_of(schedule, NOON + hour * HOUR) <= now]
    found = run(schedule, NOON, now)
    if started and now - start_of(schedule, started[-1]) <= horizon:
        assert found[-1] == (started[-1] - NOON) / HOUR
    else:
        assert found == []
