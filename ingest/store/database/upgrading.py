"""Runs the migrations that a database still needs; the only door to alembic, imported where one is needed.

On SQLite a migration may rebuild a table. Dropping the old one with foreign keys switched on would delete or
refuse its children, and the switch does nothing within a transaction: so it is turned before BEGIN, and
every reference is checked before COMMIT.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

from ingest.errors import StoreUnusable
from ingest.store.database.engine import connected, shown, writer

UPGRADE_LOCK = 0x7468726573686572
"""The advisory lock that lets one process after the other upgrade a PostgreSQL database."""


def run_migrations(engine: Engine, folder: Path) -> None:
    """Brings a database, an empty one too, to the newest revision of the folder: wholly or not at all."""
    with _migration(engine) as connection:
        command.upgrade(_config(connection, folder), "head")


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
