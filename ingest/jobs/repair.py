"""A repair: just the pages that are short or failed by what is held now, each asked for once.

    ledger + what is held --plan--> Targets --lease--> line --> Outcomes --cover again--> RepairReport

A page that was never loaded is a backfill's. What rests after a failure is asked for all the same. A day that
another process has on lease is left to it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

from ingest.clock import Clock
from ingest.decide.completeness.gaps import never_loaded
from ingest.errors import LeaseLost
from ingest.fetch import Limits
from ingest.jobs.backfill import LEASE, renewed
from ingest.jobs.harvest import Progress
from ingest.jobs.verify import Coverage, cover, page_json, window_of
from ingest.pipeline.stop import Stop
from ingest.pipeline.workspace import OpenLine, open_line
from ingest.records.outcome import Outcome, Report
from ingest.records.pages import PageState, RunOutcome
from ingest.settings import Settings, SourceSettings
from ingest.store import Lease, Store
from parsers.source import Source
from schedules.backfill import repair_targets
from schedules.plan import Target

log = logging.getLogger(__name__)

MOST_REFUSALS = 2
"""One page may be broken; a host that refuses so many in a row is to be left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What to repair; a window that is open at an end goes as far as the ledger does."""

    source: Source
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairPlan:
    """How it stands, which rows are to be asked for, in order, and how many pages were never loaded."""

    covered: Coverage
    rows: tuple[PageState, ...]
    never_loaded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairReport:
    """How a repair ended: its visits, and the coverage before and after them.

    ``taken`` is how many pages another process was working on, by its lease of their day.
    """

    visits: Report
    planned: int
    taken: int
    before: Coverage
    after: Coverage

    @property
    def exit_code(self) -> int:
        """0 all is complete now; 1 it is not; 3 the site gave nothing at all, though nobody stopped it."""
        if self.visits.exit_code == 3 and not self.visits.stopped:
            return 3
        return 0 if self.after.complete else 1

    @property
    def run_outcome(self) -> RunOutcome:
        """What the run's row says."""
        if self.exit_code == 3:
            return "failed"
        return "incomplete" if self.exit_code else "complete"

    @property
    def never_loaded(self) -> int:
        """How many pages wait for a backfill."""
        return sum(map(never_loaded, self.after.pages))

    @property
    def not_asked(self) -> int:
        """How many pages were not reached, as the host refused or the run was stopped."""
        return self.planned - self.taken - len(self.visits.outcomes)

    def as_json(self) -> dict[str, object]:
        """What ``--json`` prints."""
        return self.visits.as_json() | {
            "outcome": self.run_outcome,
            "exit_code": self.exit_code,
            "planned": self.planned,
            "not_asked": self.not_asked,
            "taken": self.taken,
            "stopped": self.visits.stopped,
            "never_loaded": self.never_loaded,
            "before": self.before.in_short(),
            "after": self.after.in_short(),
            "incomplete": [page_json(page) for page in self.after.incomplete],
        }


def planned(wanted: Repair, store: Store) -> RepairPlan:
    """What there is to ask for now; changes nothing."""
    return plan_repair(_covered(wanted, store))


def plan_repair(covered: Coverage) -> RepairPlan:
    """Those that failed least often come first: pages that can never be had do not stand before others."""
    by_target = {Target(day=page.day, section=page.section): page for page in covered.counted}
    targets = repair_targets({target: page.state for target, page in by_target.items()})
    rows = [by_target[target] for target in targets]
    return RepairPlan(
        covered=covered,
        rows=tuple(sorted(rows, key=lambda row: row.attempts)),
        never_loaded=sum(map(never_loaded, covered.pages)),
    )


async def repair(
    wanted: Repair,
    *,
    settings: Settings,
    chosen: SourceSettings,
    store: Store,
    clock: Clock,
    progress: Progress,
    limits: Limits | None = None,
    stop: Stop | None = None,
) -> RepairReport:
    """Ask for what is short or failed, and look again; if it is to stop, the page in hand is the last.

    Raises:
        Busy: another run holds the source.
        StoreUnusable: the database or the archive failed; the run's row says so.
    """
    source = wanted.source
    with store.lock(source.name):
        run_id = store.runs.begin("repair", source.name, clock.now())
        try:
            report = await _mend(
                wanted,
                run_id=run_id,
                settings=settings,
                chosen=chosen,
                store=store,
                clock=clock,
                progress=progress,
                limits=limits or Limits(),
                stop=stop or Stop(),
            )
        except BaseException as error:
            store.runs.end(run_id, clock.now(), "failed", {}, _why(error))
            raise
        store.runs.end(run_id, clock.now(), report.run_outcome, report.visits.counts())
    return report


async def _mend(
    wanted: Repair,
    *,
    run_id: int,
    settings: Settings,
    chosen: SourceSettings,
    store: Store,
    clock: Clock,
    progress: Progress,
    limits: Limits,
    stop: Stop,
) -> RepairReport:
    store.leases.release_abandoned(wanted.source.name)
    before, began = _covered(wanted, store), clock.monotonic()
    async with open_line(
        wanted.source,
        run_id=run_id,
        settings=settings,
        chosen=chosen,
        store=store,
        clock=clock,
        limits=limits,
        stop=stop,
    ) as opened:
        # What a killed run left in the archive may have mended some of it.
        plan = plan_repair(_covered(wanted, store) if opened.recovery.adopted else before)
        asking = Asking(opened=opened, store=store, clock=clock, progress=progress, stop=stop)
        with stop.heard():
            await _ask(plan, asking)
    store.runs.put_rates(run_id, opened.census.rates())
    visits = Report(
        command="repair",
        source=wanted.source.name,
        run_id=run_id,
        outcomes=tuple(asking.outcomes),
        adopted=opened.recovery.adopted,
        bytes_cut=opened.recovery.cut,
        requests=opened.fetcher.requests,
        bytes_received=opened.fetcher.bytes_received,
        seconds=clock.monotonic() - began,
        stopped=stop.asked,
    )
    return RepairReport(
        visits=visits,
        planned=len(plan.rows),
        taken=asking.taken,
        before=before,
        after=_covered(wanted, store),
    )


async def _ask(plan: RepairPlan, asking: "Asking") -> None:
    for row in plan.rows:
        if asking.is_over:
            break
        await asking.ask(row)


@dataclass(slots=True, kw_only=True)
class Asking:
    """The asking of a repair, page by page. ``taken`` pages were left to another process."""

    opened: OpenLine
    store: Store
    clock: Clock
    progress: Progress
    stop: Stop
    outcomes: list[Outcome] = field(default_factory=list)
    taken: int = 0
    refusals: int = 0

    @property
    def is_over(self) -> bool:
        """Whether no other page is to be asked for."""
        return self.stop.asked or self.refusals >= MOST_REFUSALS

    async def ask(self, row: PageState) -> None:
        """Ask for the page, under a lease of it."""
        try:
            async with self._leased(row) as lease:
                if lease is not None:
                    await self._fetch(row, lease)
                    return
        except LeaseLost as error:
            log.warning("%s", error)
        self.taken += 1

    async def _fetch(self, row: PageState, lease: Lease) -> None:
        target = Target(day=row.day, section=row.section)
        pages = self.opened.line.fetch([target], hold=lambda held: held.hold(lease))
        async with aclosing(pages) as outcomes:
            async for outcome in outcomes:
                self.outcomes.append(outcome)
                self.progress(outcome)
                self.refusals = self.refusals + 1 if outcome.refused else 0

    @asynccontextmanager
    async def _leased(self, row: PageState) -> AsyncIterator[Lease | None]:
        leases, now = self.store.leases, self.clock.now()
        lease = leases.lease(
            row.source,
            row.day,
            owner=self.opened.owner,
            now=now,
            until=now + LEASE,
            sections=[row.section],
        )
        if lease is None:
            yield None
            return
        try:
            with renewed(lease, self.store, self.clock):
                yield lease
        finally:
            leases.release(lease)


def _covered(wanted: Repair, store: Store) -> Coverage:
    since, until = wanted.since, wanted.until
    return cover(store, wanted.source.name, since=since, until=until, window=window_of(since, until))


def _why(error: BaseException) -> str:
    if isinstance(error, asyncio.CancelledError | KeyboardInterrupt):
        return "broken off"
    return str(error) or type(error).__name__
