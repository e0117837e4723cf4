"""Days on lease: of several processes only one works at a day, and one that lost its lease writes nothing.

    lease -> Lease -> [Transaction.require_lease(lease) first in each page's transaction, renew] -> release

A lease holds rows of the ledger, as ``holds`` describes: their fences show that a process slept past it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, case, or_, select, update

from ingest.errors import LeaseLost
from ingest.store.coordination.holds import LEASE
from ingest.store.coordination.presence import Presence
from ingest.store.database.engine import reading
from ingest.store.database.retrying import transacted
from ingest.store.database.schema import pages
from ingest.store.ledger.pages import free_day, lock_day, rows_of_day
from schedules.backfill import Holder
from schedules.recrawl import SETTLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A day that is ours. ``fences`` has the number of each of its sections that were taken."""

    source: str
    day: date
    owner: str
    fences: Mapping[int, int]


class Leases:
    """Takes, renews and gives back days; ``Store.leases`` is one."""

    def __init__(self, engine: Engine, presence: Presence) -> None:
        self._engine = engine
        self._presence = presence

    def lease(
        self,
        source: str,
        day: date,
        *,
        owner: str,
        now: datetime,
        until: datetime,
        full: bool = False,
        sections: Collection[int] | None = None,
    ) -> Lease | None:
        """Takes the day's rows that are not done and may be asked for now; with ``full`` those done too.

        With ``sections`` it takes the rows of these, whatever their state and however long they rest.
        None if there are none, or if a living owner has any row of the day.
        """

        def take(connection: Connection) -> Lease | None:
            # Without waiting: a writer at work on the day may have its rows locked for a whole transaction.
            rows = free_day(connection, source, day)
            if rows is None and self._is_leased(connection, rows_of_day(connection, source, day), now):
                return None  # whoever writes of it has it: that need not be waited for
            rows = lock_day(connection, source, day) if rows is None else rows
            if self._is_leased(connection, rows, now):
                return None
            if sections is None:
                wanted = [row for row in rows if _may_be_asked_for(row, now, full=full)]
            else:
                wanted = [row for row in rows if row.section in sections]
            if not wanted:
                return None
            _take(connection, [row.id for row in wanted], owner, until)
            # As ``_take`` has just written them: the rows here are of before.
            fences = {row.section: row.fence + 1 for row in wanted}
            return Lease(source=source, day=day, owner=owner, fences=fences)

        return transacted(self._engine, take)

    def _is_leased(self, connection: Connection, rows: Iterable[Row[Any]], now: datetime) -> bool:
        return any(LEASE.is_held(row, self._presence, connection, now) for row in rows)

    def renew(self, lease: Lease, *, until: datetime) -> bool:
        """Makes the lease last longer; False if it is lost, and then nothing is changed."""

        def renew(connection: Connection) -> bool:
            rows = _rows_of(connection, lease)
            if not _is_held(rows, lease):
                return False
            ids = [row.id for row in rows if row.state == "leased"]
            connection.execute(update(pages).where(pages.c.id.in_(ids)).values(lease_until=until))
            return True

        return transacted(self._engine, renew)

    def release(self, lease: Lease) -> None:
        """Gives back the rows that are still ours and still leased: each is again what it was before.

        A row that was done becomes pending if a catalogue has shown meanwhile that it differs.
        """

        def release(connection: Connection) -> None:
            _free(connection, [row.id for row in _rows_of(connection, lease) if _is_ours(row, lease)])

        transacted(self._engine, release)

    def release_abandoned(self, source: str) -> int:
        """Gives back the rows whose owner is gone, and says how many; each is again what it was before."""
        leased = select(pages.c.day).where(pages.c.source == source, pages.c.state == "leased").distinct()

        def release(connection: Connection) -> int:
            freed = 0
            for day in connection.scalars(leased.order_by(pages.c.day)).all():
                rows = [row for row in lock_day(connection, source, day) if row.state == "leased"]
                gone = {one for one in _owners(rows) if self._presence.is_gone(connection, one)}
                ids = [row.id for row in rows if row.lease_owner is None or row.lease_owner in gone]
                _free(connection, ids)
                freed += len(ids)
            return freed

        return transacted(self._engine, release)

    def holders(self, source: str, since: date, until: date, *, now: datetime) -> dict[date, Holder]:
        """The days of a window, both included, that owners at work have on lease."""
        wanted = select(pages.c.day, pages.c.lease_owner, pages.c.lease_until).where(
            pages.c.source == source, pages.c.day.between(since, until), pages.c.state == "leased"
        )
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.order_by(pages.c.day, pages.c.lease_until)).all()
            return {
                row.day: Holder(owner=row.lease_owner, until=row.lease_until)
                for row in rows
                if LEASE.is_held(row, self._presence, connection, now)
            }


def require_lease(connection: Connection, lease: Lease) -> None:
    """Keeps the day ours until the transaction ends.

    Raises:
        LeaseLost: it was given back, or another process has leased a row of it since.
    """
    if not _is_held(_rows_of(connection, lease), lease):
        raise LeaseLost(lease.source, lease.day)


def _rows_of(connection: Connection, lease: Lease) -> list[Row[Any]]:
    rows = lock_day(connection, lease.source, lease.day)
    return [row for row in rows if row.section in lease.fences]


def _is_held(rows: Iterable[Row[Any]], lease: Lease) -> bool:
    """Whether no row was leased anew since.

    A row that a page has settled meanwhile, ours or a harvest's beside us, keeps its fence. So does one whose
    lease ran out while the machine slept: until another process takes it, it is ours.
    """
    fences = {row.section: row.fence for row in rows}
    leased = (row for row in rows if row.state == "leased")
    return fences == lease.fences and all(_is_ours(row, lease) for row in leased)


def _is_ours(row: Row[Any], lease: Lease) -> bool:
    return row.state == "leased" and LEASE.is_of(row, lease.owner, lease.fences[row.section])


def _may_be_asked_for(row: Row[Any], now: datetime, *, full: bool) -> bool:
    rested = row.not_before is None or row.not_before <= now
    return rested and (full or row.state not in SETTLED)


def _take(connection: Connection, ids: list[int], owner: str, until: datetime) -> None:
    # Of a lease that is taken over, what the row was before the first one.
    before = case((pages.c.state == "leased", pages.c.leased_from), else_=pages.c.state)
    taken = {**LEASE.taken(owner, until), "state": "leased", "leased_from": before}
    connection.execute(update(pages).where(pages.c.id.in_(ids)).values(taken))


def _owners(rows: Iterable[Row[Any]]) -> set[str]:
    return {row.lease_owner for row in rows if row.lease_owner is not None}


def _free(connection: Connection, ids: Collection[int]) -> None:
    freed = {**LEASE.freed(), "state": _state_before(), "leased_from": None}
    connection.execute(update(pages).where(pages.c.id.in_(ids)).values(freed))


def _state_before() -> Any:
    differs = or_(
        pages.c.expected_articles.is_distinct_from(pages.c.held_articles),
        pages.c.expected_comments.is_distinct_from(pages.c.held_comments),
    )
    return case(
        (pages.c.leased_from.is_(None), "pending"),
        (pages.c.leased_from.in_(sorted(SETTLED)) & differs, "pending"),
        else_=pages.c.leased_from,
    )
