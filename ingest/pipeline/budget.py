"""A source's budget: of one run, and of a day for all processes. Warned of before it is reached."""

import logging
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from ingest.clock import Clock
from ingest.errors import BudgetReached
from ingest.records.budget import UNLIMITED, Budget
from ingest.store import Store
from parsers.source import Source

log = logging.getLogger(__name__)

NEAR = 0.8
"""The part of a limit that is warned of."""


def day_of(source: Source, now: datetime) -> tuple[date, datetime]:
    """The source's day, and when it began."""
    zone = ZoneInfo(source.zone)
    day = now.astimezone(zone).date()
    return day, datetime.combine(day, time(), zone)


def allowance_of(source: Source, budget: Budget, store: Store, clock: Clock) -> "SharedAllowance | None":
    """The allowance of a run; None where nothing is limited."""
    return SharedAllowance(source, budget, store, clock) if budget != UNLIMITED else None


class SharedAllowance:
    """The budget of one run, as ``Allowance`` has it; days are the source's."""

    def __init__(self, source: Source, budget: Budget, store: Store, clock: Clock) -> None:
        self._source = source
        self._budget = budget
        self._spending = store.spending
        self._clock = clock
        self._asked = 0
        self._day = date.min
        self._warned: set[str] = set()

    def take(self) -> int | None:
        """Count one more request; how many bytes its answer may have, None being any.

        Raises:
            BudgetReached: there is to be none.
        """
        budget = self._budget
        self._require("pages a visit", self._asked, budget.pages_per_visit)
        day, since = day_of(self._source, self._clock.now())
        if day != self._day:
            self._spending.begin(self._source.name, day, since=since)
            # A new day has a budget of its own, and its warnings are due again; the visit's are not.
            self._day, self._warned = day, self._warned & {"pages a visit"}
        # Counted and compared in one statement: two processes must not both take the last page.
        spent, taken = self._spending.take(
            self._source.name,
            day,
            most_pages=budget.pages_per_day,
            most_bytes=budget.bytes_per_day,
        )
        if not taken:
            # Which limit it was: the store only says that one was reached.
            self._require("pages a day", spent.pages, budget.pages_per_day)
            self._require("bytes a day", spent.bytes, budget.bytes_per_day)
            raise AssertionError("a request was refused without a limit that is reached")
        self._asked += 1
        self._warn("pages a visit", self._asked, budget.pages_per_visit)
        self._warn("pages a day", spent.pages, budget.pages_per_day)
        self._warn("bytes a day", spent.bytes, budget.bytes_per_day)
        return budget.bytes_per_day - spent.bytes if budget.bytes_per_day is not None else None

    def received(self, number: int) -> None:
        """Enter how many bytes of the answer were received."""
        self._spending.add_bytes(self._source.name, self._day, number)

    def _require(self, what: str, spent: int, most: int | None) -> None:
        if most is not None and spent >= most:
            raise BudgetReached(
                f"{self._source.name}: the budget of {most:,} {what} is used up: the rest is not asked for"
            )

    def _warn(self, what: str, spent: int, most: int | None) -> None:
        if most is not None and spent >= NEAR * most and what not in self._warned:
            self._warned.add(what)
            log.warning("%s: %s of %s %s are used", self._source.name, f"{spent:,}", f"{most:,}", what)
