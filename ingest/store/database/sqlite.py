"""Opens SQLite: to write with the promises below, or to read without leaving a trace.

Write-ahead log, synchronous=FULL (a power cut loses nothing that was acknowledged), foreign keys, and
writers that take the lock when they begin: read-then-write under a deferred lock loses updates.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event

from ingest.clock import STEP, attempts, note
from ingest.errors import AddressInvalid, DatabaseMissing, StoreUnusable
from ingest.records.file_rights import OWNERS_FILE, OWNERS_FOLDER
from ingest.store.database.address import shown, sqlite_file

BUSY_SECONDS = 30
WRITES = "thresher_writes"
BUSY_TIMEOUT = f"busy_timeout={BUSY_SECONDS * 1000}"
TO_WRITE = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", BUSY_TIMEOUT)
TO_READ = ("query_only=ON", BUSY_TIMEOUT)


def to_write(url: URL, *, make: bool) -> Engine:
    """An engine that may write; with ``make`` a missing file and its folders are made, for their owner alone.

    Raises:
        AddressInvalid: the address says that it is only to be read.
        DatabaseMissing: there is no file, and none is to be made.
        StoreUnusable: it cannot be made.
    """
    path = sqlite_file(url)
    if path is None:
        return _engine(url, TO_WRITE)
    mode = url.query.get("mode")
    if mode == "ro":
        raise AddressInvalid(f"{shown(url)}: mode=ro is for commands that only read; this one writes")
    if make and mode != "rw":
        _make(path, url)
    else:
        _require(path, url)
    return _engine(url, TO_WRITE, _uri(path, "mode=rw"))


def to_read(url: URL) -> Engine:
    """An engine that asks only.

    Raises:
        DatabaseMissing: there is no file.
        StoreUnusable: it cannot be read as it is.
    """
    path = sqlite_file(url)
    if path is None:
        raise DatabaseMissing("there is no database: in memory none outlives its command")
    _require(path, url)
    real = Path(os.path.realpath(path))
    if os.access(real, os.W_OK) and os.access(real.parent, os.W_OK):
        # Who may write takes -wal and -shm away at the end; mode=ro would leave both behind.
        return _engine(url, TO_READ, _uri(path, "mode=rw"))
    return _engine(url, TO_READ, _uri(path, _without_writing(real, url)))


def _without_writing(path: Path, url: URL) -> str:
    """How a file is opened that, or whose folder, cannot be written."""
    log, index, journal = (path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))
    unmerged = next((one for one in (log, journal) if one.exists() and one.stat().st_size), None)
    if unmerged is None and not index.exists():
        # Nobody writes, and all there is stands in the file: there is nothing that SQLite need lock or make.
        return "immutable=1"
    if unmerged is not None and not index.exists() and not os.access(path.parent, os.W_OK):
        raise StoreUnusable(
            f"{shown(url)}: a part of it is still in {unmerged.name}, and its folder cannot be written: "
            "copy both to a folder that can be"
        )
    return "mode=ro"


def _engine(url: URL, pragmas: tuple[str, ...], uri: str | None = None) -> Engine:
    if uri is None:
        plain = url.set(query={}, database=None)
        engine = create_engine(
            plain, poolclass=StaticPool, connect_args={"check_same_thread": False}, hide_parameters=True
        )
    else:
        engine = create_engine(url.set(query={}), creator=_connecting(uri), hide_parameters=True)
    event.listen(engine, "connect", _preparing(pragmas))
    event.listen(engine, "begin", _begin)
    return engine


def _connecting(uri: str) -> Callable[[], sqlite3.Connection]:
    return lambda: sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, check_same_thread=False)


def _uri(path: Path, options: str) -> str:
    return f"file:{quote(os.fsencode(path.absolute()))}?{options}"


def _require(path: Path, url: URL) -> None:
    try:
        there = path.exists()
    except OSError as error:
        raise StoreUnusable(f"{shown(url)}: {error}") from error
    if not there:
        raise DatabaseMissing(f"there is no database at {shown(url)}")


def _make(path: Path, url: URL) -> None:
    """The file, empty: SQLite gives -wal and -shm the same rights."""
    try:
        real = Path(os.path.realpath(path))
        for folder in reversed([one for one in real.parents if not one.exists()]):
            folder.mkdir(mode=OWNERS_FOLDER, exist_ok=True)
        if not real.exists():
            os.close(os.open(real, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNERS_FILE))
    except OSError as error:
        raise StoreUnusable(f"{shown(url)}: {error}") from error


def _preparing(pragmas: tuple[str, ...]) -> Callable[[Any, object], None]:
    def prepare(connection: Any, _record: object) -> None:
        # The driver's own idea of transactions spares DDL and begins late; BEGIN is said by _begin alone.
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").close()

    return prepare


def _begin(connection: Connection) -> None:
    """Begin by the driver itself, in a tenth of the time; what keeps a writer waiting SQLAlchemy reports."""
    driver = connection.connection.driver_connection
    if driver is None:
        raise AssertionError("a connection that was just opened is gone")
    if connection.get_execution_options().get(WRITES):
        _begin_to_write(connection, driver)
    else:
        driver.execute("BEGIN").close()


def _begin_to_write(connection: Connection, driver: Any) -> None:
    """Wait for whoever writes. SQLite waits without hearing a signal: so it waits a moment at a time."""
    driver.execute(f"PRAGMA busy_timeout={round(STEP * 1000)}").close()
    try:
        for _ in attempts(BUSY_SECONDS):
            try:
                driver.execute("BEGIN IMMEDIATE").close()
            except sqlite3.Error as refused:
                if not _is_busy(refused):
                    break
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except KeyboardInterrupt:
        note()
        raise
    finally:
        # Whatever ended the connection meanwhile is the error to report, not this.
        with suppress(sqlite3.Error):
            driver.execute(f"PRAGMA {BUSY_TIMEOUT}").close()


def _is_busy(error: sqlite3.Error) -> bool:
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF == sqlite3.SQLITE_BUSY
