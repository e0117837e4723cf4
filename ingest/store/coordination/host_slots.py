"""One request at a time at a host, whichever process sends it, and none before its delay is over."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Insert,
    Row,
    Select,
    Update,
    and_,
    bindparam,
    case,
    select,
    update,
)

from ingest.records.chosen import LONGEST_PAUSE
from ingest.store.coordination.holds import TURN
from ingest.store.coordination.presence import Presence
from ingest.store.database.retrying import transacted
from ingest.store.database.schema import hosts
from ingest.store.database.upsert import insert_into, insert_of

LONGEST_REST = timedelta(seconds=LONGEST_PAUSE)
"""No host rests for longer: it is the largest Retry-After that is granted, and the largest delay."""

SKEW = timedelta(minutes=5)
"""A clock may be set back by so much; a rest that ends still later was entered by one that was wrong."""

SOON = timedelta(milliseconds=500)
"""After so long it is asked again whether another's request has ended."""


class Turns:
    """Whose turn it is at which host; ``Store.turns`` is one."""

    def __init__(self, engine: Engine, presence: Presence) -> None:
        self._engine = engine
        self._presence = presence

    def take_turn(
        self, host: str, *, owner: str, now: datetime, until: datetime, delay: timedelta
    ) -> datetime | None:
        """None if the turn is ours, and the request may go now; else when to ask for it again.

        A turn lasts to ``until``, or its owner's end. Nobody knows when the request of one that was not
        given back went out: the host then rests for ``delay`` from now.
        """

        def take(connection: Connection) -> datetime | None:
            row = _locked(connection, host)
            if self._is_taken(connection, row, now):
                ends: datetime = row.turn_until
                return min(now + SOON, ends)
            next_at = _next_at(row, now, delay)
            if next_at is None or next_at <= now:
                _write(connection, host, {**TURN.taken(owner, until), "next_at": next_at})
                return None
            # Of an owner that is gone only the delay is left: entered once, so that it does not begin anew.
            if (row.next_at, row.turn_owner) != (next_at, None):
                _write(connection, host, {**TURN.freed(), "next_at": next_at})
            return next_at

        return transacted(self._engine, take)

    def end_turn(self, host: str, *, owner: str, now: datetime, next_at: datetime) -> None:
        """Gives the turn back if it is still ours; the host is not asked before ``next_at`` in any case.

        No rest is longer than LONGEST_REST from ``now``.
        """
        transacted(self._engine, lambda connection: _rest(connection, host, now, next_at, owner))

    def pause(self, host: str, *, now: datetime, until: datetime) -> None:
        """Nobody asks the host before ``until``; a longer rest that it has stays."""
        transacted(self._engine, lambda connection: _rest(connection, host, now, until, None))

    def _is_taken(self, connection: Connection, row: Row[Any], now: datetime) -> bool:
        is_valid = row.turn_owner is not None and row.turn_until <= now + LONGEST_REST
        return is_valid and TURN.is_held(row, self._presence, connection, now)


def _locked(connection: Connection, host: str) -> Row[Any]:
    row = connection.execute(_row_to_lock(), {"of": host}).first()
    if row is None:
        connection.execute(insert_into(connection, hosts).values(host=host).on_conflict_do_nothing())
        row = connection.execute(_row_to_lock(), {"of": host}).one()
    return row


@cache
def _row_to_lock() -> Select[Any]:
    return select(hosts).where(hosts.c.host == bindparam("of")).with_for_update()


def _next_at(row: Row[Any], now: datetime, delay: timedelta) -> datetime | None:
    """When the host may be asked; a rest of invalid length says no more than that it was asked once."""
    is_valid = row.next_at is not None and row.next_at <= now + LONGEST_REST + SKEW
    known = [row.next_at] if is_valid else []
    if row.turn_owner is not None or (row.next_at is not None and not is_valid):
        known.append(now + delay)
    return min(max(known), now + LONGEST_REST) if known else None


def _write(connection: Connection, host: str, values: dict[str, Any]) -> None:
    connection.execute(_update(), {"of": host, **values})


@cache
def _update() -> Update:
    return update(hosts).where(hosts.c.host == bindparam("of"))


def _rest(connection: Connection, host: str, now: datetime, until: datetime, owner: str | None) -> None:
    """Lets the host rest until then, and takes its turn from ``owner``, if it is whose turn it is."""
    farthest = now + LONGEST_REST
    connection.execute(
        _resting(connection.dialect.name),
        {
            "host": host,
            "next_at": min(until, farthest),
            "valid_until": farthest + SKEW,
            "owner": owner,
        },
    )


@cache
def _resting(dialect: str) -> Insert:
    insert = insert_of(dialect, hosts).values(host=bindparam("host"), next_at=bindparam("next_at"))
    # A rest that a wrong clock entered does not count as a longer one.
    longer = and_(hosts.c.next_at > insert.excluded.next_at, hosts.c.next_at <= bindparam("valid_until"))
    ours = hosts.c.turn_owner == bindparam("owner")
    freed = {name: case((ours, value), else_=hosts.c[name]) for name, value in TURN.freed().items()}
    next_at = case((longer, hosts.c.next_at), else_=insert.excluded.next_at)
    return insert.on_conflict_do_update(index_elements=["host"], set_={"next_at": next_at, **freed})
