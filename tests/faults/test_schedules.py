"""Everything at once, by seed: network, disk, kills, a clock that jumps. One seed is one schedule."""

import random
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ingest.errors import CouldNotRun
from ingest.records.backfill_report import BackfillReport
from ingest.store import Store
from tests.faults.held import ALL_WELL, broken, claimed_in_vain, reckoned
from tests.faults.machine import Killed, Machine, Step, Trouble
from tests.faults.site import before, past_days
from tests.faults.sizes import sizes
from tests.kit.fakes import FakeClock
from tests.kit.rig import NOON, Rig
from tests.site.faults import Fault, cut_body, cut_gzip, instead, redirect, too_many, unavailable
from tests.site.server import SiteServer

DAYS = 2
SECTIONS = (1, 2, 4)
STEPS = 420
"""About as many as a whole run takes."""
FILE_STEPS = ("write", "fsync", "rename", "ftruncate", "parse")
JUMPS = (-86400, -3600, -60, 60, 3600, 86400)


class JumpingClock(FakeClock):
    """A clock whose wall time is set forward and back; what runs on its monotonic time does not notice."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self.set_by = timedelta()

    def now(self) -> datetime:
        return super().now() + self.set_by


def network_faults(chance: random.Random) -> list[Fault]:
    """Up to three at a time, on any page or on robots.txt."""
    path = chance.choice(
        ["HC=", f"HC={chance.choice(SECTIONS)}", f"D={before(chance.randint(1, DAYS)):%m/%d/%Y}"]
    )
    times = chance.choice([1, 2, 6, None])
    kinds = [
        unavailable(path, strikes=chance.randint(1, 3), every=3, times=times),
        too_many(path, retry_after=chance.choice(["2", "120", "soon"]), times=times or 4),
        cut_body(path, times=times),
        cut_gzip(path, times=times),
        redirect(
            path, to=chance.choice(["/elsewhere", "http://127.0.0.2/", "/?D=01/01/2018&HC=1"]), times=times
        ),
        instead(path, body=b"<p>Please log in</p>", times=times),
        instead(path, body=b"", status=chance.choice([404, 500, 410, 204]), times=times),
        Fault(path="robots", status=503, times=times or 3),
    ]
    return chance.sample(kinds, chance.randint(0, 3))


@dataclass(slots=True)
class Schedule:
    """What one seed did: faults met, runs, and what was wrong after any of them."""

    seed: int
    met: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    wrong: list[str] = field(default_factory=list)


def played(seed: int, folder: Path, site: SiteServer) -> Schedule:
    """A few troubled runs, then the faults are over and the rest is fetched."""
    chance, schedule = random.Random(seed), Schedule(seed)
    rig = Rig(site, folder)
    clock = rig.clock = JumpingClock(NOON + timedelta(days=10))  # the days are over, however it jumps
    for _ in range(chance.randint(1, 4)):
        clock.set_by += timedelta(seconds=chance.choice(JUMPS)) if chance.random() < 0.3 else timedelta()
        site.faults = network_faults(chance)
        _troubled(rig, _trouble(chance), schedule, chance)
    site.faults = []
    clock.set_by = timedelta()
    for _ in range(3):
        clock.advance(40 * 86400)
        with Machine().at_work():
            report = rig.backfill(before(DAYS), before(1))
        if report.exit_code == 0:
            break
    found = reckoned(rig)
    schedule.wrong += [] if report.exit_code == 0 else [f"at the end the exit code is {report.exit_code}"]
    schedule.wrong += [] if found == ALL_WELL and rig.held == rig.shown else [f"at the end: {found}"]
    schedule.wrong += list(broken(rig))
    return schedule


def _trouble(chance: random.Random) -> dict[Step, Trouble]:
    """Up to three, each at any step or at one that concerns the archive's file."""
    kinds: list[Trouble] = ["kill", "full", "eio"]
    return {
        (chance.choice(FILE_STEPS), chance.randrange(9))
        if chance.random() < 0.4
        else chance.randrange(STEPS): (chance.choice(kinds))
        for _ in range(chance.randint(0, 3))
    }


def _troubled(rig: Rig, trouble: dict[Step, Trouble], schedule: Schedule, chance: random.Random) -> None:
    machine = Machine(trouble, seed=schedule.seed)
    schedule.runs += 1
    report = None
    try:
        with machine.at_work():
            if chance.random() < 0.2:
                rig.harvest(before(1), before(2))
            else:
                report = rig.backfill(before(DAYS), before(1))
    except (Killed, CouldNotRun):
        pass
    except Exception:  # noqa: BLE001 - it is what is looked for
        # A dead machine's last words are nobody's.
        schedule.wrong += [] if machine.dead else [traceback.format_exc()]
    schedule.met.update(machine.met)
    schedule.met.update(f"network {fault.status} {fault.cut}".strip() for fault in rig.site.faults)
    if Path(rig.url).exists():
        Store.open(rig.url).close()  # the first run may have died before it had made its tables
        schedule.wrong += [f"after run {schedule.runs}: {words}" for words in broken(rig)]
        schedule.wrong += _untold(rig, report) if report is not None else []


def _untold(rig: Rig, report: BackfillReport) -> list[str]:
    """A run that says all is well has all; one that does not names what is missing in the ledger."""
    missing = {row["external_id"] for row in rig.shown} - {row["external_id"] for row in rig.held}
    if report.exit_code == 0 and (missing or rig.held != rig.shown):
        return [f"exit code 0, and {len(missing)} articles are missing"]
    if missing and report.exit_code not in {1, 3}:
        return [f"exit code {report.exit_code} with {len(missing)} articles missing"]
    return [f"{page} is missing and not named" for page in claimed_in_vain(rig)]


@sizes("seeds", quick=range(10), full=range(500), seconds=3600)
def test_seeded_schedules(
    seeds: range, ram_path: Path, figure: Callable[[str, str], None], caplog: pytest.LogCaptureFixture
) -> None:
    failing: dict[int, list[str]] = {}
    met: Counter[str] = Counter()
    runs = 0
    with SiteServer(past_days(DAYS, sections=SECTIONS)) as site:
        for seed in seeds:
            folder = ram_path / str(seed)
            folder.mkdir()
            schedule = played(seed, folder, site)
            runs += schedule.runs
            met += schedule.met
            caplog.clear()
            site.requests.clear()
            if schedule.wrong:
                failing[seed] = schedule.wrong
    kinds = sum(count for name, count in met.items() if name.startswith("kill"))
    figure(
        "T78",
        f"{len(seeds)} schedules, {runs} troubled runs, {kinds} kills, {met.total()} faults in all: "
        f"{len(failing)} seeds fail",
    )
    for seed, words in failing.items():
        print(seed, *words, sep="\n  ")
    assert failing == {}
