"""The whole line on a replica of a common kind of software, with a clock of its own: waits cost nothing."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ingest.decide.completeness.gaps import day_state
from ingest.fetch import Limits
from ingest.jobs.harvest import Harvest, harvest
from ingest.jobs.reparse.run import reparse
from ingest.jobs.reparse.selection import Reparse
from ingest.jobs.verify import Coverage, cover
from ingest.pipeline.stop import Stop
from ingest.pipeline.workspace import Workspace
from ingest.records.budget import UNLIMITED
from ingest.records.chosen import SourceSettings
from ingest.records.lists import ThreadState
from ingest.records.outcome import Report
from ingest.settings import Settings
from ingest.store import Store
from ingest.store.database.schema import articles, comments
from parsers.registry import configure, source_named
from parsers.source import Site
from tests.kit import rows
from tests.kit.databases import newest_sqlite
from tests.kit.fakes import FakeClock
from tests.site.engines.server import EngineServer

NAME = "mine"
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
QUICK = Limits(connect=2.0, deadline=5.0)


class SiteRig:
    """A replica, a store and an archive; ``harvest`` visits, an hour after the visit before."""

    def __init__(self, server: EngineServer[Any], folder: Path, site: Site) -> None:
        (folder / "held.sqlite3").write_bytes(newest_sqlite())
        self.server = server
        self.site = site
        self.url = str(folder / "held.sqlite3")
        self.clock = FakeClock(NOON)
        self.settings = Settings(
            database=self.url, archive=folder / "archive", contact="tests@localhost", sites=(site,)
        )
        self.asked: list[str] = []
        self.budget = UNLIMITED

    @property
    def chosen(self) -> SourceSettings:
        """What the operator says of the site."""
        return SourceSettings(base_url=self.site.base_url, delay=0.0, budget=self.budget)

    def harvest(self, *days: date, full: bool = False, after: timedelta = timedelta(hours=1)) -> Report:
        """One visit; ``asked`` are then the addresses that it asked for, without the site's root."""
        self.clock.advance(after.total_seconds())
        before = len(self.server.pages_asked)
        with Store.open(self.url) as store:
            report = asyncio.run(
                harvest(
                    Harvest(source=source_named(NAME), days=days, full=full),
                    self.workspace(store),
                    chosen=self.chosen,
                    progress=lambda _: None,
                )
            )
        self.asked = self.server.pages_asked[before:]
        return report

    def reparse(self) -> dict[str, object]:
        """Parse everything that is held again, and what ``--json`` prints of it."""
        with Store.open(self.url) as store:
            report = reparse(
                Reparse(source=source_named(NAME), everything=True),
                self.workspace(store),
                workers=1,
                progress=lambda _done, _total: None,
            )
        return report.as_json()

    def workspace(self, store: Store) -> Workspace:
        """What a run is started with."""
        return Workspace(settings=self.settings, store=store, clock=self.clock, limits=QUICK, stop=Stop())

    def threads(self) -> dict[str, ThreadState]:
        """The ledger's rows of threads, by id."""
        with Store.read(self.url) as store:
            lists = store.threads.of_window(NAME)
        return {row.thread: row for row in lists if row.kind == "comments"}

    def day_state(self, day: date) -> str:
        """The worst state of the day's rows in the ledger."""
        with Store.read(self.url) as store:
            known = store.ledger.day_known(NAME, day)
        return day_state(known.pages.values())

    def live_comments(self, *columns: str) -> set[tuple[Any, ...]]:
        """The comments that are there: their article's id, and these columns of each."""
        joined = select(articles.c.external_id, *(comments.c[name] for name in columns))
        wanted = joined.join_from(comments, articles).where(comments.c.vanished_at.is_(None))
        with rows.Connected(self.url) as connection:
            found = [tuple(row) for row in connection.execute(wanted)]
        assert len(found) == len(set(found)), "a comment is held twice"
        return set(found)

    def live_articles(self) -> set[str]:
        """The ids of the articles that are there."""
        wanted = select(articles.c.external_id).where(articles.c.vanished_at.is_(None))
        with rows.Connected(self.url) as connection:
            return set(connection.execute(wanted).scalars())

    def coverage(self) -> Coverage:
        """What ``verify`` finds."""
        with Store.read(self.url) as store:
            return cover(store, NAME, since=None, until=None, window=None)


@contextmanager
def rig_for(
    server: EngineServer[Any], folder: Path, engine: str, zone: str, **more: Any
) -> Iterator[SiteRig]:
    """A rig whose site is a source while it lasts."""
    site = Site(name=NAME, engine=engine, base_url=server.url, zone=zone, delay=0.0, **more)
    configure((site,))
    try:
        yield SiteRig(server, folder, site)
    finally:
        configure(())
