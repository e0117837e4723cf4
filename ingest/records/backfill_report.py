"""The report of a backfill, added up page by page, so that years of pages take no memory. Pure."""

from collections import Counter, deque
from dataclasses import dataclass
from datetime import date, datetime

from ingest.records.counts import Counts
from ingest.records.json_output import instant
from ingest.records.outcome import NONE, Outcome, as_dict, outcome_json, total
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


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillReport:
    """The sums of a run. ``stopped``: the operator stopped it, and the next run continues.

    ``budget_reached`` names the limit of the source's budget that ended it.
    """

    source: str
    run_id: int
    since: date
    until: date
    stopped: bool
    days: Days
    pages: dict[str, int]
    failures: tuple[Outcome, ...]
    no_answers: bool
    articles: Counts
    comments: Counts
    requests: int
    bytes_received: int
    adopted: int
    bytes_cut: int
    seconds: float
    budget_reached: str | None = None

    @property
    def exit_code(self) -> int:
        """0 every day is done, or the operator stopped it; 1 some are not; 3 the site gave nothing at all."""
        if self.stopped:
            return 0
        if self.no_answers:
            return 3
        return 1 if self.budget_reached or self.days.waiting or self.days.resting or self.days.taken else 0

    @property
    def run_outcome(self) -> RunOutcome:
        """What the run's row says."""
        if self.exit_code == 3:
            return "failed"
        return "incomplete" if self.exit_code or self.days.waiting else "complete"

    def counts(self) -> dict[str, int]:
        """The numbers that are kept with the run."""
        numbers = {f"pages_{state}": count for state, count in self.pages.items()}
        numbers |= {f"days_{state}": count for state, count in self._days().items()}
        for name, counts in (("articles", self.articles), ("comments", self.comments)):
            numbers |= {f"{name}_{key}": value for key, value in as_dict(counts).items()}
        numbers |= {"requests": self.requests, "bytes": self.bytes_received}
        return numbers | {"adopted": self.adopted, "bytes_cut": self.bytes_cut}

    def as_json(self) -> dict[str, object]:
        """What ``--json`` prints."""
        again = self.days.again_at
        more = {} if self.budget_reached is None else {"budget_reached": self.budget_reached}
        return {
            "command": "backfill",
            "source": self.source,
            "run": self.run_id,
            "outcome": self.run_outcome,
            "exit_code": self.exit_code,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "stopped": self.stopped,
            "days": self._days(),
            "again_at": instant(again) if again is not None else None,
            "pages": self.pages,
            "articles": as_dict(self.articles),
            "comments": as_dict(self.comments),
            "requests": self.requests,
            "bytes": self.bytes_received,
            "adopted": self.adopted,
            "bytes_cut": self.bytes_cut,
            "seconds": round(self.seconds, 3),
            "failures": [outcome_json(outcome) for outcome in self.failures],
            **more,
        }

    def _days(self) -> dict[str, int]:
        days = self.days
        return {
            "done": days.done,
            "waiting": days.waiting,
            "resting": days.resting,
            "taken": days.taken,
        }


class Filling:
    """Adds pages up."""

    def __init__(self) -> None:
        self.articles = self.comments = NONE
        self.failures: deque[Outcome] = deque(maxlen=FAILURES)
        self._states: Counter[str] = Counter()
        self._kept = 0

    def add(self, outcome: Outcome) -> None:
        """Take one page in."""
        self._states[outcome.state] += 1
        self._kept += outcome.kept or outcome.bug
        self.articles = total((self.articles, outcome.articles))
        self.comments = total((self.comments, outcome.comments))
        if outcome.state != "done":
            self.failures.append(outcome)

    @property
    def pages(self) -> dict[str, int]:
        """How many pages ended how."""
        return {state: self._states[state] for state in ("done", "short", "failed")}

    @property
    def no_answers(self) -> bool:
        """Whether pages were requested and none was received."""
        return self._states.total() > 0 and not self._kept
