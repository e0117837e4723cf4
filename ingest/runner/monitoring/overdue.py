"""The health of the schedules: when each last succeeded, and whether it is overdue."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from ingest.fetch.waits import Wait
from ingest.records.json_output import instant
from ingest.store import ScheduleRun, Store
from schedules.catch_up import next_starts
from schedules.schedule import Schedule

NO_WAITS: Mapping[str, Wait] = {}

OVERDUE_AFTER = 2
"""At the second start after the last success the schedule is overdue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleHealth:
    """The health of one schedule. ``last`` is the newest of its times that was entered.

    ``succeeded_at`` is never later than now; ``waiting`` is what its run under way waits for, if it does.
    """

    schedule: Schedule
    last: ScheduleRun | None
    succeeded_at: datetime | None
    running: bool
    overdue: bool
    waiting: Wait | None = None

    def as_json(self) -> dict[str, object]:
        """What ``/healthz`` says of it."""
        return {
            "schedule": self.schedule.key,
            "overdue": self.overdue,
            "running": self.running,
            "waiting": _wait_json(self.waiting) if self.waiting is not None else None,
            "last_success": instant(self.succeeded_at),
            "last_state": self.last.state if self.last is not None else None,
            "last_error": self.last.error if self.last is not None else None,
        }


def status_of(healths: Collection[ScheduleHealth]) -> Literal["ok", "overdue", "waiting"]:
    """The worst state of all schedules."""
    if any(health.overdue for health in healths):
        return "overdue"
    return "waiting" if any(health.waiting for health in healths) else "ok"


def schedule_health(
    in_force: Mapping[Schedule, datetime],
    store: Store,
    *,
    now: datetime,
    waits: Mapping[str, Wait] = NO_WAITS,
) -> tuple[ScheduleHealth, ...]:
    """The health of each schedule in force, given since when it has been in force.

    A schedule is overdue if within its last two times no run of it ended well, it did not take effect,
    and no run is under way. ``waits`` are what the runs under way wait for, by source.
    """
    healths = (_health_of(schedule, since, store, now) for schedule, since in in_force.items())
    return tuple(
        replace(health, waiting=waits.get(health.schedule.source)) if health.running else health
        for health in healths
    )


def _wait_json(wait: Wait) -> dict[str, object]:
    return {"for": wait.reason, "until": instant(wait.until)}


def _health_of(schedule: Schedule, in_force_since: datetime, store: Store, now: datetime) -> ScheduleHealth:
    # One that ended later than now was entered under a clock that was ahead.
    done = store.claims.last(schedule.key, "done", ended_by=now)
    succeeded_at = done.ended_at if done is not None else None
    under_way = store.claims.last(schedule.key, "running")
    running = under_way is not None and under_way.owner is not None and not store.is_gone(under_way.owner)
    # A schedule that was added today is not overdue for the time before.
    since = max(in_force_since, succeeded_at or in_force_since)
    return ScheduleHealth(
        schedule=schedule,
        last=store.claims.last(schedule.key),
        succeeded_at=succeeded_at,
        running=running,
        overdue=not running and now >= next_starts(schedule, since, OVERDUE_AFTER)[-1],
    )
