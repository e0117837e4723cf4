"""Harvests that are killed, interrupted or run out of disk: a rerun completes, nothing is doubled."""

import hashlib
import os
import random
import signal
import subprocess
import time

import pytest

from ingest.archive import read_stored
from ingest.store import Store
from tests.kit import rows
from tests.kit.child import ended, start
from tests.kit.rig import COMMENTS, DAY, Rig
from tests.kit.waiting import Gate, has_child, until
from tests.site.faults import instead
from tests.site.server import SiteServer


def slowly(site: SiteServer, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    answer = site.answer

    def late(*asked: object) -> object:
        time.sleep(seconds)
        return answer(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(site, "answer", late)


@pytest.mark.full
def test_killed_at_random_moments_a_rerun_completes(
    rig: Rig, site: SiteServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowly(site, monkeypatch, 0.02)
    chance = random.Random(4711)
    for pages in (0, 1, 2, 3, 5, 6):
        asked = len(site.requests)
        process = start(rig, "--full")
        until(lambda: len(site.requests) >= asked + pages or process.poll() is not None)  # noqa: B023
        time.sleep(chance.uniform(0, 0.06))
        os.killpg(process.pid, signal.SIGKILL)
        ended(process)
        with Store.open(rig.url) as store, store.lock("rantburg"):
            pass  # free at once
        assert all_captures_read_back(rig)
    assert rig.harvest(DAY).exit_code == 0
    assert rig.held == rig.shown
    assert len(rows.table(rig.url, "comments")) == COMMENTS
    assert rows.versions(rig.url) == []


def all_captures_read_back(rig: Rig) -> bool:
    with Store.open(rig.url) as store:
        for stored in store.captures.between():
            body = read_stored(rig.archive, stored)
            assert hashlib.sha256(body).hexdigest() == stored.row.digest
    return True


def test_ctrl_c_breaks_a_harvest_off(rig: Rig, site: SiteServer, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(site, monkeypatch, after=2)  # robots.txt and a page
    process = start(rig)
    until(lambda: len(site.pages_asked) >= 2 and len(rows.table(rig.url, "captures")) == 1)
    os.killpg(process.pid, signal.SIGINT)  # as the terminal does
    code, out, err = ended(process)
    gate.open()
    assert (code, out) == (1, "")
    assert err.strip() == "thresher: interrupted"
    (run,) = rows.table(rig.url, "runs")
    assert (run["outcome"], run["error"]) == ("failed", "broken off")
    assert run["ended_at"] is not None
    assert rig.harvest(DAY).exit_code == 0
    assert rig.held == rig.shown


@pytest.mark.long
def test_ctrl_c_while_the_worker_starts_shows_no_traceback(rig: Rig, site: SiteServer) -> None:
    process = start(rig)
    until(lambda: has_child(process))
    os.killpg(process.pid, signal.SIGINT)
    _, _, err = ended(process)
    assert "Traceback" not in err


@pytest.mark.long
def test_a_disk_too_full_for_the_archive_stops_the_run(rig: Rig, site: SiteServer) -> None:
    site.faults = [instead("HC=2", body=random.Random(1).randbytes(2**21))]
    code, out, err = ended(start(rig, file_size=2**20))
    assert (code, out) == (3, "")
    assert err.startswith("thresher: the archive cannot be written: ")
    assert rig.held == [row for row in rig.shown if row["section"] == 1]
    assert len(rig.captures()) == 1
    assert all_captures_read_back(rig)
    (file,) = rig.archive.glob("*")
    assert file.name.endswith(".warc.gz.open")  # the next run looks what of it has no row
    subprocess.run(["gzip", "-t", "--suffix", ".open", file], check=True)
    site.faults = []
    assert rig.harvest(DAY).exit_code == 0
    assert rig.held == rig.shown


@pytest.mark.long
def test_a_disk_too_full_for_the_database_stops_the_run(rig: Rig) -> None:
    Store.open(rig.url).close()  # the schema is there: the disk is full for what comes then
    code, out, err = ended(start(rig, file_size=150 * 1024))
    assert (code, out) == (3, "")
    assert "Traceback" not in err
    assert "held.sqlite3: " in err
    assert all_captures_read_back(rig)
    assert rig.harvest(DAY).exit_code == 0
    assert rig.held == rig.shown


@pytest.mark.long
def test_a_second_process_is_refused_until_the_first_is_dead(
    rig: Rig, site: SiteServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(site, monkeypatch, after=1)  # robots.txt
    first = start(rig)
    until(lambda: len(site.pages_asked) >= 1)
    code, out, err = ended(start(rig))
    assert (code, out) == (3, "")
    assert f"another run holds rantburg: harvest, process {first.pid}" in err
    first.kill()
    ended(first)
    gate.open()
    assert rig.harvest(DAY).exit_code == 0
