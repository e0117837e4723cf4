"""What of a schedule's times is run, and what is told as missed."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ingest.runner.scheduler.due import Due, due
from schedules.schedule import CatchUp, Schedule
from tests.kit.rig import NOON
from tests.runner.post import HOUR, HOURLY, MINUTE

LATE = NOON + 5 * HOUR + 30 * MINUTE


def found(schedule: Schedule, last: datetime | None, now: datetime) -> Due:
    return due(schedule, last=last, now=now)


def after(*hours: int) -> tuple[datetime, ...]:
    return tuple(NOON + hour * HOUR for hour in hours)


@pytest.mark.parametrize(
    ("policy", "run", "missed"),
    [("none", (), (1, 2, 3, 4, 5)), ("latest", (5,), (1, 2, 3, 4)), ("all", (1, 2, 3, 4, 5), ())],
)
def test_times_at_which_nobody_was_there_are_run_or_told(
    policy: CatchUp, run: tuple[int, ...], missed: tuple[int, ...]
) -> None:
    schedule = replace(HOURLY, catch_up=policy)
    assert found(schedule, NOON, LATE) == Due(run=after(*run), missed=after(*missed))


def test_a_new_schedule_has_missed_nothing() -> None:
    assert found(HOURLY, None, LATE) == Due()
    assert not found(HOURLY, None, LATE)
    assert found(HOURLY, None, NOON + HOUR) == Due(run=after(1))


def test_what_is_older_than_the_horizon_is_let_go() -> None:
    schedule = replace(HOURLY, horizon=2 * HOUR)
    assert found(schedule, NOON, LATE) == Due(run=after(5), missed=after(4))


def test_a_time_whose_jitter_is_not_over_has_not_been_missed() -> None:
    schedule = replace(HOURLY, jitter=3599, catch_up="none")
    (first, *_) = found(replace(schedule, catch_up="all"), NOON, NOON + 3 * HOUR).run
    assert first == NOON + HOUR
    assert found(schedule, NOON, NOON + HOUR + timedelta(seconds=1)) == Due()
