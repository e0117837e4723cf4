"""A database made anew from the archive alone equals the one that was lost."""

import shutil
from collections.abc import Callable
from pathlib import Path
from time import sleep

import pytest
from sqlalchemy.exc import OperationalError

from ingest.archive import ArchiveWriter
from ingest.records.search import Query
from ingest.store import Store
from tests.bench.make_archive import capture_of, make, pages
from tests.cli.conftest import Call
from tests.jobs.rebuild.lost import TickingClock, kept, rebuilt, take_down
from tests.kit import rows
from tests.kit.child import Child, program
from tests.kit.rig import DAY, NOON, Rig
from tests.site.faults import instead, redirect
from tests.site.model import delete_article, delete_comment, edit_comment
from tests.site.pieces import Text
from tests.site.server import SiteServer


@pytest.fixture
def rig(site: SiteServer, tmp_path: Path) -> Rig:
    site.volatile = False
    rig = Rig.ready(site, tmp_path)
    rig.clock = TickingClock(NOON)
    return rig


def with_a_past(rig: Rig) -> None:
    """Harvested, edited, deleted, taken down, and an answer that is no page."""
    first, second, third, *_ = rig.site.days[DAY].articles
    rig.site.faults = [redirect("HC=4", to=f"{rig.site.url}?D=04/14/2018&HC=4&SO=&moved=1", times=1)]
    rig.harvest(DAY)
    rig.site.faults = []
    words = (Text("words of the second visit"),)
    rig.site.change(
        DAY, lambda day: edit_comment(day, first.external_id, first.comments[0].external_id, words)
    )
    rig.harvest(DAY, full=True)
    take_down(rig, "rantburg", first.external_id, first.comments[1].external_id)
    rig.site.change(DAY, lambda day: delete_comment(day, second.external_id, second.comments[0].external_id))
    rig.harvest(DAY, full=True)
    take_down(rig, "rantburg", third.external_id)
    rig.site.change(DAY, lambda day: delete_article(day, second.external_id))
    rig.harvest(DAY, full=True)
    rig.site.faults = [instead("HC=6", body=b"<p>Gone fishing</p>")]
    rig.harvest(DAY, full=True)


def test_the_first_source(rig: Rig, tmp_path: Path) -> None:
    with_a_past(rig)
    url = str(tmp_path / "new.sqlite3")
    report = rebuilt(rig, url)
    (source,) = report.sources
    assert (report.exit_code, report.suppressed, source.unread, source.damaged) == (1, 2, 1, [])
    assert kept(url) == kept(rig.url)


@pytest.mark.long
def test_on_postgresql(rig: Rig, new_postgresql: Callable[[], str]) -> None:
    with_a_past(rig)
    url = new_postgresql()
    assert rebuilt(rig, url).exit_code == 1
    assert kept(url) == kept(rig.url)


def test_what_cannot_be_loaded_is_named(rig: Rig, call: Call, tmp_path: Path) -> None:
    """A damaged record, files of others and of a source that is gone, and no file of takedowns."""
    rig.harvest(DAY)
    rig.harvest(DAY, full=True)
    by_id = {row["id"]: row for row in rig.captures()}
    first = by_id[next(row["refers_to"] for row in by_id.values() if row["refers_to"] is not None)]
    (one, two) = sorted(rig.archive.iterdir())
    data = bytearray(one.read_bytes())
    data[first["warc_offset"] + 40 : first["warc_offset"] + 70] = bytes(30)
    one.write_bytes(data)
    shutil.copy(two, rig.archive / "theirs.warc.gz")
    about = {"software": "thresher/1", "isPartOf": "gone-site"}
    with ArchiveWriter(rig.archive, source="gone-site", started_at=NOON, about=about) as writer:
        writer.append(capture_of(next(pages(1))))
    two.rename(two.with_name(two.name + ".open"))
    url = str(tmp_path / "new.sqlite3")
    called = call("db", "rebuild", "--archive", rig.archive, "--database", url, "--workers", "1", "--json")
    (source,) = called.json["sources"]
    assert called.code == 1
    # What repeats the damaged answer cannot be read either.
    place = f"{one.name} at {first['warc_offset']}: "
    assert [reason.startswith(place) for reason in source["damaged"]] == [True, False]
    assert source["loaded"] == len(rig.captures()) - 2
    assert called.json["others"] == ["theirs.warc.gz"]
    assert list(called.json["unknown_sources"]) == ["gone-site"]
    assert (called.json["suppressed"], called.json["open"]) == (None, [])
    said = call("db", "rebuild", "--archive", rig.archive, "--database", url)
    assert "there is no suppressed.jsonl" in said.out
    assert "gone-site is no source that is configured" in said.out


@pytest.mark.long
def test_what_was_redacted_is_counted_and_a_lost_file_of_takedowns_named(rig: Rig, call: Call) -> None:
    rig.harvest(DAY)
    article = rig.site.days[DAY].articles[0].external_id
    assert call("forget", article, "--reason", "asked").code == 0
    assert call("archive", "redact", "--forgotten").code == 0
    redacted = sum(str(row["error"]).startswith("redacted") for row in rig.captures())
    assert redacted
    called = call("db", "rebuild", "--database", f"{rig.url}.new", "--json")
    (source,) = called.json["sources"]
    assert (called.code, source["redacted"], called.json["suppressed"]) == (0, redacted, 1)
    (rig.archive / "suppressed.jsonl").unlink()
    called = call("db", "rebuild", "--database", f"{rig.url}.newer")
    assert (called.code, "what was taken down may be back" in called.out) == (1, True)


def test_a_database_that_holds_something_is_refused(rig: Rig, call: Call) -> None:
    rig.archive.mkdir()
    said = call("forget", "7", "--source", "rantburg", "--kind", "article", "--reason", "asked")
    assert said.code == 0
    called = call("db", "rebuild")
    assert (called.code, "holds something already" in called.err) == (2, True)


def test_without_an_archive_nothing_is_made_anew(call: Call, tmp_path: Path) -> None:
    called = call("db", "rebuild", "--archive", tmp_path / "none", "--database", tmp_path / "new.sqlite3")
    assert (called.code, "there is no folder" in called.err) == (3, True)


@pytest.mark.long
def test_killed_again_and_again_it_ends_as_if_undisturbed(call: Call, tmp_path: Path) -> None:
    make(tmp_path, 60, comments=20)
    archive, whole, killed = (tmp_path / name for name in ("archive", "whole.sqlite3", "killed.sqlite3"))
    assert started(archive, whole).wait(100) == 0
    for number in range(1, 5):
        process = started(archive, killed)
        while process.poll() is None and loaded(killed) < number * 10:
            sleep(0.02)
        process.kill()
        assert process.wait(60) == -9
    assert 40 <= loaded(killed) < 60
    for words in (
        "status",
        "search the",
        "harvest rantburg",
        "db upgrade",
        "archive adopt",
        "db copy --to new.sqlite3",
    ):
        called = call("--database", killed, *words.split())
        assert (called.code, "is an unfinished rebuild: run `thresher db rebuild` again" in called.err) == (
            3,
            True,
        )
    assert started(archive, killed).wait(100) == 0
    assert kept(str(killed)) == kept(str(whole))
    with Store.read(str(killed)) as store:
        assert {run.command for run in store.runs.newest()} == {"db rebuild"}
        assert store.search(Query(words="the")).total


TEN_AT_ONCE = """
import time
import ingest.cli.main
from ingest.jobs.rebuild import loading
loading.PAGES_AT_ONCE = 10
write = loading.Loading._write
def slowly(*of, **what):
    time.sleep(0.3)  # whoever is to kill it gets there in time on a busy machine
    return write(*of, **what)
loading.Loading._write = slowly
ingest.cli.main.main()
"""


def started(archive: Path, database: Path) -> Child:
    options = ("--quiet", "db", "rebuild", "--archive", archive, "--database", database, "--workers", 1)
    return program(TEN_AT_ONCE, database.parent, *options)


def loaded(database: Path) -> int:
    try:
        return len(rows.table(str(database), "captures")) if database.exists() else 0
    except OperationalError:  # it is not made yet
        return 0
