"""PostgreSQL that is restarted amid the work, without a goodbye: the runs go on by themselves.

An immediate shutdown ends every session, loses what was not committed, and is followed by a recovery.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import pytest
from sqlalchemy import Engine, event

from ingest.jobs.reparse import ReparseReport, batches
from ingest.store import Store
from tests.faults.site import SECTIONS, before, past_days
from tests.faults.sizes import sizes
from tests.jobs.reparse.again import parse_again
from tests.kit import rows
from tests.kit.postgres import LASTING, Server, binaries_or_skip, started
from tests.kit.rig import DAY, Rig, busy_day
from tests.site.model import delete_comment
from tests.site.server import SiteServer

OF_VISITS, OF_PARSES = 307, 31
"""Statements between two restarts: more than those of a transaction, so that none is struck twice."""


class Restarting:
    """Restarts a server before every nth statement of this process, so many times."""

    def __init__(self, server: Server, times: int, *, apart: int) -> None:
        self._server = server
        self._turn = threading.RLock()
        self._statements = 0
        self._apart = apart
        self.left = times

    def __enter__(self) -> Self:
        event.listen(Engine, "before_cursor_execute", self._count)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(Engine, "before_cursor_execute", self._count)

    def _count(self, connection: Any, *_: object) -> None:
        if connection.dialect.name != "postgresql":
            return
        with self._turn:
            self._statements += 1
            if self.left and self._statements % self._apart == 0:
                self.left -= 1
                self._server.stop()
                self._server.start()


def visits(rig: Rig) -> None:
    """A backfill, a harvest, and another one that sees a deletion and has to ask for everything."""
    site = rig.site
    site.put(busy_day())
    assert rig.backfill(before(len(site.days) - 1), before(1)).exit_code == 0
    assert rig.harvest(DAY).exit_code == 0
    article = next(one for one in site.days[DAY].articles if len(one.comments) > 1)
    gone = article.comments[0].external_id
    site.change(DAY, lambda day: delete_comment(day, article.external_id, gone))
    assert rig.harvest(DAY, full=True).exit_code == 0


def counted(report: ReparseReport) -> ReparseReport:
    return replace(report, run_id=0, seconds=0.0)


@sizes("restarts", quick=3, full=20)
def test_a_server_that_is_restarted(
    restarts: int, tmp_path: Path, figure: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "PAGES_AT_ONCE", 2)
    days = past_days(max(4, 3 * restarts // 2), sections=SECTIONS)
    undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "disturbed"
    with started(binaries_or_skip(), LASTING) as server, SiteServer(days) as site:
        site.volatile = False  # or its pages say how often it was asked
        held = []
        for folder, times in ((undisturbed, 0), (disturbed, restarts)):
            rig = Rig(site, folder, server.url if times else None)
            folder.mkdir()
            Store.open(rig.url).close()  # its schema is made by more statements than are between two restarts
            with Restarting(server, times, apart=OF_VISITS) as struck:
                visits(rig)
            of_visits, harvested = times - struck.left, rows.digest(rig.url)
            with Restarting(server, times, apart=OF_PARSES) as struck:
                report = parse_again(rig, everything=True)
            of_parses = times - struck.left
            # A sequence goes on 32 numbers later after a crash: the run's report names its id.
            parsed = rows.digest(rig.url, without={"runs"})
            held.append((harvested, parsed, counted(report), rig.held == rig.shown))
    figure("T75", f"{of_visits} restarts in visits, {of_parses} in a re-parse: no run ended, all is held")
    assert held[0] == held[1]
    assert held[1][-1]
    assert of_visits == restarts
    assert of_parses > 0
