"""The pages that a run asks for, and their outcomes."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from ingest.pipeline.opening import OpenPipeline
from ingest.pipeline.stop import Stop
from ingest.pipeline.workspace import Run
from ingest.records.outcome import Outcome, Report

OnOutcome = Callable[[Outcome], None]
"""Called with each page's outcome."""


async def take_each(
    pages: AsyncGenerator[Outcome, None], on_outcome: OnOutcome, stop: Stop
) -> Outcome | None:
    """Ask for one page after another until the run is to stop; return the last outcome."""
    last = None
    async with aclosing(pages) as outcomes:
        async for last in outcomes:
            on_outcome(last)
            if stop.asked:
                break
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
        return await take_each(pages, self._add, self.run.workspace.stop)

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
        )

    def _add(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.on_outcome(outcome)
