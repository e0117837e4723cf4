"""``thresher watch`` in processes of its own: stopped, killed, two at once, beside a broken source."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ingest.clock import SystemClock
from parsers.sources import rantburg
from tests.kit import rows
from tests.kit.child import THRESHER, Child, begun
from tests.kit.rig import busy_day
from tests.kit.waiting import until
from tests.runner.post import Post
from tests.site.server import SiteServer

pytestmark = pytest.mark.long

NOW = SystemClock().now
HOURLY = '[[schedule]]\nid = "hourly"\nkind = "harvest"\nevery = "1h"\nrecent = 2\n'
KEY = "rantburg/hourly"
BROKEN = """
from dataclasses import replace
from parsers.sources.rantburg import SOURCE as own
SOURCE = replace(own, name="broken", sections=None)
"""

TIMEOUT = 100.0
IN_TIME = 15.0
"""Five seconds, and twice as much again for a busy machine; less than the 20 that a page may be parsed."""

Start = Callable[..., Child]


@pytest.fixture
def site() -> Iterator[SiteServer]:
    """Its busy days are the source's today, and its yesterday."""
    today = NOW().astimezone(ZoneInfo(rantburg.SOURCE.zone)).date()
    with SiteServer([busy_day(today), busy_day(today - timedelta(days=1), number=1)]) as site:
        yield site


@pytest.fixture
def folder(post: Post, tmp_path: Path) -> Path:
    """A configuration with half a second between two pages, whose schedule has missed a time."""
    (tmp_path / "schedules").mkdir()
    (tmp_path / "schedules" / "rantburg.toml").write_text(HOURLY)
    (tmp_path / "thresher.toml").write_text(
        f'database = "{post.url}"\narchive = "{post.archive}"\n'
        f'[sources.rantburg]\nbase_url = "{post.site.url}"\ndelay = 0.5\n'
    )
    missed(post, KEY)
    return tmp_path


def missed(post: Post, key: str) -> None:
    post.store().claims.skip(key, key.partition("/")[0], [NOW() - timedelta(minutes=90)])


@pytest.fixture
def start(folder: Path) -> Start:
    """``thresher watch``, begun."""

    def start(*more: str, path: str = "") -> Child:
        command = [str(THRESHER), "-v", "--config", str(folder / "thresher.toml"), "watch", *more]
        return begun(command, folder, packs=path)

    return start


def told(folder: Path, *arguments: str) -> dict[str, object]:
    """What the program says of the database, and that it says so with exit code 0."""
    command = [str(THRESHER), "--config", str(folder / "thresher.toml"), *arguments, "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=TIMEOUT)
    found: dict[str, object] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_in_the_middle_of_a_harvest_ends_it_within_five_seconds(
    post: Post, folder: Path, start: Start, number: signal.Signals
) -> None:
    process = start()
    until(lambda: len(post.site.pages_asked) >= 2)
    before = time.monotonic()
    process.send_signal(number)
    _, words = process.communicate(timeout=TIMEOUT)
    assert time.monotonic() - before < IN_TIME
    assert process.returncode == 0, words
    assert "was stopped; the next claim of it continues" in words
    assert 0 < len(rows.held(post.url)) < len(post.site.days) * 9
    again = start()
    until(lambda: "done" in post.entered.values())
    again.send_signal(signal.SIGTERM)
    assert again.wait(TIMEOUT) == 0
    assert [run["attempts"] for run in done(post)] == [1]
    assert rows.held(post.url) == rows.told(*post.site.days.values())
    assert told(folder, "archive", "verify")["findings"] == []


def test_a_page_that_is_parsed_for_ever_does_not_keep_it_from_its_end(post: Post, start: Start) -> None:
    """The process that parses is halted while it starts, for the first page."""
    process = start()
    parser = children(process)[0]
    os.kill(parser, signal.SIGSTOP)
    before = time.monotonic()
    process.terminate()
    process.communicate(timeout=TIMEOUT)
    assert time.monotonic() - before < IN_TIME
    assert process.returncode == 0
    until(lambda: not Path(f"/proc/{parser}").exists())
    assert list(post.entered.values())[-1] == "running"
    again = start()
    until(lambda: "done" in post.entered.values())
    again.terminate()
    assert again.wait(TIMEOUT) == 0
    assert rows.held(post.url) == rows.told(*post.site.days.values())


def children(process: Child) -> list[int]:
    """The processes that parse for it."""
    found: list[int] = []

    def are_there() -> bool:
        command = ["pgrep", "-P", str(process.pid), "-f", "spawn_main"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        found.extend(map(int, ran.stdout.split()))
        return bool(found)

    until(are_there)
    return found


def done(post: Post) -> rows.Rows:
    return [run for run in rows.table(post.url, "schedule_runs") if run["state"] == "done"]


def test_of_two_on_one_database_one_runs_and_the_other_takes_over_when_it_is_killed(
    post: Post, start: Start
) -> None:
    both = [start(), start()]
    until(lambda: len(post.site.pages_asked) >= 2)
    (run,) = rows.table(post.url, "runs")
    owner, other = sorted(both, key=lambda process: process.pid != run["pid"])
    owner.kill()
    owner.wait(TIMEOUT)
    until(lambda: "done" in post.entered.values())
    other.send_signal(signal.SIGTERM)
    assert other.wait(TIMEOUT) == 0
    # Begun again, unless the full hour has struck meanwhile and stands for it.
    assert [run["attempts"] for run in done(post)] in ([2], [1])
    assert {run["pid"] for run in rows.table(post.url, "runs")} == {owner.pid, other.pid}
    assert rows.held(post.url) == rows.told(*post.site.days.values())


def test_a_source_that_is_broken_does_not_stop_the_others(post: Post, folder: Path, start: Start) -> None:
    pack = folder / "packs"
    (pack / "broken-1.dist-info").mkdir(parents=True)
    (pack / "broken-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1\n")
    (pack / "broken-1.dist-info" / "entry_points.txt").write_text(
        "[thresher.sources]\nbroken = broken_pack:SOURCE\n"
    )
    (pack / "broken_pack.py").write_text(BROKEN)
    (folder / "schedules" / "broken.toml").write_text(HOURLY)
    missed(post, "broken/hourly")
    process = start("broken", "rantburg", path=str(pack))
    until(lambda: {"done", "failed"} <= set(post.entered.values()))
    process.send_signal(signal.SIGTERM)
    _, words = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 0
    assert "a bug in thresher failed broken/hourly" in words
    states = {run["source"]: run["state"] for run in rows.table(post.url, "schedule_runs")}
    assert (states["broken"], states["rantburg"]) == ("failed", "done")


def test_sighup_reads_the_files_again(post: Post, folder: Path, start: Start) -> None:
    process = start()
    assert process.stderr is not None
    until(lambda: len(post.site.pages_asked) >= 1)
    file = folder / "schedules" / "rantburg.toml"
    file.write_text(HOURLY.replace("1h", "1x"))
    process.send_signal(signal.SIGHUP)
    seen = ""
    while "what was in force stays so" not in seen:
        seen = process.stderr.readline()
    file.write_text(HOURLY + HOURLY.replace("hourly", "other"))
    process.send_signal(signal.SIGHUP)
    while "read again: 2 schedules in force" not in seen:
        seen = process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    assert process.wait(TIMEOUT) == 0


def test_nothing_to_do_is_a_matter_of_configuration(folder: Path) -> None:
    (folder / "schedules" / "rantburg.toml").write_text("")
    command = [str(THRESHER), "--config", str(folder / "thresher.toml"), "watch"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT)
    assert ran.returncode == 2
    assert "nothing is scheduled" in ran.stderr
