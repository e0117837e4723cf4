"""The outcome of each page, and the report of a run. Pure.

Counts have one order everywhere: ``new 12  modified 3  unmodified 140  vanished 1  failed 0``.
"""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

from ingest.records.counts import Counts
from ingest.records.pages import RunOutcome

PageOutcome = Literal["done", "short", "failed"]
NONE = Counts()


class RunReport(Protocol):
    """What the row of a run keeps of its report, whatever the job."""

    @property
    def run_outcome(self) -> RunOutcome:
        """How the run ended."""
        ...

    def counts(self) -> dict[str, int]:
        """The numbers that are kept with the run."""
        ...


@dataclass(slots=True, kw_only=True)
class ArchiveReading:
    """A source's files, read: ``unread`` have a row with the reason, ``damaged`` names what has none."""

    source: str
    unread: int = 0
    damaged: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """1 if something could not be read."""
        return 1 if self.unread or self.damaged else 0

    @property
    def run_outcome(self) -> RunOutcome:
        """What the run's row says."""
        return "incomplete" if self.exit_code else "complete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One page's end. ``reason`` says why it is short or failed; ``kept`` whether a capture of it is kept."""

    day: date
    section: int
    url: str
    state: PageOutcome
    reason: str | None = None
    kept: bool = True
    refused: bool = False
    """No answer, an access wall, or robots.txt: the host is to be left alone for now."""
    forbidden: bool = False
    """robots.txt forbids it: another try now is of no use."""
    bug: bool = False
    unproven: bool = False
    """The site does not say how much there is."""
    articles: Counts = NONE
    comments: Counts = NONE

    @property
    def changed(self) -> bool:
        """Whether anything in the store is different for it."""
        return any(
            counts.new or counts.modified or counts.vanished or counts.returned
            for counts in (self.articles, self.comments)
        )


class Sums:
    """Pages added up one by one. Without ``newest`` every outcome is kept.

    With it only so many, the newest of those that are not done: then years of pages take no memory.
    """

    def __init__(self, newest: int | None = None) -> None:
        self.articles = self.comments = NONE
        self.outcomes: deque[Outcome] = deque(maxlen=newest)
        self.states: Counter[str] = Counter()
        self.unproven = 0
        self.refused = False
        """Whether a page was refused, see ``Outcome``."""
        self._kept = 0

    def add(self, outcome: Outcome) -> None:
        """Take one page in."""
        self.states[outcome.state] += 1
        self.unproven += outcome.unproven
        self.refused |= outcome.refused
        self._kept += outcome.kept or outcome.bug
        self.articles = total((self.articles, outcome.articles))
        self.comments = total((self.comments, outcome.comments))
        if self.outcomes.maxlen is None or outcome.state != "done":
            self.outcomes.append(outcome)

    @property
    def no_answers(self) -> bool:
        """Whether pages were requested and none was received."""
        return self.states.total() > 0 and not self._kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A run that asked for pages, added up."""

    command: str
    source: str
    run_id: int
    sums: Sums
    requests: int
    bytes_received: int
    seconds: float
    adopted: int = 0
    """Captures of a killed run that were loaded without a request."""
    bytes_cut: int = 0
    """Of the torn tails that killed runs left in the archive."""
    stopped: bool = False
    """The operator ended it before it was through."""
    budget_reached: str | None = None
    """The limit of the source's budget that ended it before it was through."""

    @property
    def articles(self) -> Counts:
        """The articles of all pages."""
        return self.sums.articles

    @property
    def comments(self) -> Counts:
        """The comments of all pages."""
        return self.sums.comments

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Those that were kept, see ``Sums``."""
        return tuple(self.sums.outcomes)

    @property
    def pages(self) -> dict[str, int]:
        """How many pages ended how."""
        return {state: self.sums.states[state] for state in ("done", "short", "failed")}

    @property
    def run_outcome(self) -> RunOutcome:
        """What the run's row says."""
        if self.exit_code == 3:
            return "failed"
        return "incomplete" if self.exit_code or self.stopped else "complete"

    @property
    def exit_code(self) -> int:
        """0 all well; 1 some pages failed, are short or beyond the budget; 3 the site gave nothing at all."""
        if self.sums.no_answers:
            return 3
        unlike = self.sums.states.total() - self.sums.states["done"]
        return 1 if self.budget_reached is not None or unlike else 0

    def counts(self) -> dict[str, int]:
        """The numbers that are kept with the run."""
        numbers = {f"pages_{state}": count for state, count in self.pages.items()}
        numbers |= row_counts(self.articles, self.comments)
        numbers |= {"requests": self.requests, "bytes": self.bytes_received}
        return numbers | {"adopted": self.adopted, "bytes_cut": self.bytes_cut}

    def as_json(self) -> dict[str, object]:
        """What ``--json`` prints."""
        more: dict[str, object] = {"unproven": self.sums.unproven} if self.sums.unproven else {}
        return {
            **self._run_json(),
            **self._traffic_json(),
            "articles": as_dict(self.articles),
            "comments": as_dict(self.comments),
            "pages": self.pages,
            "outcomes": [outcome_json(outcome) for outcome in self.outcomes],
            **more,
            **self._budget_json(),
        }

    def _run_json(self) -> dict[str, object]:
        return {
            "command": self.command,
            "source": self.source,
            "run": self.run_id,
            "outcome": self.run_outcome,
            "exit_code": self.exit_code,
        }

    def _traffic_json(self) -> dict[str, object]:
        return {
            "requests": self.requests,
            "bytes": self.bytes_received,
            "adopted": self.adopted,
            "bytes_cut": self.bytes_cut,
            "seconds": round(self.seconds, 3),
        }

    def _budget_json(self) -> dict[str, object]:
        return {} if self.budget_reached is None else {"budget_reached": self.budget_reached}


def row_counts(articles: Counts, comments: Counts) -> dict[str, int]:
    """The counts of both tables, as they are kept with a run."""
    tables = (("articles", articles), ("comments", comments))
    return {f"{name}_{key}": value for name, counts in tables for key, value in as_dict(counts).items()}


def as_dict(counts: Counts) -> dict[str, int]:
    """Counts in the one order."""
    return {
        "new": counts.new,
        "modified": counts.modified,
        "unmodified": counts.unmodified,
        "vanished": counts.vanished,
        "returned": counts.returned,
    }


def outcome_json(outcome: Outcome) -> dict[str, object]:
    """A page's end as ``--json`` prints it."""
    return {
        "day": outcome.day.isoformat(),
        "section": outcome.section,
        "url": outcome.url,
        "state": outcome.state,
        "reason": outcome.reason,
        "articles": as_dict(outcome.articles),
        "comments": as_dict(outcome.comments),
    }


def total(counts: Iterable[Counts]) -> Counts:
    """Counts added up."""
    found = NONE
    for one in counts:
        found = Counts(
            new=found.new + one.new,
            modified=found.modified + one.modified,
            unmodified=found.unmodified + one.unmodified,
            vanished=found.vanished + one.vanished,
            returned=found.returned + one.returned,
        )
    return found
