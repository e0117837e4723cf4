"""How long the console's main pages take: ``python -m tests.bench.console_pages [URL] [--comments 1000000]``.

Without a URL it is a SQLite file below ``.bench``, which is filled as ``corpus`` does, and kept. ``thresher
console`` serves it; readers ask at once, each for one page of the kind after another with a second between
two, while another process writes a section page five times a second, as a harvest does, whose rows are taken
away in the end. Printed are a kind's first answer, which fills what is kept for some seconds, then what a
reader waits, and the CPU of the console for one answer (the database's own too, where that is SQLite).
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from sqlalchemy import Connection, delete, func, insert, select

from ingest.store.database.engine import open_engine, open_to_read, read_url, reading, writing
from ingest.store.database.schema import articles, comments, pages
from tests.bench.corpus import LAST, SITES, Filling, Language, fill
from tests.bench.processes import THRESHER, environment

WRITTEN = (pages, comments, articles)
"""What is taken away again; to take a capture away, every row is looked through for who refers to it."""
PAUSE = 0.2
TICKS = os.sysconf("SC_CLK_TCK")
Ask = Callable[[Random], str]
"""An address of one kind of page, another one whenever it is called."""


def kinds(database: str) -> dict[str, Ask]:
    """The five main pages. Threads, authors and words are drawn as often as they are frequent."""
    engine = open_to_read(read_url(database))
    with reading(engine) as connection:
        last = connection.scalar(select(func.max(comments.c.id))) or 1
        drawn = [Random(3).randrange(1, last) for _ in range(2_000)]
        wanted = select(articles.c.source, articles.c.external_id, comments.c.author)
        found = connection.execute(wanted.join_from(comments, articles).where(comments.c.id.in_(drawn))).all()
    engine.dispose()
    language = Language()

    def thread(chance: Random) -> str:
        row = chance.choice(found)
        return _address("/thread", source=row.source, id=row.external_id)

    def words(chance: Random) -> str:
        first, second = (language.words[int(chance.paretovariate(0.3)) % 5_000] for _ in range(2))
        return _address("/search", words=chance.choice((first, f"{first} {second}", f"{second[:4]}*")))

    return {
        "overview": lambda _: "/",
        "coverage": lambda chance: _address("/coverage", source=chance.choice(SITES).name),
        "thread": thread,
        "people": lambda chance: _address("/people", author=chance.choice(found).author),
        "search": words,
    }


def _address(path: str, **values: str) -> str:
    return f"{path}?{urlencode(values)}"


def write_on(database: str) -> None:
    """Write one section page after another, until the process is ended."""
    engine = open_engine(read_url(database))
    with writing(engine) as connection:
        filling = Filling(connection, comments_a_day=170)
        day = connection.scalar(select(func.max(pages.c.day))) or LAST
    while True:
        day += timedelta(days=1)
        for table, rows in filling.day(SITES[-2], day).items():
            if rows:
                with writing(engine) as connection:
                    connection.execute(insert(table), rows)
        time.sleep(PAUSE)


@contextmanager
def harvesting(database: str) -> Iterator[None]:
    """Another process writes meanwhile."""
    engine = open_engine(read_url(database))
    with writing(engine) as connection:
        before = [_last(connection, table) for table in WRITTEN]
    writer = get_context("spawn").Process(target=write_on, args=(database,), daemon=True)
    writer.start()
    try:
        yield
    finally:
        writer.terminate()
        writer.join()
        with writing(engine) as connection:
            for table, last in zip(WRITTEN, before, strict=True):
                connection.execute(delete(table).where(table.c.id > last))
        engine.dispose()


def _last(connection: Connection, table: object) -> int:
    column = table.c.id  # type: ignore[attr-defined]
    return connection.scalar(select(func.max(column))) or 0


@contextmanager
def console(database: str) -> Iterator[tuple[str, int]]:
    """Its address and the id of its process."""
    with tempfile.TemporaryDirectory() as folder:
        more = {"THRESHER_DATABASE": database, "THRESHER_ARCHIVE": folder}
        process = subprocess.Popen(
            [THRESHER, "console", "--port", "0"],
            cwd=folder, env=environment(Path(folder), more), stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            if process.stderr is None:
                raise AssertionError("a pipe was asked for")
            yield process.stderr.readline().strip().rstrip("/"), process.pid
        finally:
            process.terminate()
            process.wait()


def asked(url: str) -> float:
    """How long one answer takes, in milliseconds."""
    began = time.perf_counter()
    with urllib.request.urlopen(url, timeout=120) as answer:
        answer.read()
    return (time.perf_counter() - began) * 1000


def spent(process: int) -> float:
    """The milliseconds of CPU that a process has used so far."""
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / TICKS


def measured(ask: Ask, origin: str, process: int, *, readers: int, seconds: float) -> str:
    """One kind of page by so many readers at once."""
    first = asked(origin + ask(Random(1)))
    until, times = time.perf_counter() + seconds, []
    before = spent(process)

    def read(number: int) -> None:
        chance = Random(number)
        time.sleep(number / readers)
        while time.perf_counter() < until:
            times.append(asked(origin + ask(chance)))
            time.sleep(1)

    with ThreadPoolExecutor(readers) as several:
        list(several.map(read, range(readers)))
    parts = statistics.quantiles(times, n=20)
    return (
        f"first {first:7.0f} ms   {readers} readers: median {parts[9]:6.0f}, 95th percentile "
        f"{parts[-1]:6.0f} ms   CPU {(spent(process) - before) / len(times):6.1f} ms   {len(times)} answers"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("url", nargs="?")
    options.add_argument("--comments", type=int, default=1_000_000)
    options.add_argument("--readers", type=int, default=20)
    options.add_argument("--seconds", type=float, default=30)
    chosen = options.parse_args()
    Path(".bench").mkdir(exist_ok=True)
    database = chosen.url or str(Path(f".bench/corpus-{chosen.comments}.sqlite3").absolute())
    fill(database, chosen.comments)
    asks = kinds(database)
    with harvesting(database), console(database) as (origin, process):
        for name, ask in asks.items():
            found = measured(ask, origin, process, readers=chosen.readers, seconds=chosen.seconds)
            print(f"{name:9} {found}", flush=True)


if __name__ == "__main__":
    main()
