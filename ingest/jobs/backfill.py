"""Visit every day of a window under a lease; however a run ends, the next one continues from the ledger.

    ledger --plan--> days --lease--> a day --pipeline--> Outcomes --> BackfillReport

A day is leased with a fence before its first page is asked for. A process that is killed loses its leases at
once; one that sleeps past its lease finds another's fence, and writes nothing.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

from ingest.clock import Clock
from ingest.errors import CouldNotRun, LeaseLost
from ingest.jobs.lease import leased
from ingest.jobs.run import each_by_itself, running
from ingest.jobs.visits import OnOutcome, Visits
from ingest.pipeline.opening import open_pipeline
from ingest.pipeline.workspace import Workspace
from ingest.records.backfill_report import FAILURES, BackfillReport, Days
from ingest.records.chosen import SourceSettings
from ingest.records.outcome import Outcome, Sums
from ingest.records.pages import PageState
from ingest.store import Lease, Store, Transaction
from parsers.source import Source
from schedules.backfill import BackfillPlan, plan_backfill
from schedules.recrawl import SETTLED
from schedules.windows import Window

log = logging.getLogger(__name__)

DAYS_ENLISTED_AT_ONCE = 500

PATIENCE = (60.0, 300.0, 900.0, 1800.0)
"""Seconds to leave a host alone that refuses; after that many refusals in a row the run ends."""

Progress = Callable[[Source, int, int], None]
"""Called with the source, how many days are over, and how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """A source, and the days to fill, both included. ``full``: every section of a day that is not done."""

    source: Source
    chosen: SourceSettings
    window: Window
    newest_first: bool = True
    full: bool = False


async def backfill(
    wanted: Sequence[Backfill],
    workspace: Workspace,
    *,
    progress: Progress,
    on_outcome: OnOutcome = lambda _: None,
) -> list[BackfillReport | CouldNotRun]:
    """Fill the windows of several sources at once; see ``each_by_itself``."""
    with workspace.parsing_together():
        return await each_by_itself(_fill(one, workspace, progress, on_outcome) for one in wanted)


def planned(wanted: Backfill, store: Store, clock: Clock, owner: str | None = None) -> BackfillPlan:
    """Plan what is to be done now; change nothing."""
    source, window, now = wanted.source, wanted.window, clock.now()
    return plan_backfill(
        window,
        sections=source.sections,
        known=store.ledger.known_days(source.name, window.since, window.until),
        zone=ZoneInfo(source.zone),
        now=now,
        leases=store.leases.holders(source.name, window.since, window.until, now=now),
        owner=owner,
        newest_first=wanted.newest_first,
    )


async def _fill(
    wanted: Backfill, workspace: Workspace, progress: Progress, on_outcome: OnOutcome
) -> BackfillReport:
    with running("backfill", wanted.source, workspace) as run:
        async with open_pipeline(run, wanted.chosen) as opened:
            _enlist(wanted, workspace)
            visits = Visits(run=run, opened=opened, on_outcome=on_outcome, sums=Sums(FAILURES))
            work = _Backfilling(wanted, visits)
            with workspace.stop.heard():
                await work.through(progress)
            run.report = report = work.report()
    return report


def _enlist(wanted: Backfill, workspace: Workspace) -> None:
    """Give every page of the window a ledger row: so a day not reached yet differs from an empty day."""
    source, store = wanted.source, workspace.store
    today = workspace.clock.now().astimezone(ZoneInfo(source.zone)).date()
    known = {
        one.day for one in store.ledger.known_days(source.name, wanted.window.since, wanted.window.until)
    }
    days = [day for day in wanted.window.days() if day < today and day not in known]
    for start in range(0, len(days), DAYS_ENLISTED_AT_ONCE):
        pages = [
            PageState(source=source.name, day=day, section=section, state="pending")
            for day in days[start : start + DAYS_ENLISTED_AT_ONCE]
            for section in source.sections
        ]
        store.transact(partial(_enter, pages=pages))


def _enter(transaction: Transaction, *, pages: list[PageState]) -> None:
    transaction.ledger.enlist(pages)


class _Backfilling:
    def __init__(self, wanted: Backfill, visits: Visits) -> None:
        self._wanted = wanted
        self._visits = visits
        self._run = visits.run
        self._opened = visits.opened
        self._workspace = visits.run.workspace
        self._refusals = 0

    async def through(self, progress: Progress) -> None:
        """Plan and visit until nothing is left that may be asked for now."""
        tried: set[date] = set()
        # Planned anew: a day that rested may be due by now. What was tried is left for the next run.
        while days := [day for day in self._planned().days if day not in tried]:
            for number, day in enumerate(days):
                if self._run.is_over or self._refusals > len(PATIENCE):
                    return
                progress(self._wanted.source, number, len(days))
                tried.add(day)
                await self._day(day)
            progress(self._wanted.source, len(days), len(days))

    def report(self) -> BackfillReport:
        """The outcomes added up, and the state of the window now."""
        plan = self._planned()
        return self._visits.reported(
            BackfillReport,
            "backfill",
            since=self._wanted.window.since,
            until=self._wanted.window.until,
            days=Days(
                done=plan.done,
                waiting=plan.waiting,
                resting=plan.resting,
                taken=plan.taken,
                again_at=plan.again_at,
            ),
        )

    def _planned(self, window: Window | None = None) -> BackfillPlan:
        wanted = replace(self._wanted, window=window or self._wanted.window)
        return planned(wanted, self._workspace.store, self._workspace.clock, self._opened.owner)

    async def _day(self, day: date) -> None:
        # Another process may have done it since the days were planned.
        if not self._planned(Window.of(day, day)).days:
            return
        # What was all done before the day was over is asked for again: hence full.
        full, last = self._is_done(day), None
        try:
            with leased(self._run, day, self._opened.owner, full=full) as lease:
                if lease is None:
                    return
                last = await self._visit(day, lease)
        except LeaseLost as error:
            log.warning("%s", error)
        await self._be_patient(last)

    def _is_done(self, day: date) -> bool:
        pages = self._workspace.store.ledger.coverage(self._wanted.source.name, day, day)
        return all(page.state in SETTLED for page in pages)

    async def _visit(self, day: date, lease: Lease) -> Outcome | None:
        """Visit the pages of a day; return the outcome of the last one."""
        pages = self._opened.pipeline.visit(
            day, full=self._wanted.full, require_lease=lambda transaction: transaction.require_lease(lease)
        )
        return await self._visits.take(pages)

    async def _be_patient(self, last: Outcome | None) -> None:
        """A host that refuses is left alone, each time for longer: it may be back in an hour."""
        if last is None or not last.refused:
            self._refusals = 0
            return
        # robots.txt forbids it: no patience changes that.
        self._refusals += len(PATIENCE) + 1 if last.forbidden else 1
        if self._refusals <= len(PATIENCE) and not self._workspace.stop.asked:
            with self._workspace.waits.wait(
                f"{self._wanted.source.name}, which refuses ({last.reason}),"
            ) as waiting:
                await waiting.sleep(PATIENCE[self._refusals - 1])
