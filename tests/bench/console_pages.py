"""How long the console's main pages take: ``python -m tests.bench.console_pages --comments 100000``.

Readers ask at once, without a pause, while another process writes comments; each page's server time is what a
reader waits for. The first answers, which fill what is kept for some seconds, are shown apart.
"""

import argparse
import statistics
import tempfile
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import create_engine, insert

from ingest.clock import SystemClock
from ingest.console.application import Console
from ingest.runner.monitoring.http import served
from ingest.settings import Settings
from ingest.store import Store
from ingest.store.database.engine import read_url
from ingest.store.database.schema import articles, comments, pages
from tests.console.held import BY, NOON, SEEN, SOURCE, Held

IN_THREAD = 10
A_DAY = 25
AT_ONCE = 2_000
SECTIONS = 5
LAST = date(2026, 11, 1)
WORDS = (
    "lock",
    "weir",
    "quay",
    "market",
    "harbour",
    "river",
    "choir",
    "council",
    "beans",
    "moss",
    "paper",
    "spring",
)
ADDRESSES = {
    "overview": "/",
    "coverage": f"/coverage?source={SOURCE}",
    "thread": f"/thread?source={SOURCE}&id=100",
    "people": "/people?author=reader-7",
    "search": "/search?words=harbour+moss",
}


def fill(held: Held, number: int) -> None:
    """Articles of ten comments, 25 a day, back from the last day."""
    chance = Random(1)
    for begin in range(0, number // IN_THREAD, AT_ONCE):
        numbers = range(begin, min(begin + AT_ONCE, number // IN_THREAD))
        held.write(_article_rows, numbers, chance)
    held.write(_page_rows, number // IN_THREAD // A_DAY)


def _article_rows(connection: Any, numbers: range, chance: Random) -> None:
    values, below = [], []
    for number in numbers:
        day = LAST - timedelta(days=number // A_DAY)
        values.append(
            {
                "id": number + 1, "source": SOURCE, "external_id": str(number + 1), "date": day,
                "section": number % SECTIONS + 1, "title": _words(chance, 6), "text": _words(chance, 80),
                "content_digest": "", "claimed_comments": IN_THREAD, **SEEN, **BY,
            }
        )  # fmt: skip
        below += [_comment_row(number + 1, place, day, chance) for place in range(IN_THREAD)]
    connection.execute(insert(articles), values)
    connection.execute(insert(comments), below)


def _comment_row(article: int, place: int, day: date, chance: Random) -> dict[str, Any]:
    return {
        "article_id": article, "external_id": f"{article}-{place}", "number": place + 1,
        "author": f"reader-{int(chance.paretovariate(0.7)) % 5000}", "posted_local": f"{day}T0{place}:15",
        "posted_at": datetime.combine(day, NOON.timetz()) + timedelta(minutes=place),
        "text": _words(chance, 30), "content_digest": "", **SEEN, **BY,
    }  # fmt: skip


def _page_rows(connection: Any, days: int) -> None:
    values = [
        {
            "source": SOURCE, "day": LAST - timedelta(days=day), "section": section, "state": "done",
            "attempts": 1, "expected_articles": 5, "held_articles": 5, "expected_comments": 50,
            "held_comments": 50, "visited_at": NOON, "full_at": NOON,
        }
        for day in range(days)
        for section in range(1, SECTIONS + 1)
    ]  # fmt: skip
    connection.execute(insert(pages), values)


def _words(chance: Random, number: int) -> str:
    return " ".join(chance.choices(WORDS, k=number))


def write_on(path: Path, over: threading.Event, number: int) -> None:
    """As a harvest does: a thread after the other, each in a transaction."""
    engine, chance = create_engine(read_url(str(path))), Random(2)
    while not over.wait(0.2):
        number += 1
        with engine.connect() as connection, connection.begin():
            _article_rows(connection, range(number, number + 1), chance)
    engine.dispose()


def asked(url: str) -> float:
    """How long one answer takes, in milliseconds."""
    began = time.perf_counter()
    with urllib.request.urlopen(url, timeout=120) as answer:
        answer.read()
    return (time.perf_counter() - began) * 1000


def measured(origin: str, readers: int, seconds: float) -> None:
    """One page after the other, by so many readers at once, who read for a second between two pages."""
    for name, address in ADDRESSES.items():
        first = asked(origin + address)
        alone = sorted(asked(origin + address) for _ in range(20))
        until, times = time.perf_counter() + seconds, []

        def read(
            number: int, address: str = address, until: float = until, times: list[float] = times
        ) -> None:
            time.sleep(number / readers)
            while time.perf_counter() < until:
                times.append(asked(origin + address))
                time.sleep(1)

        with ThreadPoolExecutor(readers) as several:
            list(several.map(read, range(readers)))
        together = statistics.quantiles(times, n=20)[-1]
        print(
            f"{name:9} first {first:7.0f} ms  alone {alone[18]:6.0f} ms  {readers} readers {together:6.0f} ms"
            f"  (95th percentile, {len(times)} answers)",
            flush=True,
        )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--comments", type=int, default=100_000)
    options.add_argument("--readers", type=int, default=20)
    options.add_argument("--seconds", type=float, default=10)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        held = Held(Path(folder))
        began = time.perf_counter()
        fill(held, chosen.comments)
        print(f"{chosen.comments} comments written in {time.perf_counter() - began:.0f} s", flush=True)
        settings = Settings(database=str(held.path), archive=Path(folder))
        over = threading.Event()
        writer = threading.Thread(target=write_on, args=(held.path, over, chosen.comments))
        with Store.read(settings.database) as store:
            console = Console(settings, store, SystemClock())
            with served(0, {}, mounted=console.application) as port:
                writer.start()
                measured(f"http://127.0.0.1:{port}", chosen.readers, chosen.seconds)
                over.set()
                writer.join()
            console.close()
        held.close()


if __name__ == "__main__":
    main()
