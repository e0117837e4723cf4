"""A transaction that is begun again, once, when PostgreSQL has ended its session.

    work -> number noted -> commit -> result
    session lost -> reconnect -> was that number committed? its result : work again -> commit -> result

A commit whose answer was lost may have succeeded: the server knows by the transaction's number. SQLite has no
sessions, so there every error is final.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import BigInteger, Connection, Engine, cast, select
from sqlalchemy import func as sql

from ingest.clock import STEP, SystemClock, attempts, pause
from ingest.errors import SessionLost
from ingest.store.database.engine import RECONNECT_SECONDS, reading, writing

log = logging.getLogger(__name__)

COMMITTED, IN_PROGRESS = "committed", "in progress"

T = TypeVar("T")
Work = Callable[[Connection], T]


@dataclass(frozen=True, slots=True)
class _Ready(Generic[T]):
    """A transaction that is about to be committed; one that wrote nothing has no number."""

    number: int | None
    result: T


def transacted(engine: Engine, work: Work[T], *, before: Callable[[], object] = lambda: None) -> T:
    """The result of ``work``, once what it wrote is committed; any exception takes all of it back.

    ``work`` may be called twice, and must then do the same; ``before`` is called ahead of each.

    Raises:
        SessionLost: the second session was lost too, or the database does not answer.
    """
    ready: list[_Ready[T]] = []
    try:
        return _attempt(engine, work, before, ready)
    except SessionLost as lost:
        if engine.dialect.name != "postgresql":
            raise
        log.warning("%s; the transaction is tried once more", lost)
        if _is_committed(engine, ready, lost):
            return ready[-1].result
        return _attempt(engine, work, before, ready)


def _attempt(engine: Engine, work: Work[T], before: Callable[[], object], ready: list[_Ready[T]]) -> T:
    before()
    with writing(engine) as connection:
        result = work(connection)
        ready.append(_Ready(_number(connection), result))
    return result


def _number(connection: Connection) -> int | None:
    if connection.dialect.name != "postgresql":
        return None
    number: int | None = connection.scalar(select(sql.txid_current_if_assigned()))
    return number


def _is_committed(engine: Engine, ready: list[_Ready[T]], lost: SessionLost) -> bool:
    """Whether the commit succeeded all the same; also waits until the database answers."""
    number = ready[-1].number if ready else None
    fate = _fate(engine, number, lost)
    if number is not None and fate is None:
        raise lost  # too long ago: nobody knows
    return fate == COMMITTED


def _fate(engine: Engine, number: int | None, lost: SessionLost) -> str | None:
    clock = SystemClock()
    began = clock.monotonic()
    for _ in attempts(RECONNECT_SECONDS, "the database"):
        try:
            with reading(engine) as connection:
                fate: str | None = connection.scalar(select(sql.txid_status(cast(number, BigInteger))))
        except SessionLost as error:
            lost = error
        else:
            if fate != IN_PROGRESS:
                return fate
        # An attempt to connect may itself take ten seconds.
        if clock.monotonic() - began > RECONNECT_SECONDS:
            break
        pause(STEP)
    raise lost
