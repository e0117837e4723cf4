"""Opens a database so that SQLite and PostgreSQL keep the same promises.

SQLite: write-ahead log, synchronous=FULL (a power cut loses nothing that was acknowledged), foreign keys,
and writers that take the lock when they begin: read-then-write under a deferred lock loses updates.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, ProgrammingError

from ingest.errors import AddressInvalid, StoreUnusable
from ingest.store.address import read_url, shown, sqlite_file, without_passwords

__all__ = ["errors_named", "open_engine", "read_url", "reading", "shown", "sqlite_file", "writer", "writing"]

BUSY_SECONDS = 30
CONNECT_SECONDS = 10
WRITES = "thresher_writes"
OPTION_INVALID = re.compile(r"invalid .*(value|port number|option)")
"""What libpq says of an option's value, before it has asked a server."""
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}")


def open_engine(url: URL) -> Engine:
    """An engine on a database that answers; a missing folder for a SQLite file is made."""
    with errors_named(url), _options_named(url):
        try:
            engine = _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
        except (ImportError, NoSuchModuleError) as error:
            raise StoreUnusable(f"{shown(url)}: install thresher[postgresql] to use it") from error
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
    return engine


@contextmanager
def _options_named(url: URL) -> Iterator[None]:
    """Turns what the driver says of the options of an address into AddressInvalid."""
    try:
        yield
    except DBAPIError as error:
        words = without_passwords(str(error.orig).strip(), url)
        if not (isinstance(error, ProgrammingError) or OPTION_INVALID.search(words)):
            raise
        raise AddressInvalid(f"{shown(url)}: {words}") from error
    except (ArgumentError, TypeError, ValueError) as error:
        # The driver's own complaint may quote the value.
        raise AddressInvalid(f"{shown(url)}: an option has a value that cannot be used") from error


def writer(engine: Engine) -> Engine:
    """The same engine for transactions that write."""
    return engine.execution_options(**{WRITES: True})


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that only asks."""
    with errors_named(engine.url), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: committed at the end, rolled back by any exception."""
    with errors_named(engine.url), writer(engine).begin() as connection:
        yield connection


@contextmanager
def errors_named(url: URL) -> Iterator[None]:
    """Turns a failing database into StoreUnusable, without its password; a wrong question stays a bug."""
    try:
        yield
    except DBAPIError as error:
        if not _is_outage(error):
            raise
        raise StoreUnusable(f"{shown(url)}: {without_passwords(str(error.orig), url)}") from error


def _is_outage(error: DBAPIError) -> bool:
    # SQLite tells a file that is no database by the plain DatabaseError, which is every other error's parent.
    return error.connection_invalidated or type(error).__name__ in {
        "DatabaseError",
        "InterfaceError",
        "OperationalError",
    }


def _sqlite(url: URL) -> Engine:
    path = sqlite_file(url)
    if path is None:
        engine = create_engine(
            url, poolclass=StaticPool, connect_args={"check_same_thread": False}, hide_parameters=True
        )
    else:
        _make_folder(path, url)
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_folder(path: Path, url: URL) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnusable(f"{shown(url)}: {error}") from error


def _postgresql(url: URL) -> Engine:
    _check_options(url)
    patience = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_SECONDS}
    return create_engine(url, pool_pre_ping=True, connect_args=patience, hide_parameters=True)


def _check_options(url: URL) -> None:
    # Whatever else stands there is an argument of psycopg.connect(): `?autocommit=1` would end every promise.
    from psycopg import pq  # noqa: PLC0415 - an extra of the distribution

    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    for key in url.query:
        if key not in known:
            raise AddressInvalid(f"{shown(url)}: {key!r} is no option of a PostgreSQL connection")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own idea of transactions spares DDL and begins late; BEGIN is said by _begin_sqlite alone.
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
