"""Captures taken out of the archive: what the files are then, for us and for other tools."""

import gzip
import json
from pathlib import Path

import pytest

from ingest.archive.warc.place import Place
from ingest.archive.warc.stub import stub_of
from ingest.errors import StoreUnusable
from ingest.store import Store
from tests.archive.warcs import AT, records
from tests.cli.conftest import Call
from tests.jobs.takedown.warc_files import every_capture_is_whole, members, passes_every_check, the_file
from tests.kit import rows
from tests.kit.rig import DAY, Rig


def test_one_member_goes_and_all_others_are_the_same_bytes(rig: Rig, call: Call) -> None:
    rig.harvest(DAY)
    before, old = members(the_file(rig)), the_file(rig)
    called = call("archive", "redact", 2, 4, "--reason", "a court\norder", "--json")
    assert called.code == 0
    assert called.json == {
        "dry_run": False,
        "captures": [2, 4],
        "already": [],
        "files": [old.name],
        "removed": [],
        "unread": [],
        "damaged": [],
    }
    path = the_file(rig)
    assert path.name == old.name.replace(".warc.gz", ".r1.warc.gz")
    passes_every_check(path)
    after = members(path)
    stubs = [3, 7]  # behind the warcinfo each capture has an answer and a request
    assert [
        place for place, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]
    ] == stubs
    assert every_capture_is_whole(rig) == [2, 4]


@pytest.mark.long
def test_the_stub_tells_address_date_and_reason(rig: Rig, call: Call) -> None:
    rig.harvest(DAY)
    was = records(the_file(rig))[3][1]
    assert call("archive", "redact", 2, "--reason", "a court\norder").code == 0
    kind, headers, block = records(the_file(rig))[3]
    assert kind == "metadata"
    for name in ("WARC-Target-URI", "WARC-Date", "WARC-Warcinfo-ID"):
        assert headers[name] == was[name]
    assert headers["WARC-Refers-To"] == was["WARC-Record-ID"] != headers["WARC-Record-ID"]
    assert headers["Content-Type"] == "application/warc-fields"
    assert block.startswith(b"redacted: a court order\r\nredactedAt: ")
    row = rows.table(rig.url, "captures")[1]
    assert (row["error"], row["payload_sha1"]) == ("redacted: a court\norder", None)
    assert row["record_id"] == headers["WARC-Record-ID"]
    assert len(row["digest"]) == 64


@pytest.mark.long
def test_the_archive_goes_on_being_used(rig: Rig, call: Call) -> None:
    rig.harvest(DAY)
    held = rig.held
    assert call("archive", "redact", 2, "--reason", "asked").code == 0
    called = call("archive", "verify")
    (words,) = called.out.splitlines()
    assert (called.code, words) == (0, "1 files, 5 captures (1 redacted), 0 findings")
    assert call("archive", "verify", "--json").json["redacted"] == 1
    told = call("reparse", "--all", "--json")
    assert (told.code, told.json["captures"]) == (
        0,
        {"looked": 4, "parsed": 4, "quarantined": 0, "unreadable": 0},
    )
    assert call("reparse", "--json").json["captures"]["looked"] == 0
    assert call("quarantine", "list", "--json").json == {"quarantine": []}
    assert rig.held == held
    called = call("fixture", "add", 2, "--name", "gone")
    assert called.code == 3
    assert "capture 2 is no more: redacted: asked" in called.err
    assert call("verify").code == 0


@pytest.mark.long
def test_again_is_no_harm_and_another_makes_the_next_revision(rig: Rig, call: Call) -> None:
    rig.harvest(DAY)
    assert call("archive", "redact", 2, "--reason", "asked").code == 0
    first = the_file(rig)
    called = call("archive", "redact", 2, 2, "--reason", "asked again")
    assert (called.code, the_file(rig)) == (0, first)
    assert "0 captures redacted: none\n1 were before, 0 files rewritten" in called.out
    assert call("archive", "redact", 2, 3, "--reason", "and this").code == 0
    assert the_file(rig).name == first.name.replace(".r1.", ".r2.")
    assert every_capture_is_whole(rig) == [2, 3]
    assert [row["error"] for row in rows.table(rig.url, "captures")][1:3] == [
        "redacted: asked",
        "redacted: and this",
    ]


@pytest.mark.long
def test_what_repeats_it_goes_with_it(rig: Rig, call: Call) -> None:
    rig.site.volatile = False
    rig.harvest(DAY)
    rig.harvest(DAY, full=True)
    revisits = {row["refers_to"]: row["id"] for row in rows.table(rig.url, "captures") if row["refers_to"]}
    original, revisit = next(iter(revisits.items()))
    called = call("archive", "redact", revisit, "--reason", "asked", "--dry-run", "--json")
    assert sorted(called.json["captures"]) == [original, revisit]
    assert called.json["dry_run"]
    assert every_capture_is_whole(rig) == []
    assert call("archive", "redact", revisit, "--reason", "asked").code == 0
    assert every_capture_is_whole(rig) == [original, revisit]
    assert call("archive", "verify").code == 0
    for path in rig.archive.glob("*.warc.gz"):
        passes_every_check(path)
    rig.harvest(DAY, full=True)
    assert every_capture_is_whole(rig) == [original, revisit]
    newest = rows.table(rig.url, "captures")[-5:]
    assert [row["refers_to"] for row in newest if row["url"] == rig.captures()[original - 1]["url"]] == [None]


@pytest.mark.long
def test_a_page_that_was_kept_as_a_repetition_a_moment_too_late(rig: Rig, call: Call) -> None:
    rig.site.volatile = False
    rig.harvest(DAY)
    rig.harvest(DAY, full=True)
    revisit = next(row for row in rows.table(rig.url, "captures") if row["refers_to"])
    assert call("archive", "redact", revisit["refers_to"], "--reason", "asked").code == 0
    rows.execute(rig.url, f"UPDATE captures SET error = NULL WHERE id = {revisit['id']}")
    called = call("archive", "verify")
    assert (called.code, "10 captures (2 redacted)" in called.out) == (0, True)
    assert call("reparse", "--all", "--json").json["captures"]["looked"] == 8
    called = call("fixture", "add", revisit["id"], "--name", "gone")
    assert "is no more: what it repeats was redacted" in called.err


@pytest.mark.long
def test_a_capture_in_quarantine_leaves_it(rig: Rig, call: Call) -> None:
    rig.harvest(DAY)
    rows.execute(rig.url, "UPDATE captures SET url = 'http://elsewhere.example/' WHERE id = 2")
    assert call("reparse", "--all").code == 1
    assert len(rows.table(rig.url, "quarantine")) == 1
    assert call("archive", "redact", 2, "--reason", "asked").code == 0
    assert rows.table(rig.url, "quarantine") == []
    assert call("reparse", "--all").code == 0


def test_a_file_that_is_open_or_written_by_a_run_is_refused(rig: Rig, call: Call) -> None:
    rig.harvest(DAY)
    path = the_file(rig)
    left = path.rename(path.with_name(path.name + ".open"))
    called = call("archive", "redact", 2, "--reason", "asked")
    assert (called.code, "is not closed yet" in called.err) == (3, True)
    left.rename(path)
    with Store.open(rig.url) as store, store.lock("rantburg"):
        assert call("archive", "redact", 2, "--reason", "asked").code == 3
    assert the_file(rig) == path
    assert every_capture_is_whole(rig) == []


@pytest.mark.long
def test_a_record_that_is_not_where_the_index_says_is_left_alone(rig: Rig, call: Call) -> None:
    rig.harvest(DAY)
    (place, length) = (rows.table(rig.url, "captures")[1][name] for name in ("warc_offset", "warc_length"))
    for spoilt in ("warc_length = 17", "warc_offset = 3", "warc_offset = 0"):
        rows.execute(rig.url, f"UPDATE captures SET {spoilt} WHERE id = 2")
        called = call("archive", "redact", 2, "--reason", "asked")
        assert called.code == 3
        assert "no whole response record of the indexed length" in called.err
        rows.execute(
            rig.url, f"UPDATE captures SET warc_offset = {place}, warc_length = {length} WHERE id = 2"
        )
    rows.execute(rig.url, "UPDATE captures SET warc_offset = 9999999 WHERE id = 3")
    called = call("archive", "redact", 2, "--reason", "asked")
    assert (called.code, "the file ends before 9999999" in called.err) == (3, True)
    rows.execute(rig.url, "UPDATE captures SET warc_file = 'theirs.warc.gz' WHERE id = 3")
    assert "is no file that thresher wrote" in call("archive", "redact", 3, "--reason", "asked").err
    assert len(list(rig.archive.iterdir())) == 1


@pytest.mark.long
def test_a_stub_that_is_gone_is_found(rig: Rig, call: Call) -> None:
    rig.harvest(DAY)
    rows.execute(rig.url, "UPDATE captures SET error = 'redacted: by hand' WHERE id = 2")
    (finding,) = call("archive", "verify", "--json").json["findings"]
    assert finding["reason"] == "capture 2 is redacted, but no stub stands for it"
    with pytest.raises(StoreUnusable):
        stub_of(rig.archive / "none.warc.gz", Place(file="none", offset=0, length=1), reason="x", at=AT)


@pytest.mark.long
def test_a_copy_leaves_it_out_and_warns_of_the_rest(rig: Rig, call: Call, tmp_path: Path) -> None:
    rig.harvest(DAY)
    one = rig.site.days[DAY].articles[0].comments[0]
    forgotten = call("forget", one.external_id, "--reason", "asked", "--json").json
    assert forgotten["captures"] == [1]
    out = ("archive", "export", "--source", "rantburg", "--output")
    called = call(*out, tmp_path / "before")
    assert called.out.startswith("5 captures\n")
    assert "1 captures in it hold what was taken down" in called.err
    assert call("archive", "redact", "--forgotten").code == 0
    called = call(*out, tmp_path / "after")
    assert called.out.startswith("4 captures\n")
    assert called.err.strip() == "left out: 1 captures that are redacted"
    (warc,) = (tmp_path / "after").glob("*.warc.gz")
    passes_every_check(warc)
    assert one.external_id.encode() not in gzip.decompress(warc.read_bytes())
    called = call(*out, tmp_path / "index.cdxj", "--format", "cdxj")
    assert called.out.startswith("4 captures\n")


def test_json_is_one_line(rig: Rig, call: Call) -> None:
    rig.harvest(DAY)
    (line,) = call("--json", "archive", "redact", 1, "--reason", "asked").out.splitlines()
    assert json.loads(line)["captures"] == [1]
