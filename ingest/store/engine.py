"""Opens a database so that SQLite and PostgreSQL keep the same promises.

SQLite: write-ahead log, synchronous=FULL (a power cut loses nothing that was acknowledged), foreign keys,
and writers that take the lock when they begin: read-then-write under a deferred lock loses updates.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from ingest.errors import StoreUnusable

BUSY_SECONDS = 30
CONNECT_SECONDS = 10
WRITES = "thresher_writes"
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}")


def read_url(text: str) -> URL:
    """The URL of a database from ``postgresql://...``, ``sqlite:///path`` or a plain path of a file."""
    if "://" not in text:
        return URL.create("sqlite", database=str(Path(text).expanduser()))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise StoreUnusable("the database's address cannot be read") from error
    if url.get_backend_name() in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() != "sqlite":
        raise StoreUnusable(f"{shown(url)}: only sqlite and postgresql databases can be used")
    return url.set(drivername="sqlite")


def shown(url: URL) -> str:
    """The URL as it may be told: without its password, wherever that stands."""
    hidden = {key: "***" if key == "password" else value for key, value in url.query.items()}
    return url.set(query=hidden).render_as_string(hide_password=True)


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite database; None in memory and for PostgreSQL."""
    in_file = url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}
    return Path(str(url.database)) if in_file else None


def open_engine(url: URL) -> Engine:
    """An engine on a database that answers; a missing folder for a SQLite file is made."""
    with errors_named(url):
        try:
            engine = _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
        except (ImportError, NoSuchModuleError) as error:
            raise StoreUnusable(f"{shown(url)}: install thresher[postgresql] to use it") from error
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
    return engine


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
        raise StoreUnusable(f"{shown(url)}: {_without_password(str(error.orig), url)}") from error


def _is_outage(error: DBAPIError) -> bool:
    # SQLite tells a file that is no database by the plain DatabaseError, which is every other error's parent.
    return error.connection_invalidated or type(error).__name__ in {
        "DatabaseError",
        "InterfaceError",
        "OperationalError",
    }


def _without_password(message: str, url: URL) -> str:
    secrets = (url.password, url.query.get("password"))
    for secret in secrets:
        message = message.replace(str(secret), "***") if secret else message
    return message


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
    patience = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_SECONDS}
    return create_engine(url, pool_pre_ping=True, connect_args=patience, hide_parameters=True)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own idea of transactions spares DDL and begins late; BEGIN is said by _begin_sqlite alone.
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
