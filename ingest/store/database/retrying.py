"""A transaction that is begun again, once, when PostgreSQL has ended its session.

    work -> number noted -> commit -> result
    session lost -> reconnect -> was that number committed? its result : work again -> commit -> result

A commit whose answer was lost may have succeeded: the server knows by the transaction's number. After a crash
it gives numbers that its log had not kept to other transactions; a log whose recovery did not reach the place
where ours was to be committed has not kept it. SQLite has no sessions, so there every error is final.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Connection, Engine, select, text

from ingest.clock import STEP, SystemClock, attempts, pause
from ingest.errors import SessionLost
from ingest.store.database.engine import RECONNECT_SECONDS, errors_named, reading, writing

log = logging.getLogger(__name__)

COMMITTED, IN_PROGRESS = "committed", "in progress"
MARK = text(
    "SELECT txid_current_if_assigned(), CAST(pg_current_wal_insert_lsn() AS text),"
    " CAST(pg_last_wal_replay_lsn() AS text)"
)
FATE = text(
    "SELECT CASE WHEN pg_last_wal_replay_lsn() IS DISTINCT FROM CAST(:recovered AS pg_lsn)"
    " AND pg_last_wal_replay_lsn() <= CAST(:log_end AS pg_lsn) THEN 'aborted'"
    " ELSE txid_status(CAST(:number AS bigint)) END"
)

T = TypeVar("T")
Work = Callable[[Connection], T]


@dataclass(frozen=True, slots=True)
class _Mark:
    """By what a transaction is known again: its number, the log's end, and where the last recovery ended.

    One that wrote nothing has no number, a server that was never recovered no such place.
    """

    number: int | None
    log_end: str
    recovered: str | None


@dataclass(frozen=True, slots=True)
class _Ready(Generic[T]):
    """A transaction that is about to be committed."""

    mark: _Mark | None
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


def once_more(work: Callable[[], T], words: str) -> T:
    """The result of ``work``, which may be done twice; after a lost session that of the second."""
    try:
        return work()
    except SessionLost as lost:
        log.warning("%s; %s", lost, words)
    return work()


def with_schema(engine: Engine, prepare: Callable[[Engine], None]) -> None:
    """Has the schema upgraded, wholly or not at all, or found to be the newest."""

    def prepared() -> None:
        with errors_named(engine.url):
            prepare(engine)

    once_more(prepared, "the schema is looked at once more")


def _attempt(engine: Engine, work: Work[T], before: Callable[[], object], ready: list[_Ready[T]]) -> T:
    before()
    with writing(engine) as connection:
        result = work(connection)
        ready.append(_Ready(_mark(connection), result))
    return result


def _mark(connection: Connection) -> _Mark | None:
    if connection.dialect.name != "postgresql":
        return None
    number, log_end, recovered = connection.execute(MARK).one()
    return _Mark(number, log_end, recovered)


def _is_committed(engine: Engine, ready: list[_Ready[T]], lost: SessionLost) -> bool:
    """Whether the commit succeeded all the same; also waits until the database answers."""
    mark = ready[-1].mark if ready else None
    fate = _fate(engine, mark, lost)
    if mark is not None and mark.number is not None and fate is None:
        raise lost  # too long ago: nobody knows
    return fate == COMMITTED


def _fate(engine: Engine, mark: _Mark | None, lost: SessionLost) -> str | None:
    clock = SystemClock()
    began = clock.monotonic()
    for _ in attempts(RECONNECT_SECONDS, "the database"):
        try:
            with reading(engine) as connection:
                fate = _asked(connection, mark)
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


def _asked(connection: Connection, mark: _Mark | None) -> str | None:
    if mark is None or mark.number is None:
        connection.execute(select(1))  # whether it answers
        return None
    fate: str | None = connection.scalar(
        FATE, {"number": mark.number, "log_end": mark.log_end, "recovered": mark.recovered}
    )
    return fate
