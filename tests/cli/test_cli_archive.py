"""``thresher archive``: the files proved, listed, copied out and taken in."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from ingest.archive.export.surt import surt
from ingest.archive.warc.records import response_member, warc_date
from ingest.store import Store
from ingest.store.captures import kept
from tests.archive.test_external import Writer, answered
from tests.archive.warcs import AT, capture, passes_the_check, records
from tests.cli.conftest import Call
from tests.kit import rows
from tests.kit.marks import long
from tests.kit.rig import COMMENTS, DAY
from tests.site.render import encoded, section_page
from tests.site.server import SiteServer

OWN = "http://www.rantburg.com"
CDXJ_INDEXER = Path(sys.executable).with_name("cdxj-indexer")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "archive"


def the_file(archive: Path) -> Path:
    (path,) = archive.iterdir()
    return path


@pytest.mark.usefixtures("made")
def test_an_archive_that_is_whole(call: Call, harvest: Call, archive: Path) -> None:
    assert call("archive", "verify", "--json").json == {
        "files": 0,
        "captures": 0,
        "redacted": 0,
        "findings": [],
    }
    harvest()
    called = call("archive", "verify")
    assert (called.code, called.out) == (0, "1 files, 5 captures, 0 findings\n")


@pytest.mark.long
def test_revisits_read_back_too(call: Call, harvest: Call, site: SiteServer, database: str) -> None:
    site.volatile = False
    harvest()
    harvest("--full")
    repeated = [row for row in rows.table(database, "captures") if row["refers_to"] is not None]
    assert len(repeated) == 4  # the first of a file is a full response
    assert call("archive", "verify").code == 0


def test_what_is_wrong_is_named_by_file_and_offset(call: Call, harvest: Call, archive: Path) -> None:
    harvest()
    path = the_file(archive)
    data = path.read_bytes()
    path.write_bytes(data[:-20])
    called = call("archive", "verify", "--json")
    assert called.code == 1
    (torn,) = called.json["findings"]
    assert torn["file"] == path.name
    assert data[torn["offset"] :][:3] == b"\x1f\x8b\x08"
    path.unlink()
    called = call("archive", "verify")
    assert called.code == 1
    assert "0 files, 5 captures, 5 findings" in called.out
    assert "cannot be read" in called.out


def test_a_changed_word_is_found(call: Call, harvest: Call, archive: Path, database: str) -> None:
    harvest()
    forged = gzip.decompress(response_member(capture(), warcinfo_id="<urn:x>").data)
    (archive / "forged.warc.gz").write_bytes(gzip.compress(forged.replace(b"a day by", b"a boy by")))
    rows.execute(database, "UPDATE captures SET digest = 'another' WHERE id = 1")
    found = call("archive", "verify", "--json").json["findings"]
    assert [one["reason"] for one in found] == [
        "the block's digest is wrong",
        "the payload's digest is wrong",
        "capture 1 does not read back to its digest",
    ]


@pytest.mark.long
def test_a_pipe_in_the_folder_is_passed_over(call: Call, harvest: Call, archive: Path) -> None:
    harvest()
    os.mkfifo(archive / "pipe.warc.gz")
    os.mkfifo(archive / "pipe.warc.gz.open")
    called = call("archive", "verify")
    assert (called.code, called.out) == (0, "1 files, 5 captures, 0 findings\n")
    assert len(call("archive", "list", "--json").json["files"]) == 1
    assert (
        call("forget", "510000", "--source", "rantburg", "--kind", "article", "--reason", "asked").code == 0
    )


def test_the_files_are_listed(call: Call, harvest: Call, archive: Path) -> None:
    harvest()
    (one,) = call("archive", "list", "--json").json["files"]
    path = the_file(archive)
    assert (one["file"], one["bytes"], one["captures"]) == (path.name, path.stat().st_size, 5)
    assert (one["records"], one["sources"]) == (11, ["rantburg"])
    assert one["first"] <= one["last"]
    called = call("archive", "list", "rantburg")
    assert called.code == 0
    assert path.name in called.out
    (none,) = call("archive", "list", "rantburg", "--until", "2001-01-01", "--json").json["files"]
    assert (none["captures"], none["sources"], none["first"]) == (0, [], None)
    assert call("archive", "list").code == 0
    assert call("archive", "list", "--since", "2018-04-02", "--until", "2018-04-01").code == 2


def test_a_copy_stands_alone(call: Call, harvest: Call, site: SiteServer, tmp_path: Path) -> None:
    site.volatile = False
    harvest()
    harvest("--full")
    called = call("archive", "export", "--source", "rantburg", "--output", tmp_path / "out", "--json")
    assert called.code == 0
    assert called.json["captures"] == 10
    warc, index = (Path(name) for name in called.json["files"])
    assert passes_the_check(warc)
    kinds = [kind for kind, _, _ in records(warc)]
    assert kinds[0] == "warcinfo"
    assert (kinds.count("response"), kinds.count("revisit"), kinds.count("request")) == (6, 4, 10)
    assert records(warc)[0][1]["WARC-Filename"] == warc.name
    lines = index.read_bytes().splitlines()
    assert lines == sorted(lines)
    assert len(lines) == 10
    for line in lines:
        key, stamp, told = line.split(b" ", 2)
        fields = json.loads(told)
        assert key.decode() == surt(fields["url"])
        assert len(stamp) == 14
        start, size = int(fields["offset"]), int(fields["length"])
        member = gzip.decompress(warc.read_bytes()[start : start + size])
        assert f"WARC-Target-URI: {fields['url']}\r\n".encode() in member
        assert f"WARC-Payload-Digest: {fields['digest']}\r\n".encode() in member
        assert fields["status"] == "200"
    indexed = subprocess.run([CDXJ_INDEXER, "--sort", warc], capture_output=True, check=True)
    assert indexed.stdout == index.read_bytes()


def test_a_copy_needs_no_more_memory_for_many_captures(
    harvest: Call, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    harvest()
    monkeypatch.setattr(kept, "AT_ONCE", 2)
    monkeypatch.setattr(kept.Captures, "between", None)
    called = call("archive", "export", "--source", "rantburg", "--output", tmp_path / "out", "--json")
    assert (called.code, called.json["captures"]) == (0, 5)


def test_an_index_of_the_archive(call: Call, harvest: Call, archive: Path, tmp_path: Path) -> None:
    harvest()
    target = tmp_path / "all.cdxj"
    called = call("archive", "export", "--source", "rantburg", "--format", "cdxj", "--output", target)
    assert called.code == 0
    assert called.out.startswith("5 captures\n")
    told = [json.loads(line.split(" ", 2)[2]) for line in target.read_text().splitlines()]
    assert {one["filename"] for one in told} == {the_file(archive).name}
    assert {(one["mime"], one["status"]) for one in told} == {("text/html", "200")}
    again = call("archive", "export", "--source", "rantburg", "--format", "cdxj", "--output", target)
    assert again.code == 3
    assert "a file of this name is there already" in again.err


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("form", ["warc", "cdxj", "wacz"])
def test_an_empty_window_and_a_folder_that_cannot_be_written(call: Call, tmp_path: Path, form: str) -> None:
    (tmp_path / "file").write_text("")
    there = ("archive", "export", "--source", "rantburg", "--format", form, "--output")
    called = call(*there, tmp_path / "none.x")
    assert (called.code, called.out.startswith("0 captures\n")) == (0, True)
    assert call(*there, tmp_path / "file" / "below").code == 3


@pytest.fixture(params=[*long(True), False], ids=["gzip", "plain"])
def theirs(request: pytest.FixtureRequest, site: SiteServer, tmp_path: Path) -> Path:
    """Every section of the day as warcio archives it, and a page of another site."""
    path = tmp_path / "theirs.warc"
    day = site.days[DAY]
    with path.open("wb") as file:
        writer = Writer(file, gzip=request.param)
        pages = [
            (f"{OWN}/?D={DAY:%m/%d/%Y}&HC={one}&SO=", encoded(section_page(day, one))) for one in range(1, 7)
        ]
        for url, body in [*pages, ("http://other.example/", b"other"), (f"{OWN}/about.html", b"about")]:
            writer.write_record(
                writer.create_warc_record(
                    url,
                    "response",
                    payload=BytesIO(gzip.compress(body)),
                    http_headers=answered(("Content-Encoding", "gzip")),
                    warc_headers_dict={"WARC-Date": "2018-04-14T16:05:07Z"},
                )
            )
    return path


def test_what_others_archived_is_taken_in(
    call: Call, theirs: Path, archive: Path, database: str, site: SiteServer
) -> None:
    called = call("archive", "import", theirs, "--json")
    assert called.code == 0
    (told,) = called.json["files"]
    nothing = {"file": "theirs.warc", "unread": 0, "known": 0, "damaged": []}
    assert told == told | {**nothing, "loaded": 6, "others": 2}
    assert (told["records"], told["responses"], told["passed_over"]) == (8, 8, {"other addresses": 2})
    assert len(rows.table(database, "comments")) == COMMENTS
    assert rows.held(database) == rows.told(site.days[DAY])
    path = the_file(archive)
    assert passes_the_check(path)
    responses = [headers for kind, headers, _ in records(path) if kind == "response"]
    assert {one["WARC-Source-URI"] for one in responses} == {"theirs.warc"}
    assert {one["WARC-Date"] for one in responses} == {warc_date(AT.replace(microsecond=0))}
    assert all(one["WARC-Creation-Date"] > "2020" for one in responses)
    assert call("verify", "rantburg").code == 0
    assert call("archive", "verify").code == 0
    (again,) = call("archive", "import", theirs, "--json").json["files"]
    assert again == again | {**nothing, "known": 6, "loaded": 0, "others": 2}
    assert [run["outcome"] for run in rows.table(database, "runs")] == ["complete"] * 2


@pytest.mark.long
def test_an_older_page_never_overwrites_a_newer_one(
    call: Call, harvest: Call, theirs: Path, database: str
) -> None:
    harvest()
    before = rows.held(database)
    states = rows.table(database, "pages")
    assert call("archive", "import", theirs).code == 0
    assert rows.held(database) == before
    for earlier, later in zip(states, rows.table(database, "pages"), strict=True):
        assert (later["state"], later["visited_at"]) == (earlier["state"], earlier["visited_at"])


@pytest.mark.long
def test_what_cannot_be_read_is_told_and_the_rest_is_taken(
    call: Call, theirs: Path, tmp_path: Path, database: str
) -> None:
    url = f"{OWN}/?D=04/14/2018&HC=1&SO="
    later = capture(b"late", url=url, captured_at=AT + timedelta(days=40_000))
    wall = capture(b"a wall", url=url)
    members = [response_member(one, warcinfo_id="<urn:x>").data for one in (later, wall)]
    (tmp_path / "odd.warc.gz").write_bytes(b"".join(members) + b"garbage\n")
    called = call("archive", "import", tmp_path / "odd.warc.gz", theirs, "--json")
    assert called.code == 1
    odd, good = called.json["files"]
    assert (odd["loaded"], odd["unread"], good["loaded"]) == (0, 1, 6)
    assert [one.partition(": ")[0] for one in odd["damaged"]] == [
        "odd.warc.gz at 0",
        f"odd.warc.gz at {sum(map(len, members))}",
    ]
    assert "lies in the future" in odd["damaged"][0]
    assert sum(row["error"] is not None for row in rows.table(database, "captures")) == 1
    told = call("archive", "import", tmp_path / "odd.warc.gz")
    assert "no WARC record begins here" in told.out


def test_a_source_that_is_held_is_not_imported_into(
    call: Call, theirs: Path, database: str, archive: Path
) -> None:
    with Store.open(database) as store, store.lock("rantburg"):
        called = call("archive", "import", theirs)
    assert (called.code, archive.exists()) == (3, False)


def test_a_disk_that_fails_ends_the_import(call: Call, theirs: Path, archive: Path, database: str) -> None:
    archive.write_text("no folder")
    called = call("archive", "import", theirs)
    assert called.code == 3
    (run,) = rows.table(database, "runs")
    assert run["outcome"] == "failed"
    assert "cannot be written" in run["error"]


@pytest.mark.long
def test_a_revisit_of_what_we_hold_ourselves_is_taken_in(
    call: Call, theirs: Path, tmp_path: Path, database: str
) -> None:
    assert call("archive", "import", theirs).code == 0
    held = rows.table(database, "captures")[0]
    path = tmp_path / "later.warc"
    with path.open("wb") as file:
        writer = Writer(file, gzip=False)
        for digest, day in ((held["payload_sha1"], 15), ("ANOTHER", 16)):
            when = {"WARC-Date": f"2018-04-{day}T16:05:07Z"}
            writer.write_record(
                writer.create_revisit_record(
                    held["url"], f"sha1:{digest}", held["url"], "2018-04-14T16:05:07Z", warc_headers_dict=when
                )
            )
        strange = writer.create_revisit_record(
            "http://other.example/", "sha1:A", "http://other.example/", "2018"
        )
        writer.write_record(strange)
    called = call("archive", "import", path, "--json")
    (told,) = called.json["files"]
    assert (called.code, told["loaded"], told["others"], len(told["damaged"])) == (1, 1, 1, 1)
    later = rows.table(database, "captures")[-1]
    assert (later["digest"], later["refers_to"]) == (held["digest"], None)
    assert call("archive", "verify").code == 0


@pytest.mark.long
@pytest.mark.skipif(shutil.which("wget") is None, reason="wget is not installed")
@pytest.mark.parametrize("more", [(), *long(("--no-warc-compression",), ("--compression=gzip",))])
def test_what_wget_archived_is_taken_in(
    call: Call, site: SiteServer, tmp_path: Path, database: str, more: tuple[str, ...]
) -> None:
    day = f"{OWN}/?D={DAY:%m/%d/%Y}&SO="
    command = ["wget", "-q", "-e", f"http_proxy={site.url}", "-O", tmp_path / "out", *more]
    command += ["--warc-file", tmp_path / "got", *(f"{day}&HC={section}" for section in (1, 2, 3, 4, 6))]
    subprocess.run(command, check=True, env={**os.environ, "no_proxy": ""}, timeout=30)
    (path,) = tmp_path.glob("got.warc*")
    called = call("archive", "import", path, "--json")
    (told,) = called.json["files"]
    assert (called.code, told["loaded"], told["damaged"]) == (0, 5, [])
    assert rows.held(database) == rows.told(site.days[DAY])
    assert call("archive", "verify").code == 0
