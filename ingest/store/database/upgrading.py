"""Runs the migrations that a database still needs; the only door to alembic, imported where one is needed.

On SQLite a migration may rebuild a table. Dropping the old one with foreign keys switched on would delete or
refuse its children, and the switch does nothing within a transaction: so it is turned before BEGIN, and
every reference is checked before COMMIT.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from ingest.errors import StoreUnusable
from ingest.store.database import rewriting
from ingest.store.database.engine import connected, shown, writer
from ingest.store.database.rewriting import Rewriting
from ingest.store.database.version import UNFINISHED_UPGRADE

UPGRADE_LOCK = 0x7468726573686572
"""The advisory lock that lets one process after the other upgrade a PostgreSQL database."""


def run_migrations(engine: Engine, folder: Path, found: str | None) -> None:
    """Brings a database, an empty one too, from what it has to the newest revision of the folder."""
    for module in _in_parts(engine, folder, found):
        _rewrite(engine, folder, module, found)
    with _migration(engine) as connection:
        command.upgrade(_config(connection, folder), "head")


def _in_parts(engine: Engine, folder: Path, found: str | None) -> list[Rewriting]:
    """The revisions to come that rewrite much, in order; a new database has nothing to be rewritten."""
    if found is None or engine.dialect.name != "sqlite":
        return []
    last = found.removeprefix(UNFINISHED_UPGRADE)
    with connected(engine) as connection:
        scripts = ScriptDirectory.from_config(_config(connection, folder))
    done = [] if found != last else [last]
    return [
        cast("Rewriting", one.module)
        for one in reversed(list(scripts.walk_revisions()))
        if hasattr(one.module, "prepare") and one.revision >= last and one.revision not in done
    ]


def _rewrite(engine: Engine, folder: Path, module: Rewriting, found: str | None) -> None:
    """In parts, if the database is large: the revisions before it, the parts, and the revision itself."""
    if found != rewriting.marked(module):
        if not rewriting.is_large(engine, module):
            return
        rewriting.require_room(engine, module)
        with _migration(engine) as connection:
            command.upgrade(_config(connection, folder), module.down_revision)
            rewriting.mark(connection, module)
    rewriting.rewrite(engine, module)
    with _migration(engine) as connection:
        rewriting.unmark(connection, module)
        command.upgrade(_config(connection, folder), module.revision)
    rewriting.compact(engine)


def _config(connection: Connection, folder: Path) -> Config:
    # A percent sign in the path of an installation would be read as the start of an interpolation.
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config


@contextmanager
def _migration(engine: Engine) -> Iterator[Connection]:
    with connected(writer(engine)) as connection:
        if engine.dialect.name == "sqlite":
            with _without_foreign_keys(connection), connection.begin():
                yield connection
                _check_references(connection)
        else:
            with connection.begin():
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})")
                yield connection


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    driver = connection.connection.driver_connection
    if driver is None:
        raise AssertionError("a connection that was just opened is gone")
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        # An interrupted connection is closed, and cannot be set right; nobody gets it again.
        if not connection.invalidated:
            driver.execute("PRAGMA foreign_keys=ON")


def _check_references(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise StoreUnusable(
            f"{shown(connection.engine.url)}: the upgrade would leave {len(broken)} rows without their "
            "parents; nothing was changed"
        )
