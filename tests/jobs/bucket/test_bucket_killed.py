"""Kills, two machines at once and a store that goes away: in the end the bucket has every page, once."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.kit import rows
from tests.kit.child import THRESHER, Child, begun, ended, kill
from tests.kit.objects import ObjectServer
from tests.kit.rig import DAY, busy_day
from tests.kit.waiting import until
from tests.site.server import SiteServer

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

DAYS = tuple(DAY - timedelta(days=ago) for ago in range(4))
WINDOW = ("--since", str(DAYS[-1]), "--until", str(DAYS[0]))
SMALL_FILES = """
import ingest.archive.writer as writer
writer.FULL_OBJECT = 12_000
from ingest.cli.main import main
main()
"""
"""Several uploads in one run."""


@pytest.fixture
def site() -> Iterator[SiteServer]:
    with SiteServer([busy_day(day, number=number) for number, day in enumerate(DAYS)]) as site:
        site._http.handle_error = lambda *_: None  # type: ignore[method-assign] - readers are killed
        yield site


class Machine:
    """A machine with a spool of its own; the database is that of all."""

    def __init__(self, folder: Path, name: str, bucket: str, site: SiteServer) -> None:
        self.spool = folder / name / "spool"
        self.database = str(folder / "held.sqlite3")
        self._site = site
        self._home = folder / name
        self._environment = {
            "THRESHER_SPOOL": str(self.spool),
            "THRESHER_ARCHIVE": f"s3://{bucket}/archive",
            "THRESHER_DATABASE": self.database,
        }

    def start(self, *words: str, small: bool = False) -> Child:
        program = [sys.executable, "-c", SMALL_FILES] if small else [str(THRESHER)]
        return begun([*program, *words], self._home, environment=self._environment)

    def backfill(self, *, small: bool = False) -> Child:
        words = ("backfill", "rantburg", *WINDOW, "--base-url", self._site.url, "--delay", "0")
        return self.start(*words, small=small)

    def run(self, *words: str, code: int = 0) -> Any:
        return told(self.start(*words, "--json"), code)

    def spooled(self) -> list[str]:
        return sorted(path.name for path in self.spool.rglob("*.*"))


def told(child: Child, code: int = 0) -> Any:
    """What it printed, as JSON if it is, when it has ended with the exit code."""
    ended_with, out, err = ended(child, within=200)
    assert ended_with == code, (out, err)
    return json.loads(out) if out.startswith("{") else out + err


class _Strike:
    """Kills a process at the upload of so many files."""

    def __init__(self, child: Child, *, at: int) -> None:
        self._child = child
        self._left = at

    def __call__(self, method: str, path: str) -> None:
        self._left -= method == "PUT" and path.endswith(".warc.gz")
        if self._left == 0:
            os.killpg(self._child.pid, signal.SIGKILL)


def _asked_for(site: SiteServer, pages: int) -> bool:
    return len(site.pages_asked) >= pages


def all_is_there(machine: Machine, site: SiteServer) -> None:
    """Every row is the site's; every capture is in the bucket, whole and once, and no other."""
    assert rows.held(machine.database) == rows.told(*site.days.values())
    verified = machine.run("archive", "verify")
    assert verified["findings"] == []
    places = [(row["warc_file"], row["warc_offset"]) for row in rows.table(machine.database, "captures")]
    assert len(places) == len(set(places)) == verified["captures"]


@pytest.mark.parametrize("when", ["before the store has it", "after", "while pages are fetched"])
def test_killed_again_and_again_nothing_is_lost_or_doubled(
    when: str, bucket: str, s3: ObjectServer, site: SiteServer, tmp_path: Path
) -> None:
    machine = Machine(tmp_path, "one", bucket, site)
    for number in range(1, 4):
        child = machine.backfill(small=True)
        if when == "while pages are fetched":
            asked = len(site.pages_asked)
            until(partial(_asked_for, site, asked + 2 * number))
            kill(child)
        else:
            strike = _Strike(child, at=number)
            s3.faults = [strike] if when.startswith("before") else []
            s3.after = strike if when == "after" else s3.after
        child.communicate(timeout=200)
        assert child.returncode == -signal.SIGKILL
        s3.heal()
    told(machine.backfill())
    assert machine.spooled() == []
    all_is_there(machine, site)


def test_two_machines_write_to_one_bucket_at_once(
    bucket: str, s3: ObjectServer, site: SiteServer, tmp_path: Path
) -> None:
    machines = [Machine(tmp_path, name, bucket, site) for name in ("one", "two")]
    children = [machine.backfill(small=True) for machine in machines]
    for child in children:
        child.communicate(timeout=200)
        assert child.returncode in {0, 1}  # 1: a day was the other's
    told(machines[0].backfill())
    assert [machine.spooled() for machine in machines] == [[], []]
    all_is_there(Machine(tmp_path, "three", bucket, site), site)


@pytest.mark.parametrize("status", [503, 0])
def test_a_store_that_goes_away_is_waited_for_by_the_next_run(
    status: int, bucket: str, s3: ObjectServer, site: SiteServer, tmp_path: Path
) -> None:
    one, two = (Machine(tmp_path, name, bucket, site) for name in ("one", "two"))
    s3.faults = [lambda method, path: status if method == "PUT" and path.endswith(".gz") else None]
    words = told(one.backfill(), 3)
    assert f"s3://{bucket}/archive/THRESHER-rantburg-" in words
    (waiting,) = one.spooled()
    assert s3.objects(bucket) == {}
    # Here it is read out of the spool; elsewhere it is not there yet, and that is said.
    assert one.run("archive", "verify")["findings"] == []
    assert {one["file"] for one in two.run("archive", "verify", code=1)["findings"]} == {waiting}
    s3.faults = [lambda _method, _path: status]
    assert "cannot be read or written" in told(one.backfill(), 3)
    s3.heal()
    one.run("archive", "adopt")
    assert one.spooled() == []
    assert list(s3.objects(bucket)) == [f"archive/{waiting}"]
    all_is_there(two, site)


def test_what_is_wrong_with_the_store_is_said_before_a_page_is_asked_for(
    bucket: str, s3: ObjectServer, site: SiteServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "NoSuchBucket" in told(Machine(tmp_path, "one", "nowhere-at-all", site).backfill(), 3)
    s3.faults = [lambda _method, _path: 403]
    assert "AccessDenied" in told(Machine(tmp_path, "one", bucket, site).backfill(), 3)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    assert "credentials" in told(Machine(tmp_path, "one", bucket, site).backfill(), 3)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tests")
    assert "Could not connect" in told(Machine(tmp_path, "one", bucket, site).backfill(), 3)
    assert site.pages_asked == []
    assert list(tmp_path.rglob("*.warc.gz*")) == []
