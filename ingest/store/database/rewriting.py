"""Large tables that are written anew in parts before a revision is applied, on SQLite.

    require room, mark -> prepare, commit, prepare, commit ... -> the revision -> compact

A revision that rewrites much has two functions: ``rows(connection)``, how many there are to be copied, 0 if
it needs no parts; and ``prepare(connection)``, which copies a part and returns how many rows it were. What
is committed stays after a kill. Until the end the database has a mark in place of its revision, with which
no command opens it, and the next upgrade goes on.
"""

import logging
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, select, update

from ingest.errors import StoreUnusable
from ingest.store.database.address import shown, sqlite_file
from ingest.store.database.engine import connected, reading, writing
from ingest.store.database.version import UNFINISHED_UPGRADE, versions

log = logging.getLogger(__name__)

REWRITTEN = 1.0
"""How much room the new tables and their indexes take at most for each byte of the file."""
COMPACTED = 1.6
"""How much room VACUUM takes at most for each byte of the file: a copy, and its way back through the log."""


class Rewriting(Protocol):
    """What a revision's module has that rewrites much."""

    revision: str
    down_revision: str

    def rows(self, connection: Connection) -> int:
        """How many rows are to be copied before; 0 if it needs no parts."""

    def prepare(self, connection: Connection) -> int:
        """Copies a part; how many rows, 0 if nothing is left."""


def is_large(engine: Engine, module: Rewriting) -> bool:
    """Whether so much is to be copied that it is done in parts."""
    with reading(engine) as connection:
        return module.rows(connection) > 0


def require_room(engine: Engine, module: Rewriting) -> None:
    """Says how much room it needs.

    Raises:
        StoreUnusable: there is less.
    """
    file = sqlite_file(engine.url)
    if file is None:
        return
    size, free = Path(file).stat().st_size, shutil.disk_usage(Path(file).parent).free
    needed = size * REWRITTEN
    log.warning(
        "%s is rewritten for schema %s: this needs %d MB of free disk, and %d MB to make the file smaller "
        "in the end; %d MB are free",
        shown(engine.url),
        module.revision,
        _megabytes(needed),
        _megabytes(size * COMPACTED),
        _megabytes(free),
    )
    if free < needed:
        raise StoreUnusable(
            f"{shown(engine.url)}: schema {module.revision} needs {_megabytes(needed)} MB of free disk to "
            f"rewrite it, and {_megabytes(free)} MB are free; nothing was changed"
        )


def _megabytes(number: float) -> int:
    return round(number / 1e6) + 1


def marked(module: Rewriting) -> str:
    """What stands in place of the revision meanwhile."""
    return UNFINISHED_UPGRADE + module.revision


def mark(connection: Connection, module: Rewriting) -> None:
    """Within the transaction that brings the database to the revision before."""
    _replace(connection, module.down_revision, marked(module))


def unmark(connection: Connection, module: Rewriting) -> None:
    """Within the transaction that applies the revision: alembic knows no marks."""
    _replace(connection, marked(module), module.down_revision)


def _replace(connection: Connection, old: str, new: str) -> None:
    connection.execute(update(versions).where(versions.c.version_num == old).values(version_num=new))


def rewrite(engine: Engine, module: Rewriting) -> None:
    """Copies part after part, each in a transaction of its own, until nothing is left.

    Another process may do the same meanwhile: each part begins where the last one ended, whosever it was.
    """
    done = 0
    while number := _part(engine, module):
        done += number
        log.info("%d rows are rewritten", done)


def _part(engine: Engine, module: Rewriting) -> int:
    with writing(engine) as connection:
        if connection.scalar(select(versions.c.version_num)) != marked(module):
            return 0
        return module.prepare(connection)


def compact(engine: Engine) -> None:
    """Gives back what the old tables took; without room for that the file keeps it for new rows."""
    file = sqlite_file(engine.url)
    if file is None:
        return
    with connected(engine) as connection, closing(connection.connection.cursor()) as cursor:
        driver: Any = cursor
        pages, free, size = (
            driver.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        needed = (pages - free) * size * 2
        for folder in (Path(file).parent, Path(tempfile.gettempdir())):
            if shutil.disk_usage(folder).free < needed:
                log.warning("%s has too little room to make the database smaller: VACUUM it later", folder)
                return
        try:
            driver.execute("VACUUM")
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.OperationalError as error:
            log.warning("the database was not made smaller (%s): VACUUM it later", error)
