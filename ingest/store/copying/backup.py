"""A database as of one moment in a SQLite file of its own, while others go on writing."""

import os
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from ingest.errors import StoreUnusable
from ingest.records.file_rights import OWNERS_FILE
from ingest.store.copying.rows import TABLES, extents
from ingest.store.copying.snapshot import Snapshot
from ingest.store.copying.target import opened
from ingest.store.database.engine import connected, errors_named


def back_up(engine: Engine, path: Path) -> None:
    """Make the file, which must not be there: of SQLite page by page, of PostgreSQL row by row.

    The rows of PostgreSQL are of one snapshot (REPEATABLE READ): so every copy is one file that any thresher
    opens and checks without a server, and that ``db copy`` brings back to one.

    Raises:
        StoreUnusable: the database or the file fails.
    """
    try:
        _write(engine, path)
    except (OSError, sqlite3.Error) as exc:
        raise StoreUnusable(f"{path} cannot be written: {exc}") from exc


def _write(engine: Engine, path: Path) -> None:
    with errors_named(engine.url):
        if engine.dialect.name == "sqlite":
            _pages(engine, path)
        else:
            _rows(engine, path)


def _pages(engine: Engine, path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNERS_FILE))
    with engine.connect() as connection, closing(sqlite3.connect(path)) as target:
        driver: Any = connection.connection.driver_connection
        # All pages in one step are of one moment; a writer of the log (WAL) waits for no reader.
        driver.backup(target, pages=-1)


def _rows(engine: Engine, path: Path) -> None:
    with connected(engine) as connection, opened(str(path)) as target:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            snapshot = Snapshot(connection)
            found = extents(connection)
            target.begin(snapshot.name, found)
            for table in TABLES:
                after = 0
                while after < found[table.name].last:
                    _, after = target.add(table.name, partial(snapshot.rows_after, table.name, after))
        target.finish()


def check_copy(path: Path) -> list[str]:
    """What SQLite finds wrong in a file: nothing, if it is whole."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
        broken = [
            f"a row of {row[0]} has no {row[2]}" for row in connection.execute("PRAGMA foreign_key_check")
        ]
    return [*(line for line in found if line != "ok"), *broken]
