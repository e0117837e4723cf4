"""One page, broken off or denied its disk at each of its steps in turn: before or after, never between."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree

import pytest

from ingest.errors import CouldNotRun
from tests.faults.held import ALL_WELL, broken, reckoned
from tests.faults.machine import Killed, Machine, Trouble, steps_of
from tests.faults.site import before, past_days
from tests.faults.sizes import sizes
from tests.kit.marks import long
from tests.kit.rig import Rig
from tests.site.server import SiteServer

SECTIONS = (1, 2)
MOST = 3
"""A page that was not archived when the run broke off is asked for once more, and the first page again."""

OF_THE_DISK = {"write", "fsync", "rename", "sql COMMIT"}
AGAIN = {"write", "fsync"}
"""What nobody does to a file whose sync has failed: what of it is on disk is not known."""


@pytest.fixture
def site() -> Iterator[SiteServer]:
    with SiteServer(past_days(2, sections=SECTIONS)) as site:
        yield site


def later(site: SiteServer, folder: Path) -> Rig:
    """The same database and archive, a day later."""
    rig = Rig(site, folder)
    rig.clock.advance(86400)
    return rig


def begun(site: SiteServer, folder: Path) -> Rig:
    """A day is done, another is to come."""
    rig = Rig(site, folder)
    rig.backfill(before(2), before(2))
    return rig


@pytest.mark.long
@sizes("which", quick="one of each kind", full="all", seconds=1800, at_once=True)
@pytest.mark.parametrize("trouble", [*long("kill", "eio"), "full"])
def test_a_page_is_there_or_not(
    trouble: Trouble, which: str, site: SiteServer, ram_path: Path, figure: Callable[[str, str], None]
) -> None:
    begun(site, ram_path / "begun")
    copytree(ram_path / "begun", ram_path / "whole")
    steps = steps_of(later(site, ram_path / "whole"), before(1))
    met: Counter[str] = Counter()
    wrong: list[str] = []
    for step in chosen(steps, which, trouble):
        folder = ram_path / f"step-{step}"
        copytree(ram_path / "begun", folder)
        machine = Machine({step: trouble}, seed=step)
        met.update([steps[step]])
        wrong += [f"{step} {steps[step]}: {words}" for words in broken_off(later(site, folder), machine)]
    figure(
        "T60" if trouble == "kill" else "T66" if trouble == "eio" else "T65",
        f"{trouble} at {met.total()} of {len(steps)} steps: {len(wrong)} went wrong",
    )
    print(dict(met), *wrong, sep="\n")
    assert wrong == []


def chosen(steps: list[str], which: str, trouble: Trouble) -> list[int]:
    """All of them; or the last of each name, and for a disk in trouble only its own."""
    if which == "all":
        return list(range(len(steps)))
    last = {name: number for number, name in enumerate(steps) if trouble == "kill" or name in OF_THE_DISK}
    return sorted(last.values())


def broken_off(rig: Rig, machine: Machine) -> Iterator[str]:
    """What is wrong after the trouble, and after the next run."""
    asked = len(rig.site.pages_asked)
    before_it = rig.held
    try:
        with machine.at_work():
            report = rig.backfill(before(1), before(1))
        if report.exit_code == 0 and rig.held != rig.shown:
            yield "all is well, it said"
    except (Killed, CouldNotRun):
        pass
    (step,) = machine.trouble
    if step < len(machine.steps) and machine.steps[step] == "fsync" and AGAIN & {*machine.steps[step + 1 :]}:
        yield "it wrote on after a sync that failed"
    yield from broken(rig)
    known = {row["external_id"] for row in before_it}
    if not known <= {row["external_id"] for row in rig.held}:
        yield "what was there is gone"
    if any(row not in rig.shown for row in rig.held):
        yield "a page is there in part"
    rig.clock.advance(40 * 86400)
    with Machine().at_work():
        report = rig.backfill(before(2), before(1))
    if (report.exit_code, reckoned(rig)) != (0, ALL_WELL) or rig.held != rig.shown:
        yield f"the next run ended with {report.exit_code}: {reckoned(rig)}"
    if len(rig.site.pages_asked) - asked > MOST:
        yield f"{len(rig.site.pages_asked) - asked} pages were asked for"
