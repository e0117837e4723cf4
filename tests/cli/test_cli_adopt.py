"""``thresher archive adopt``: a database that is older than its archive, or lost."""

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.kit import rows
from tests.kit.marks import long
from tests.kit.rig import DAY, Rig
from tests.site.faults import instead
from tests.site.model import edit_comment
from tests.site.pieces import Text
from tests.site.server import SiteServer

PLACE = ("warc_file", "warc_offset", "warc_length", "record_id")
SAME = (*PLACE, "url", "captured_at", "digest", "payload_sha1", "kind", "parser")


@pytest.fixture
def rig(site: SiteServer, tmp_path: Path) -> Rig:
    """The same database and archive that ``call`` uses."""
    return Rig(site, tmp_path)


def places(rig: Rig) -> list[tuple[object, ...]]:
    found = ((*(row[name] for name in SAME), row["refers_to"] is not None) for row in rig.captures())
    return sorted(found, key=str)


def without_rows(rig: Rig, where: str) -> int:
    """As if a run had been stopped when these captures were on disk and not yet read; how many."""
    before = len(rig.captures())
    gone = f"SELECT id FROM captures WHERE {where}"
    rows.execute(rig.url, f"UPDATE pages SET capture_id = NULL WHERE capture_id IN ({gone})")
    rows.execute(rig.url, f"DELETE FROM quarantine WHERE capture_id IN ({gone})")
    rows.execute(rig.url, f"DELETE FROM captures WHERE {where}")
    return before - len(rig.captures())


def edited(rig: Rig, words: str) -> None:
    one = rig.site.days[DAY].articles[0]
    rig.site.change(
        DAY, lambda day: edit_comment(day, one.external_id, one.comments[0].external_id, (Text(words),))
    )
    rig.harvest(DAY, full=True)


def lost(rig: Rig) -> None:
    for end in ("", "-wal", "-shm"):
        Path(rig.url + end).unlink(missing_ok=True)


@pytest.mark.long
def test_a_lost_database_is_had_again(rig: Rig, call: Call, site: SiteServer) -> None:
    site.volatile = False
    rig.harvest(DAY)
    edited(rig, "words of the second visit")
    edited(rig, "words of the third visit")
    held, versions, before = rig.held, rows.versions(rig.url), places(rig)
    assert len(versions) == 2
    assert any(revisit for *_, revisit in before)
    lost(rig)
    called = call("archive", "verify", "--json")
    assert called.code == 1
    assert sum(one["without_row"] for one in called.json["findings"]) == len(before)
    assert f", 0 captures, {len(before)} without a row, 3 findings" in call("archive", "verify").out
    (told,) = call("archive", "adopt", "--json").json["sources"]
    assert (told["source"], told["adopted"], told["unread"], told["known"]) == ("rantburg", len(before), 0, 0)
    assert (rig.held, rows.versions(rig.url), places(rig)) == (held, versions, before)
    assert call("archive", "verify").code == 0
    assert rows.table(rig.url, "runs")[-1]["command"] == "archive adopt"
    whole = rows.digest(rig.url)
    called = call("archive", "adopt")
    assert (called.code, len(rows.table(rig.url, "runs"))) == (0, 1)
    assert rows.digest(rig.url) == whole


@pytest.mark.long
def test_an_older_database_gets_what_the_archive_has_more(rig: Rig, call: Call, tmp_path: Path) -> None:
    rig.harvest(DAY)
    kept = tmp_path / "kept"
    shutil.copy(rig.url, kept)
    edited(rig, "words of the second visit")
    held, versions, before = rig.held, rows.versions(rig.url), places(rig)
    lost(rig)
    shutil.copy(kept, rig.url)
    (one,) = call("archive", "verify", "--json").json["findings"]
    assert (one["without_row"], "archive adopt loads them" in one["reason"]) == (5, True)
    (told,) = call("archive", "adopt", "rantburg", "--json").json["sources"]
    assert told["adopted"] == 5
    assert (rig.held, rows.versions(rig.url), places(rig)) == (held, versions, before)


@pytest.mark.long
@pytest.mark.parametrize("where", [*long("id = 1", "id = 3", "id = 5", "id IN (1, 5)"), "id IN (2, 3)"])
def test_a_capture_in_a_sealed_file_that_nobody_read(rig: Rig, call: Call, where: str) -> None:
    rig.harvest(DAY)
    before = places(rig)
    number = without_rows(rig, where)
    (one,) = call("archive", "verify", "--json").json["findings"]
    assert one["without_row"] == number
    assert one["offset"] == min(place[1] for place in set(before) - set(places(rig)))
    assert call("archive", "adopt", "--json").json["sources"][0]["adopted"] == number
    assert places(rig) == before


def test_what_is_no_page_has_its_row_and_its_reason(rig: Rig, call: Call, site: SiteServer) -> None:
    site.faults = [instead("HC=6", body=b"<p>Gone fishing</p>")]
    rig.harvest(DAY)
    without_rows(rig, "id = 5")
    called = call("archive", "adopt", "--json")
    assert (called.code, called.json["sources"][0]["unread"]) == (1, 1)
    assert len(rows.table(rig.url, "quarantine")) == 1
    called = call("archive", "adopt")
    assert called.code == 0
    assert call("archive", "verify").code == 0


@pytest.mark.long
def test_what_lies_behind_damage_is_adopted(rig: Rig, call: Call) -> None:
    rig.harvest(DAY)
    first, second = (rig.captures()[number] for number in (0, 1))
    without_rows(rig, "id IN (1, 4)")
    (path,) = rig.archive.iterdir()
    data = bytearray(path.read_bytes())
    at = first["warc_offset"] + 40
    data[at : at + 30] = bytes(30)
    path.write_bytes(data)
    called = call("archive", "adopt", "--json")
    (told,) = called.json["sources"]
    assert (called.code, told["adopted"], told["damaged"]) == (1, 1, 1)
    assert f"{path.name} at " in called.err
    assert second["record_id"] in {row["record_id"] for row in rig.captures()}


@pytest.mark.long
def test_a_file_left_open_is_recovered_first(rig: Rig, call: Call) -> None:
    rig.harvest(DAY)
    before = places(rig)
    without_rows(rig, "id = 4")
    (path,) = rig.archive.iterdir()
    path.rename(path.with_name(path.name + ".open"))
    assert call("archive", "adopt", "--json").json["sources"][0]["adopted"] == 1
    assert [one.name for one in rig.archive.iterdir()] == [path.name]
    assert places(rig) == before


@pytest.mark.long
def test_what_was_redacted_does_not_come_back(rig: Rig, call: Call, tmp_path: Path) -> None:
    rig.harvest(DAY)
    (path,) = rig.archive.iterdir()
    shutil.copy(path, tmp_path / path.name)
    assert call("archive", "redact", "1", "--reason", "asked").code == 0
    shutil.copy(tmp_path / path.name, path)  # as a kill at the last moment leaves it
    assert call("archive", "adopt", "--json").json["sources"][0]["adopted"] == 0
    lost(rig)
    assert call("archive", "adopt", "--json").json["sources"][0]["adopted"] == 4
    assert {row["warc_file"] for row in rig.captures()} == {path.name.replace(".warc", ".r1.warc")}


@pytest.mark.long
def test_files_of_others_are_not_adopted(rig: Rig, call: Call) -> None:
    rig.harvest(DAY)
    (path,) = rig.archive.iterdir()
    shutil.copy(path, rig.archive / "other.warc.gz")
    assert call("archive", "verify").code == 0
    assert call("archive", "adopt", "--json").json["sources"][0]["adopted"] == 0
    assert call("archive", "adopt", "nobody").code == 2
