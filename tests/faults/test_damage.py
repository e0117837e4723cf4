"""Damaged files: a torn end is cut and the rest used, a flipped bit is named and costs one record."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from shutil import copytree

import pytest
from sqlalchemy.exc import DBAPIError

from ingest.archive.archive_file import files
from ingest.archive.check import check
from ingest.archive.recovery import left_open, recovering
from ingest.archive.warc.walk import walk
from tests.archive.warcs import capture, passes_the_check, records, writing
from tests.faults.held import integrity, unreadable
from tests.faults.machine import Killed, Machine
from tests.faults.site import before, past_days
from tests.faults.sizes import sizes
from tests.kit.rig import Rig
from tests.site.server import SiteServer

SEED = 4711
BITS = 8


@pytest.fixture
def site() -> Iterator[SiteServer]:
    with SiteServer(past_days(2, sections=(1, 2))) as site:
        yield site


def left(folder: Path) -> Path:
    """A file of three captures that a killed run left."""
    with suppress(KeyboardInterrupt), writing(folder) as writer:
        for _ in range(3):
            writer.append(capture())
        raise KeyboardInterrupt
    (path,) = left_open(folder, "rantburg")
    return path


@sizes("every", quick=37, full=1, at_once=True)
def test_torn_at_every_byte(every: int, ram_path: Path, figure: Callable[[str, str], None]) -> None:
    whole = left(ram_path / "whole")
    data, ends = whole.read_bytes(), [0, *(record.end for record in walk(whole))]
    wrong = 0
    cuts = range(ends[-2] + 1, len(data), every)
    for size in cuts:
        path = ram_path / "torn" / whole.name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data[:size])
        with recovering(path) as found:
            assert found is not None
            kept = path.stat().st_size
        sealed = path.with_name(found.name)
        wrong += kept != ends[-2] or found.cut != size - kept or not passes_the_check(sealed)
        wrong += len(list(records(sealed))) != len(ends) - 2
        sealed.unlink()
    figure("T63", f"{len(cuts)} torn ends: {wrong} wrong")
    assert wrong == 0


@pytest.mark.long
def test_a_file_that_was_torn_is_adopted_and_the_archive_written_on(site: SiteServer, ram_path: Path) -> None:
    rig = Rig(site, ram_path)
    # Its third capture is in the archive, in part, and the run is over.
    machine = Machine(seed=SEED)
    with machine.at_work():
        rig.backfill(before(2), before(2))
    write = [number for number, name in enumerate(machine.steps) if name == "write"][-1]
    rig = Rig(site, ram_path / "again")
    with pytest.raises(Killed), Machine({write: "kill"}, seed=SEED).at_work():
        rig.backfill(before(2), before(2))
    with Machine().at_work():
        report = rig.backfill(before(2), before(1))
    assert (report.exit_code, report.adopted) == (0, 1)
    assert rig.held == rig.shown
    assert unreadable(rig) == []
    assert all(passes_the_check(file) for file in files(rig.archive))


@sizes("flips", quick=20, full=400, at_once=True)
def test_a_flipped_bit_in_the_archive_is_named(
    flips: int, site: SiteServer, ram_path: Path, figure: Callable[[str, str], None]
) -> None:
    rig = Rig(site, ram_path)
    rig.backfill(before(2), before(1))
    (path,) = files(rig.archive)
    data, chance = path.read_bytes(), random.Random(SEED)
    found = most = 0
    for _ in range(flips):
        path.write_bytes(flipped(data, chance))
        found += bool(check(path).findings)
        most = max(most, len(unreadable(rig)))
    path.write_bytes(data)
    figure("T64", f"{found} of {flips} flipped bits of the archive found, at most {most} capture unreadable")
    # A gzip header has bits that mean nothing: its time, its system.
    assert found >= flips * 0.97
    assert most <= 1
    assert check(path).findings == ()


def flipped(data: bytes, chance: random.Random) -> bytes:
    """The same with one bit changed."""
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << chance.randrange(BITS)]) + data[place + 1 :]


@pytest.mark.long
@sizes("flips", quick=100, full=300, at_once=True)
def test_a_flipped_bit_in_the_database_is_named(
    flips: int, site: SiteServer, ram_path: Path, figure: Callable[[str, str], None]
) -> None:
    rig = Rig(site, ram_path / "whole")
    rig.backfill(before(2), before(1))
    data, chance = Path(rig.url).read_bytes(), random.Random(SEED)
    shown = {"structure": 0, "rows": 0, "neither": 0}
    copytree(ram_path / "whole", ram_path / "flipped")
    again = Rig(site, ram_path / "flipped")
    expected = rig.held
    for _ in range(flips):
        Path(again.url).write_bytes(flipped(data, chance))
        shown[seen(again, expected)] += 1
    figure(
        "T64",
        f"of {flips} flipped bits of the database SQLite's own check names {shown['structure']}, "
        f"{shown['rows']} change what is held unseen, {shown['neither']} lie where nothing is",
    )
    assert shown["structure"] > 0


def seen(rig: Rig, expected: list[dict[str, object]]) -> str:
    """Where a flip shows."""
    try:
        if integrity(rig) != "ok":
            return "structure"
        held = rig.held
    except (sqlite3.DatabaseError, DBAPIError, UnicodeDecodeError, ValueError):
        return "structure"
    return "neither" if held == expected else "rows"
