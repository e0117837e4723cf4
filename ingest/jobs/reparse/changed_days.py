"""Which days a run has changed, and after how many commits: what a worker said before is stale."""

from collections.abc import Iterable
from datetime import date

from ingest.pipeline.loaded import Loaded
from parsers.records import ParsedPage


class ChangedDays:
    """Which days this run has changed: what a worker said of them before is stale."""

    def __init__(self) -> None:
        self.commits = 0
        """How often the database was changed."""
        self._days: dict[date, int] = {}
        self._fresh = False

    def add(self, loaded: Loaded, page: ParsedPage) -> None:
        """A page was written, which the commit to come will make known."""
        held = loaded.held.articles.values()
        for day in {page.date, *(known.row.content.date for known in held)}:
            self._days[day] = self.commits + 1
        self._fresh = True

    def add_days(self, days: Iterable[date]) -> None:
        """Days were rebuilt, which the commit to come will make known."""
        for day in days:
            self._days[day] = self.commits + 1
            self._fresh = True

    def since(self, day: date, as_of: int) -> bool:
        """Whether the day was changed after so many commits."""
        return self._days.get(day, 0) > as_of

    def end(self, *, kept: bool) -> None:
        """The transaction is over."""
        if not kept:
            self._days.clear()
        elif self._fresh:
            self.commits += 1
        self._fresh = False
