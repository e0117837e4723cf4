"""A database that is copied: as of one moment, and nobody writes it meanwhile."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, select, union
from sqlalchemy.exc import DBAPIError

from ingest.errors import Busy, SessionLost, StoreUnusable
from ingest.store.copying.rows import TABLES, Extent, OnRows, digest, extents, rows_after
from ingest.store.database.address import shown, sqlite_file
from ingest.store.database.bulk import Values
from ingest.store.database.engine import connected, errors_named, reading, writer
from ingest.store.database.schema import articles, metadata, pages, runs

LOCK_NOT_AVAILABLE = "55P03"


class Snapshot:
    """What is asked of a database that is copied; ``taken`` makes one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.name = name_of(connection.engine)

    def extents(self) -> dict[str, Extent]:
        """Of each table by its name, in the order in which they are copied."""
        return extents(self._connection)

    def rows_after(self, table: str, after: int) -> Iterator[Values]:
        """The next rows of a table whose ids are greater than ``after``."""
        with self._without_retry():
            yield from rows_after(self._connection, metadata.tables[table], after)

    def digest(self, table: str, on_rows: OnRows) -> str:
        """The SHA-256 of a table's rows."""
        return digest(self._connection, metadata.tables[table], on_rows)

    @contextmanager
    def _without_retry(self) -> Iterator[None]:
        """Within a transaction of the other database: that one cannot mend the end of this session."""
        try:
            with errors_named(self._connection.engine.url):
                yield
        except SessionLost as lost:
            raise StoreUnusable(str(lost)) from lost


def name_of(engine: Engine) -> str:
    """By which another copy of the same database knows it again; it holds no password."""
    file = sqlite_file(engine.url)
    return shown(engine.url) if file is None else f"sqlite:///{os.path.realpath(file)}"


def sources_of(engine: Engine) -> list[str]:
    """The names of all sources that the database knows."""
    known = union(*(select(table.c.source).distinct() for table in (articles, pages, runs)))
    with reading(engine) as connection:
        return sorted(name for name in connection.scalars(known) if name is not None)


@contextmanager
def taken(engine: Engine) -> Iterator[Snapshot]:
    """A snapshot of a database; whoever wants to write it has to wait.

    Raises:
        Busy: somebody writes it.
    """
    with errors_named(engine.url), connected(writer(engine)) as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        # On SQLite to begin is to keep all others from writing.
        with connection.begin():
            if engine.dialect.name == "postgresql":
                _lock_tables(connection)
            yield Snapshot(connection)


def _lock_tables(connection: Connection) -> None:
    names = ", ".join(table.name for table in TABLES)
    try:
        connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE MODE NOWAIT")
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        raise Busy(f"another process is writing to {shown(connection.engine.url)}") from error
