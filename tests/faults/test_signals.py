"""SIGTERM and Ctrl-C: whatever a run is at, it ends within seconds and leaves nothing half-written."""

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.faults.children import backfill_words, ended, thresher, until
from tests.faults.held import ALL_WELL, broken, reckoned
from tests.faults.site import WatchedSite, before, past_days
from tests.line.rig import Rig
from tests.site.faults import instead

IN_TIME = 5.0
ENDING = 1.5
"""Seconds more for the interpreter to end, on a machine with other things to do."""
SLOW_TO_PARSE = b"<div>" * 100_000


@contextmanager
def fetching(rig: Rig, site: WatchedSite) -> Iterator[None]:
    """The site takes its time."""
    site.pause = 9.0
    arrived = site.arrived
    until(lambda: site.arrived > arrived)
    yield
    site.pause = 0.0


@contextmanager
def parsing(rig: Rig, site: WatchedSite) -> Iterator[None]:
    """A page that a worker is at until its limit."""
    site.faults = [instead("D=", body=SLOW_TO_PARSE)]
    until(lambda: any(fault.body for fault in site.faults) and site.struck)
    time.sleep(0.5)
    yield
    site.faults = []


@contextmanager
def committing(rig: Rig, site: WatchedSite) -> Iterator[None]:
    """Another program has the database for a while."""
    other = sqlite3.connect(rig.url, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    time.sleep(0.5)
    done = threading.Timer(2.0, lambda: other.execute("ROLLBACK"))
    done.start()
    yield
    done.join()
    other.close()


@pytest.mark.parametrize(
    ("busy", "number", "seconds"),
    [
        pytest.param(fetching, signal.SIGTERM, IN_TIME, id="fetching-term", marks=pytest.mark.slow),
        pytest.param(fetching, signal.SIGINT, IN_TIME, id="fetching-int", marks=pytest.mark.long),
        pytest.param(committing, signal.SIGTERM, IN_TIME, id="committing-term", marks=pytest.mark.long),
        pytest.param(committing, signal.SIGINT, IN_TIME, id="committing-int", marks=pytest.mark.slow),
        pytest.param(parsing, signal.SIGTERM, IN_TIME, id="parsing-term", marks=pytest.mark.long),
    ],
)
def test_a_signal_ends_it_in_time(
    busy: Callable[..., AbstractContextManager[None]],
    number: signal.Signals,
    seconds: float,
    tmp_path: Path,
    figure: Callable[[str, str], None],
) -> None:
    with WatchedSite(past_days(4), pause=0.05) as site:
        rig = Rig(site, tmp_path)
        words = backfill_words(rig, before(4), before(1))
        child = thresher(rig, *words)
        until(lambda: len(site.pages_asked) >= 3)
        with busy(rig, site):
            began = time.monotonic()
            os.killpg(child.pid, number)
            code, _, err = ended(child)
            took = time.monotonic() - began
        figure("T74", f"{number.name} while {busy.__name__}: {took:.1f} s, exit code {code}")
        assert "Traceback" not in err
        assert list(broken(rig)) == []
        rig.clock.advance(10 * 365 * 86400)
        assert rig.backfill(before(4), before(1)).exit_code == 0
        assert reckoned(rig) == ALL_WELL
        assert took <= seconds + ENDING
