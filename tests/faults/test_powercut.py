"""The power fails at any moment of a backfill: what was acknowledged is there, the rest is fetched again."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

import pytest

from ingest.records.outcome import Outcome
from ingest.store import Store
from tests.faults.held import ALL_WELL, broken, integrity, reckoned
from tests.faults.machine import Machine
from tests.faults.powercut import DATABASE, SHIPPED, Disk, Log, replayed
from tests.faults.recorder import Acknowledged, Recorder
from tests.faults.site import before, past_days
from tests.faults.sizes import sizes
from tests.kit import rows
from tests.kit.rig import Rig
from tests.site.server import SiteServer

SEED = 4711
SECTIONS = (1, 2, 4)
DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A backfill in two runs: the database before it, and the log of both."""

    site: SiteServer
    database: bytes
    recorder: Recorder
    folder: Path


@pytest.fixture
def recorded(ram_path: Path) -> Iterator[Recorded]:
    with SiteServer(past_days(DAYS, sections=SECTIONS)) as site:
        rig = Rig(site, ram_path / "true")
        Store.open(rig.url).close()
        database = Path(rig.url).read_bytes()
        recorder = Recorder()
        for newest, oldest in ((1, 2), (3, DAYS)):
            with Machine().at_work(), recorder.listening():
                rig.backfill(before(oldest), before(newest), on_outcome=acknowledged(recorder))
        assert rig.held == rig.shown
        yield Recorded(site=site, database=database, recorder=recorder, folder=ram_path)


def acknowledged(recorder: Recorder) -> Callable[[Outcome], None]:
    return lambda outcome: recorder.events.append(Acknowledged(url=outcome.url))


def cut_at(recorded: Recorded, log: Log, moment: int, chance: random.Random) -> tuple[Rig, list[str]]:
    """A machine that lost its power there, with the pages that it had acknowledged."""
    folder = recorded.folder / "cut"
    rmtree(folder, ignore_errors=True)
    disk = Disk(recorded.database)
    acknowledged = []
    for op in log[:moment]:
        if isinstance(op, Acknowledged):
            acknowledged.append(op.url)
        else:
            disk.play(op)
    disk.cut(chance, folder)
    rig = Rig(recorded.site, folder)
    rig.clock.advance(2 * 86400)
    return rig, acknowledged


def lost(rig: Rig, acknowledged: Sequence[str]) -> list[str]:
    """The acknowledged pages that have no capture, or not the rows."""
    kept = {row["url"] for row in rig.captures()}
    held = {row["external_id"] for row in rig.held}
    missing = {(row["date"], row["section"]) for row in rig.shown if row["external_id"] not in held}
    urls = {f"D={date[5:7]}/{date[8:]}/{date[:4]}&HC={section}&" for date, section in missing}
    return [url for url in acknowledged if url not in kept or any(one in url for one in urls)]


@pytest.mark.long
def test_a_replay_ends_with_what_the_store_holds(recorded: Recorded) -> None:
    log = replayed(recorded.recorder.events, recorded.database)
    rig, acknowledged = cut_at(recorded, log, len(log), random.Random(SEED))
    assert rows.digest(rig.url) == rows.digest(str(recorded.folder / "true" / DATABASE))
    assert len(acknowledged) == DAYS * len(SECTIONS)
    assert list(broken(rig)) == []


@sizes("cuts", quick=15, full=500, seconds=3000)
def test_the_power_fails(cuts: int, recorded: Recorded, figure: Callable[[str, str], None]) -> None:
    log = replayed(recorded.recorder.events, recorded.database)
    chance = random.Random(SEED)
    wrong: dict[str, list[str]] = {"lost": [], "corrupt": [], "dangling": [], "not mended": []}
    adopted = again = 0
    for _ in range(cuts):
        moment = chance.randrange(len(log) + 1)
        rig, acknowledged = cut_at(recorded, log, moment, chance)
        if integrity(rig) != "ok":
            wrong["corrupt"].append(f"at {moment}: {integrity(rig)}")
            continue
        wrong["lost"] += [f"at {moment}: {url}" for url in lost(rig, acknowledged)]
        wrong["dangling"] += [f"at {moment}: {words}" for words in broken(rig)]
        asked = len(rig.site.pages_asked)
        with Machine().at_work():
            report = rig.backfill(before(DAYS), before(1))
        adopted += report.adopted
        again += max(0, len(rig.site.pages_asked) - asked - (DAYS * len(SECTIONS) - len(acknowledged)))
        if report.exit_code or reckoned(rig) != ALL_WELL or rig.held != rig.shown or list(broken(rig)):
            wrong["not mended"].append(f"at {moment}: {report.exit_code} {reckoned(rig)} {list(broken(rig))}")
    told = ", ".join(f"{name} {len(found)}" for name, found in wrong.items())
    figure("T61", f"{cuts} power cuts in a log of {len(log)} calls: {told}")
    figure(
        "T62",
        f"dangling {len(wrong['dangling'])}; {adopted} captures adopted, {again} pages asked for again",
    )
    print(*(f"{name}: {words}" for name, found in wrong.items() for words in found), sep="\n")
    assert not any(wrong.values())


@pytest.mark.long
@pytest.mark.parametrize("weaker", ["NORMAL", "OFF"])
def test_the_harness_sees_weaker_promises(weaker: str, recorded: Recorded) -> None:
    pragmas = [pragma.replace("FULL", weaker) for pragma in SHIPPED]
    log = replayed(recorded.recorder.events, recorded.database, pragmas)
    chance = random.Random(SEED)
    for _ in range(100):
        rig, acknowledged = cut_at(recorded, log, chance.randrange(len(log) + 1), chance)
        if integrity(rig) != "ok" or lost(rig, acknowledged):
            return
    raise AssertionError("nothing was lost")
