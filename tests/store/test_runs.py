"""The diary of runs: where a run that was broken off is taken up, and what it had changed."""

import os
import platform
from importlib.metadata import version

import pytest

from ingest.records.pages import Cursor, RunOutcome
from ingest.store import Store
from tests.kit.parsed import at

CURSOR = Cursor(scope="all", captured_at=at(3), capture_id=7)


def begin(store: Store, cursor: Cursor | None = CURSOR, **run: str) -> int:
    """A run that has come as far as its cursor."""
    wanted = {"command": "reparse", "source": "harbour"} | run
    run_id = store.runs.begin(**wanted, started_at=at(0))
    with store.transaction() as transaction:
        transaction.put_report(run_id, {"parsed": 2}, cursor)
    return run_id


def broken_off(store: Store, before: int) -> Cursor | None:
    return store.runs.broken_off_at("reparse", "harbour", before)


def test_a_run_is_entered_with_its_program_host_and_process(store: Store) -> None:
    run_id = store.runs.begin("reparse", "harbour", at(0))
    (run,) = store.runs.newest()
    assert (run.run_id, run.command, run.source, run.started_at) == (run_id, "reparse", "harbour", at(0))
    assert (run.version, run.host, run.pid) == (version("thresher"), platform.node(), os.getpid())
    assert (run.ended_at, run.outcome, run.error, run.report) == (None, None, None, None)
    assert run.counts == {}


@pytest.mark.parametrize(
    ("outcome", "cursor"), [(None, CURSOR), ("failed", CURSOR), ("complete", None), ("incomplete", None)]
)
def test_only_a_run_that_was_broken_off_is_taken_up(
    store: Store, outcome: RunOutcome | None, cursor: Cursor | None
) -> None:
    run_id = begin(store)
    if outcome is not None:
        store.runs.end(run_id, at(1), outcome, {})
    assert broken_off(store, run_id + 1) == cursor
    # A run is not taken up by itself, nor by one before it.
    assert broken_off(store, run_id) is None


def test_only_the_newest_run_of_the_command_and_source_is_taken_up(store: Store) -> None:
    begin(store, Cursor(scope="all", captured_at=at(1), capture_id=3))
    run_id = begin(store)
    begin(store, Cursor(scope="all", captured_at=at(9), capture_id=9), source="quay")
    last = begin(store, Cursor(scope="all", captured_at=at(9), capture_id=9), command="harvest")
    assert broken_off(store, last + 1) == CURSOR
    # The newest one had not begun: what is behind it is no longer known.
    fresh = begin(store, None)
    assert broken_off(store, fresh + 1) is None
    assert broken_off(store, fresh) == CURSOR
    assert broken_off(store, run_id) == Cursor(scope="all", captured_at=at(1), capture_id=3)


def test_a_report_without_a_cursor_leaves_the_cursor(store: Store) -> None:
    run_id, other = begin(store), begin(store, None, source="quay")
    with store.transaction() as transaction:
        transaction.put_report(run_id, {"parsed": 5})
    assert {run.run_id: run.report for run in store.runs.newest()} == {
        run_id: {"parsed": 5},
        other: {"parsed": 2},
    }
    assert broken_off(store, other) == CURSOR


def test_only_the_run_that_ends_gets_an_outcome(store: Store) -> None:
    first, second = begin(store), begin(store)
    store.runs.end(first, at(1), "incomplete", {"failed": 1}, error="1 page failed")
    runs = {run.run_id: run for run in store.runs.newest()}
    assert (runs[first].outcome, runs[first].counts, runs[first].error) == (
        "incomplete",
        {"failed": 1},
        "1 page failed",
    )
    assert (runs[second].outcome, runs[second].counts) == (None, {})
    unfinished = store.runs.unfinished("harbour")
    assert unfinished is not None
    assert unfinished.run_id == second
    assert store.runs.unfinished("quay") is None


def test_the_newest_runs_are_the_last_twenty(store: Store) -> None:
    ids = [store.runs.begin("watch", None, at(-hour)) for hour in range(22)]
    assert [run.run_id for run in store.runs.newest()] == ids[:1:-1]
