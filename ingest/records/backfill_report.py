"""The report of a backfill: that of its pages, and the state of its days. Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from ingest.records.json_output import instant
from ingest.records.outcome import Outcome, Report, as_dict, outcome_json
from ingest.records.pages import RunOutcome

FAILURES = 20
"""How many of the pages that failed or are short a report names: the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The states of the window's days once the run is over."""

    done: int
    waiting: int
    resting: int
    taken: int
    again_at: datetime | None
    """When the first of those that rest may be tried again."""

    def by_state(self) -> dict[str, int]:
        """How many days are in each."""
        return {"done": self.done, "waiting": self.waiting, "resting": self.resting, "taken": self.taken}


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillReport(Report):
    """The sums of a run. If the operator stopped it, the next run continues."""

    since: date
    until: date
    days: Days

    @property
    def exit_code(self) -> int:
        """0 every day is done, or the operator stopped it; 1 some are not; 3 the site gave nothing at all."""
        if self.stopped:
            return 0
        if self.sums.no_answers:
            return 3
        return 1 if self.budget_reached or self.days.waiting or self.days.resting or self.days.taken else 0

    @property
    def run_outcome(self) -> RunOutcome:
        """What the run's row says."""
        if self.exit_code == 3:
            return "failed"
        return "incomplete" if self.exit_code or self.days.waiting else "complete"

    @property
    def failures(self) -> tuple[Outcome, ...]:
        """The newest pages that failed or are short."""
        return self.outcomes

    def counts(self) -> dict[str, int]:
        """The numbers that are kept with the run."""
        pages = {f"pages_{state}": count for state, count in self.pages.items()}
        days = {f"days_{state}": count for state, count in self.days.by_state().items()}
        return pages | days | Report.counts(self)

    def as_json(self) -> dict[str, object]:
        """What ``--json`` prints."""
        again = self.days.again_at
        return {
            **self._run_json(),
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "stopped": self.stopped,
            "days": self.days.by_state(),
            "again_at": instant(again) if again is not None else None,
            "pages": self.pages,
            "articles": as_dict(self.articles),
            "comments": as_dict(self.comments),
            **self._traffic_json(),
            "failures": [outcome_json(outcome) for outcome in self.failures],
            **self._budget_json(),
        }
