"""Does the scheduler do what it is there for? Each schedule's last success, and whether it is overdue."""

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

PATIENCE = 2
"""Times that may come after the last success; with the last of them the schedule is overdue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """How it stands with one schedule. ``last`` is the newest of its times that was entered.

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


def status_of(beats: Collection[Beat]) -> Literal["ok", "overdue", "waiting"]:
    """The worst of them."""
    if any(beat.overdue for beat in beats):
        return "overdue"
    return "waiting" if any(beat.waiting for beat in beats) else "ok"


def pulse(
    in_force: Mapping[Schedule, datetime],
    store: Store,
    *,
    now: datetime,
    waits: Mapping[str, Wait] = NO_WAITS,
) -> tuple[Beat, ...]:
    """The health of each schedule in force, given since when it has been in force.

    A schedule is overdue if within its last two times no run of it ended well, it did not take effect,
    and no run is under way. ``waits`` are what the runs under way wait for, by source.
    """
    beats = (_beat(schedule, since, store, now) for schedule, since in in_force.items())
    return tuple(
        replace(beat, waiting=waits.get(beat.schedule.source)) if beat.running else beat for beat in beats
    )


def _wait_json(wait: Wait) -> dict[str, object]:
    return {"for": wait.reason, "until": instant(wait.until)}


def _beat(schedule: Schedule, in_force_since: datetime, store: Store, now: datetime) -> Beat:
    # One that ended later than now was entered under a clock that was ahead.
    done = store.claims.last(schedule.key, "done", ended_by=now)
    succeeded_at = done.ended_at if done is not None else None
    under_way = store.claims.last(schedule.key, "running")
    running = under_way is not None and under_way.owner is not None and not store.is_gone(under_way.owner)
    since = max(in_force_since, succeeded_at or in_force_since)
    return Beat(
        schedule=schedule,
        last=store.claims.last(schedule.key),
        succeeded_at=succeeded_at,
        running=running,
        overdue=not running and now >= next_starts(schedule, since, PATIENCE)[-1],
    )
