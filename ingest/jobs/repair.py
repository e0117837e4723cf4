"""A repair: just the pages that are short or failed by what is held now, each asked for once.

    ledger + what is held --plan--> Targets --lease--> line --> Outcomes --cover again--> RepairReport

A page that was never loaded is a backfill's. What rests after a failure is asked for all the same. A day that
another process has on lease is left to it.
"""

import logging
from dataclasses import dataclass
from datetime import date

from ingest.decide.completeness.gaps import never_loaded
from ingest.errors import LeaseLost
from ingest.jobs.lease import leased
from ingest.jobs.run import locked_run
from ingest.jobs.verify import Coverage, cover, page_json, window_of
from ingest.jobs.visits import OnOutcome, Visits
from ingest.pipeline.opening import open_pipeline
from ingest.pipeline.workspace import Workspace
from ingest.records.chosen import SourceSettings
from ingest.records.outcome import Report
from ingest.records.pages import PageState, RunOutcome
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

    ``rows`` are those that were to be asked for; ``taken`` is how many of them another process worked on, by
    its lease of their day.
    """

    visits: Report
    rows: tuple[PageState, ...]
    taken: int
    before: Coverage
    after: Coverage

    @property
    def exit_code(self) -> int:
        """0 all is complete now; 1 it is not; 3 the site gave nothing at all, though nobody stopped it."""
        if self.visits.exit_code == 3 and not self.visits.stopped:
            return 3
        return 0 if self.after.seen_whole else 1

    @property
    def run_outcome(self) -> RunOutcome:
        """What the run's row says."""
        if self.exit_code == 3:
            return "failed"
        return "incomplete" if self.exit_code else "complete"

    def counts(self) -> dict[str, int]:
        """The numbers that are kept with the run."""
        return self.visits.counts()

    @property
    def never_loaded(self) -> int:
        """How many pages wait for a backfill."""
        return sum(map(never_loaded, self.after.pages))

    @property
    def not_asked(self) -> int:
        """How many pages were not reached, as the host refused or the run was stopped."""
        # A day of lists has many pages for its row.
        reached = {(outcome.day, outcome.section) for outcome in self.visits.outcomes}
        return sum((row.day, row.section) not in reached for row in self.rows) - self.taken

    def as_json(self) -> dict[str, object]:
        """What ``--json`` prints."""
        return self.visits.as_json() | {
            "outcome": self.run_outcome,
            "exit_code": self.exit_code,
            "planned": len(self.rows),
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
    wanted: Repair, workspace: Workspace, *, chosen: SourceSettings, progress: OnOutcome
) -> RepairReport:
    """Ask for what is short or failed, and look again; if it is to stop, the page in hand is the last.

    Raises:
        Busy: another run holds the source.
        StoreUnusable: the database or the archive failed; the run's row says so.
    """
    store = workspace.store
    with locked_run("repair", wanted.source, workspace) as run:
        store.leases.release_abandoned(wanted.source.name)
        before = _covered(wanted, store)
        async with open_pipeline(run, chosen) as opened:
            # What a killed run left in the archive may have mended some of it.
            plan = plan_repair(_covered(wanted, store) if opened.recovery.adopted else before)
            asking = Asking(Visits(run=run, opened=opened, on_outcome=progress))
            with workspace.stop.heard():
                await asking.through(plan)
        run.report = report = RepairReport(
            visits=asking.visits.report("repair"),
            rows=plan.rows,
            taken=asking.taken,
            before=before,
            after=_covered(wanted, store),
        )
    return report


@dataclass(slots=True)
class Asking:
    """The asking of a repair, page by page. ``taken`` pages were left to another process."""

    visits: Visits
    taken: int = 0
    refusals: int = 0

    async def through(self, plan: RepairPlan) -> None:
        """Ask for one page after another until the run is to stop, or the host refuses."""
        for row in plan.rows:
            if self.visits.run.is_over or self.refusals >= MOST_REFUSALS:
                break
            await self._ask(row)

    async def _ask(self, row: PageState) -> None:
        visits = self.visits
        try:
            with leased(visits.run, row.day, visits.opened.owner, sections=[row.section]) as lease:
                if lease is not None:
                    await self._fetch(row, lease)
                    return
        except LeaseLost as error:
            log.warning("%s", error)
        self.taken += 1

    async def _fetch(self, row: PageState, lease: Lease) -> None:
        target = Target(day=row.day, section=row.section)
        pages = self.visits.opened.pipeline.fetch(
            [target], require_lease=lambda transaction: transaction.require_lease(lease)
        )
        outcome = await self.visits.take(pages)
        # In a row: a page that is had shows that the host answers.
        self.refusals = self.refusals + 1 if outcome is not None and outcome.refused else 0


def _covered(wanted: Repair, store: Store) -> Coverage:
    since, until = wanted.since, wanted.until
    return cover(store, wanted.source.name, since=since, until=until, window=window_of(since, until))
