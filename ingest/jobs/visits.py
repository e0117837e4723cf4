"""The pages that a run asks for, and their outcomes."""

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TypeVar

from ingest.errors import BudgetReached
from ingest.pipeline.opening import OpenPipeline
from ingest.pipeline.workspace import Run
from ingest.records.outcome import Outcome, Report, Sums

log = logging.getLogger(__name__)

OnOutcome = Callable[[Outcome], None]
"""Called with each page's outcome."""

ReportT = TypeVar("ReportT", bound=Report)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """The pages that a run asks for, added up; for ``on_outcome`` see ``OnOutcome``."""

    run: Run
    opened: OpenPipeline
    on_outcome: OnOutcome
    sums: Sums = field(default_factory=Sums)

    async def take(self, pages: AsyncGenerator[Outcome, None]) -> Outcome | None:
        """Ask for one page after another until the run is over; return the last outcome."""
        last = None
        try:
            # Else a generator that is left early would be closed whenever the collector comes to it.
            async with aclosing(pages) as outcomes:
                async for last in outcomes:
                    self.sums.add(last)
                    self.on_outcome(last)
                    if self.run.is_over:
                        break
        except BudgetReached as reached:
            self.run.budget_reached = str(reached)
            log.warning("%s", reached)
        return last

    def report(self, command: str) -> Report:
        """The run added up."""
        return self.reported(Report, command)

    def reported(self, kind: Callable[..., ReportT], command: str, **added: object) -> ReportT:
        """The same, as the report of a job that adds something to it."""
        return kind(
            command=command,
            source=self.run.source.name,
            run_id=self.run.run_id,
            sums=self.sums,
            adopted=self.opened.recovery.adopted,
            bytes_cut=self.opened.recovery.cut,
            requests=self.opened.fetcher.requests,
            bytes_received=self.opened.fetcher.bytes_received,
            seconds=self.run.seconds,
            stopped=self.run.workspace.stop.asked,
            budget_reached=self.run.budget_reached,
            **added,
        )
