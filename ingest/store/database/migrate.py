"""Brings a database to this program's schema, or says why it cannot be.

On SQLite a migration may rebuild a table. Dropping the old one with foreign keys switched on would delete or
refuse its children, and the switch does nothing within a transaction: so it is turned before BEGIN, and
every reference is checked before COMMIT.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from ingest.errors import SchemaOutdated, StoreUnusable
from ingest.store.database.engine import shown, writer

MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE_LOCK = 0x7468726573686572
"""The advisory lock that lets one process after the other upgrade a PostgreSQL database."""


def newest() -> str:
    """The revision of the schema that this program knows."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def revision(engine: Engine) -> str | None:
    """The revision a database is at; None if it has no tables of ours."""
    with engine.connect() as connection:
        return _revision(connection)


def require_newest(engine: Engine) -> None:
    """Refuses a database that is not at the newest revision."""
    found = revision(engine)
    if found != newest():
        _refuse_unknown(engine, found)
        has = f"has schema {found}" if found is not None else "holds no tables of thresher"
        raise SchemaOutdated(
            f"the database {shown(engine.url)} {has}, this version needs {newest()}: "
            "run `thresher db upgrade`"
        )


def upgrade(engine: Engine) -> None:
    """Brings a database, an empty one too, to the newest revision: wholly or not at all."""
    _refuse_unknown(engine, revision(engine))
    if revision(engine) == newest():
        return
    with _migration(engine) as connection:
        command.upgrade(_config(connection), "head")


def _refuse_unknown(engine: Engine, found: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is not None and found not in known:
        raise StoreUnusable(
            f"{shown(engine.url)} is at revision {found}, which this thresher does not know "
            f"(its newest is {newest()}): install a newer thresher"
        )


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection | None = None) -> Config:
    # A percent sign in the path of an installation would be read as the start of an interpolation.
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


@contextmanager
def _migration(engine: Engine) -> Iterator[Connection]:
    with writer(engine).connect() as connection:
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
