"""What a time of a schedule is: a harvest, a backfill or a verify, with the settings of its source.

A job runs in the thread it is called in, with an event loop of its own: neither a page that is slow to parse
nor a database that is slow to write keeps another source, or a signal, waiting.
"""

import logging
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from ingest.clock import Clock
from ingest.decide.completeness.counters import summary
from ingest.fetch.waits import Waits
from ingest.jobs.backfill import Backfill, backfill
from ingest.jobs.harvest import Harvest, harvest
from ingest.jobs.verify import cover
from ingest.pipeline.parse.worker import PageParser
from ingest.pipeline.stop import Stop
from ingest.pipeline.workspace import Workspace
from ingest.records.backfill_report import BackfillReport
from ingest.records.orders import NewOrder, Order
from ingest.records.outcome import Outcome, Report
from ingest.runner.fleet.door import is_queued, open_fleet, submitting
from ingest.runner.fleet.waiting import wait_for
from ingest.runner.fleet.wishes import of_backfill, of_harvest
from ingest.runner.monitoring.metrics import Meters
from ingest.settings import Settings
from ingest.store import Store
from parsers.source import Source
from schedules.schedule import Schedule
from schedules.windows import Window

log = logging.getLogger(__name__)

# The exit code of a run that the site gave nothing at all.
NO_ANSWERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a job ended. ``done``: it ran to its end, though ``error`` may say what is short."""

    state: Literal["done", "failed"]
    run_id: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """The jobs of one source. None instead of an end: it was stopped before."""

    source: Source
    settings: Settings
    store: Store
    clock: Clock
    meters: Meters
    waits: Waits
    parser: PageParser | None = None

    async def harvest(self, schedule: Schedule, stop: Stop) -> Ended | None:
        """One visit. Busy if somebody else holds the source."""
        wanted = Harvest(source=self.source, recent=schedule.recent, full=schedule.full)
        chosen = self.settings.source(self.source.name)
        if is_queued(self.settings):
            return await self._queued(of_harvest(wanted, chosen), stop)
        report = await harvest(wanted, self._workspace(stop), chosen=chosen, progress=self._on_outcome)
        return self._ended(report)

    async def backfill(self, schedule: Schedule, stop: Stop) -> Ended | None:
        """The days of the schedule's window that are over and not done."""
        window = schedule.window(self.clock.now().astimezone(ZoneInfo(self.source.zone)).date())
        if window is None:
            return Ended(state="done", error="none of its days is over yet")
        wanted = Backfill(
            source=self.source,
            chosen=self.settings.source(self.source.name),
            window=window,
            newest_first=schedule.order == "newest",
            full=schedule.full,
        )
        if is_queued(self.settings):
            return await self._queued(of_backfill(wanted), stop)
        (report,) = await backfill(
            [wanted],
            self._workspace(stop),
            progress=lambda _source, _done, _total: None,
            on_outcome=self._on_outcome,
        )
        if not isinstance(report, BackfillReport):
            raise report
        return self._ended(report)

    def verify(self, schedule: Schedule) -> Ended:
        """The site's counters against what is held."""
        since, until = schedule.since, schedule.until
        window = Window.of(since, until) if since is not None and until is not None else None
        covered = cover(self.store, self.source.name, since=since, until=until, window=window)
        if covered.complete:
            return Ended(state="done")
        *_, verdict = covered.sentences()
        log.warning("%s: %s", schedule.key, verdict)
        return Ended(state="done", error=verdict)

    def count_short_days(self) -> None:
        """Enter how many days are short by the ledger."""
        short = summary(self.store.ledger.coverage(self.source.name)).short_days
        self.meters.short_days(self.source.name, len(short))

    async def _queued(self, wanted: NewOrder, stop: Stop) -> Ended | None:
        """Have workers do it. If it is stopped the order stays, and whoever claims the time next finds it."""
        with open_fleet(self.settings, self.store, self.clock) as fleet:
            put: Order = submitting().submit(fleet, wanted)
        (order,) = await wait_for([put], self.store, self.clock, is_asked=lambda: stop.asked)
        # It was stopped: the order stays, and so does the claim.
        if order.state == "open":
            return None
        failed = order.exit_code not in {0, 1}
        if failed:
            self.meters.failure(self.source.name, "run")
        lacks = f"pages are short or failed: see thresher runs, order {order.order_id}"
        error = order.error or (lacks if order.exit_code else None)
        return Ended(state="failed" if failed else "done", run_id=order.run_id, error=error)

    def _workspace(self, stop: Stop) -> Workspace:
        return Workspace(
            settings=self.settings,
            store=self.store,
            clock=self.clock,
            stop=stop,
            waits=self.waits,
            parser=self.parser,
        )

    def _on_outcome(self, outcome: Outcome) -> None:
        self.meters.page(self.source.name, outcome)

    def _ended(self, report: Report) -> Ended | None:
        self.meters.received(self.source.name, report.bytes_received)
        if report.stopped:
            return None
        failed = report.exit_code == NO_ANSWERS
        if failed:
            self.meters.failure(self.source.name, "run")
        return Ended(state="failed" if failed else "done", run_id=report.run_id, error=_lacks(report))


def _lacks(report: Report) -> str | None:
    if report.exit_code == 0:
        return None
    reasons = [outcome.reason for outcome in report.outcomes if outcome.reason]
    words = f"pages short {report.pages['short']}, failed {report.pages['failed']}"
    if isinstance(report, BackfillReport):
        words += f", days not done {report.days.waiting + report.days.resting}"
    return f"{words}; the first: {reasons[0]}" if reasons else words
