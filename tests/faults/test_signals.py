"""SIGTERM and Ctrl-C: whatever a run is at, it ends within seconds and leaves nothing half-written."""

import json
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from ingest.archive.check import check, final_name
from ingest.store import Store
from tests.faults.children import backfill_words, thresher
from tests.faults.held import ALL_WELL, broken, reckoned
from tests.faults.site import WatchedSite, before, past_days
from tests.kit.child import ended
from tests.kit.rig import Rig
from tests.kit.waiting import until
from tests.site.faults import instead

IN_TIME = 5.0
ENDING = 10.0
"""Seconds more for the interpreter to end, on a machine with other things to do."""
SLOW_TO_PARSE = b"<div>" * 100_000


SAYS_WHAT_IT_IS_AT = """
from pathlib import Path
import ingest.store.database.sqlite as engine
from ingest.pipeline.page import PagePipeline
begin, parse = engine._begin_to_write, PagePipeline._parse
def begin_to_write(*connection):
    Path("{folder}/committing").touch()
    begin(*connection)
    Path("{folder}/committing").unlink()
def parse_aloud(self, url, capture):
    if len(capture.body) >= {slow}:
        Path("{folder}/parsing").touch()
    return parse(self, url, capture)
engine._begin_to_write, PagePipeline._parse = begin_to_write, parse_aloud
"""


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
    until((rig.archive.parent / "parsing").exists)
    yield
    site.faults = []


@contextmanager
def committing(rig: Rig, site: WatchedSite) -> Iterator[None]:
    """Another program has the database for a while."""
    other = sqlite3.connect(rig.url, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    until((rig.archive.parent / "committing").exists)
    done = threading.Timer(2.0, lambda: other.execute("ROLLBACK"))
    done.start()
    yield
    done.join()
    other.close()


@pytest.mark.parametrize(
    ("busy", "number", "seconds"),
    [
        pytest.param(fetching, signal.SIGTERM, IN_TIME, id="fetching-term", marks=pytest.mark.long),
        pytest.param(fetching, signal.SIGINT, IN_TIME, id="fetching-int", marks=pytest.mark.full),
        pytest.param(committing, signal.SIGTERM, IN_TIME, id="committing-term", marks=pytest.mark.full),
        pytest.param(committing, signal.SIGINT, IN_TIME, id="committing-int", marks=pytest.mark.long),
        pytest.param(parsing, signal.SIGTERM, IN_TIME, id="parsing-term", marks=pytest.mark.full),
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
        aloud = SAYS_WHAT_IT_IS_AT.format(folder=tmp_path, slow=len(SLOW_TO_PARSE))
        child = thresher(rig, *words, prepared=aloud)
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


PARSES_FOR_EVER = """
import time
from pathlib import Path
from ingest.errors import WorkerFailed
from ingest.pipeline.page import PagePipeline
parse = PagePipeline._parse
def slow(self, url, capture):
    if "HC=3" in url:
        Path("{parsing}").touch()
        process = self._worker._idle.queue[0]
        while not process._closed:
            time.sleep(0.01)
        raise WorkerFailed("the process has ended", url)
    return parse(self, url, capture)
PagePipeline._parse = slow
"""


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.full)])
def test_a_page_that_was_being_parsed_gets_its_row_the_next_time(
    number: signal.Signals, tmp_path: Path
) -> None:
    with WatchedSite(past_days(1)) as site:
        rig = Rig(site, tmp_path)
        words = backfill_words(rig, before(1), before(1))
        parsing = tmp_path / "parsing"
        child = thresher(rig, *words, prepared=PARSES_FOR_EVER.format(parsing=parsing))
        until(parsing.exists)
        os.killpg(child.pid, number)
        code, _, err = ended(child)
        assert (code, "Traceback" in err) == (0, False), err
        asked = len(site.pages_asked)
        (left,) = rig.archive.iterdir()
        assert left.name.endswith(".open")
        code, out, err = ended(thresher(rig, "--json", *words))
        assert (code, json.loads(out)["adopted"]) == (0, 1), err
        assert rig.held == rig.shown
        assert sum("HC=3" in page for page in site.pages_asked[asked:]) == 0
        unindexed = [check(path, rig_offsets(rig, path)).unindexed for path in rig.archive.iterdir()]
        assert unindexed == [0] * len(unindexed)


def rig_offsets(rig: Rig, path: Path) -> list[int]:
    with Store.open(rig.url) as store:
        return list(store.captures.offsets_in(final_name(path)))


SAYS_THAT_IT_WAITS = """
from pathlib import Path
import ingest.store.database.sqlite as engine
begin = engine._begin_to_write
def begin_to_write(*connection):
    Path("{waits}").touch()
    begin(*connection)
engine._begin_to_write = begin_to_write
"""
WRITING = {
    "backfill": ["backfill", "rantburg", "--since", "2018-04-13", "--until", "2018-04-13"],
    "harvest": ["harvest", "rantburg"],
    "forget": ["forget", "1", "--source", "rantburg", "--kind", "article", "--reason", "asked for"],
    "repair": ["verify", "rantburg", "--repair"],
    "reparse": ["reparse", "rantburg", "--all", "--workers", "1"],
}


@pytest.mark.parametrize(
    ("command", "number"),
    [
        pytest.param("backfill", signal.SIGTERM, marks=pytest.mark.long),
        pytest.param("harvest", signal.SIGTERM, marks=pytest.mark.long),
        *(
            pytest.param(command, number, marks=pytest.mark.full)
            for command in WRITING
            for number in (signal.SIGTERM, signal.SIGINT)
            if (command, number) not in {("backfill", signal.SIGTERM), ("harvest", signal.SIGTERM)}
        ),
    ],
)
def test_behind_another_program_s_lock_a_signal_is_obeyed(
    command: str, number: signal.Signals, tmp_path: Path, figure: Callable[[str, str], None]
) -> None:
    with WatchedSite(past_days(1)) as site:
        rig = Rig(site, tmp_path)
        rig.backfill(before(1), before(1))
        other = sqlite3.connect(rig.url, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        waits = tmp_path / "waits"
        child = thresher(rig, *WRITING[command], prepared=SAYS_THAT_IT_WAITS.format(waits=waits))
        until(waits.exists)
        began = time.monotonic()
        os.killpg(child.pid, number)
        code, _, err = ended(child)
        took = time.monotonic() - began
        other.close()
        figure("T74", f"{number.name} to {command} behind a lock: {took:.1f} s, exit code {code}")
        assert "Traceback" not in err
        assert code in {1, 3}
        assert took <= IN_TIME + ENDING
        assert list(broken(rig)) == []
