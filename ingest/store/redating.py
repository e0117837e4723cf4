"""Moments that are known to be wrong: later than now, or of before there were archives of the web.

    moments later than now, in order -> as many microseconds just before now, in the same order
    moments before 1996, in order -> as many microseconds just before the first that is right

One moment is the same in every table before and after, so that what is newer stays newer, and what was seen
in a capture stays seen in it. The records of the archive keep the wrong date: the index has the right one.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Row,
    Table,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)

from ingest.store.coordination.holds import LEASE, TURN
from ingest.store.coordination.host_slots import LONGEST_REST, SKEW
from ingest.store.database.engine import reading
from ingest.store.database.retrying import transacted
from ingest.store.database.schema import (
    article_versions,
    articles,
    captures,
    comment_versions,
    comments,
    hosts,
    pages,
    quarantine,
    runs,
    schedule_runs,
    suppressed,
)
from schedules.recrawl import RARELY

SIGHTINGS = ("first_seen_at", "last_seen_at", "vanished_at")
VALIDITY = ("valid_from", "valid_to")
MOMENTS: Mapping[Table, Sequence[str]] = {
    captures: ("captured_at",),
    articles: (*SIGHTINGS, "claimed_at"),
    comments: SIGHTINGS,
    article_versions: VALIDITY,
    comment_versions: VALIDITY,
    pages: ("visited_at", "changed_at", "full_at", "emptied_at", "empty_accepted_at"),
    runs: ("started_at", "ended_at"),
    schedule_runs: ("started_at", "ended_at"),
    quarantine: ("first_failed_at", "last_failed_at"),
    suppressed: ("suppressed_at",),
}
"""What was entered as the present of its time. What the site says of its times is not ours to mend."""

FIRST_MOMENT = datetime(1996, 1, 1, tzinfo=UTC)
"""There were no archives of the web before: a clock that says so has lost its battery."""
FAR = timedelta(days=90)
"""A battery that is empty sets a clock back by years."""
LONGEST_LEASE = timedelta(days=1)
STEP = timedelta(microseconds=1)
Which = Callable[[Column[Any]], ColumnElement[bool]]
"""Chooses rows by a moment of theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What was entered under a clock that was ahead: how many captures and runs, and the latest moment."""

    captures: int
    runs: int
    newest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Early:
    """What was entered under a clock of before 1996: how many captures and runs, and the first moment."""

    captures: int
    runs: int
    oldest: datetime


class Moments:
    """Finds and mends what a clock that was wrong has entered; ``Store.moments`` is one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def ahead(self, *, now: datetime) -> Ahead | None:
        """What was entered under a clock that was ahead of now; None if nothing was."""
        with reading(self._engine) as connection:
            return _ahead(connection, now)

    def early(self) -> Early | None:
        """What was entered before there were archives of the web; None if nothing was."""
        with reading(self._engine) as connection:
            return _early(connection)

    def redate(
        self, *, now: datetime, run_id: int | None = None, forced: bool = False
    ) -> dict[str, int] | None:
        """Moves each moment that is later than now to just before it, in order; rows changed, by table.

        None, and nothing is changed, if all but the run ``run_id`` is far later: then the clock is behind.
        ``forced``: even then.
        """

        def work(connection: Connection) -> dict[str, int] | None:
            if not forced and _is_behind(connection, now, run_id):
                return None
            return _redate(connection, now)

        return transacted(self._engine, work)


def _ahead(connection: Connection, now: datetime) -> Ahead | None:
    """The captures and runs that are later than now, by more than a clock is set back by; None if none is."""
    numbers, latest = _counted(connection, lambda column: column > now + SKEW, func.max)
    return Ahead(captures=numbers[0], runs=numbers[1], newest=max(latest)) if latest else None


def _early(connection: Connection) -> Early | None:
    numbers, first = _counted(connection, lambda column: column < FIRST_MOMENT, func.min)
    return Early(captures=numbers[0], runs=numbers[1], oldest=min(first)) if first else None


def _counted(
    connection: Connection, which: Which, extreme: Callable[[Column[Any]], ColumnElement[Any]]
) -> tuple[list[int], list[datetime]]:
    """How many captures and how many runs there are of such a moment, and the extreme of each."""
    extremes: list[datetime] = []
    numbers: list[int] = []
    for column in (captures.c.captured_at, runs.c.started_at):
        number, moment = connection.execute(select(func.count(), extreme(column)).where(which(column))).one()
        numbers.append(number)
        extremes += [moment] if moment is not None else []
    return numbers, extremes


def _is_behind(connection: Connection, now: datetime, run_id: int | None) -> bool:
    """Whether the clock is far behind every other run: then it is wrong now, not what was stored."""
    others = select(func.min(runs.c.started_at)).where(runs.c.id.is_distinct_from(run_id))
    first: datetime | None = connection.scalar(others)
    return first is not None and first > now + FAR


def _redate(connection: Connection, now: datetime) -> dict[str, int]:
    """Mends every moment that is known to be wrong; how many rows of each table were changed."""
    late = _moments(connection, lambda column: column > now)
    mended = _just_before(now, late)
    early = _moments(connection, lambda column: column < FIRST_MOMENT)
    if early:
        mended |= _just_before(_first_right(connection, [*mended.values(), now]), early)
    changed = {table.name: _mend(connection, table, names, mended, now) for table, names in MOMENTS.items()}
    changed["pages"] += _free_pages(connection, now)
    changed["hosts"] = _free_hosts(connection, now)
    changed["schedule_runs"] += _drop_times(connection, now)
    _drop_cursors(connection, now)
    return {name: number for name, number in sorted(changed.items()) if number}


def _columns() -> list[Column[Any]]:
    return [table.c[name] for table, names in MOMENTS.items() for name in names]


def _moments(connection: Connection, which: Which) -> list[datetime]:
    found: set[datetime] = set()
    for column in _columns():
        found.update(connection.scalars(select(column).where(which(column)).distinct()))
    return sorted(found)


def _first_right(connection: Connection, others: list[datetime]) -> datetime:
    found: list[datetime] = []
    for column in _columns():
        first = connection.scalar(select(func.min(column)).where(column >= FIRST_MOMENT))
        found += [first] if first is not None else []
    return min(found + others)


def _just_before(end: datetime, moments: Sequence[datetime]) -> dict[datetime, datetime]:
    return {moment: end - STEP * (len(moments) - place) for place, moment in enumerate(moments)}


def _mend(
    connection: Connection,
    table: Table,
    names: Sequence[str],
    mended: Mapping[datetime, datetime],
    now: datetime,
) -> int:
    wrong = or_(*(or_(table.c[name] > now, table.c[name] < FIRST_MOMENT) for name in names))
    rows = connection.execute(select(table.c.id, *(table.c[name] for name in names)).where(wrong)).all()
    values = [{"row": row.id, **{f"new_{name}": _now(row, name, mended) for name in names}} for row in rows]
    if values:
        new = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
        connection.execute(update(table).where(table.c.id == bindparam("row")).values(new), values)
    return len(values)


def _now(row: Row[Any], name: str, mended: Mapping[datetime, datetime]) -> datetime | None:
    moment: datetime | None = row._mapping[name]
    return moment if moment is None else mended.get(moment, moment)


def _free_pages(connection: Connection, now: datetime) -> int:
    """Rests and leases that are longer than any that is granted."""
    rested = update(pages).where(pages.c.not_before > now + RARELY).values(not_before=None)
    leased = (pages.c.state == "leased") & (pages.c.lease_until > now + LONGEST_LEASE)
    before = func.coalesce(pages.c.leased_from, "pending")
    freed = {**LEASE.freed(), "state": before, "leased_from": None}
    return (
        connection.execute(rested).rowcount
        + connection.execute(update(pages).where(leased).values(freed)).rowcount
    )


def _free_hosts(connection: Connection, now: datetime) -> int:
    late = or_(hosts.c.next_at > now + LONGEST_REST + SKEW, hosts.c.turn_until > now + LONGEST_REST)
    freed = {**TURN.freed(), "next_at": None}
    return connection.execute(update(hosts).where(late).values(freed)).rowcount


def _drop_times(connection: Connection, now: datetime) -> int:
    """Times of schedules that have not come yet: claimed, they would be passed over when they come."""
    return connection.execute(delete(schedule_runs).where(schedule_runs.c.scheduled_for > now)).rowcount


def _drop_cursors(connection: Connection, now: datetime) -> None:
    """Where a re-parse broke off behind captures that are later than now: it begins anew."""
    found = connection.execute(select(runs.c.id, runs.c.cursor).where(runs.c.cursor.is_not(None))).all()
    late = [row.id for row in found if datetime.fromisoformat(json.loads(row.cursor)["at"]) > now]
    for run_id in late:
        connection.execute(update(runs).where(runs.c.id == run_id).values(cursor=None))
