"""Re-parses that are killed: taken up again they end where an undisturbed one ends."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest.jobs.reparse import Progress
from ingest.store import Store
from tests.jobs.reparse.again import parse_again, start, whole
from tests.kit import rows
from tests.kit.child import ended
from tests.kit.rig import Rig
from tests.kit.waiting import until


def emptied(url: str) -> None:
    rows.execute(url, "UPDATE captures SET parser = NULL, revision = NULL, kind = NULL")
    for name in ("comment_versions", "article_versions", "comments", "pages", "articles"):
        rows.execute(url, f"DELETE FROM {name}")


def damaged(url: str) -> None:
    rows.execute(url, "UPDATE comments SET text = 'not what was said'")


@contextmanager
def undisturbed(rig: Rig, folder: Path, *, everything: bool) -> Iterator[str]:
    """The digest of what a run leaves that nobody broke off."""
    copied = folder / "undisturbed.sqlite3"
    shutil.copy(rig.url, copied)
    parse_again(Rig(rig.site, folder, str(copied)), everything=everything)
    yield whole(str(copied))


def kill_when(rig: Rig, process: "subprocess.Popen[str]", transactions: int, pause: float) -> bool:
    """Kill it some time after it has committed so many transactions; whether it was still running."""

    def has_committed() -> bool:
        cursors = [row["cursor"] for row in rows.table(rig.url, "runs")]
        return sum(cursor is not None for cursor in cursors) >= transactions

    until(lambda: process.poll() is not None or has_committed())
    time.sleep(pause)  # the moment of the kill, which is drawn
    running = process.poll() is None
    if running:
        os.killpg(process.pid, signal.SIGKILL)
    return running


def killed(rig: Rig, times: int, *more: str) -> int:
    """Begin so many runs, kill each at a moment drawn at random, and say how many were still running."""
    chance = random.Random(4711)
    hits = 0
    for number in range(times):
        process = start(rig, *more)
        begun = sum(row["cursor"] is not None for row in rows.table(rig.url, "runs"))
        hits += kill_when(rig, process, begun + chance.choice([0, 1, 1]), chance.uniform(0, 0.09))
        ended(process)
        with Store.open(rig.url) as store, store.lock("rantburg"):
            assert number >= 0  # free at once
    return hits


@pytest.mark.long
@pytest.mark.parametrize("more", [(), ("--all",)], ids=["behind", "all"])
def test_killed_and_taken_up_again(rig: Rig, tmp_path: Path, more: tuple[str, ...]) -> None:
    (damaged if more else emptied)(rig.url)
    with undisturbed(rig, tmp_path, everything=bool(more)) as expected:
        assert killed(rig, 5, *more) >= 3
        code, _, err = ended(start(rig, *more))
        assert code == 0, err
        assert whole(rig.url) == expected
        assert rig.held == rig.shown


@pytest.mark.full
@pytest.mark.parametrize("more", [(), ("--all",)], ids=["behind", "all"])
def test_killed_twenty_times(rig: Rig, tmp_path: Path, more: tuple[str, ...]) -> None:
    (damaged if more else emptied)(rig.url)
    with undisturbed(rig, tmp_path, everything=bool(more)) as expected:
        killed(rig, 20, *more)
        assert ended(start(rig, *more))[0] == 0
        assert whole(rig.url) == expected


class BrokenOffError(Exception):
    pass


def after(number: int) -> Progress:
    def progress(done: int, _total: int) -> None:
        if done >= number:
            raise BrokenOffError

    return progress


@pytest.mark.long
def test_a_run_over_everything_goes_on_where_it_was(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.jobs.reparse.batches.PAGES_AT_ONCE", 3)
    with pytest.raises(BrokenOffError):
        parse_again(rig, everything=True, progress=after(9))
    assert rows.table(rig.url, "runs")[-1]["outcome"] == "failed"
    report = parse_again(rig, everything=True)
    assert (report.resumed, report.looked) == (True, 11)
    report = parse_again(rig, everything=True)
    assert (report.resumed, report.looked) == (False, 20)


@pytest.mark.long
def test_another_wish_begins_anew(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.jobs.reparse.batches.PAGES_AT_ONCE", 3)
    with pytest.raises(BrokenOffError):
        parse_again(rig, everything=True, progress=after(9))
    (day,) = rig.site.days
    report = parse_again(rig, everything=True, since=day)
    assert (report.resumed, report.looked) == (False, 20)


@pytest.mark.long
def test_ctrl_c_says_so_in_the_run(rig: Rig) -> None:
    def interrupt(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        parse_again(rig, everything=True, progress=interrupt)
    assert rows.table(rig.url, "runs")[-1]["error"] == "broken off"
