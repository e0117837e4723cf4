"""A wait for another process is made of short ones, and what is left of it shrinks once we are to end."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

import ingest.store.database.sqlite
from ingest import clock
from ingest.clock import SHUTDOWN_SECONDS, STEP, attempts
from ingest.errors import StoreUnusable
from ingest.store import Store


@pytest.fixture(autouse=True)
def process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_process", clock._Process())


@pytest.fixture
def held(tmp_path: Path) -> Iterator[str]:
    """A database that another program writes to."""
    url = str(tmp_path / "held.sqlite3")
    Store.open(url).close()
    other = sqlite3.connect(url, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield url
    other.close()


def test_the_whole_patience_is_used_up_in_steps() -> None:
    assert sum(1 for _ in attempts(30)) == 30 / STEP


def test_there_is_one_attempt_at_least() -> None:
    assert sum(1 for _ in attempts(0)) == 1


def test_a_process_that_is_to_end_waits_for_seconds_whatever_it_waits_for() -> None:
    clock.note()
    assert sum(1 for _ in attempts(30)) == SHUTDOWN_SECONDS / STEP
    assert [sum(1 for _ in attempts(30)) for _ in range(3)] == [1, 1, 1]


def test_a_signal_in_the_middle_of_a_wait_shortens_it() -> None:
    tried = 0
    for _ in attempts(30):
        tried += 1
        if tried == 5:
            clock.note()
    assert tried == 4 + SHUTDOWN_SECONDS / STEP


@pytest.mark.long
def test_a_locked_database_is_named_when_the_patience_is_over(
    held: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest.store.database.sqlite, "BUSY_SECONDS", 2 * STEP)
    locked = pytest.raises(StoreUnusable, match="database is locked")
    with Store.open(held) as store, locked, store.transaction():
        raise AssertionError("another program writes")
    with Store.open(held) as store:
        assert store.ledger.coverage() == ()
