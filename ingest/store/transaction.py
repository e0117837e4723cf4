"""What can be done within one write transaction."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection

from ingest.decide.changes.model import Changes, Held
from ingest.records.pages import (
    CaptureRow,
    Cursor,
    DayKnown,
    Emptying,
    Failure,
    Moved,
    PageState,
    StoredCapture,
    Tally,
    TiedCapture,
)
from ingest.store.articles import apply as loading
from ingest.store.articles import counts as counting
from ingest.store.articles import current as holding
from ingest.store.articles import rebuilding
from ingest.store.articles.rebuilding import EmptiedComment
from ingest.store.captures import index as captures
from ingest.store.captures import quarantine, redaction
from ingest.store.coordination import day_leases as leases
from ingest.store.coordination.day_leases import Lease
from ingest.store.database.engine import errors_named
from ingest.store.ledger import pages, runs
from ingest.store.takedown import scrubbing as forgetting
from ingest.store.takedown import suppression
from ingest.store.takedown.suppression import Emptied, Named


class Transaction:
    """Everything of one page, written together or not at all; ``Store.transaction`` makes it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hold(self, lease: Lease, now: datetime) -> None:
        """Keeps a leased day ours until this transaction ends; LeaseLost if it is ours no longer."""
        leases.hold(self._connection, lease, now)

    def held(self, source: str, article_ids: Collection[str], day: date | None = None) -> Held:
        """What is held of these articles and their comments, and of the day's other articles without."""
        if day is not None and self._connection.dialect.name == "postgresql":
            pages.lock_day(self._connection, source, day)
        return holding.held(self._connection, source, article_ids, day)

    def add_capture(self, row: CaptureRow) -> int:
        """The id of the capture at this place in the archive; known places are not entered twice."""
        return captures.add_capture(
            self._connection, replace(row, error=self._redact_quotes(row.source, row.error))
        )

    def is_late(self, row: CaptureRow, day: date) -> bool:
        """Whether a capture of that day that was made later than this one was loaded before it."""
        return captures.is_late(self._connection, row, day)

    def behind(self, row: CaptureRow) -> tuple[TiedCapture, ...]:
        """The loaded captures of the same moment that come behind this one in the order of captures."""
        return captures.behind(self._connection, row)

    def days_of(self, source: str, article_ids: Collection[str], days: set[date]) -> set[date]:
        """The days, and all others that an article of theirs, or one of these, ever stood on."""
        return rebuilding.days_of(self._connection, source, article_ids, days)

    def loaded_of_days(self, source: str, days: Collection[date]) -> tuple[StoredCapture, ...]:
        """The captures of these days that were parsed, in the order of captures."""
        return captures.loaded_of_days(self._connection, source, days)

    def clear_days(self, source: str, days: Collection[date]) -> tuple[EmptiedComment, ...]:
        """Takes back what the captures of these days have made; see ``restore_emptied``."""
        return rebuilding.clear_days(self._connection, source, days)

    def restore_emptied(self, source: str, emptied: Collection[EmptiedComment]) -> tuple[EmptiedComment, ...]:
        """Puts taken down comments back below the articles that are there again; returns the others."""
        return rebuilding.restore_emptied(self._connection, source, emptied)

    def load(self, changes: Changes, capture_id: int) -> None:
        """Writes what ``decide`` found, from the capture it was found on."""
        loading.load(self._connection, changes, capture_id)

    def day_known(self, source: str, day: date) -> DayKnown:
        """What is known of a day as this transaction sees it, its own writing included."""
        return pages.day_known(self._connection, source, day)

    def emptying(self, source: str, day: date) -> Emptying:
        """Since when the day shows none of its articles."""
        return pages.emptying(self._connection, source, day)

    def put_emptying(self, source: str, day: date, known: Emptying) -> None:
        """Writes that, on the ledger rows that the day has."""
        pages.put_emptying(self._connection, source, day, known)

    def tallies(self, source: str, day: date) -> dict[int, Tally]:
        """What is held of a day, by section, for ``judge``; a section without articles is not in it."""
        return counting.day_tallies(self._connection, source, day)

    def put_page(self, page: PageState) -> None:
        """Writes a row of the ledger over what was there; None keeps the moments and the capture."""
        error = self._redact_quotes(page.source, page.last_error)
        pages.put_page(self._connection, replace(page, last_error=error))

    def enlist(self, wanted: Iterable[PageState]) -> int:
        """Adds the ledger rows that are not there yet, and says how many that were."""
        return pages.enlist(self._connection, wanted)

    def put_aside(self, failure: Failure) -> None:
        """Puts a capture that could not be parsed into quarantine, or says that it failed once more."""
        error = self._redact_quotes(failure.source, failure.error) or failure.error
        captures.put_error(self._connection, failure.capture_id, error)
        quarantine.put_aside(self._connection, replace(failure, error=error))

    def release(self, capture_id: int) -> None:
        """Takes a capture that parsed out of quarantine, if it is there."""
        quarantine.release(self._connection, capture_id)

    def put_report(self, run_id: int, report: Mapping[str, object], cursor: Cursor | None = None) -> None:
        """Keeps with a run what it has changed so far, and its cursor."""
        runs.put_report(
            self._connection, run_id, forgetting.unquoted_report(self._connection, report), cursor
        )

    @contextmanager
    def page(self) -> Iterator[None]:
        """One page among others of this transaction: an exception takes back what it wrote, and no more."""
        with errors_named(self._connection.engine.url), self._connection.begin_nested():
            yield

    def suppress(
        self,
        source: str,
        article_id: str,
        comment_id: str | None,
        *,
        reason: str,
        suppressed_at: datetime,
        capture_ids: Collection[int] = (),
    ) -> Emptied:
        """Takes down a comment, or with no ``comment_id`` an article with all its comments, for good.

        What errors quote of ``capture_ids``, the captures that hold it, goes as well.
        """
        what = Named(source=source, article=article_id, comment=comment_id)
        emptied = suppression.suppress(self._connection, what, reason=reason, when=suppressed_at)
        forgetting.forget_reports(self._connection, what, capture_ids)
        forgetting.forget_errors(self._connection, source, capture_ids)
        return emptied

    def move_captures(self, file: str, to: str, moved: Mapping[int, Moved]) -> None:
        """Enters that a file was written anew as another, and where in it each of its captures lies."""
        redaction.move_captures(self._connection, file, to, moved)

    def _redact_quotes(self, source: str, error: str | None) -> str | None:
        return forgetting.unquoted(self._connection, source, error)
