"""Which schema a database has, and which this program knows.

The migrations are numbered files, and each database keeps the number of its last. Only a database that needs
one loads what runs them: that is most of what a short command would load.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, inspect, select, update

from ingest.errors import SchemaOutdated, StoreUnusable
from ingest.store.database.engine import connected, shown, writing
from ingest.store.database.version import (
    UNFINISHED_COPY,
    UNFINISHED_REBUILD,
    UNFINISHED_UPGRADE,
    VERSION_TABLE,
    versions,
)

MIGRATIONS = Path(__file__).parent / "migrations"


def known() -> list[str]:
    """The revisions of this program's migrations in order: ``0001_first_schema.py`` is ``0001``."""
    return sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def newest() -> str:
    """The revision of the schema that this program knows."""
    return known()[-1]


def revision(engine: Engine) -> str | None:
    """The revision a database is at; None if it has no tables of ours."""
    with connected(engine) as connection:
        if not inspect(connection).has_table(VERSION_TABLE):
            return None
        return connection.scalar(select(versions.c.version_num))


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
    """Brings a database, an empty one too, to the newest revision.

    That is wholly or not at all; but a large one on SQLite is rewritten in parts where a revision asks for
    it, and a killed upgrade is taken up by the next one.

    Raises:
        StoreUnusable: the disk has too little room, or the database is of a newer thresher.
    """
    found = revision(engine)
    _refuse_unknown(engine, found)
    if found != newest():
        from ingest.store.database.upgrading import run_migrations

        run_migrations(engine, MIGRATIONS, found)


def upgrade_to_rebuild(engine: Engine) -> None:
    """The same, but leaves a database as it is that an unfinished rebuild by this program has made."""
    if revision(engine) != UNFINISHED_REBUILD + newest():
        upgrade(engine)


@contextmanager
def rebuilding(engine: Engine) -> Iterator[None]:
    """Only a rebuild opens the database until the body has ended well, also if the process is killed."""
    _put(engine, UNFINISHED_REBUILD + newest())
    yield
    _put(engine, newest())


def _put(engine: Engine, found: str) -> None:
    with writing(engine) as connection:
        connection.execute(update(versions).values(version_num=found))


def _refuse_unknown(engine: Engine, found: str | None) -> None:
    if found == UNFINISHED_COPY:
        raise StoreUnusable(f"{shown(engine.url)} is an unfinished copy: run `thresher db copy` again")
    if found == UNFINISHED_REBUILD + newest():
        raise StoreUnusable(f"{shown(engine.url)} is an unfinished rebuild: run `thresher db rebuild` again")
    if found is not None and found.startswith(UNFINISHED_REBUILD):
        raise StoreUnusable(
            f"{shown(engine.url)} is an unfinished rebuild of another release (schema {found[-4:]}): "
            "remove that database, and run `thresher db rebuild` anew"
        )
    if found is not None and found.removeprefix(UNFINISHED_UPGRADE) not in known():
        raise StoreUnusable(
            f"{shown(engine.url)} is at revision {found}, which this thresher does not know "
            f"(its newest is {newest()}): install a newer thresher"
        )
