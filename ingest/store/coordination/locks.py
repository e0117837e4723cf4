"""One run at a time for each source, by locks that die with the process that holds them."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, select
from sqlalchemy import func as sql
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ingest.errors import Busy, StoreUnusable
from ingest.store.database.address import beside, grant, lock_rights
from ingest.store.database.engine import connected

LOCK_BYTES = 8


class SourceLocks:
    """Takes and frees the lock of a source: a file's, PostgreSQL's own, or the process's in memory."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._in_memory: dict[str, threading.Lock] = {}
        self._advisory = AdvisoryLocks(engine)

    def require_held(self) -> None:
        """Raises Busy if a lock of ours was lost and is another's by now."""
        self._advisory.require_held()

    @contextmanager
    def taken(self, source: str) -> Iterator[bool]:
        """Whether the lock could be had; if so it is held for as long as the context."""
        database = beside(self._engine.url, "")
        if self._engine.dialect.name == "postgresql":
            lock = self._advisory.taken(source)
        elif database is not None:
            # thresher.sqlite3.quay.lock; a source's name may have signs that no file's name can.
            file = database.with_name(f"{database.name}.{quote(source, safe='')}.lock")
            lock = _file(file, lock_rights(database))
        else:
            lock = self._of_process(source)
        with lock as had:
            yield had

    @contextmanager
    def _of_process(self, source: str) -> Iterator[bool]:
        lock = self._in_memory.setdefault(source, threading.Lock())
        had = lock.acquire(blocking=False)
        try:
            yield had
        finally:
            if had:
                lock.release()


class AdvisoryLock:
    """PostgreSQL's own lock of a name: it belongs to a session of its own, and ends with it."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._key = advisory_key(name)
        self._connection: Connection | None = None
        # A heartbeat and the run ask for it from two threads.
        self._turn = threading.Lock()

    def take(self) -> bool:
        """Whether it could be had; of a session that is ended meanwhile it is asked for once more."""
        try:
            return self._taken()
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            self.free()
            return self._taken()

    def _taken(self) -> bool:
        # A connection that went back to a pool would keep the lock.
        connection = connected(self._engine).execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()
        self._connection = connection
        return bool(connection.scalar(select(sql.pg_try_advisory_lock(self._key))))

    def still_held(self) -> bool:
        """Whether it is ours: one whose session was ended is taken again, unless another has it by now."""
        with self._turn:
            try:
                if self._connection is not None:
                    self._connection.execute(select(1))
                    return True
            except DBAPIError:
                self.free()
            return self.take()

    def free(self) -> None:
        """Give it back; a session that was ended has done so itself."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        # The server sees the end of a session a moment late: so it is freed by name first.
        with suppress(SQLAlchemyError):
            connection.execute(select(sql.pg_advisory_unlock_all()))
        with suppress(SQLAlchemyError):
            connection.close()


class AdvisoryLocks:
    """Those that this process holds; a transaction asks for them before it writes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._held: dict[AdvisoryLock, str] = {}

    @contextmanager
    def taken(self, name: str) -> Iterator[bool]:
        """Whether the lock could be had; if so, it is held for as long as the context."""
        lock = AdvisoryLock(self._engine, name)
        try:
            had = lock.take()
            if had:
                self._held[lock] = name
            yield had
        finally:
            self._held.pop(lock, None)
            lock.free()

    def require_held(self) -> None:
        """Raises Busy if a lock was lost with its session, and another process has taken it since."""
        for lock, name in tuple(self._held.items()):
            if not lock.still_held():
                raise Busy(f"the database ended our session, and another run holds {name} now")


def advisory_key(name: str) -> int:
    """The number by which PostgreSQL knows the lock of that name."""
    digest = hashlib.sha256(f"thresher:{name}".encode()).digest()
    # PostgreSQL's keys are signed numbers of 64 bits.
    return int.from_bytes(digest[:LOCK_BYTES], "big", signed=True)


@contextmanager
def _file(path: Path, rights: int) -> Iterator[bool]:
    lock = FileLock(path, blocking=False, mode=rights)
    try:
        lock.acquire()
        grant(path, rights)
    except Timeout:
        pass
    except OSError as error:
        raise StoreUnusable(f"{path} cannot be locked: {error}") from error
    try:
        yield lock.is_locked
    finally:
        lock.release()
