"""How long a search takes where much is held, and what its index costs a page that is loaded.

``python -m tests.bench.search_speed [--comments 1000000] [--database URL]``: without one a SQLite file below
``.bench``. It is filled once and kept, as ``corpus`` does.
Printed are the milliseconds of each kind of question, at the median and the 95th percentile, and the CPU of a
page with the triggers of the index and without. Nothing is asserted.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter, process_time

from sqlalchemy import Connection

from ingest.records.search import Query
from ingest.store import Store
from tests.bench.corpus import FIRST, LAST, SITES, Language, fill
from tests.kit.parsed import article, at, comment, section_page
from tests.kit.visits import visit

ROUNDS = 40
PAGES = 150


def questions(language: Language) -> Iterator[tuple[str, Callable[[], Query]]]:
    """Kinds of questions, each made anew whenever it is asked."""

    def word(least: int, most: int) -> str:
        return language.words[language.chance.randrange(least, most)]

    def day() -> date:
        return FIRST + timedelta(days=language.chance.randrange((LAST - FIRST).days - 30))

    def site() -> str:
        return SITES[language.chance.randrange(1, len(SITES))].name

    yield "a rare word", lambda: Query(words=word(5_000, 50_000))
    yield "a word of 1 in 100 rows", lambda: Query(words=word(300, 2_000))
    yield "a word of most rows", lambda: Query(words=word(0, 5))
    yield "two words", lambda: Query(words=f"{word(20, 500)} {word(500, 5_000)}")
    yield "three frequent words", lambda: Query(words=f"{word(0, 20)} {word(0, 20)} {word(20, 100)}")
    yield "a phrase", lambda: Query(words=f'"{word(0, 50)} {word(50, 1_000)}"')
    yield "a phrase of frequent words", lambda: Query(words=f'"{word(0, 10)} {word(0, 10)}"')
    yield "a beginning", lambda: Query(words=f"{word(200, 5_000)[:4]}*")
    yield "a beginning of three letters", lambda: Query(words=f"{word(200, 5_000)[:3]}*")
    yield "without a word", lambda: Query(words=f"{word(100, 2_000)} -{word(0, 100)}")
    yield "an author", lambda: Query(words=word(0, 500), author=language.author())
    yield "a source", lambda: Query(words=word(20, 2_000), sources=(site(),))
    yield "a day", lambda: _window(word(0, 500), day(), days=1)
    yield "a month", lambda: _window(word(20, 2_000), day(), days=30)
    yield "a month of a source", lambda: replace(_window(word(0, 500), day(), days=30), sources=(site(),))
    yield "a year", lambda: _window(word(20, 2_000), day(), days=365)
    yield "everything until a day", lambda: Query(words=word(0, 500), until=day())
    yield "articles", lambda: Query(words=word(20, 2_000), only="article")


def _window(words: str, since: date, days: int) -> Query:
    return Query(words=words, since=since, until=since + timedelta(days=days - 1))


def search_times(store: Store) -> None:
    language = Language()
    total: list[tuple[float, float]] = []
    for name, ask in questions(language):
        times = [_time(store, ask()) for _ in range(ROUNDS)]
        total += times
        _print(name, times)
    _print("all", total)


def _time(store: Store, query: Query) -> tuple[float, float]:
    began = perf_counter(), process_time()
    store.search(query)
    return 1000 * (perf_counter() - began[0]), 1000 * (process_time() - began[1])


def _print(name: str, times: list[tuple[float, float]]) -> None:
    wall, cpu = ([one[which] for one in times] for which in (0, 1))
    print(
        f"{name:30} {_at(wall, 0.5):8.1f} {_at(wall, 0.95):8.1f} ms   "
        f"CPU of this process {_at(cpu, 0.5):8.1f} {_at(cpu, 0.95):8.1f} ms",
        flush=True,
    )


def _at(times: list[float], part: float) -> float:
    return sorted(times)[int(part * (len(times) - 1))]


def page_cost(url: str, *, indexed: bool) -> tuple[float, float]:
    """Milliseconds of CPU and of the wall for a new page of 10 articles with 5 comments each."""
    language = Language()
    with Store.open(url) as store:
        if not indexed:
            with store.transaction() as tx:
                _drop_triggers(tx._connection)
        made = [
            section_page(
                [
                    article(
                        f"{page}-{one}",
                        [comment(f"{page}-{one}-{rank}", rank, text=language.text()) for rank in range(1, 6)],
                        text=language.text(200),
                    )
                    for one in range(10)
                ]
            )
            for page in range(PAGES)
        ]
        cpu, wall = process_time(), perf_counter()
        for number, page in enumerate(made):
            visit(store, page, at(number), complete=False)
        return 1000 * (process_time() - cpu) / PAGES, 1000 * (perf_counter() - wall) / PAGES


def _drop_triggers(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        for name in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).scalars():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        return
    for table in ("articles", "comments"):
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comments", type=int, default=1_000_000)
    parser.add_argument("--database", help="a database of its own; a SQLite file without")
    chosen = parser.parse_args()
    folder = Path(".bench")
    folder.mkdir(exist_ok=True)
    url = chosen.database or str(folder / f"corpus-{chosen.comments}.sqlite3")
    began = perf_counter()
    fill(url, chosen.comments)
    print(f"{chosen.comments:,} comments, filled in {perf_counter() - began:.0f} s; median, 95th percentile:")
    with Store.read(url) as store:
        search_times(store)
    if chosen.database:
        return
    for indexed in (False, True, False, True):
        path = folder / "pages.sqlite3"
        for old in folder.glob("pages.sqlite3*"):
            old.unlink()
        cpu, wall = page_cost(str(path), indexed=indexed)
        how = "with" if indexed else "without"
        print(f"a page of 60 rows, {how} the index: {cpu:.1f} ms CPU, {wall:.1f} ms")


if __name__ == "__main__":
    main()
