"""One run at a time for each source, by locks that die with the process that holds them."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from filelock import FileLock, Timeout
from sqlalchemy import Engine, select
from sqlalchemy import func as sql
from sqlalchemy.exc import DBAPIError

from ingest.errors import StoreUnusable
from ingest.store.address import beside

LOCK_BYTES = 8


class SourceLocks:
    """Takes and frees the lock of a source: a file's, PostgreSQL's own, or the process's in memory."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._in_memory: dict[str, threading.Lock] = {}

    @contextmanager
    def taken(self, source: str) -> Iterator[bool]:
        """Whether the lock could be had; if so it is held for as long as the context."""
        file = beside(self._engine.url, f".{quote(source, safe='')}.lock")
        if self._engine.dialect.name == "postgresql":
            lock = advisory(self._engine, source)
        elif file is not None:
            lock = _file(file)
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


@contextmanager
def advisory(engine: Engine, name: str) -> Iterator[bool]:
    """Whether PostgreSQL's own lock of that name could be had; if so, held for as long as the context."""
    # The lock belongs to the session: a connection that went back to a pool would keep it.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()
        key = advisory_key(name)
        try:
            yield bool(connection.scalar(select(sql.pg_try_advisory_lock(key))))
        finally:
            # The server sees the end of a session a moment late. One that is lost has freed the lock itself.
            with suppress(DBAPIError):
                connection.execute(select(sql.pg_advisory_unlock_all()))


def advisory_key(name: str) -> int:
    """The number by which PostgreSQL knows the lock of that name."""
    digest = hashlib.sha256(f"thresher:{name}".encode()).digest()
    return int.from_bytes(digest[:LOCK_BYTES], "big", signed=True)


@contextmanager
def _file(path: Path) -> Iterator[bool]:
    lock = FileLock(path, blocking=False)
    try:
        lock.acquire()
    except Timeout:
        pass
    except OSError as error:
        raise StoreUnusable(f"{path} cannot be locked: {error}") from error
    try:
        yield lock.is_locked
    finally:
        lock.release()
