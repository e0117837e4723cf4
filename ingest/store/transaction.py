"""What can be done within one write transaction."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime

from sqlalchemy import Connection

from ingest.decide.changes.model import Changes, Stored
from ingest.records.pages import Cursor, Tally
from ingest.records.takedown import TakedownTarget
from ingest.store.articles.apply import load
from ingest.store.articles.counts import day_tallies, suppressed_articles
from ingest.store.articles.current import held, last_seen
from ingest.store.articles.rebuilding import Rebuilding
from ingest.store.captures.entries import CaptureEntries
from ingest.store.coordination.day_leases import Lease, require_lease
from ingest.store.database.engine import errors_named
from ingest.store.ledger.pages import LedgerEntries, lock_day
from ingest.store.ledger.runs import put_report
from ingest.store.ledger.threads import ThreadEntries
from ingest.store.search.rebuild import without_index
from ingest.store.takedown.scrubbing import forget_errors, forget_reports, unquoted, unquoted_report
from ingest.store.takedown.suppression import ErasedCounts, suppress


class Transaction:
    """Everything of one page, written together or not at all; ``Store.transaction`` makes it.

    ``captures``, ``ledger``, ``threads`` and ``rebuilding`` write their tables.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.captures = CaptureEntries(connection, self._redact_quotes)
        self.ledger = LedgerEntries(connection, self._redact_quotes)
        self.threads = ThreadEntries(connection)
        self.rebuilding = Rebuilding(connection)

    def require_lease(self, lease: Lease) -> None:
        """Keeps a leased day ours until this transaction ends; LeaseLost if it is ours no longer."""
        require_lease(self._connection, lease)

    def held(self, source: str, article_ids: Collection[str], day: date | None = None) -> Stored:
        """What is held of these articles and their comments, and of the day's other articles without."""
        if day is not None and self._connection.dialect.name == "postgresql":
            lock_day(self._connection, source, day)
        return held(self._connection, source, article_ids, day)

    def last_seen(self, source: str, article_ids: Collection[str]) -> datetime | None:
        """When the newest sighting of any of these articles was; None if none of them is held."""
        return last_seen(self._connection, source, article_ids)

    def load(self, changes: Changes, capture_id: int) -> None:
        """Writes what ``decide`` found, from the capture it was found on."""
        load(self._connection, changes, capture_id)

    def tallies(self, source: str, day: date) -> dict[int, Tally]:
        """What is held of a day, by section, for ``judge``; a section without articles is not in it."""
        return day_tallies(self._connection, source, day)

    def suppressed_articles(self, source: str) -> frozenset[str]:
        """The ids of the source's articles that were taken down as a whole."""
        return suppressed_articles(self._connection, source)

    def put_report(self, run_id: int, report: Mapping[str, object], cursor: Cursor | None = None) -> None:
        """Keeps with a run what it has changed so far, and its cursor."""
        put_report(self._connection, run_id, unquoted_report(self._connection, report), cursor)

    def without_index(self) -> AbstractContextManager[None]:
        """Articles and comments written meanwhile are not put into the index of words: see ``reindex``."""
        return without_index(self._connection)

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
    ) -> ErasedCounts:
        """Takes down a comment, or with no ``comment_id`` an article with all its comments, for good.

        What errors quote of ``capture_ids``, the captures that hold it, goes as well.
        """
        what = TakedownTarget(source=source, article=article_id, comment=comment_id)
        emptied = suppress(self._connection, what, reason=reason, when=suppressed_at)
        forget_reports(self._connection, what, capture_ids)
        forget_errors(self._connection, source, capture_ids)
        return emptied

    def _redact_quotes(self, source: str, error: str | None) -> str | None:
        return unquoted(self._connection, source, error)
