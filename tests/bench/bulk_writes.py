"""Ways of writing many comments at once, side by side: ``python -m tests.bench.bulk_writes FOLDER``.

FOLDER is one that ``make_archive`` wrote, with its pages loaded (``reparse_cost`` does that). Comments of its
database, some as they are and some under new ids, are upserted into copies of it on SQLite and PostgreSQL, by
the statement that thresher uses for a page (an executemany with ON CONFLICT) and through a temporary table,
which SQLite fills by an executemany and PostgreSQL by COPY. Each transaction is taken back. Printed are
thousands of rows a second by the clock, and the ratio of the second way to the first, round by round, for as
many rows as a page has (52) and for more. Nothing is asserted.
"""

import argparse
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import psycopg
from sqlalchemy import Connection, select, text

from ingest.clock import SystemClock
from ingest.jobs.database_copy import copy_database
from ingest.store import Store
from ingest.store.database.bulk import insert_rows
from ingest.store.database.engine import open_engine, read_url, writer
from ingest.store.database.schema import comments
from ingest.store.database.upsert import insert_or_update
from tests.kit.postgres import LASTING, binaries_or_skip, started

ROUNDS = 9
SIZES = (52, 500, 5_000)
KEY = ("article_id", "external_id")
NEVER = ("id", "first_seen_at")
NAMES = [one.name for one in comments.columns if one.name != "id"]
SET = ", ".join(f"{name} = excluded.{name}" for name in NAMES if name not in {*KEY, *NEVER})
LISTED = ", ".join(NAMES)
INTO = (
    f"INSERT INTO comments ({LISTED}) SELECT {LISTED} FROM incoming WHERE true "
    f"ORDER BY article_id, external_id ON CONFLICT (article_id, external_id) DO UPDATE SET {SET} "
    "WHERE excluded.last_seen_at >= comments.last_seen_at"
)
TEMPORARY = {
    "sqlite": "CREATE TEMP TABLE incoming AS SELECT * FROM comments WHERE false",
    "postgresql": "CREATE TEMP TABLE incoming (LIKE comments) ON COMMIT DELETE ROWS",
}
Rows = Sequence[Mapping[str, Any]]


def by_page(connection: Connection, rows: Rows) -> None:
    insert_or_update(
        connection, comments, KEY, [{name: row[name] for name in NAMES} for row in rows], never=NEVER
    )


def by_temporary_table(connection: Connection, rows: Rows) -> None:
    names = comments.columns.keys()
    incoming = comments.to_metadata(type(comments.metadata)(), name="incoming")
    insert_rows(connection, incoming, ([row[name] for name in names] for row in rows))
    connection.execute(text(INTO))


WAYS = (by_page, by_temporary_table)


def measure(url: str) -> None:
    """A line for each size and kind of rows."""
    engine = open_engine(read_url(url))
    with writer(engine).connect() as connection:
        with connection.begin():
            connection.exec_driver_sql(TEMPORARY[engine.dialect.name])
        with connection.begin():
            held = [dict(row._mapping) for row in connection.execute(select(comments).limit(max(SIZES)))]
        for size in SIZES:
            for kind in ("new", "unchanged"):
                rows = [
                    row | ({"external_id": f"new-{row['external_id']}"} if kind == "new" else {})
                    for row in held[:size]
                ]
                rounds = [[_seconds(connection, way, rows) for way in WAYS] for _ in range(ROUNDS)]
                first, second = (median(size / one[way] / 1e3 for one in rounds) for way in range(len(WAYS)))
                ratio = median(page / temporary for page, temporary in rounds)
                print(
                    f"{engine.dialect.name:10} {size:5} {kind:9}: executemany {first:6.1f}, "
                    f"temporary table {second:6.1f} thousand a second, ratio {ratio:.2f}"
                )
    engine.dispose()


def _seconds(connection: Connection, way: Any, rows: Rows) -> float:
    with connection.begin() as transaction:
        began = perf_counter()
        way(connection, rows)
        taken = perf_counter() - began
        transaction.rollback()
    return taken


@contextmanager
def copies(folder: Path) -> Iterator[tuple[str, str]]:
    """The database as a file of its own, and on a server."""
    with tempfile.TemporaryDirectory() as place, started(binaries_or_skip(), LASTING) as server:
        file = Path(place) / "held.sqlite3"
        shutil.copy(folder / "held.sqlite3", file)
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE held")
        url = server.url.replace("/postgres?", "/held?")
        with Store.open(str(file)) as store:
            copy_database(store, url, clock=SystemClock(), on_progress=lambda _done, _total: None)
        yield str(file), url


def main() -> None:
    """Measure both databases."""
    options = argparse.ArgumentParser(description="Compare ways of writing many comments at once.")
    options.add_argument("folder", type=Path)
    with copies(options.parse_args().folder) as urls:
        for url in urls:
            measure(url)


if __name__ == "__main__":
    main()
