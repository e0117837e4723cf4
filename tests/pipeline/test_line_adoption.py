"""A kill between the archive and the database costs no page: the next run adopts what it left."""

import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ingest.pipeline.stop import Stop
from tests.archive.warcs import passes_the_check
from tests.kit import rows
from tests.kit.fakes import FakeClock
from tests.kit.rig import COMMENTS, DAY, NOON, Rig
from tests.site.faults import instead
from tests.site.server import SiteServer

ROOT = Path(__file__).parents[2]

KILLED = """
import os, signal, sys
from ingest.cli.main import main
from ingest.pipeline.page import PagePipeline
load = PagePipeline._load
def killed(self, visit, capture, page):
    if visit.target.section == int(os.environ["KILLED_AT"]):
        os.kill(os.getpid(), signal.SIGKILL)
    return load(self, visit, capture, page)
PagePipeline._load = killed
main()
"""


def killed(rig: Rig, *, section: int) -> Path:
    """Harvest, and die when a section's page is archived and not yet in the database; the file left open."""
    command = [
        "--database",
        rig.url,
        "--archive",
        rig.archive,
        "harvest",
        "rantburg",
        "--date",
        DAY.isoformat(),
    ]
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, *map(str, command), "--base-url", rig.site.url, "--delay", "0"],
        cwd=ROOT,
        env={**os.environ, "KILLED_AT": str(section), "XDG_CONFIG_HOME": str(rig.archive.parent)},
        capture_output=True,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL
    (path,) = rig.archive.glob("*.open")
    return path


@pytest.mark.parametrize("section", [2, pytest.param(4, marks=pytest.mark.full)])
def test_what_was_archived_is_adopted_and_not_asked_for_again(
    rig: Rig, site: SiteServer, section: int
) -> None:
    left = killed(rig, section=section)
    done = {row["section"] for row in rows.table(rig.url, "articles")}
    assert section not in done
    asked = len([one for one in site.pages_asked if f"HC={section}" in one])
    report = rig.harvest(DAY)
    assert (report.adopted, report.bytes_cut, report.exit_code) == (1, 0, 0)
    assert len([one for one in site.pages_asked if f"HC={section}" in one]) == asked
    assert rig.held == rig.shown
    assert len(rows.table(rig.url, "comments")) == COMMENTS
    assert rows.versions(rig.url) == []
    sealed = left.with_name(left.name.removesuffix(".open"))
    assert passes_the_check(sealed)
    assert not left.exists()
    adopted = [row for row in rig.captures() if row["warc_file"] == sealed.name and row["run_id"] == 2]
    assert len(adopted) == 1
    assert adopted[0]["parser"] == "rantburg.section"
    (state,) = [row for row in rows.table(rig.url, "pages") if row["section"] == section]
    assert state["changed_at"] == state["full_at"] == adopted[0]["captured_at"]
    assert rig.harvest(DAY).adopted == 0


@pytest.mark.long
def test_a_torn_tail_is_cut_and_told(rig: Rig) -> None:
    left = killed(rig, section=4)
    whole = left.read_bytes()
    left.write_bytes(whole + whole[:77])
    report = rig.harvest(DAY)
    assert (report.adopted, report.bytes_cut, report.exit_code) == (1, 77, 0)
    run = rows.table(rig.url, "runs")[-1]
    assert '"adopted": 1' in run["counts"]
    assert rig.held == rig.shown
    for file in rig.archive.iterdir():
        assert passes_the_check(file)


@pytest.mark.long
def test_the_first_page_is_adopted_as_well(rig: Rig) -> None:
    killed(rig, section=1)
    report = rig.harvest(DAY)
    assert report.adopted == 1
    assert rig.held == rig.shown
    assert len(rig.captures()) == 5


def left_without_its_row(rig: Rig, capture: dict[str, object]) -> None:
    """As if the run had been killed when the capture, its file's last, was on disk and not yet indexed."""
    rows.execute(rig.url, f"UPDATE pages SET capture_id = NULL WHERE capture_id = {capture['id']}")
    rows.execute(rig.url, f"DELETE FROM captures WHERE id = {capture['id']}")
    path = rig.archive / str(capture["warc_file"])
    path.rename(path.with_name(path.name + ".open"))


def test_an_answer_that_was_no_page_is_indexed_with_its_reason(rig: Rig, site: SiteServer) -> None:
    site.faults = [instead("HC=6", body=b"<p>Gone fishing</p>", status=403)]
    rig.harvest(DAY)
    wall = rig.captures()[-1]
    assert wall["status"] == 403
    left_without_its_row(rig, wall)
    site.faults = []
    assert rig.harvest(DAY).adopted == 1
    (again,) = [row for row in rig.captures() if row["status"] == 403]
    assert "answered 403" in again["error"]
    assert again["parser"] is None


@pytest.mark.long
def test_a_page_that_nobody_could_read_waits_in_quarantine(rig: Rig, site: SiteServer) -> None:
    site.faults = [instead("HC=6", body=b"<p>Gone fishing</p>")]
    rig.harvest(DAY)
    strange = rig.captures()[-1]
    rows.execute(rig.url, "DELETE FROM quarantine")
    left_without_its_row(rig, strange)
    site.faults = []
    assert rig.harvest(DAY).adopted == 1
    (aside,) = rows.table(rig.url, "quarantine")
    assert aside["url"] == strange["url"]


@pytest.mark.long
def test_a_revisit_is_adopted_with_its_original(rig: Rig, site: SiteServer) -> None:
    site.volatile = False
    rig.harvest(DAY)
    rig.harvest(DAY, full=True)
    revisit = rig.captures()[-1]
    assert revisit["refers_to"] is not None
    left_without_its_row(rig, revisit)
    assert rig.harvest(DAY).adopted == 1
    keys = ("url", "digest", "refers_to", "record_id", "payload_sha1", "warc_offset", "warc_length", "parser")
    again = next(row for row in rig.captures() if row["record_id"] == revisit["record_id"])
    assert [again[key] for key in keys] == [revisit[key] for key in keys]


@pytest.mark.long
def test_what_cannot_be_read_is_told_and_passed_over(
    rig: Rig, site: SiteServer, caplog: pytest.LogCaptureFixture
) -> None:
    site.volatile = False
    rig.harvest(DAY)
    rig.harvest(DAY, full=True)
    revisit = rig.captures()[-1]
    left_without_its_row(rig, revisit)
    # Neither by its digest nor by its record is the original known any more.
    rows.execute(rig.url, "UPDATE captures SET payload_sha1 = NULL, record_id = '<urn:x:' || id || '>'")
    assert rig.harvest(DAY).adopted == 0
    assert "revisits of responses that neither the files nor the archive hold" in caplog.text


class StopsBetweenCaptures(FakeClock):
    """Somebody asks the run to stop as soon as its event loop has a turn."""

    def __init__(self, start: datetime, stop: Stop) -> None:
        super().__init__(start)
        self._stop = stop

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        self._stop.asked = True


@pytest.mark.long
def test_a_stop_is_heard_between_two_captures_and_the_rest_is_adopted_later(
    rig: Rig, site: SiteServer, tmp_path: Path
) -> None:
    assert rig.harvest(DAY).exit_code == 0
    kept = len(rig.captures())
    (path,) = rig.archive.iterdir()
    path.rename(path.with_name(f"{path.name}.open"))
    lost = Rig(site, tmp_path, str(tmp_path / "lost.sqlite3"))
    stop = Stop()
    lost.clock = StopsBetweenCaptures(NOON, stop)
    report = lost.backfill(DAY, DAY, stop=stop)
    assert (report.stopped, report.adopted, report.requests) == (True, 1, 0)
    assert path.with_name(f"{path.name}.open").exists()
    lost.clock = FakeClock(NOON + timedelta(days=1))
    assert lost.harvest(DAY).adopted == kept - 1
    assert lost.held == lost.shown
    assert passes_the_check(path)
