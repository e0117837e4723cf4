"""Which processes are at work: each has an id, and a lock of that name that dies with it.

An owner that is gone is known at once, however long its leases would still last. On a SQLite database the
locks are files in a folder beside it. Each is taken, asked for and removed under one more lock: of two
that ask at the same time for the same dead owner, neither takes the other for it.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, select
from sqlalchemy import func as sql

from ingest.clock import STEP, attempts
from ingest.errors import StoreUnusable
from ingest.records.file_rights import OWNERS_FOLDER
from ingest.store.coordination.locks import AdvisoryLocks, advisory_key
from ingest.store.database.address import beside, grant, lock_rights

# thresher.sqlite3.owners/0f3c....lock
FOLDER = ".owners"
GUARD = "guard"
GUARD_SECONDS = 30
ENDING = ".lock"


class Presence:
    """Gives owners their ids, and says of an id whether its process is dead."""

    def __init__(self, engine: Engine, *, reads_only: bool = False) -> None:
        self._engine = engine
        self._reads_only = reads_only
        self._folder = beside(engine.url, FOLDER)
        self._in_memory: set[str] = set()
        self._in_files: set[str] = set()
        self._advisory = AdvisoryLocks(engine)

    @contextmanager
    def present(self) -> Iterator[str]:
        """An owner's id; its lock is held for as long as the context."""
        owner = uuid4().hex
        with self._held(owner):
            yield owner

    def is_gone(self, connection: Connection, owner: str) -> bool:
        """Whether the owner's context has ended or its process is dead; true of an id that never was one."""
        if connection.dialect.name == "postgresql":
            # Shared, so that of two that ask neither is taken for the owner; freed with the transaction.
            probe = sql.pg_try_advisory_xact_lock_shared(advisory_key(_name(owner)))
            return bool(connection.scalar(select(probe)))
        if self._folder is None:
            return owner not in self._in_memory
        path = self._folder / f"{quote(owner, safe='')}{ENDING}"
        if self._reads_only:
            return _is_free(path)
        with _guarded(self._folder):
            return _removed(path)

    def _held(self, owner: str) -> AbstractContextManager[object]:
        if self._engine.dialect.name == "postgresql":
            return self._advisory.taken(_name(owner))
        return self._listed(owner) if self._folder is None else self._locked(self._folder, owner)

    def require_held(self) -> None:
        """Takes an owner's lock again that was lost with its session."""
        self._advisory.require_held()

    @contextmanager
    def _listed(self, owner: str) -> Iterator[None]:
        self._in_memory.add(owner)
        try:
            yield
        finally:
            self._in_memory.discard(owner)

    @contextmanager
    def _locked(self, folder: Path, owner: str) -> Iterator[None]:
        path = folder / f"{owner}{ENDING}"
        with _guarded(folder):
            lock = FileLock(path, blocking=False, thread_local=False, mode=lock_rights(folder))
            # By the first alone: of many owners at a time, each would ask for the locks of all others.
            if not self._in_files:
                for other in folder.glob(f"*{ENDING}"):
                    _removed(other)
            _take(lock)
            self._in_files.add(owner)
        try:
            yield
        finally:
            self._in_files.discard(owner)
            path.unlink(missing_ok=True)
            lock.release()


def _name(owner: str) -> str:
    return f"owner:{owner}"


@contextmanager
def _guarded(folder: Path) -> Iterator[None]:
    _make(folder)
    guard = FileLock(folder / GUARD, timeout=STEP, mode=lock_rights(folder))
    # Threads wait in line; asking for the file again and again, some of two hundred would wait too long.
    with _line(folder):
        _take(guard, GUARD_SECONDS)
        grant(folder / GUARD, lock_rights(folder))
        try:
            yield
        finally:
            guard.release()


@cache
def _line(folder: Path) -> threading.Lock:  # noqa: ARG001 - one a folder
    return threading.Lock()


def _make(folder: Path) -> None:
    """Make the folder of the locks, for those who may write the database that it lies beside."""
    files = lock_rights(folder.with_name(folder.name.removesuffix(FOLDER)))
    try:
        folder.mkdir(mode=OWNERS_FOLDER, exist_ok=True)
        grant(folder, files | (files & 0o444) >> 2)
    except OSError as error:
        raise StoreUnusable(f"{folder} cannot be made: {error}") from error


def _take(lock: FileLock, seconds: float = 0) -> None:
    path = Path(lock.lock_file)
    refused: OSError | None = None
    for _ in attempts(seconds):
        try:
            lock.acquire()
        except Timeout as error:
            refused = error
        except OSError as error:
            raise StoreUnusable(f"{path} cannot be locked: {error}") from error
        else:
            return
    raise StoreUnusable(f"{path} cannot be locked: {refused}") from refused


def _is_free(path: Path) -> bool:
    """Whether nobody holds this lock; its file stays, and none is made."""
    if not path.exists():
        return True
    if not all(os.access(one, os.W_OK) for one in (path, path.parent, path.with_name(GUARD))):
        return False  # as of another user's: only the end of its lease can tell
    with _guarded(path.parent):
        if not path.exists():
            return True
        lock = FileLock(path, blocking=False, mode=lock_rights(path.parent))
        try:
            lock.acquire()
        except OSError:
            return False
        lock.release()
        return True


def _removed(path: Path) -> bool:
    """Whether nobody holds this lock; then its file goes."""
    if not path.exists():
        return True
    lock = FileLock(path, blocking=False, mode=lock_rights(path.parent))
    try:
        lock.acquire()
    except OSError:
        # Held, or another user's: of that one only the end of its lease can tell.
        return False
    path.unlink(missing_ok=True)
    lock.release()
    return True
