"""What a worker does with a capture, in its own process: read, parse, see whether that changes anything.

Most pages of a re-parse change nothing. That is found out here, several at a time, so that the one writer
is left with the pages that it has something to write for.
"""

from dataclasses import dataclass
from datetime import date
from functools import partial

from ingest.decide.changes.model import Stored
from ingest.decide.drift.fill_rates import Rates, fill_rates
from ingest.errors import StoreUnusable
from ingest.pipeline.capture_rows import read_as
from ingest.pipeline.load import plainly_unchanged, unchanged
from ingest.pipeline.parse.parse_input import of_stored
from ingest.pipeline.parse.worker import parsed
from ingest.records.archive_folder import ArchiveFolder
from ingest.records.counts import Counts
from ingest.records.pages import CaptureRow, DayKnown, StoredCapture
from ingest.store import Store
from parsers.records import ParsedPage

DAYS_HELD = 8
"""Days that are kept in mind: the pages of one day come one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A capture to read. ``as_of``: how often the writer had changed the database when this was asked.

    ``whole``: the page is wanted, whatever it changes.
    """

    stored: StoredCapture
    as_of: int
    whole: bool = False

    @property
    def url(self) -> str:
        """The page's address."""
        return self.stored.row.url


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """A page that changes nothing in the database but, perhaps, what its capture's ``row`` says of it."""

    day: date
    row: CaptureRow
    articles: Counts
    comments: Counts
    rates: tuple[Rates, ...]


Said = ParsedPage | Unchanged


class Reading:
    """Pickled into the worker and called there. Without a ``database`` it gives pages as they are."""

    def __init__(self, folder: ArchiveFolder, database: str | None) -> None:
        self._folder = folder
        self._database = database
        self._store: Store | None = None
        self._days: dict[tuple[str, date], _Day] = {}
        self._as_of = 0

    def __call__(self, asked: Asked) -> Said:
        """What the capture says. Raises what parsing does; StoreUnusable if the archive lacks the record."""
        stored = asked.stored
        page = parsed(of_stored(stored, self._folder))
        if asked.whole or self._database is None or stored.row.parser is None:
            return page
        try:
            return self._unchanged(page, stored, asked.as_of) or page
        except StoreUnusable:
            # The writer will meet the same, and end the run by it.
            return page

    def _unchanged(self, page: ParsedPage, stored: StoredCapture, as_of: int) -> Unchanged | None:
        counts = self._day(page.source, page.date, as_of).counts(page, stored)
        if counts is None:
            return None
        articles, comments = counts
        return Unchanged(
            day=page.date,
            row=read_as(stored.row, page),
            articles=articles,
            comments=comments,
            rates=fill_rates([page]),
        )

    def _day(self, source: str, day: date, as_of: int) -> "_Day":
        # The writer has changed something since: no day that is kept here can be relied on.
        if as_of != self._as_of or len(self._days) >= DAYS_HELD:
            self._days.clear()
            self._as_of = as_of
        if (source, day) not in self._days:
            self._days[source, day] = _Day(self._opened(), source, day)
        return self._days[source, day]

    def _opened(self) -> Store:
        if self._store is None:
            self._store = Store.open(self._database or "", upgrade=False)
        return self._store


class _Day:
    """What is held of a day: as plain rows, and only where these do not tell, as ``decide`` needs it."""

    def __init__(self, store: Store, source: str, day: date) -> None:
        self._read_held = partial(store.held_day, source, day)
        self._held: tuple[Stored, DayKnown] | None = None
        self._plain, self._known = store.plain_day(source, day)

    def counts(self, page: ParsedPage, stored: StoredCapture) -> tuple[Counts, Counts] | None:
        """The articles and comments of a page that changes nothing; None if it may change something."""
        if self._plain is not None:
            counts = plainly_unchanged(page, stored, day=self._plain, known=self._known)
            if counts is not None:
                return counts
        if self._held is None:
            self._held = self._read_held()
        held, known = self._held
        return unchanged(page, stored, held=held, known=known)
