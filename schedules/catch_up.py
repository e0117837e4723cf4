"""Which of a schedule's times to run now: the current one, and those missed while no process ran."""

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice

from schedules.schedule import GRACE, Schedule

TICK = timedelta(microseconds=1)


def start_of(schedule: Schedule, time: datetime) -> datetime:
    """When the run of that time starts: up to ``jitter`` seconds after it, the same for every process."""
    # Not a random number: every process has to come to the same moment, and after a restart as well.
    digest = sha256(f"{schedule.key} {time.astimezone(UTC).isoformat()}".encode()).digest()
    return time + timedelta(seconds=int.from_bytes(digest[:8], "big") % (schedule.jitter + 1))


def starts_after(schedule: Schedule, moment: datetime) -> Iterator[datetime]:
    """When the schedule's next runs start, the jitter of each counted in."""
    # One that fired before the moment may start after it.
    since = moment - timedelta(seconds=schedule.jitter) - TICK
    starts = (start_of(schedule, time) for time in schedule.when.fires_after(since))
    return (start for start in starts if start > moment)


def next_starts(schedule: Schedule, moment: datetime, number: int) -> tuple[datetime, ...]:
    """The first ``number`` of them."""
    return tuple(islice(starts_after(schedule, moment), number))


def times_to_run(schedule: Schedule, *, last: datetime | None, now: datetime) -> tuple[datetime, ...]:
    """The times to claim and run now, oldest first.

    ``last`` is the newest time that was ever claimed; None if none was, and then none was missed. If it is
    later than ``now``, a clock was set back: nothing is run until that time.
    The times are read from the horizon on, and no further than ``now``.
    """
    # A schedule that never ran has missed nothing: the first start makes up for no past.
    patient = schedule.catch_up != "none" and last is not None
    oldest = now - (schedule.horizon if patient else GRACE)
    begin = oldest - timedelta(seconds=schedule.jitter) - TICK
    if last is not None:
        begin = max(begin, last)
    # "latest": of all that were missed the deque keeps the last.
    chosen: deque[datetime] = deque(maxlen=None if schedule.catch_up == "all" else 1)
    for time in schedule.when.fires_after(begin):
        start = start_of(schedule, time)
        # Two times of a schedule are further apart than its jitter: the starts come in the same order.
        if start > now:
            break
        if start >= oldest:
            chosen.append(time)
    return tuple(chosen)
