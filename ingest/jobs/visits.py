"""The pages that a run asks for, and their outcomes."""

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from ingest.errors import BudgetReached
from ingest.pipeline.opening import OpenPipeline
from ingest.pipeline.workspace import Run
from ingest.records.outcome import Outcome, Report

log = logging.getLogger(__name__)

OnOutcome = Callable[[Outcome], None]
"""Called with each page's outcome."""


async def take_each(pages: AsyncGenerator[Outcome, None], on_outcome: OnOutcome, run: Run) -> Outcome | None:
    """Ask for one page after another until the run is over; return the last outcome."""
    last = None
    try:
        async with aclosing(pages) as outcomes:
            async for last in outcomes:
                on_outcome(last)
                if run.is_over:
                    break
    except BudgetReached as reached:
        run.budget_reached = str(reached)
        log.warning("%s", reached)
    return last


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """The outcomes of a run whose report names each page; for ``on_outcome`` see ``OnOutcome``."""

    run: Run
    opened: OpenPipeline
    on_outcome: OnOutcome
    outcomes: list[Outcome] = field(default_factory=list)

    async def take(self, pages: AsyncGenerator[Outcome, None]) -> Outcome | None:
        """Add the outcomes of the pages until the run is to stop; return the last one."""
        return await take_each(pages, self._add, self.run)

    def report(self, command: str) -> Report:
        """The run added up."""
        return Report(
            command=command,
            source=self.run.source.name,
            run_id=self.run.run_id,
            outcomes=tuple(self.outcomes),
            adopted=self.opened.recovery.adopted,
            bytes_cut=self.opened.recovery.cut,
            requests=self.opened.fetcher.requests,
            bytes_received=self.opened.fetcher.bytes_received,
            seconds=self.run.seconds,
            stopped=self.run.workspace.stop.asked,
            budget_reached=self.run.budget_reached,
        )

    def _add(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.on_outcome(outcome)
