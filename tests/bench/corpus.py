"""A database of any size for the benches of search and console: four sources, sixteen years, 20,000 authors.

``python -m tests.bench.corpus URL [--comments 1000000]`` fills one, which then is kept. Words are drawn as a
language does (the word of rank n once in n), authors and threads likewise. One source was harvested day by
day, one was filled from its newest day back, and their last year came in side by side: so the ids of a
source's rows, and of a day's, are not all in one stretch. The index of words is made at the end.
"""

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from ingest.store import Store
from ingest.store.database.engine import open_engine, read_url, writing
from ingest.store.database.schema import articles, captures, comments, pages, runs
from ingest.store.search.rebuild import without_index

VOCABULARY = 50_000
SPOKEN = 3_000_000
WORDS = 60
IN_THREAD = 14
FIRST, LAST = date(2010, 11, 1), date(2026, 10, 31)
LIVE_SINCE = date(2025, 11, 1)
CAPTURES = 3
"""Of each page."""
RUNS = 5_000
AT_ONCE = 40
"""Days that are written in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A source, its part of all comments, and how many pages a day has."""

    name: str
    share: float
    sections: int
    backwards: bool = False


SITES = (
    Site(name="rantburg", share=0.5, sections=5),
    Site(name="gazette", share=0.3, sections=2, backwards=True),
    Site(name="courier", share=0.15, sections=1),
    Site(name="almanac", share=0.05, sections=1, backwards=True),
)


class Language:
    """Made-up words; the first is the most frequent."""

    def __init__(self, seed: int = 7) -> None:
        self.chance = random.Random(seed)
        syllables = [first + vowel for first in "bdfgklmnprstv" for vowel in "aeiou"]
        made = {
            "".join(self.chance.choices(syllables, k=2 + number % 3)): None
            for number in range(3 * VOCABULARY)
        }
        self.words = list(made)[:VOCABULARY]
        weights = list(accumulate(1 / rank for rank in range(1, len(self.words) + 1)))
        self._spoken = self.chance.choices(self.words, cum_weights=weights, k=SPOKEN)

    def text(self, length: int = WORDS) -> str:
        """A stretch of what is spoken: so phrases come again, as they do."""
        begin = self.chance.randrange(SPOKEN - length)
        return " ".join(self._spoken[begin : begin + length])

    def author(self) -> str:
        """Of the comments the most frequent one wrote about one in sixty."""
        return f"reader {int(40 * self.chance.paretovariate(0.7)) % 20_000}"


class Filling:
    """Writes days, and knows which ids come next."""

    def __init__(self, connection: Connection, comments_a_day: float) -> None:
        self._language = Language()
        self._a_day = comments_a_day
        self._next = {
            table.name: (connection.scalar(select(func.max(table.c.id))) or 0) + 1
            for table in (captures, articles, comments)
        }

    def day(self, site: Site, day: date) -> dict[Table, list[dict[str, Any]]]:
        """The rows of one day."""
        rows: dict[Table, list[dict[str, Any]]] = {
            table: [] for table in (captures, articles, comments, pages)
        }
        for section in range(1, site.sections + 1):
            shown = self._captures(site, day, section)
            made = self._section(site, day, section, shown[-1]["id"])
            rows[captures] += shown
            rows[articles] += [article for article, _ in made]
            rows[comments] += [comment for _, thread in made for comment in thread]
            number = sum(len(thread) for _, thread in made)
            rows[pages].append(_page(site, day, section, len(made), number))
        return rows

    def _id(self, table: Table) -> int:
        self._next[table.name] += 1
        return self._next[table.name] - 1

    def _captures(self, site: Site, day: date, section: int) -> list[dict[str, Any]]:
        return [
            {
                "id": (row_id := self._id(captures)),
                "source": site.name,
                "url": f"http://{site.name}.example/?D={day:%m/%d/%Y}&HC={section}",
                "kind": "section", "day": day, "captured_at": _noon(day) + number * timedelta(hours=5),
                "status": 200, "digest": f"{row_id:064}", "content_type": "text/html",
                "warc_file": f"{site.name}-{day:%Y%m}.warc.gz", "warc_offset": row_id, "warc_length": 9_000,
                "framed": True, "parser": f"{site.name}.section", "revision": 1,
            }
            for number in range(CAPTURES)
        ]  # fmt: skip

    def _section(
        self, site: Site, day: date, section: int, capture: int
    ) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
        mean = self._a_day * site.share / site.sections
        made = []
        left = int(self._language.chance.expovariate(1 / mean) + 0.5)
        while left > 0:
            size = min(left, int(self._language.chance.expovariate(1 / IN_THREAD)) + 1)
            left -= size
            made.append(self._thread(site, day, section, size, capture))
        return made

    def _thread(
        self, site: Site, day: date, section: int, size: int, capture: int
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        number, moment = self._id(articles), _noon(day)
        seen = {"first_seen_at": moment, "last_seen_at": moment + timedelta(hours=10)}
        by = {
            "capture_id": capture,
            "parser": f"{site.name}.section",
            "revision": 1,
            "content_digest": "5c" * 32,
        }
        article = {
            "id": number, "source": site.name, "external_id": str(number), "date": day, "section": section,
            "title": self._language.text(8), "text": self._language.text(200), "posted_at": moment,
            "posted_by": f"editor {number % 7}", "posted_local": f"{day}T08:00", "claimed_comments": size,
            **seen, **by,
        }  # fmt: skip
        return article, [self._comment(number, rank, moment, {**seen, **by}) for rank in range(size)]

    def _comment(self, article: int, rank: int, moment: datetime, rest: dict[str, Any]) -> dict[str, Any]:
        chance = self._language.chance
        posted = moment + timedelta(minutes=int(chance.expovariate(1 / 300)))
        return {
            "id": self._id(comments), "article_id": article, "external_id": f"{article}-{rank}",
            "number": rank + 1, "author": self._language.author(),
            "posted_local": f"{posted - timedelta(hours=4):%Y-%m-%dT%H:%M}", "posted_at": posted,
            "text": self._language.text(int(chance.expovariate(1 / WORDS)) + 3),
            "vanished_at": moment + timedelta(hours=9) if chance.random() < 0.005 else None, **rest,
        }  # fmt: skip


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def _page(site: Site, day: date, section: int, found: int, below: int) -> dict[str, Any]:
    short = day.toordinal() % 97 == 0
    return {
        "source": site.name, "day": day, "section": section, "state": "short" if short else "done",
        "attempts": 1, "expected_articles": found, "held_articles": found,
        "expected_comments": below + short, "held_comments": below, "visited_at": _noon(day),
        "full_at": _noon(day),
    }  # fmt: skip


def days() -> Iterator[tuple[Site, date]]:
    """Every day of every source, in the order in which they were loaded."""
    for site in SITES:
        past = [FIRST + timedelta(days=number) for number in range((LIVE_SINCE - FIRST).days)]
        yield from ((site, day) for day in (reversed(past) if site.backwards else past))
    for number in range((LAST - LIVE_SINCE).days + 1):
        yield from ((site, LIVE_SINCE + timedelta(days=number)) for site in SITES)


def fill(url: str, wanted: int) -> None:
    """Fills a database with about so many comments; one that has some stays as it is."""
    with Store.open(url) as store:
        engine = open_engine(read_url(url))
        with writing(engine) as connection:
            if connection.scalar(select(func.count()).select_from(comments)):
                engine.dispose()
                return
            connection.execute(insert(runs), list(_runs()))
            filling = Filling(connection, wanted / ((LAST - FIRST).days + 1))
        waiting = list(days())
        for begin in range(0, len(waiting), AT_ONCE):
            with writing(engine) as connection, without_index(connection):
                for table, rows in _joined(filling, waiting[begin : begin + AT_ONCE]).items():
                    if rows:
                        connection.execute(insert(table), rows)
        store.reindex(lambda *_: None)
        if engine.dialect.name == "postgresql":
            # As its server does before long, whoever writes.
            with writing(engine) as connection:
                connection.exec_driver_sql("ANALYZE")
        engine.dispose()


def _joined(filling: Filling, some: list[tuple[Site, date]]) -> dict[Table, list[dict[str, Any]]]:
    joined: dict[Table, list[dict[str, Any]]] = {}
    for site, day in some:
        for table, rows in filling.day(site, day).items():
            joined.setdefault(table, []).extend(rows)
    return joined


def _runs() -> Iterator[dict[str, Any]]:
    for number in range(RUNS):
        site = SITES[number % len(SITES)]
        began = _noon(LAST) - timedelta(hours=RUNS - number)
        counts = {"requests": 5 + number % 7, "articles_new": number % 4, "comments_new": number % 60}
        yield {
            "command": "harvest", "source": site.name, "started_at": began,
            "ended_at": began + timedelta(minutes=2), "outcome": "complete" if number % 50 else "incomplete",
            "counts": json.dumps(counts), "version": "0.1.0", "host": "here", "pid": number + 2,
        }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--comments", type=int, default=1_000_000)
    chosen = parser.parse_args()
    began = perf_counter()
    fill(chosen.url, chosen.comments)
    print(f"{chosen.url}: filled in {perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
