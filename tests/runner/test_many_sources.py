"""Many sources in one process, or on a fleet: all at once, by pattern, and beside sites that never answer."""

import json
import signal
import socket
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ingest.clock import SystemClock
from ingest.store import Store
from tests.kit import rows
from tests.kit.child import THRESHER, Child, begun
from tests.kit.databases import newest_sqlite
from tests.kit.farm import SIX, SOURCE, Farm
from tests.kit.fleet import new_database
from tests.kit.postgres import server_or_skip
from tests.kit.waiting import until

EVERY = """
[[schedule]]
id = "often"
kind = "harvest"
every = "1h"
recent = 3
"""
"""Yesterday by UTC is the day before yesterday in a zone where it is past midnight."""
SILENT = 3
NUMBERS = pytest.mark.parametrize("number", [9, pytest.param(200, marks=pytest.mark.full)])

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(500),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8"),
]


def overdue(database: Path, names: Iterable[str]) -> None:
    """A time of each source's schedule was missed some minutes ago."""
    missed = SystemClock().now() - timedelta(minutes=5)
    with Store.open(str(database)) as store:
        for name in names:
            store.claims.skip(f"{name}/often", name, [missed - timedelta(hours=1)])


def begin(farm: Farm, *words: str, database: Path | str) -> Child:
    folder = farm.config.parent
    given = ["--config", farm.config, "--database", database, "--archive", folder / "archive"]
    return begun([THRESHER, *map(str, given), *words], folder)


@contextmanager
def silent_sites(farm: Farm) -> Iterator[list[socket.socket]]:
    """Sites that take a connection and say nothing, among the farm's sources."""
    listening = [socket.create_server((f"127.78.0.{place + 1}", 0)) for place in range(SILENT)]
    with farm.config.open("a", encoding="utf-8") as config:
        for place, site in enumerate(listening):
            url = "http://{}:{}/".format(*site.getsockname())
            name = f"silent-{place}-farm"
            config.write(SOURCE.format(name=name, engine="wordpress", url=url, zone="UTC", delay=0))
    try:
        yield listening
    finally:
        for site in listening:
            site.close()


@NUMBERS
def test_a_pattern_harvests_them_all_at_once(tmp_path: Path, number: int) -> None:
    database = tmp_path / "held.sqlite3"
    database.write_bytes(newest_sqlite())
    day = SIX.date().isoformat()
    with Farm(number, tmp_path) as farm:
        words = ("--json", "--quiet", "harvest", "--source", "*-farm", "--date", day)
        out, err = (process := begin(farm, *words, database=database)).communicate(timeout=400)
        assert process.returncode == 0, err
        assert farm.held(str(database)) == farm.shown
    reports = [json.loads(line) for line in out.splitlines()]
    assert sorted(report["source"] for report in reports) == sorted(farm.sites)


@NUMBERS
def test_a_fleet_harvests_them_all(tmp_path: Path, number: int) -> None:
    day = SIX.date().isoformat()
    with contextmanager(server_or_skip)() as server, Farm(number, tmp_path) as farm:
        farm.config.write_text('runner = "procrastinate"\n' + farm.config.read_text("utf-8"), "utf-8")
        url = new_database(server)
        words = ("--json", "--quiet", "harvest", "--source", "*-farm", "--date", day)
        out, err = (queueing := begin(farm, *words, database=url)).communicate(timeout=100)
        assert queueing.returncode == 0, err
        assert sorted(json.loads(line)["source"] for line in out.splitlines()) == sorted(farm.sites)
        working = ("--quiet", "worker", "--until-idle", "--concurrency", "4")
        for worker in [begin(farm, *working, database=url) for _ in range(2)]:
            _, err = worker.communicate(timeout=400)
            assert worker.returncode == 0, err
        assert farm.held(url) == farm.shown
        ended = [(row["state"], row["exit_code"]) for row in rows.table(url, "orders")]
        assert ended == [("ended", 0)] * number


@NUMBERS
def test_sites_that_never_answer_hold_no_other_back(tmp_path: Path, number: int) -> None:
    database = tmp_path / "held.sqlite3"
    database.write_bytes(newest_sqlite())
    (tmp_path / "schedules").mkdir()
    (tmp_path / "schedules" / "default.toml").write_text(EVERY)
    this_morning = SystemClock().now().replace(hour=0, minute=0, second=0, microsecond=0)
    day = datetime.combine(this_morning - timedelta(days=1), SIX.timetz())
    with Farm(number, tmp_path, day=day) as farm, silent_sites(farm) as silent:
        overdue(database, [*farm.sites, *(f"silent-{place}-farm" for place in range(SILENT))])
        process = begin(farm, "--quiet", "watch", "--source", "*-farm", database=database)
        try:
            until(lambda: process.poll() is not None or farm.held(str(database)) == farm.shown, within=400)
            assert process.poll() is None
            # They were asked, and their runs have not ended.
            for site in silent:
                site.settimeout(10)
                site.accept()[0].close()
        finally:
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
