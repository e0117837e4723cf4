"""Four backfills, a harvest and a watch on one database and archive, killed together or left to end."""

import os
import random
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.archive.archive_file import files
from ingest.archive.check import check, final_name
from ingest.clock import SystemClock
from ingest.store import Store
from tests.faults.children import backfill_words, thresher
from tests.faults.held import ALL_WELL, broken, reckoned
from tests.faults.site import SECTIONS, WatchedSite, before, past_days
from tests.faults.sizes import sizes
from tests.kit.child import Child, ended, kill
from tests.kit.rig import Rig
from tests.kit.waiting import until

SEED = 4711
DAYS = 6
STEP = 2
"""Days by which the window moves with each round: later rounds have as much to do as the first."""
BACKFILLS = 4
HELD = "another run holds rantburg"
HOURLY = '[[schedule]]\nid = "hourly"\nkind = "harvest"\nevery = "1h"\nrecent = 1\n'
CONFIG = '[sources.rantburg]\nbase_url = "{url}"\ndelay = 0.0\n'


class Together:
    """All the processes of one database, and the sizes that its sealed files had."""

    def __init__(self, rig: Rig, folder: Path) -> None:
        self.rig = rig
        self._config = folder / "thresher.toml"
        self._config.write_text(CONFIG.format(url=rig.site.url))
        (folder / "schedules").mkdir()
        (folder / "schedules" / "rantburg.toml").write_text(HOURLY)
        self._sealed: dict[str, int] = {}
        self.wrong: list[str] = []

    def begin(self, turn: int, *, watch: bool) -> list[Child]:
        """A harvest and the backfills, and with ``watch`` the scheduler, for which a harvest is due."""
        rig = self.rig
        base = ["--base-url", rig.site.url, "--delay", "0"]
        newest = before(1 + STEP * turn)
        commands = [backfill_words(rig, before(DAYS + STEP * turn), newest)] * BACKFILLS
        commands.append(["harvest", "rantburg", "--date", newest.isoformat(), "--full", *base])
        if watch:
            with Store.open(rig.url) as store:
                missed = SystemClock().now() - timedelta(minutes=90)
                store.claims.skip("rantburg/hourly", "rantburg", [missed])
            commands.append(["--config", str(self._config), "watch"])
        return [thresher(rig, *words) for words in commands]

    def end(self, child: Child) -> None:
        """Wait for it, and note what is wrong with how it ended."""
        code, _, err = ended(child, within=300)
        if "Traceback" in err or code not in {0, 1, 3} or (code == 3 and HELD not in err):
            self.wrong.append(f"exit code {code}: {err[-500:]}")

    def look(self) -> None:
        """Note what is wrong with the sealed files: each keeps its name and its size."""
        sizes = {path.name: path.stat().st_size for path in self.rig.archive.glob("*.warc.gz")}
        for name, size in self._sealed.items():
            if sizes.get(name) != size:
                self.wrong.append(f"{name} had {size} bytes and has {sizes.get(name)}")
        self._sealed |= sizes

    def records_without_a_row(self) -> int:
        with Store.open(self.rig.url) as store:
            checked = [
                check(path, store.captures.offsets_in(final_name(path))) for path in files(self.rig.archive)
            ]
        self.wrong += [str(finding) for one in checked for finding in one.findings]
        return sum(one.unindexed for one in checked)


@sizes("kills", quick=2, full=100, seconds=3600)
def test_killed_and_begun_again_together(
    kills: int, tmp_path: Path, figure: Callable[[str, str], None]
) -> None:
    chance = random.Random(SEED)
    with WatchedSite(past_days(DAYS + STEP * kills), pause=0.02) as site:
        rig = Rig(site, tmp_path)
        Store.open(rig.url).close()
        together = Together(rig, tmp_path)
        for turn in range(kills):
            children = together.begin(turn, watch=True)
            asked = len(site.requests)
            pages = chance.randrange(8)
            until(lambda: len(site.requests) > asked + pages, within=120)  # noqa: B023
            time.sleep(chance.uniform(0, 0.5))
            for child in chance.sample(children, len(children)):
                if child.poll() is None:
                    kill(child)
                else:
                    together.end(child)
            together.look()
        for child in together.begin(kills, watch=False):
            together.end(child)
        together.end(thresher(rig, *backfill_words(rig, before(DAYS + STEP * kills), before(1))))
        together.look()
        without, found = together.records_without_a_row(), reckoned(rig)
        figure("T79", f"{kills} times 6 processes killed: {found}, {without} records without a row")
        assert together.wrong == []
        assert without == 0
        assert found == ALL_WELL
        assert list(broken(rig)) == []


@sizes("rounds", quick=2, full=100, seconds=3600)
def test_left_to_end_beside_one_another(
    rounds: int, tmp_path: Path, figure: Callable[[str, str], None]
) -> None:
    with WatchedSite(past_days(DAYS + STEP * (rounds - 1))) as site:
        rig = Rig(site, tmp_path)
        Store.open(rig.url).close()
        together = Together(rig, tmp_path)
        for turn in range(rounds):
            asked = len(site.pages_asked)
            for child in together.begin(turn, watch=False):
                together.end(child)
            together.look()
            fresh = STEP if turn else DAYS
            assert len(site.pages_asked) >= asked + fresh * len(SECTIONS)
        without, found = together.records_without_a_row(), reckoned(rig)
        figure("T79", f"{rounds * 5} runs beside one another: {found}, {without} records without a row")
        assert together.wrong == []
        assert without == 0
        assert found == ALL_WELL
        assert list(broken(rig)) == []
        assert not list(rig.archive.glob("*.open"))


@pytest.mark.long
def test_a_watch_that_is_told_to_stop_leaves_no_open_file(tmp_path: Path) -> None:
    with WatchedSite(past_days(1)) as site:
        rig = Rig(site, tmp_path)
        Store.open(rig.url).close()
        together = Together(rig, tmp_path)
        *others, watch = together.begin(0, watch=True)
        for child in others:
            together.end(child)
        os.killpg(watch.pid, signal.SIGTERM)
        together.end(watch)
        assert together.wrong == []
        assert not list(rig.archive.glob("*.open"))
