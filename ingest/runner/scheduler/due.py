"""A schedule's times that are due: those to run now, and those missed while no process ran. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from schedules.catch_up import start_of, times_to_run
from schedules.schedule import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Times, oldest first. What is ``missed`` is not run: its schedule does not catch up with it."""

    run: tuple[datetime, ...] = ()
    missed: tuple[datetime, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.run or self.missed)


def due(schedule: Schedule, *, last: datetime | None, now: datetime) -> Due:
    """What is due after ``last``, the newest time up to now that was claimed or missed; None if none was.

    Where the schedule is new nothing was missed; a time older than its horizon is dropped and not reported.
    """
    run = times_to_run(schedule, last=last, now=now)
    if last is None:
        return Due(run=run)
    # Not further back: after a year without a process there would be thousands to report.
    oldest = now - schedule.horizon - timedelta(seconds=schedule.jitter)
    passed = _started(schedule, since=max(last, oldest), now=now)
    return Due(run=run, missed=tuple(time for time in passed if time not in run))


def _started(schedule: Schedule, *, since: datetime, now: datetime) -> Iterator[datetime]:
    return takewhile(lambda time: start_of(schedule, time) <= now, schedule.when.fires_after(since))
