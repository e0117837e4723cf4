"""The alarm clock: it wakes the scheduler at every schedule's times. It decides and remembers nothing.

APScheduler's own memory is not used: the claims in the database say what has run, and whoever is woken works
out anew what is due. So a time at which no process ran is not lost, and a time that rang twice runs once.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from schedules.catch_up import starts_after
from schedules.schedule import Schedule

# misfire_grace_time None: by default APScheduler drops a job that is a second late.
JOB_DEFAULTS = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}

Wake = Callable[[Schedule], None]


class Alarm:
    """Calls ``wake`` in the running event loop, from ``start`` to ``stop``."""

    def __init__(self, wake: Wake) -> None:
        self._wake = wake
        self._scheduler = AsyncIOScheduler(
            jobstores={"default": MemoryJobStore()}, job_defaults=JOB_DEFAULTS, timezone=UTC
        )

    def set(self, schedules: Iterable[Schedule]) -> None:
        """Wake for these, and for no others."""
        self._scheduler.remove_all_jobs()
        for schedule in schedules:
            self._scheduler.add_job(self._ring, _Starts(schedule), args=(schedule,), id=schedule.key)

    def start(self) -> None:
        """Begin to wake."""
        self._scheduler.start()

    def stop(self) -> None:
        """Wake no more. What was woken is not touched: the scheduler would break it off."""
        self._scheduler.shutdown(wait=False)

    async def _ring(self, schedule: Schedule) -> None:
        self._wake(schedule)


class _Starts(BaseTrigger):  # type: ignore[misc]
    """The next start later than now, and later than the one before: a clock that was set back rings once."""

    __slots__ = ("_schedule",)

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """What the scheduler asks a trigger."""
        # Never earlier than what rang last: a clock that was set back would ring the same time again.
        after = now if previous_fire_time is None else max(now, previous_fire_time)
        return next(starts_after(self._schedule, after), None)
