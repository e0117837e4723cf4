"""A backup is whole at every moment, holds what the original held, and copies once what does not change."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.store import Store
from tests.bench.make_archive import make
from tests.cli.conftest import Call
from tests.jobs.rebuild.lost import kept
from tests.kit import child, rows
from tests.kit.rig import DAY, Rig
from tests.site.server import SiteServer

OUT = "backup"


@pytest.fixture
def original(tmp_path: Path) -> Path:
    """A database of six captures that nobody has parsed, and its archive."""
    make(tmp_path, 6, comments=5)
    return tmp_path


def warc_of(folder: Path) -> Path:
    (path,) = (folder / "archive").glob("*.warc.gz")
    return path


def test_a_later_run_copies_what_is_new(original: Path, call: Call) -> None:
    first = call("backup", "--out", original / OUT, "--json")
    assert (first.code, first.json["copied"]) == (0, [warc_of(original).name])
    assert kept(str(original / OUT / "thresher.sqlite3")) == kept(str(original / "held.sqlite3"))
    again = call("backup", "--out", original / OUT, "--verify", "--json")
    assert (again.code, again.json["copied"], again.json["captures"]) == (0, [], 6)
    for path in (original / OUT).rglob("*"):
        assert path.is_dir() or path.name == "backup.lock" or path.stat().st_mode & 0o777 == 0o600


def test_an_open_file_is_copied_up_to_its_last_whole_record(original: Path, call: Call) -> None:
    path = warc_of(original)
    whole = path.stat().st_size
    path = path.rename(path.with_name(path.name + ".open"))
    with path.open("ab") as file:
        file.write(b"\x1f\x8b torn")
    assert call("backup", "--out", original / OUT).code == 0
    assert (original / OUT / "archive" / path.name).stat().st_size == whole
    path.rename(warc_of_name(path))
    assert call("backup", "--out", original / OUT).code == 0
    assert [one.name for one in (original / OUT / "archive").iterdir()] == [warc_of_name(path).name]


def warc_of_name(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(".open"))


def test_what_the_archive_lost_stays_and_is_named(original: Path, call: Call) -> None:
    shutil.copy(warc_of(original), original / "archive" / "THRESHER-theirs.warc.gz")
    assert call("backup", "--out", original / OUT).code == 0
    (original / "archive" / "THRESHER-theirs.warc.gz").unlink()
    said = call("backup", "--out", original / OUT, "--json")
    assert (said.code, said.json["only_here"]) == (1, ["THRESHER-theirs.warc.gz"])
    assert (original / OUT / "archive" / "THRESHER-theirs.warc.gz").exists()


def test_a_capture_without_its_record_leaves_the_backup_before(original: Path, call: Call) -> None:
    assert call("backup", "--out", original / OUT).code == 0
    before = (original / OUT / "thresher.sqlite3").read_bytes()
    rows.execute(
        str(original / "held.sqlite3"), "UPDATE captures SET warc_offset = warc_offset + 1 WHERE id = 1"
    )
    said = call("backup", "--out", original / OUT)
    assert (said.code, "no record begins" in said.err) == (3, True)
    warc_of(original).unlink()
    said = call("backup", "--out", original / OUT)
    assert (said.code, "is gone" in said.err) == (3, True)
    assert (original / OUT / "thresher.sqlite3").read_bytes() == before


def test_damage_of_the_copy_is_found(original: Path, call: Call) -> None:
    assert call("backup", "--out", original / OUT).code == 0
    copy = original / OUT / "archive" / warc_of(original).name
    data = bytearray(copy.read_bytes())
    data[1000] ^= 1
    copy.write_bytes(data)
    said = call("backup", "--out", original / OUT, "--verify", "--json")
    assert (said.code, said.json["wrong"][0].endswith("its bytes are not those that were copied")) == (
        1,
        True,
    )


@pytest.mark.long
def test_what_was_redacted_goes(site: SiteServer, tmp_path: Path, call: Call) -> None:
    rig = Rig.ready(site, tmp_path)
    rig.harvest(DAY)
    assert call("backup", "--out", tmp_path / OUT).code == 0
    old = warc_of(tmp_path)
    assert call("archive", "redact", "1", "--reason", "asked").code == 0
    said = call("backup", "--out", tmp_path / OUT, "--verify", "--json")
    assert (said.code, said.json["removed"]) == (0, [old.name])
    assert warc_of(tmp_path / OUT).name == warc_of(tmp_path).name


@pytest.mark.long
def test_of_postgresql(
    site: SiteServer, tmp_path: Path, call: Call, new_postgresql: Callable[[], str]
) -> None:
    rig = Rig(site, tmp_path, new_postgresql())
    rig.harvest(DAY)
    said = call("--database", rig.url, "backup", "--out", tmp_path / OUT, "--verify", "--json")
    assert (said.code, said.json["captures"]) == (0, len(rig.captures()))
    assert kept(str(tmp_path / OUT / "thresher.sqlite3")) == kept(rig.url)


SLOWLY = """
import sys, time
import ingest.cli.main
from ingest.archive import mirror
copy = mirror._copy
def slowly(*arguments):
    print("copying", flush=True)
    time.sleep(60)
mirror._copy = slowly
ingest.cli.main.main()
"""


@pytest.mark.long
def test_while_a_harvest_runs_killed_and_run_again(site: SiteServer, tmp_path: Path, call: Call) -> None:
    rig = Rig.ready(site, tmp_path)
    rig.harvest(DAY)
    where = ["--database", rig.url, "--archive", str(rig.archive)]
    for _ in range(2):
        harvest = child.start(rig, "--full")
        while harvest.poll() is None:
            assert call("backup", "--out", tmp_path / OUT, "--verify").code == 0
        child.ended(harvest)
        child.ended(child.start(rig, "--full"))
        backup = child.program(SLOWLY, tmp_path, *where, "backup", "--out", tmp_path / OUT)
        assert backup.stdout is not None
        assert backup.stdout.readline() == "copying\n"
        child.kill(backup)
        with Store.read(str(tmp_path / OUT / "thresher.sqlite3")) as store:
            assert store.captures.counted().captures >= 6
    assert call("backup", "--out", tmp_path / OUT, "--verify").code == 0
    assert kept(str(tmp_path / OUT / "thresher.sqlite3")) == kept(rig.url)
