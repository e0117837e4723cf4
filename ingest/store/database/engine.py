"""Opens a database so that SQLite and PostgreSQL keep the same promises, and names what fails."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError, ProgrammingError

from ingest.clock import STEP, SystemClock, attempts, pause
from ingest.errors import AddressInvalid, SessionLost, StoreUnusable
from ingest.store.database import sqlite
from ingest.store.database.address import read_url, shown, sqlite_file, without_passwords
from ingest.store.database.sqlite import WRITES

log = logging.getLogger(__name__)

__all__ = [
    "RECONNECT_SECONDS",
    "connected",
    "errors_named",
    "open_engine",
    "open_to_read",
    "read_url",
    "reading",
    "shown",
    "sqlite_file",
    "writer",
    "writing",
]

Connected = Callable[[], AbstractContextManager[Connection]]
"""Opens a connection for one question."""
Redact = Callable[[str, str | None], str | None]
"""An error of a source without what it may quote of words that were taken down."""

CONNECT_SECONDS = 10
RECONNECT_SECONDS = 30
"""So long may a server take to restart."""
RESTARTING = re.compile(r"the database system is (starting|shutting|in recovery|not yet)")
"""What a server says that is there, and will answer in a moment."""
OPTION_INVALID = re.compile(r"invalid .*(value|port number|option)")
"""What libpq says of an option's value, before it has asked a server."""


def open_engine(url: URL, *, make: bool = True) -> Engine:
    """An engine on a database that answers; with ``make`` a missing SQLite file and its folder are made.

    Raises:
        AddressInvalid: the address has an option that is none, or says that it is only to be read.
        DatabaseMissing: there is no such file, and none is to be made.
        StoreUnusable: it does not answer.
    """
    return _answering(url, lambda: sqlite.to_write(url, make=make))


def open_to_read(url: URL) -> Engine:
    """An engine that makes and changes nothing, on a database that answers; raises as ``open_engine``."""
    engine = _answering(url, lambda: sqlite.to_read(url))
    return engine.execution_options(postgresql_readonly=True) if _is_postgresql(url) else engine


def _answering(url: URL, open_sqlite: Callable[[], Engine]) -> Engine:
    with errors_named(url), _options_named(url):
        try:
            engine = _postgresql(url) if _is_postgresql(url) else open_sqlite()
        except (ImportError, NoSuchModuleError) as error:
            raise StoreUnusable(f"{shown(url)}: install thresher[postgresql] to use it") from error
        with _first_connection(engine) as connection:
            # SQLite opens no file before it has to.
            connection.exec_driver_sql("SELECT 1" if _is_postgresql(url) else "SELECT 1 FROM sqlite_master")
    return engine


def _first_connection(engine: Engine) -> Connection:
    try:
        return engine.connect()
    except OperationalError as error:
        if not RESTARTING.search(str(error.orig)):
            raise
        return connected(engine)


def _is_postgresql(url: URL) -> bool:
    return url.get_backend_name() == "postgresql"


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


def connected(engine: Engine, kind: type[Connection] = Connection) -> Connection:
    """A connection; a PostgreSQL server that is away for a moment is waited for."""
    clock = SystemClock()
    began = clock.monotonic()
    for _ in attempts(RECONNECT_SECONDS, "the database"):
        try:
            return kind(engine)
        except DBAPIError as error:
            # An attempt to connect may itself take ten seconds.
            is_over = clock.monotonic() - began > RECONNECT_SECONDS
            if is_over or not (_is_postgresql(engine.url) and _is_lost(error)):
                raise
        pause(STEP)
    return kind(engine)


class _Asking(Connection):
    """Only asks; on PostgreSQL a question whose session was ended is asked once more.

    Each question sees what is committed when it is asked, as in the one session before.
    """

    def execute(self, *question: Any, **options: Any) -> Any:
        return self._answered(super().execute, *question, **options)

    def scalar(self, *question: Any, **options: Any) -> Any:
        return self._answered(super().scalar, *question, **options)

    def scalars(self, *question: Any, **options: Any) -> Any:
        return self._answered(super().scalars, *question, **options)

    def _answered(self, ask: Callable[..., Any], *question: Any, **options: Any) -> Any:
        try:
            return ask(*question, **options)
        except DBAPIError as error:
            if not (error.connection_invalidated and _is_postgresql(self.engine.url)):
                raise
            log.warning("a session of the database was ended; the question is asked once more")
        self.rollback()
        connected(self.engine).close()
        return ask(*question, **options)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that only asks."""
    with errors_named(engine.url), connected(engine, _Asking) as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: committed at the end, rolled back by any exception."""
    with errors_named(engine.url), connected(writer(engine)) as connection, connection.begin():
        yield connection


@contextmanager
def errors_named(url: URL) -> Iterator[None]:
    """Turns a failing database into StoreUnusable, without its password; a wrong question stays a bug."""
    try:
        yield
    except DBAPIError as error:
        if not _is_outage(error):
            raise
        kind = SessionLost if _is_lost(error) else StoreUnusable
        raise kind(f"{shown(url)}: {without_passwords(str(error.orig), url)}") from error


def _is_lost(error: DBAPIError) -> bool:
    """Whether a session was ended, or none could be begun: that error belongs to no statement."""
    refused = error.statement is None and isinstance(error, OperationalError)
    return error.connection_invalidated or refused


def _is_outage(error: DBAPIError) -> bool:
    # SQLite tells a file that is no database by the plain DatabaseError, which is every other error's parent.
    return error.connection_invalidated or type(error).__name__ in {
        "DatabaseError",
        "InterfaceError",
        "OperationalError",
    }


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
