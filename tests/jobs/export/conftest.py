"""The same rows in a SQLite file and on a PostgreSQL server, with what a page may hold of evil."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.store import Store
from parsers.records import Article
from tests.kit.databases import newest_sqlite
from tests.kit.parsed import DAY, NOON, article, at, comment, section_page
from tests.kit.visits import visit

LONG = "long \u00e9 " * 40_000
EVIL = {
    "=HYPERLINK(1)": "=1+1",
    "+1": "+cmd|' /C calc'!A0",
    "-1": "-2+3",
    "@SUM": "@SUM(A1)",
    "\tTab": "\t=1",
    "'=quoted": "'=1, already quoted",
    'say "hi"': 'commas, "quotes"\r\nand\nlines',
    "r\u202etl": "\u200fright \u202eto left\u2028line\u0085next",
    "nul": "a\x00b \ud800 c",
    "long": LONG,
}
"""Authors and texts."""


def articles(*, edited: bool = False) -> list[Article]:
    evil = [
        comment(str(900 - number), number + 1, author=author, text=words)
        for number, (author, words) in enumerate(EVIL.items())
    ]
    plain = [
        comment("11", 1, text="changed" if edited else "first"),
        comment("12", 2, author=None, parent_external_id="11"),
        comment(None, 3, author="no id"),
        comment("14", 4, text="taken down", author="gone"),
        comment("15", 5, parent_external_id="14"),
    ]
    return [
        article("100", plain[:1] + plain[2:] if edited else plain, title="new" if edited else "old"),
        article("B", evil, title="=1+1", section_name=None, views=None, posted_at=None, posted_local=None),
        article("a", [comment("1", 1)], posted_at=NOON + timedelta(microseconds=5)),
        article("\u00e9", [comment("1", 1)], text=LONG),
        article("666", [comment("13", 1, text="taken down with its article")], title="taken down"),
    ]


def fill(store: Store, *, backwards: bool = False) -> None:
    """The same rows by other ids."""
    step = -1 if backwards else 1
    visit(store, section_page(articles()[::step]), at(0))
    visit(store, section_page(articles(edited=True)[::step]), at(1.5))
    with store.transaction() as tx:
        tx.suppress("harbour", "666", None, reason="law", suppressed_at=at(2))
        tx.suppress("harbour", "100", "14", reason="law", suppressed_at=at(2))
    other = article("200", [comment("21", 1)], date=DAY + timedelta(days=1), section=2)
    visit(store, section_page([other], date=DAY + timedelta(days=1), section=2), at(24))


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Store]:
    path = tmp_path / "held.sqlite3"
    path.write_bytes(newest_sqlite())
    with Store.open(str(path)) as store:
        fill(store)
        yield store


@pytest.fixture
def filled_postgresql(newest_postgresql: Callable[[], str]) -> Iterator[Store]:
    with Store.open(newest_postgresql()) as store:
        fill(store, backwards=True)
        yield store
