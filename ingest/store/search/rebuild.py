"""Makes the index of words anew from the rows, in one transaction: killed, it leaves the old one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, bindparam, func, select, text

from ingest.store.database.schema import articles, comments
from ingest.store.search.matching import INDEXES

AT_ONCE = 2_000
OF_THE_TEXT = 1.5
"""The index, with the log of its writing, takes about this part of the texts it is of."""

TABLES = dict(zip(INDEXES, (articles, comments), strict=True))
FTS5_COLUMNS = {"article_words": "title, text", "comment_words": "author, text"}
TSVECTORS = {
    "article_words": "setweight(thresher_words(title), 'A') || thresher_words(text)"
    " || article_tokens(id, source, posted_by, date)",
    "comment_words": "thresher_words(text) || comment_tokens(id, "
    "(SELECT a.source FROM articles a WHERE a.id = comments.article_id), author, posted_local)",
}
OnProgress = Callable[[int, int], None]


def room(connection: Connection) -> int:
    """About how many bytes more the index needs while it is made."""
    lengths = (select(func.sum(func.length(table.c.text))) for table in TABLES.values())
    return int(OF_THE_TEXT * sum(connection.scalar(length) or 0 for length in lengths))


def rebuild(connection: Connection, on_progress: OnProgress) -> int:
    """Makes the index; how many rows are in it. Memory stays as it is, however many there are."""
    total = sum(connection.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES.values())
    done = 0
    is_sqlite = connection.dialect.name == "sqlite"
    for index, table in TABLES.items():
        for statement in _emptying(index, is_sqlite=is_sqlite):
            connection.exec_driver_sql(statement)
        after = 0
        while last := _last_of_part(connection, table.name, after):
            filling = text(_filling(index, table.name, is_sqlite=is_sqlite))
            done += connection.execute(filling, {"after": after, "last": last}).rowcount
            on_progress(done, total)
            after = last
        if not is_sqlite:
            connection.exec_driver_sql(f"CREATE INDEX ix_{index} ON {index} USING gin (words)")
            connection.exec_driver_sql(f"ANALYZE {index}")
    return done


@contextmanager
def without_index(connection: Connection) -> Iterator[None]:
    """Within a transaction, keep the triggers off that keep the index in step; a rollback keeps them, too."""
    tables = [table.name for table in TABLES.values()]
    if connection.dialect.name != "sqlite":
        for name in tables:
            connection.exec_driver_sql(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        yield
        for name in tables:
            connection.exec_driver_sql(f"ALTER TABLE {name} ENABLE TRIGGER USER")
        return
    wanted = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN :tables")
    triggers = connection.execute(wanted.bindparams(bindparam("tables", tables, expanding=True))).all()
    for trigger in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {trigger.name}")
    yield
    for trigger in triggers:
        connection.exec_driver_sql(trigger.sql)


def _emptying(index: str, *, is_sqlite: bool) -> tuple[str, ...]:
    if is_sqlite:
        return (f"INSERT INTO {index} ({index}) VALUES ('delete-all')",)
    return (f"DROP INDEX IF EXISTS ix_{index}", f"TRUNCATE {index}")


def _last_of_part(connection: Connection, table: str, after: int) -> int | None:
    part = f"SELECT id FROM {table} WHERE id > :after ORDER BY id LIMIT {AT_ONCE}"
    last: int | None = connection.scalar(text(f"SELECT max(id) FROM ({part}) AS part"), {"after": after})
    return last


def _filling(index: str, table: str, *, is_sqlite: bool) -> str:
    some = f"FROM {table} WHERE id > :after AND id <= :last"
    if is_sqlite:
        columns = FTS5_COLUMNS[index]
        return f"INSERT INTO {index} (rowid, {columns}) SELECT id, {columns} {some}"
    return f"INSERT INTO {index} (id, words) SELECT id, {TSVECTORS[index]} {some}"
