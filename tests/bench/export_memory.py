"""What an export takes: ``python -m tests.bench.export_memory FOLDER [COUNT...]``.

For each count a database with so many comments is written, in the same days and ever longer threads, and they
are exported in each format, each in its own process. Printed are the seconds of each, its greatest memory and
its ratio to the first count's, and whether DuckDB and pandas find in Parquet what the JSON lines say.
"""

import argparse
import hashlib
import json
import random
import shutil
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count as count_up
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert

from ingest.store import Store
from ingest.store.database.engine import read_url
from ingest.store.database.schema import articles, captures, comments
from tests.bench.archive_memory import measured

COUNTS = (100_000, 1_000_000)
FIRST = date(2003, 1, 1)
DAYS = 365
ARTICLES_A_DAY = 20
FORMATS = ("jsonl", "csv", "parquet")
AT_ONCE = 10_000
NOON = datetime(2003, 1, 1, 12, tzinfo=UTC)
WORDS = (
    "boat",
    "harbour",
    "before",
    "anyone",
    "had",
    "read",
    "what",
    "the",
    "old",
    "man",
    "wrote",
    "about",
    "it",
)
SEEN = {"first_seen_at": NOON, "last_seen_at": NOON, "parser": "bench", "revision": 1, "capture_id": 1}


def make(database: Path, count: int) -> None:
    """Write the database."""
    with Store.open(str(database)):
        pass
    engine = create_engine(read_url(str(database)))
    with engine.begin() as connection:
        connection.execute(insert(captures), {
            "source": "rantburg", "url": "http://www.rantburg.com/", "captured_at": NOON, "status": 200,
            "digest": "0" * 64, "warc_file": "x", "warc_offset": 0, "warc_length": 1, "framed": True,
        })  # fmt: skip
        connection.execute(insert(articles), list(article_rows()))
        rows, left = comment_rows(), count
        while left > 0:
            connection.execute(insert(comments), [next(rows) for _ in range(min(AT_ONCE, left))])
            left -= AT_ONCE
    engine.dispose()


def article_rows() -> Iterator[dict[str, Any]]:
    """So many a day."""
    for number in range(DAYS * ARTICLES_A_DAY):
        yield {
            "id": number + 1,
            "source": "rantburg",
            "external_id": str(number),
            "date": FIRST + timedelta(days=number // ARTICLES_A_DAY),
            "section": 1,
            "title": f"Title {number}",
            "text": "text",
            "content_digest": f"{number:064}",
            **SEEN,
        }


def comment_rows() -> Iterator[dict[str, Any]]:
    """One to each article in turn, over and over."""
    chance = random.Random(12)
    for number in count_up():
        at = NOON + timedelta(seconds=chance.randrange(DAYS * 86_400))
        yield {
            "article_id": number % (DAYS * ARTICLES_A_DAY) + 1,
            "external_id": str(number),
            "number": number,
            "author": f"reader {number % 5_000}",
            "posted_at": at,
            "posted_local": f"{at:%Y-%m-%dT%H:%M}",
            "text": " ".join(chance.choices(WORDS, k=60)),
            "content_digest": f"{number:064}",
            **SEEN,
        }


def agree(folder: Path, count: int) -> bool:
    """Whether the three read the same ids and texts in the same order."""
    import duckdb
    import pandas

    with (folder / "x.jsonl").open(encoding="utf-8") as lines:
        said = digest((row["external_id"], row["text"]) for row in map(json.loads, lines))
    answer = duckdb.connect().execute(
        "SELECT external_id, text FROM read_parquet(?)", [str(folder / "x.parquet")]
    )
    by_duckdb = digest(iter(answer.fetchone, None))
    frame = pandas.read_parquet(folder / "x.parquet", columns=["external_id", "text"])
    by_pandas = digest(zip(frame["external_id"], frame["text"], strict=True))
    return said == by_duckdb == by_pandas and said[0] == count


def digest(rows: Iterable[Any]) -> tuple[int, str]:
    """How many, and the SHA-256 of all."""
    number, all_of_it = 0, hashlib.sha256()
    for row in rows:
        number += 1
        all_of_it.update(json.dumps(list(row)).encode())
    return number, all_of_it.hexdigest()


def main() -> None:
    """Make and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("counts", type=int, nargs="*")
    asked = parser.parse_args()
    first: dict[str, float] = {}
    for count in asked.counts or COUNTS:
        folder = asked.folder / str(count)
        folder.mkdir(parents=True)
        # Its memory would count as that of the programs that are begun afterwards.
        maker = get_context("spawn").Process(target=make, args=(folder / "held.sqlite3", count))
        maker.start()
        maker.join()
        for form in FORMATS:
            code, seconds, most = measured(folder, "export", "--out", str(folder / f"x.{form}"))
            ratio = most / first.setdefault(form, most)
            print(
                f"{count:>9,}  {form:<8} exit {code}  {seconds:7.1f} s  {most:7.1f} MB  {ratio:5.2f} x",
                flush=True,
            )
        with get_context("spawn").Pool(1) as pool:
            print(
                f"{count:>9,}  DuckDB, pandas and JSON agree: {pool.apply(agree, (folder, count))}",
                flush=True,
            )
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
