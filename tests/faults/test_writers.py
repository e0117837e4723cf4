"""Writers and readers beside one another on one SQLite file."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from ingest.records.pages import PageState
from ingest.store import Store
from tests.faults.children import ROOT
from tests.faults.sizes import sizes
from tests.kit.parsed import DAY

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


def program(words: str, *arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", words, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@sizes("updates", quick=40, full=300)
def test_four_writers_lose_nothing(updates: int, tmp_path: Path, figure: Callable[[str, str], None]) -> None:
    url = str(tmp_path / "held.sqlite3")
    with Store.open(url) as store:
        with store.transaction() as transaction:
            transaction.ledger.put(PageState(source="harbour", day=DAY, section=1, state="pending"))
        writers = [program(COUNT_UP, url, updates) for _ in range(WRITERS)]
        told = [writer.communicate()[1] for writer in writers]
        locked = sum("locked" in words for words in told)
        lost = WRITERS * updates - store.ledger.coverage()[0].attempts
    figure("T70", f"{WRITERS} writers of {updates} updates: lost {lost}, locked {locked}")
    assert (lost, told) == (0, [""] * WRITERS)


@sizes("seconds", quick=3, full=60)
def test_readers_do_not_let_the_log_grow(
    seconds: int, tmp_path: Path, figure: Callable[[str, str], None]
) -> None:
    url = tmp_path / "held.sqlite3"
    Store.open(str(url)).close()
    writer = program(WRITE_ON, url, seconds)
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
