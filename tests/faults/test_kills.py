"""kill -9 again and again while a backfill is at work: nothing lost, nothing doubled, little asked twice."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.faults.children import backfill_words, thresher
from tests.faults.held import ALL_WELL, broken, reckoned
from tests.faults.site import SECTIONS, WatchedSite, before, past_days
from tests.faults.sizes import sizes
from tests.kit import rows
from tests.kit.child import Child, ended, kill
from tests.kit.rig import Rig
from tests.kit.waiting import until

SEED = 4711
PAUSE = 0.02


def killed_at_random(child: Child, site: WatchedSite, chance: random.Random) -> bool:
    """Whether it was still at work when it was killed."""
    if chance.random() < 0.2:
        time.sleep(chance.uniform(0, 1.5))  # while it starts, or recovers
    else:
        asked = len(site.requests)
        pages = chance.randrange(5)
        until(lambda: len(site.requests) > asked + pages or child.poll() is not None)
        time.sleep(chance.uniform(0, 3 * PAUSE))
    if child.poll() is not None:
        return False
    if chance.random() < 0.5:
        kill(child)
    else:
        # The worker outlives its parent for a moment: it must not matter.
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
    return True


@sizes("kills", quick=4, full=50)
def test_killed_during_a_backfill(kills: int, tmp_path: Path, figure: Callable[[str, str], None]) -> None:
    days = past_days(max(4, kills))
    chance = random.Random(SEED)
    with WatchedSite(days, pause=PAUSE) as site:
        rig = Rig(site, tmp_path)
        words = backfill_words(rig, before(len(days)), before(1))
        at_work = 0
        for number in range(kills):
            at_work += killed_at_random(thresher(rig, *words), site, chance)
            if number % 10 == 9:
                assert list(broken(rig)) == []
        code, _, err = ended(thresher(rig, *words), within=300)
        assert code == 0, err
        found = reckoned(rig)
        pages, asked = len(days) * len(SECTIONS), site.pages_asked
        of_each = Counter(row["url"] for row in rig.captures())
        again = [capture for capture, count in of_each.items() if count > 1]
        figure(
            "T59",
            f"{at_work} kills: {found}; {len(asked)} page requests for {pages} pages, "
            f"{len(again)} pages kept twice",
        )
        assert at_work == kills
        assert found == ALL_WELL
        assert rig.held == rig.shown
        assert list(broken(rig)) == []
        assert len(asked) <= pages + kills
        assert again == []
        assert rows.versions(rig.url) == []
        assert len(rig.captures()) == pages


@sizes("kills", quick=2, full=20)
def test_killed_beside_another(kills: int, tmp_path: Path, figure: Callable[[str, str], None]) -> None:
    days = past_days(max(3, kills))
    chance = random.Random(SEED)
    with WatchedSite(days, pause=PAUSE) as site:
        rig = Rig(site, tmp_path)
        words = backfill_words(rig, before(len(days)), before(1))
        beside = thresher(rig, *words)
        at_work = 0
        for _ in range(kills):
            child, beside = beside, thresher(rig, *words)
            until(lambda: site.arrived > 0)
            at_work += killed_at_random(child, site, chance)
        ended(beside, within=300)
        code, _, err = ended(thresher(rig, *words), within=300)
        assert code == 0, err
        found, pages = reckoned(rig), len(days) * len(SECTIONS)
        figure(
            "T59",
            f"with a second process at work, {at_work} kills: {found}; "
            f"{len(site.pages_asked)} page requests for {pages} pages",
        )
        assert found == ALL_WELL
        assert rig.held == rig.shown
        assert list(broken(rig)) == []
        assert len(site.pages_asked) <= pages + kills
