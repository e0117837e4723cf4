"""Runs of schedules: each time of a schedule is claimed once, however many processes wait for it.

    claim -> Claim -> [renew] -> end, or hand_back

A run whose process died, or which outlived its lease, is claimed again, up to ``MOST_ATTEMPTS`` times. So a
time is never run twice side by side, but what a killed run began is begun once more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, func, select, update

from ingest.store.coordination.holds import CLAIM
from ingest.store.coordination.presence import Presence
from ingest.store.database.engine import reading
from ingest.store.database.retrying import transacted
from ingest.store.database.schema import schedule_runs
from ingest.store.database.upsert import insert_into
from ingest.store.takedown.scrubbing import unquoted

MOST_ATTEMPTS = 3

ScheduleState = Literal["running", "done", "failed", "missed"]
KEY = ["schedule", "scheduled_for"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A schedule's time that is ours to run; ``attempt`` is 1 if nobody has tried before."""

    claim_id: int
    schedule: str
    source: str
    scheduled_for: datetime
    owner: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRun:
    """What became of a schedule's time; one that was missed was never owned nor started."""

    schedule: str
    source: str
    scheduled_for: datetime
    owner: str | None
    state: ScheduleState
    lease_until: datetime | None
    attempts: int
    started_at: datetime | None
    ended_at: datetime | None
    run_id: int | None
    error: str | None


class Claims:
    """Who runs which time of a schedule; ``Store.claims`` is one."""

    def __init__(self, engine: Engine, presence: Presence) -> None:
        self._engine = engine
        self._presence = presence

    def claim(
        self,
        schedule: str,
        source: str,
        scheduled_for: datetime,
        *,
        owner: str,
        now: datetime,
        lease_until: datetime,
    ) -> Claim | None:
        """The claim, if nobody has it or its owner is dead or late; None if it is not to be run by us.

        A time that was tried ``MOST_ATTEMPTS`` times without an end is failed by this.
        """
        values = {"state": "running", "started_at": now}
        first = {"owner": owner, "lease_until": lease_until, "attempts": 1, "source": source}
        key = {"schedule": schedule, "scheduled_for": scheduled_for}

        def take(connection: Connection) -> tuple[int, int] | None:
            claim_id = _entered(connection, key | values | first)
            if claim_id is not None:
                return claim_id, 1
            again = values | CLAIM.taken(owner, lease_until)
            return self._taken_over(connection, _locked(connection, schedule, scheduled_for), again, now)

        taken = transacted(self._engine, take)
        if taken is None:
            return None
        return Claim(
            claim_id=taken[0],
            schedule=schedule,
            source=source,
            scheduled_for=scheduled_for,
            owner=owner,
            attempt=taken[1],
        )

    def _taken_over(
        self, connection: Connection, row: Row[Any], values: dict[str, Any], now: datetime
    ) -> tuple[int, int] | None:
        """Id and attempt of a claim whose owner is dead or late; None if it is not to be run by us."""
        if row.state != "running" or CLAIM.is_held(row, self._presence, connection, now):
            return None
        if row.attempts >= MOST_ATTEMPTS:
            _give_up(connection, row, now)
            return None
        _write(connection, schedule_runs.c.id == row.id, values)
        return row.id, row.attempts + 1

    def renew(self, claim: Claim, *, now: datetime, lease_until: datetime) -> bool:
        """Makes the claim last longer; False if it is over or another's, and then nothing is changed."""
        still = and_(_is_ours(claim), schedule_runs.c.lease_until > now)
        return self._written(still, {"lease_until": lease_until})

    def end(
        self,
        claim: Claim,
        state: Literal["done", "failed"],
        *,
        ended_at: datetime,
        run_id: int | None = None,
        error: str | None = None,
    ) -> bool:
        """Enters how the run ended; False if it is another's by now, whose word it is then."""
        values = {"state": state, "ended_at": ended_at, "run_id": run_id, "lease_until": None}

        def enter(connection: Connection) -> bool:
            kept = unquoted(connection, claim.source, error)
            return _write(connection, _is_ours(claim), values | {"error": kept})

        return transacted(self._engine, enter)

    def skip(self, schedule: str, source: str, times: Iterable[datetime]) -> int:
        """Enters times that passed and will not be run as missed; returns how many of them are new."""
        row = {"schedule": schedule, "source": source, "state": "missed", "attempts": 0}
        all_times = sorted(times)

        def enter(connection: Connection) -> int:
            entered = [_entered(connection, row | {"scheduled_for": time}) for time in all_times]
            return len(entered) - entered.count(None)

        return transacted(self._engine, enter)

    def hand_back(self, claim: Claim, *, now: datetime) -> bool:
        """Lets another process claim it: a stopped run does not count as a failed attempt."""
        values = {"attempts": schedule_runs.c.attempts - 1, "lease_until": now}
        return self._written(_is_ours(claim), values)

    def last(
        self, schedule: str, state: ScheduleState | None = None, *, ended_by: datetime | None = None
    ) -> ScheduleRun | None:
        """The newest time of the schedule, or the newest that ended so, and what became of it.

        With ``ended_by``, the newest of those that ended by then.
        """
        wanted = select(schedule_runs).where(schedule_runs.c.schedule == schedule)
        if state is not None:
            wanted = wanted.where(schedule_runs.c.state == state)
        if ended_by is not None:
            wanted = wanted.where(schedule_runs.c.ended_at <= ended_by)
        found = self._asked(wanted.order_by(schedule_runs.c.scheduled_for.desc()).limit(1))
        return found[0] if found else None

    def last_scheduled(self, schedule: str, *, until: datetime | None = None) -> datetime | None:
        """The newest time of the schedule that was claimed or missed; of those up to ``until``, if given."""
        newest = select(func.max(schedule_runs.c.scheduled_for)).where(schedule_runs.c.schedule == schedule)
        if until is not None:
            newest = newest.where(schedule_runs.c.scheduled_for <= until)
        with reading(self._engine) as connection:
            found: datetime | None = connection.scalar(newest)
        return found

    def running(self, source: str | None = None) -> tuple[ScheduleRun, ...]:
        """The runs without an end, oldest time first; those of dead owners are among them, to be claimed."""
        wanted = _of(source).where(schedule_runs.c.state == "running")
        return self._asked(wanted.order_by(schedule_runs.c.scheduled_for, schedule_runs.c.id))

    def newest(self, source: str | None = None, *, limit: int = 20) -> tuple[ScheduleRun, ...]:
        """The newest times and what became of them, newest first."""
        newest_first = (schedule_runs.c.scheduled_for.desc(), schedule_runs.c.id.desc())
        return self._asked(_of(source).order_by(*newest_first).limit(limit))

    def _written(self, which: ColumnElement[bool], values: dict[str, Any]) -> bool:
        return transacted(self._engine, lambda connection: _write(connection, which, values))

    def _asked(self, wanted: Any) -> tuple[ScheduleRun, ...]:
        with reading(self._engine) as connection:
            return tuple(_schedule_run(row) for row in connection.execute(wanted))


def _entered(connection: Connection, values: dict[str, Any]) -> int | None:
    """The id of the new row, or None if its time was there."""
    insert = insert_into(connection, schedule_runs).values(values).on_conflict_do_nothing(index_elements=KEY)
    found: int | None = connection.scalar(insert.returning(schedule_runs.c.id))
    return found


def _locked(connection: Connection, schedule: str, scheduled_for: datetime) -> Row[Any]:
    of_time = (schedule_runs.c.schedule == schedule, schedule_runs.c.scheduled_for == scheduled_for)
    return connection.execute(select(schedule_runs).where(*of_time).with_for_update()).one()


def _is_ours(claim: Claim) -> ColumnElement[bool]:
    return and_(
        schedule_runs.c.id == claim.claim_id,
        schedule_runs.c.state == "running",
        # One owner may have claimed it again after its lease was over.
        CLAIM.where_of(claim.owner, claim.attempt),
    )


def _write(connection: Connection, which: ColumnElement[bool], values: dict[str, Any]) -> bool:
    return connection.execute(update(schedule_runs).where(which).values(values)).rowcount == 1


def _give_up(connection: Connection, row: Row[Any], now: datetime) -> None:
    error = f"given up: {row.attempts} attempts did not end"
    values = {"state": "failed", "ended_at": now, "error": error, "lease_until": None}
    _write(connection, schedule_runs.c.id == row.id, values)


def _of(source: str | None) -> Any:
    wanted = select(schedule_runs)
    return wanted if source is None else wanted.where(schedule_runs.c.source == source)


def _schedule_run(row: Row[Any]) -> ScheduleRun:
    return ScheduleRun(**{name: row._mapping[name] for name in ScheduleRun.__dataclass_fields__})
