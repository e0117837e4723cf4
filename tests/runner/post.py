"""One source's scheduler at work on a site of loopback, with a clock of its own: waits cost nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from ingest.records.chosen import SourceSettings
from ingest.records.outcome import Outcome
from ingest.runner.monitoring.metrics import Meters
from ingest.runner.scheduler.source_scheduler import ActiveSchedules, SourceScheduler
from ingest.settings import Settings
from ingest.store import Store
from parsers.registry import source_named
from schedules.schedule import Every, Schedule
from tests.kit import rows
from tests.kit.fakes import FakeClock
from tests.kit.rig import DAY, NOON
from tests.site.server import SiteServer

SOURCE = source_named("rantburg")
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

HOURLY = Schedule(id="hourly", source="rantburg", kind="harvest", when=Every(interval=HOUR), recent=1)
CHECK = Schedule(id="check", source="rantburg", kind="verify", when=Every(interval=HOUR), catch_up="all")
YEARS = Schedule(
    id="years", source="rantburg", kind="backfill", when=Every(interval=24 * HOUR), since=DAY - 3 * 24 * HOUR
)


class Watched(Meters):
    """Meters that do something more at each page, in the middle of a job."""

    def __init__(self) -> None:
        super().__init__()
        self.at_page: Callable[[int], None] = lambda _: None
        self._seen = 0

    def page(self, source: str, outcome: Outcome) -> None:
        super().page(source, outcome)
        self._seen += 1
        self.at_page(self._seen)


class Post:
    """A database, a site, and schedulers who share them as processes do: each by a store of its own."""

    def __init__(self, site: SiteServer, folder: Path, url: str | None = None) -> None:
        self.site = site
        self.url = url or str(folder / "held.sqlite3")
        self.archive = folder / "archive"
        self.clock = FakeClock(NOON)
        self.meters = Watched()
        self.stores: list[Store] = []

    def settings(self, **chosen: object) -> Settings:
        own = SourceSettings(base_url=self.site.url, delay=0.0)
        return Settings(
            database=self.url,
            archive=self.archive,
            contact="tests@localhost",
            sources={"rantburg": replace(own, **chosen)},  # type: ignore[arg-type]
        )

    def store(self) -> Store:
        self.stores.append(Store.open(self.url))
        return self.stores[-1]

    def scheduler(
        self, *schedules: Schedule, backoff: Sequence[float] = (), **chosen: object
    ) -> SourceScheduler:
        active = ActiveSchedules(settings=self.settings(**chosen), schedules=schedules)
        return SourceScheduler(
            SOURCE,
            active.of("rantburg"),
            store=self.store(),
            clock=self.clock,
            meters=self.meters,
            backoff=backoff,
        )

    def close(self) -> None:
        for store in self.stores:
            store.close()

    @property
    def entered(self) -> Mapping[tuple[str, datetime], str]:
        """The state of each time that was claimed or missed."""
        found = sorted(rows.table(self.url, "schedule_runs"), key=lambda row: row["scheduled_for"])
        return {(row["schedule"], row["scheduled_for"]): row["state"] for row in found}

    def states(self, schedule: Schedule) -> list[str]:
        return [state for (key, _), state in self.entered.items() if key == schedule.key]

    def number(self, name: str, **labels: str) -> float:
        """One of the meters' numbers; 0 if nothing was counted."""
        wanted = {"source": "rantburg"} | labels
        for line in self.meters.text().decode().splitlines():
            head, _, value = line.rpartition(" ")
            if head.startswith(f"thresher_{name}{{") and all(f'{k}="{v}"' in head for k, v in wanted.items()):
                return float(value)
        return 0.0
