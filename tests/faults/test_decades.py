"""Twenty-five years of days with a kill at each percent: each day is done once, and none is left out."""

import random
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import ingest.jobs.backfill
from ingest.pipeline.recover import Recovery
from ingest.pipeline.workspace import Run
from ingest.records.outcome import Outcome
from ingest.records.pages import PageState
from ingest.store import Store
from parsers.registry import source_named
from tests.faults.machine import Killed, Machine
from tests.faults.sizes import sizes
from tests.kit.rig import DAY, Rig
from tests.site.server import SiteServer

SEED = 4711
KILLS = 100


@dataclass(slots=True)
class PlainLine:
    """A line whose every day is one transaction; it dies at its turn, before it or after."""

    store: Store
    machine: Machine
    now: Callable[[], datetime]
    done: Counter[date]
    days_to_live: int
    dies_before: bool

    async def visit(self, day: date, *, full: bool, require_lease: Any) -> AsyncGenerator[Outcome, None]:
        """As ``PagePipeline.visit``."""
        self.days_to_live -= 1
        self._live(dies=self.dies_before)
        with self.store.transaction() as transaction:
            require_lease(transaction)
            for section in source_named("rantburg").sections:
                page = PageState(source="rantburg", day=day, section=section, state="done")
                transaction.ledger.put(replace(page, visited_at=self.now(), full_at=self.now()))
        self.done[day] += 1
        self._live(dies=not self.dies_before)
        yield Outcome(day=day, section=1, url="", state="done")

    def _live(self, *, dies: bool) -> None:
        if dies and self.days_to_live <= 0:
            self.machine.dead = True
            raise Killed


@sizes("years", quick=1, full=25, seconds=1800)
def test_every_day_once(
    years: int, ram_path: Path, figure: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(SEED)
    kills = KILLS if years > 1 else KILLS // 10
    done: Counter[date] = Counter()
    since, until = DAY - timedelta(days=years * 365 + years // 4), DAY - timedelta(days=1)
    wanted = (until - since).days + 1
    lives = [chance.randint(1, 2 * wanted // kills - 1) for _ in range(kills)]
    with SiteServer() as site:
        rig = Rig(site, ram_path)
        for life in [*lives, 2 * wanted]:
            machine = Machine()
            line = partial(
                PlainLine,
                machine=machine,
                now=rig.clock.now,
                done=done,
                days_to_live=life,
                dies_before=chance.random() < 0.5,
            )
            monkeypatch.setattr(ingest.jobs.backfill, "open_pipeline", opener(line))
            died = False
            try:
                with machine.at_work():
                    report = rig.backfill(since, until)
            except Killed:
                died = True
            if not died:
                break
    twice = sum(count > 1 for count in done.values())
    figure("T67", f"{wanted} days, {kills} kills: {wanted - len(done)} missing, {twice} twice")
    assert report.exit_code == 0
    assert (len(done), twice) == (wanted, 0)
    assert set(rig.page_states().values()) == {"done"}


def opener(line: Callable[..., PlainLine]) -> Any:
    """In the place of ``open_pipeline``: there is no site and no archive."""

    @asynccontextmanager
    async def opened(run: Run, _chosen: object) -> AsyncIterator[SimpleNamespace]:
        with run.workspace.store.present() as owner:
            yield SimpleNamespace(
                pipeline=line(run.workspace.store),
                owner=owner,
                fetcher=SimpleNamespace(requests=0, bytes_received=0),
                recovery=Recovery(),
            )

    return opened
