"""The whole line on a site of loopback, with a clock of its own: waits cost nothing."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Self

from ingest.fetch import Limits
from ingest.jobs.backfill import Backfill, OnOutcome, Progress, backfill
from ingest.jobs.harvest import Harvest, harvest
from ingest.pipeline.stop import Stop
from ingest.pipeline.workspace import Workspace
from ingest.records.backfill_report import BackfillReport
from ingest.records.chosen import SourceSettings
from ingest.records.outcome import Outcome, Report
from ingest.settings import Settings
from ingest.store import Store
from parsers.registry import source_named
from schedules.windows import Window
from tests.kit import rows
from tests.kit.databases import newest_sqlite
from tests.kit.fakes import FakeClock
from tests.site.invent import invented_day
from tests.site.model import Day
from tests.site.server import SiteServer

DAY = date(2018, 4, 14)
COMMENTS = 40
NOON = datetime(2018, 4, 14, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)
QUICK = Limits(connect=2.0, deadline=5.0)


def busy_day(day: date = DAY, *, number: int = 0) -> Day:
    """Five sections that are not empty and one that is."""
    return invented_day(
        day,
        articles={1: 3, 2: 2, 3: 2, 4: 1, 6: 1},
        comments=COMMENTS,
        first_article=510_000 + 1_000 * number,
        first_comment=4_000_000 + 10_000 * number,
    )


class Rig:
    """A site, a store and an archive; ``harvest`` visits, an hour after the visit before."""

    def __init__(self, site: SiteServer, folder: Path, url: str | None = None) -> None:
        self.site = site
        self.url = url or str(folder / "held.sqlite3")
        self.archive = folder / "archive"
        self.clock = FakeClock(NOON)
        self.told: list[Outcome] = []
        self.settings = Settings(database=self.url, archive=self.archive, contact="tests@localhost")

    @classmethod
    def ready(cls, site: SiteServer, folder: Path) -> Self:
        """One whose database is there already, and empty."""
        (folder / "held.sqlite3").write_bytes(newest_sqlite())
        return cls(site, folder)

    def harvest(
        self,
        *days: date,
        full: bool = False,
        recent: int | None = None,
        limits: Limits = QUICK,
        base_url: str | None = None,
    ) -> Report:
        self.clock.advance(HOUR.total_seconds())
        before = len(self.site.pages_asked)
        with Store.open(self.url) as store:
            report = asyncio.run(
                harvest(
                    Harvest(source=source_named("rantburg"), days=days, recent=recent, full=full),
                    self.workspace(store, limits=limits),
                    chosen=SourceSettings(base_url=base_url or self.site.url, delay=0.0),
                    progress=self.told.append,
                )
            )
        self.asked = self.site.pages_asked[before:]
        return report

    def backfill(
        self,
        since: date,
        until: date,
        *,
        limits: Limits = QUICK,
        stop: Stop | None = None,
        newest_first: bool = True,
        base_url: str | None = None,
        progress: Progress = lambda _source, _done, _total: None,
        on_outcome: OnOutcome = lambda _outcome: None,
    ) -> BackfillReport:
        self.clock.advance(HOUR.total_seconds())
        before = len(self.site.pages_asked)
        wanted = Backfill(
            source=source_named("rantburg"),
            chosen=SourceSettings(base_url=base_url or self.site.url, delay=0.0),
            window=Window.of(since, until),
            newest_first=newest_first,
        )

        async def run() -> BackfillReport:
            (came,) = await backfill(
                [wanted],
                self.workspace(store, limits=limits, stop=stop),
                progress=progress,
                on_outcome=on_outcome,
            )
            if not isinstance(came, BackfillReport):
                raise came
            return came

        with Store.open(self.url) as store:
            report = asyncio.run(run())
        self.asked = self.site.pages_asked[before:]
        return report

    def workspace(self, store: Store, *, limits: Limits = QUICK, stop: Stop | None = None) -> Workspace:
        return Workspace(settings=self.settings, store=store, clock=self.clock, limits=limits, stop=stop)

    @property
    def held(self) -> rows.Rows:
        return rows.held(self.url)

    @property
    def shown(self) -> rows.Rows:
        return rows.told(*self.site.days.values())

    def page_states(self) -> Mapping[tuple[date, int], str]:
        return {(row["day"], row["section"]): row["state"] for row in rows.table(self.url, "pages")}

    def captures(self) -> rows.Rows:
        return rows.table(self.url, "captures")
