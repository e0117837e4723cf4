"""PostgreSQL as the other database: it ends our sessions, and it must come to hold the same."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import pytest
from sqlalchemy import Engine, create_engine, event, text

from ingest.errors import CouldNotRun, SessionLost
from ingest.jobs.reparse import batches
from tests.faults.held import unreadable
from tests.faults.site import before, past_days
from tests.faults.sizes import sizes
from tests.jobs.reparse.again import parse_again, whole
from tests.kit import rows
from tests.kit.postgres import server_or_skip
from tests.kit.rig import DAY, Rig, busy_day
from tests.site.faults import instead
from tests.site.model import delete_comment
from tests.site.server import SiteServer

DAYS = 2
SECTIONS = (1, 2)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    yield from server_or_skip()


@pytest.fixture
def new_database(server: str) -> Callable[[str], str]:
    def make(name: str) -> str:
        _on(server, f"CREATE DATABASE {name}")
        return server.replace("/postgres?", f"/{name}?")

    return make


def _on(server: str, statement: str) -> None:
    engine = create_engine(server.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    engine.dispose()


class Ended:
    """Ends all sessions of a database at the nth commit of this process, and at as many as ``times`` then."""

    def __init__(self, server: str, name: str, at: int, *, times: int = 1) -> None:
        self._statement = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        self._server = server
        self._times = times
        self.left = at

    def __enter__(self) -> Self:
        event.listen(Engine, "commit", self._commit)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(Engine, "commit", self._commit)

    def _commit(self, connection: Any) -> None:
        if connection.dialect.name == "postgresql" and connection.engine.url.database != "postgres":
            self.left -= 1
            if -self._times < self.left <= 0:
                _on(self._server, self._statement)


@sizes("every", quick=9, full=1)
def test_a_session_that_is_ended(
    every: int,
    server: str,
    new_database: Callable[[str], str],
    tmp_path: Path,
    figure: Callable[[str, str], None],
) -> None:
    costs, wrong, at = 0, 0, 1
    with SiteServer(past_days(DAYS, sections=SECTIONS)) as site:
        while True:
            rig = Rig(site, tmp_path / str(at), new_database(f"ended_{at}"))
            rig.backfill(before(9), before(9))  # its tables are there
            with Ended(server, f"ended_{at}", at) as ended:
                try:
                    code = rig.backfill(before(DAYS), before(1)).exit_code
                except CouldNotRun:
                    code = 3
            if ended.left > 0:
                break
            costs += code != 0
            wrong += code == 0 and rig.held != rig.shown
            rig.clock.advance(86400)
            wrong += rig.backfill(before(DAYS), before(1)).exit_code != 0 or rig.held != rig.shown
            at += every
    figure("T75", f"sessions ended at {at // every} commits: it cost {costs} runs, {wrong} went wrong")
    assert costs == 0
    assert wrong == 0


@pytest.mark.long
@pytest.mark.parametrize("at", [8, 15])
def test_a_session_that_is_ended_twice_in_a_row_names_it_and_the_next_run_mends_it(
    at: int, server: str, new_database: Callable[[str], str], tmp_path: Path
) -> None:
    with SiteServer(past_days(DAYS, sections=SECTIONS)) as site:
        rig = Rig(site, tmp_path, new_database(f"twice_{at}"))
        rig.backfill(before(9), before(9))  # its tables are there
        with Ended(server, f"twice_{at}", at, times=2), pytest.raises(SessionLost) as lost:
            rig.backfill(before(DAYS), before(1))
        assert "terminating connection due to administrator command" in str(lost.value)
        newest = max(rows.table(rig.url, "runs"), key=lambda run: int(run["id"]))
        assert (newest["outcome"], newest["error"]) == ("failed", str(lost.value))
        rig.clock.advance(86400)
        assert rig.backfill(before(DAYS), before(1)).exit_code == 0
        assert rig.held == rig.shown
        assert unreadable(rig) == []


@pytest.mark.long
def test_both_databases_hold_the_same(
    new_database: Callable[[str], str], tmp_path: Path, figure: Callable[[str, str], None]
) -> None:
    digests = []
    with SiteServer(past_days(DAYS)) as site:
        site.volatile = False  # or its pages tell how often it was asked
        for name in ("sqlite", "postgresql"):
            site.put(busy_day())
            rig = Rig(site, tmp_path / name, new_database("same") if name == "postgresql" else None)
            visits(rig)
            digests.append((rows.digest(rig.url), rig.held == rig.shown))
    figure("T76", f"SQLite {digests[0][0][:12]}, PostgreSQL {digests[1][0][:12]}")
    assert digests[0] == digests[1]
    assert digests[0][1]


def visits(rig: Rig) -> None:
    """A backfill with faults, a harvest, a deletion that a second harvest sees."""
    # Nothing that is asked again: how long that waits is chance.
    rig.site.faults = [instead("HC=3", body=b"<p>Trouble</p>", times=1)]
    rig.backfill(before(DAYS), before(1))
    rig.site.faults = []
    rig.harvest(DAY)
    article = next(one for one in rig.site.days[DAY].articles if len(one.comments) > 1)
    gone = article.comments[0].external_id
    rig.site.change(DAY, lambda day: delete_comment(day, article.external_id, gone))
    rig.harvest(DAY, full=True)
    rig.clock.advance(40 * 86400)
    assert rig.backfill(before(DAYS), before(1)).exit_code == 0


@pytest.mark.long
def test_a_re_parse_whose_sessions_are_ended_counts_each_page_once(
    server: str, new_database: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "PAGES_AT_ONCE", 3)
    with SiteServer(past_days(DAYS, sections=SECTIONS)) as site:
        rig = Rig(site, tmp_path, new_database("parsed_again"))
        assert rig.backfill(before(DAYS), before(1)).exit_code == 0
        undisturbed, held = parse_again(rig, everything=True), whole(rig.url)
        for at in (1, 2, 3):
            with Ended(server, "parsed_again", at) as ended:
                report = parse_again(rig, everything=True)
            assert ended.left <= 0
            assert replace(report, run_id=0, seconds=0.0) == replace(undisturbed, run_id=0, seconds=0.0)
            assert whole(rig.url) == held
