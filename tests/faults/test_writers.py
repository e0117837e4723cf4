"""Writers and readers beside one another on one database."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.records.pages import PageState
from ingest.store import Store
from tests.faults.sizes import sizes
from tests.kit import rows
from tests.kit.child import program
from tests.kit.parsed import DAY, article, at, section_page
from tests.kit.visits import visit

WRITERS = 4
COUNT_UP = """
import sys
from ingest.store.database.engine import open_engine, read_url, writing
engine = open_engine(read_url(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    with writing(engine) as connection:
        seen = connection.exec_driver_sql("SELECT attempts FROM pages").scalar()
        connection.exec_driver_sql(f"UPDATE pages SET attempts = {seen + 1}")
"""
ARTICLES, AT_ONCE = 300, 30
COUNT_TITLES_UP = """
import sys
from datetime import timedelta
from itertools import count
from ingest.decide.changes.decide import decide
from ingest.store import Store
from tests.faults.test_writers import ARTICLES, AT_ONCE
from tests.kit.parsed import DAY, article, section_page
from tests.kit.visits import capture_row
url, updates, writer = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
offsets = count()
def more(transaction, ids):
    held = transaction.held("harbour", set(ids), DAY)
    seen = max(held.articles[one].row.last_seen_at for one in ids) + timedelta(seconds=1)
    page = section_page(article(one, title=str(int(held.articles[one].row.content.title) + 1)) for one in ids)
    row = capture_row(next(offsets), warc_file=f"writer-{writer}.warc.gz", captured_at=seen)
    changes = decide(page, held, captured_at=seen, complete=False)
    transaction.load(changes, transaction.captures.add(row))
with Store.open(url) as store:
    for update in range(updates * ARTICLES // AT_ONCE):
        first = (update + 3 * writer) % (ARTICLES // AT_ONCE) * AT_ONCE
        store.transact(lambda transaction: more(transaction, [str(1000 + first + n) for n in range(AT_ONCE)]))
"""
WRITE_ON = """
import sys, time
from datetime import timedelta
from ingest.records.pages import PageState
from ingest.store import Store
from tests.kit.parsed import DAY
with Store.open(sys.argv[1]) as store:
    end, number = time.monotonic() + float(sys.argv[2]), 0
    while time.monotonic() < end:
        number += 1
        with store.transaction() as transaction:
            transaction.ledger.enlist(
                PageState(source="harbour", day=DAY + timedelta(days=20 * number + day), section=1,
                          state="pending", last_error="x" * 500)
                for day in range(20)
            )
    print(number)
"""
YEAR = timedelta(days=365)
MEBIBYTE = 1024 * 1024


@sizes("updates", quick=40, full=300)
def test_four_writers_lose_nothing(updates: int, tmp_path: Path, figure: Callable[[str, str], None]) -> None:
    url = str(tmp_path / "held.sqlite3")
    with Store.open(url) as store:
        with store.transaction() as transaction:
            transaction.ledger.put(PageState(source="harbour", day=DAY, section=1, state="pending"))
        writers = [program(COUNT_UP, tmp_path, url, updates) for _ in range(WRITERS)]
        told = [writer.communicate()[1] for writer in writers]
        locked = sum("locked" in words for words in told)
        lost = WRITERS * updates - store.ledger.coverage()[0].attempts
    figure("T70", f"{WRITERS} writers of {updates} updates: lost {lost}, locked {locked}")
    assert (lost, told) == (0, [""] * WRITERS)


@sizes("updates", quick=2, full=20)
@pytest.mark.parametrize("kind", ["SQLite", pytest.param("PostgreSQL", marks=pytest.mark.full)])
def test_four_writers_of_the_same_articles(
    kind: str,
    updates: int,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    figure: Callable[[str, str], None],
) -> None:
    make: Callable[[], str] | None = request.getfixturevalue("new_postgresql") if kind != "SQLite" else None
    url = make() if make is not None else str(tmp_path / "held.sqlite3")
    ids = [str(1000 + number) for number in range(ARTICLES)]
    with Store.open(url) as store:
        with store.transaction() as transaction:
            # What a day's writers take turns at.
            transaction.ledger.put(PageState(source="harbour", day=DAY, section=1, state="pending"))
        visit(store, section_page(article(one, title="0") for one in ids), at(0))
        writers = [program(COUNT_TITLES_UP, tmp_path, url, updates, number) for number in range(WRITERS)]
        # A writer that waits for long says so.
        told = [writer.communicate()[1] for writer in writers]
        titles = [int(row["title"]) for row in rows.table(url, "articles")]
        lost = sum(WRITERS * updates - title for title in titles)
        versions = len(rows.table(url, "article_versions"))
    locked = sum("locked" in words or "deadlock" in words for words in told)
    of = f"{kind}, {WRITERS} writers of the same {ARTICLES} articles, {updates} times"
    figure("T70", f"{of}: lost {lost}, locked {locked}")
    assert ([writer.returncode for writer in writers], locked) == ([0] * WRITERS, 0), told
    assert (lost, len(titles), versions) == (0, ARTICLES, ARTICLES * WRITERS * updates)


@sizes("seconds", quick=3, full=60)
def test_readers_do_not_let_the_log_grow(
    seconds: int, tmp_path: Path, figure: Callable[[str, str], None]
) -> None:
    url = tmp_path / "held.sqlite3"
    Store.open(str(url)).close()
    writer = program(WRITE_ON, tmp_path, url, seconds)
    log, largest, read = Path(f"{url}-wal"), 0, 0
    with Store.open(str(url)) as store:
        while writer.poll() is None:
            read += len(store.ledger.coverage("harbour", DAY, DAY + YEAR)) > 0
            largest = max(largest, log.stat().st_size if log.exists() else 0)
            time.sleep(0.01)
    out, err = writer.communicate()
    figure(
        "T71",
        f"{int(out)} transactions and {read} readings in {seconds} s: the log had at most "
        f"{largest / MEBIBYTE:.1f} MB",
    )
    assert err == ""
    assert read > 0
    assert largest < 32 * MEBIBYTE
    with closing(sqlite3.connect(url)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
