"""The database that a copy is made in, and how far it is.

    open -> begin(origin) -> {table: last id} -> add(table, rows)... -> finish

Until it is finished it has a table ``unfinished_copy`` and a revision that no command takes: a half of a
database is never used for a whole one. The rows of one ``add`` and the place reached are one transaction.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    Table,
    Text,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy import func as sql
from sqlalchemy.exc import DataError, IntegrityError

from ingest.errors import Busy, ConfigurationError, StoreUnusable
from ingest.store.coordination.locks import SourceLocks
from ingest.store.copying.rows import TABLES, Extent, OnRows, digest, extents
from ingest.store.copying.snapshot import name_of
from ingest.store.database import migrate
from ingest.store.database.address import without_passwords
from ingest.store.database.bulk import Values, insert_rows
from ingest.store.database.engine import (
    errors_named,
    open_engine,
    read_url,
    reading,
    shown,
    writing,
)
from ingest.store.database.retrying import transacted
from ingest.store.database.schema import metadata
from ingest.store.database.version import UNFINISHED_COPY, VERSION_TABLE, versions
from ingest.store.search import rebuild

LOCK = "db copy"
ORIGIN = "origin"
INDEX = "index of words"

unfinished_copy = Table(
    "unfinished_copy",
    MetaData(),
    Column("step", Text, primary_key=True),
    Column("place", Text, nullable=False),
)
"""For each table the last id that was copied; what is copied; whether the index of words is made."""


class CopyTarget:
    """A database that is empty, or an unfinished copy; ``opened`` makes one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.name = name_of(engine)
        self.address = shown(engine.url)

    def begin(self, origin: str, of: Mapping[str, Extent]) -> dict[str, int]:
        """The last id of each table that an earlier copy of the same has reached: 0 in an empty database.

        Raises:
            ConfigurationError: the database holds something else.
        """
        wanted = json.dumps(
            {
                "from": origin,
                "schema": migrate.newest(),
                **{name: [one.rows, one.last] for name, one in of.items()},
            }
        )
        with errors_named(self._engine.url):
            if migrate.revision(self._engine) != UNFINISHED_COPY:
                self._require_empty()
                migrate.upgrade(self._engine)
                transacted(self._engine, lambda connection: _mark_unfinished(connection, wanted))
        places = self._places()
        self._require_same(json.loads(places[ORIGIN]), json.loads(wanted))
        return {one.name: int(places.get(one.name, 0)) for one in TABLES}

    def add(self, table: str, rows: Callable[[], Iterable[Values]]) -> tuple[int, int]:
        """Writes rows of a table, in the order of their ids; how many, and the id of the last.

        ``rows`` is called twice where PostgreSQL ended the session.

        Raises:
            StoreUnusable: the database cannot hold a value.
        """
        of, position = metadata.tables[table], metadata.tables[table].columns.keys().index("id")

        def add(connection: Connection) -> tuple[int, int]:
            last = 0

            def passing() -> Iterator[Values]:
                nonlocal last
                for row in rows():
                    last = row[position]
                    yield row

            with _triggers_off(connection, table):
                number = insert_rows(connection, of, passing())
            if number:
                _put_place(connection, table, str(last))
            return number, last

        try:
            return transacted(self._engine, add)
        except (DataError, IntegrityError) as error:
            words = without_passwords(str(error.orig).strip(), self._engine.url)
            raise StoreUnusable(f"{self.address}: a row of {table} cannot be stored: {words}") from error

    def index(self, on_progress: rebuild.OnProgress) -> None:
        """Makes the index of words, where the triggers did not."""
        if self._engine.dialect.name != "postgresql" or INDEX in self._places():
            return

        def index(connection: Connection) -> None:
            rebuild.rebuild(connection, on_progress)
            _put_place(connection, INDEX, "made")

        transacted(self._engine, index)

    @contextmanager
    def digests(self) -> Iterator[Callable[[str, OnRows], str]]:
        """Asks for the SHA-256 of the rows of a table by its name."""
        with reading(self._engine) as connection:
            yield lambda name, on_rows: digest(connection, metadata.tables[name], on_rows)

    def finish(self) -> None:
        """From now on it is a database as any other."""
        transacted(self._engine, _finish)
        if self._engine.dialect.name == "postgresql":
            with writing(self._engine) as connection:
                connection.exec_driver_sql("ANALYZE")

    def _places(self) -> dict[str, str]:
        with reading(self._engine) as connection:
            return {row.step: row.place for row in connection.execute(select(unfinished_copy))}

    def _require_empty(self) -> None:
        """Ours, and without a row; or without a table."""
        with reading(self._engine) as connection:
            if migrate.revision(self._engine) is None:
                held = inspect(connection).get_table_names()
            elif migrate.revision(self._engine) == migrate.newest():
                held = [name for name, one in extents(connection).items() if one.rows]
            else:
                held = [VERSION_TABLE]
        if held:
            raise ConfigurationError(
                f"{self.address} is not empty ({', '.join(held[:3])}): a copy is made in a new database"
            )

    def _require_same(self, begun: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
        if begun == wanted:
            return
        changed = begun.get("from") == wanted["from"]
        why = f"{begun.get('from')}, which has changed since" if changed else begun.get("from")
        raise ConfigurationError(
            f"{self.address} holds an unfinished copy of {why}: remove that database, and begin anew"
        )


@contextmanager
def opened(url: str) -> Iterator[CopyTarget]:
    """A database to copy into; that of a new SQLite file is made.

    Raises:
        Busy: another copy is made in it.
        StoreUnusable: it does not answer.
    """
    engine = open_engine(read_url(url))
    try:
        with SourceLocks(engine).taken(LOCK) as had:
            if not had:
                raise Busy(f"another copy into {shown(engine.url)} is at work")
            yield CopyTarget(engine)
    finally:
        engine.dispose()


def _mark_unfinished(connection: Connection, origin: str) -> None:
    unfinished_copy.create(connection)
    connection.execute(insert(unfinished_copy).values(step=ORIGIN, place=origin))
    connection.execute(update(versions).values(version_num=UNFINISHED_COPY))


def _put_place(connection: Connection, step: str, place: str) -> None:
    changed = connection.execute(
        update(unfinished_copy).where(unfinished_copy.c.step == step).values(place=place)
    )
    if not changed.rowcount:
        connection.execute(insert(unfinished_copy).values(step=step, place=place))


def _finish(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        for one in TABLES:
            # A sequence that was never asked begins at 1.
            last = select(sql.max(one.c.id)).scalar_subquery()
            sequence = sql.pg_get_serial_sequence(one.name, "id")
            connection.execute(select(sql.setval(sequence, sql.coalesce(last, 1), last.is_not(None))))
    unfinished_copy.drop(connection)
    connection.execute(update(versions).values(version_num=migrate.newest()))


@contextmanager
def _triggers_off(connection: Connection, name: str) -> Iterator[None]:
    """PostgreSQL makes an index in a fraction of the time if all rows are there; SQLite gains nothing."""
    if connection.dialect.name != "postgresql" or metadata.tables[name] not in rebuild.TABLES.values():
        yield
        return
    connection.exec_driver_sql(f"ALTER TABLE {name} DISABLE TRIGGER USER")
    yield
    connection.exec_driver_sql(f"ALTER TABLE {name} ENABLE TRIGGER USER")
