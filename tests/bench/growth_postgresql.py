"""What a page costs PostgreSQL where little is held and where much is.

    python -m tests.bench.growth_postgresql FOLDER

FOLDER is one that ``make_archive`` wrote, with its pages loaded (``reparse_cost`` does that). Its database is
copied twice to a server of our own, and one copy is filled with further days until it has so many comments
(``--comments``, a million). The same pages are then read again and found unchanged in both, and the same new
ones loaded. A cost is the CPU of this process and of the server's together. Nothing is asserted.
"""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from time import process_time

import psycopg

from ingest.clock import SystemClock
from ingest.jobs.database_copy import copy_database
from ingest.store import Store
from tests.bench.growth import Place, compare
from tests.kit.postgres import LASTING, Server, binaries_or_skip, started

TICKS = os.sysconf("SC_CLK_TCK")
APART = 10_000_000
"""Between the ids of a row and those of its next likeness."""
FILLED = {
    "captures": {
        "day": "day - {days}",
        "url": "url || '&{n}'",
        "warc_file": "'{n}' || warc_file",
        "captured_at": "captured_at + interval '{days} days'",
    },
    "articles": {"date": "date - {days}", "external_id": "'{n}' || external_id"},
    "pages": {"day": "day - {days}"},
    "comments": {"external_id": "'{n}' || external_id", "posted_at": "posted_at - interval '{days} days'"},
}
IDS = ("id", "article_id", "capture_id")
"""The tables that are filled, in their order, and what differs in each further row beside its ids."""


def cpu_of(server: Server) -> Callable[[], float]:
    """The seconds that this process and the server's have worked."""
    postmaster = (server.home / "data" / "postmaster.pid").read_text().splitlines()[0]

    def seconds() -> float:
        found = process_time()
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has ended
            if fields[1] == postmaster:
                found += (int(fields[11]) + int(fields[12])) / TICKS
        return found

    return seconds


def fill(url: str, comments: int) -> None:
    """Give the database further days like those it has, until it has so many comments."""
    with psycopg.connect(url, autocommit=True) as connection:
        window = "(SELECT max(date) - min(date) + 1 FROM articles)"
        held = connection.execute(f"SELECT count(*), {window} FROM comments").fetchone() or (0, 0)
        for name in ("articles", "comments"):
            connection.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        for further in range(1, -(-comments // held[0])):
            for table, changed in FILLED.items():
                wanted = connection.execute(f"SELECT * FROM {table} LIMIT 0").description or ()
                columns = [one.name for one in wanted]
                values = ", ".join(
                    changed.get(one, f"{one} + {{n}}" if one in IDS else one) for one in columns
                )
                values = values.format(n=APART * further, days=held[1] * further)
                filling = f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table}"
                connection.execute(f"{filling} WHERE id < {APART}".encode())
        for name in ("articles", "comments"):
            connection.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")


def main() -> None:
    """Make both databases and measure them."""
    options = argparse.ArgumentParser(description="Measure a page's cost on PostgreSQL at two sizes.")
    options.add_argument("folder", type=Path)
    options.add_argument("--comments", type=int, default=1_000_000)
    chosen = options.parse_args()
    with (
        started(binaries_or_skip(), LASTING) as server,
        psycopg.connect(server.url, autocommit=True) as connection,
    ):
        urls = [server.url.replace("/postgres?", f"/{name}?") for name in ("small", "large")]
        for name, url in zip(("small", "large"), urls, strict=True):
            connection.execute(f"CREATE DATABASE {name}")
            with Store.open(str(chosen.folder / "held.sqlite3")) as store:
                copy_database(store, url, clock=SystemClock(), on_progress=lambda _done, _total: None)
        fill(urls[1], chosen.comments)
        for url in urls:
            with Store.open(url) as store:
                store.reindex(lambda _done, _total: None)
            with psycopg.connect(url, autocommit=True) as maintained:
                maintained.execute("VACUUM ANALYZE")
        compare([Place(chosen.folder, url, seconds=cpu_of(server)) for url in urls])


if __name__ == "__main__":
    main()
