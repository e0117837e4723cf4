"""One parsed page into the store, in the transaction of whoever calls: harvest and re-parse enter here alike.

ParsedPage + Stored --decide--> Changes --load--> Loaded
"""

from dataclasses import replace
from datetime import datetime

from ingest.decide.changes.decide import Reading, decide, leaving
from ingest.decide.changes.model import Stored
from ingest.decide.changes.plain_day import PlainDay, unmodified
from ingest.decide.completeness.counters import agreement
from ingest.decide.completeness.emptied import emptied, emptying_after, is_newest
from ingest.decide.completeness.transitions import Seen, next_states
from ingest.errors import WorkerFailed
from ingest.pipeline.capture_rows import read_as
from ingest.pipeline.loaded import Loaded
from ingest.records.counts import Counts
from ingest.records.pages import CaptureRow, DayKnown, Failure, StoredCapture
from ingest.store import Transaction
from parsers.errors import AddressUnknown, ParseError, ThresherError
from parsers.records import ParsedPage


def load_page(
    transaction: Transaction,
    page: ParsedPage,
    row: CaptureRow,
    *,
    reading: Reading,
) -> Loaded:
    """Writes the capture's row and what the page changes."""
    doubts = agreement(page)
    capture_id = transaction.captures.add(row)
    shown = {article.external_id for article in page.articles}
    held = transaction.held(page.source, shown, page.date)
    # By what was held before the page: afterwards it would agree with itself.
    doubts += emptied(page, held, transaction.ledger.emptying(page.source, page.date), row.captured_at)
    gone = frozenset() if doubts else leaving(page, held, row.captured_at, reading)
    if gone:
        # Their comments go with them.
        held = transaction.held(page.source, shown | gone, page.date)
    changes = decide(
        page,
        held,
        captured_at=row.captured_at,
        complete=not doubts,
        reading=reading,
    )
    transaction.load(changes, capture_id)
    return Loaded(capture_id=capture_id, held=held, changes=changes, doubts=doubts)


def load_newest(transaction: Transaction, page: ParsedPage, row: CaptureRow) -> Loaded:
    """Writes what the newest capture of its day says, and what that means for the ledger."""
    loaded = load_page(transaction, page, read_as(row, page), reading=Reading(first=True))
    transaction.captures.release(loaded.capture_id)
    if page.can_be_complete or page.lists_uncounted:
        known = transaction.ledger.day_known(page.source, page.date)
        seen = Seen(captured_at=row.captured_at, capture_id=loaded.capture_id, changed=loaded.changed)
        ledger = next_states(page, known, seen, doubts=loaded.doubts)
        transaction.ledger.put(*ledger.values())
        _settle_emptying(transaction, page, known, loaded, row.captured_at, newest=True)
        loaded = replace(loaded, own=ledger.get(page.section) if page.section is not None else None)
    return loaded


def load_again(transaction: Transaction, page: ParsedPage, stored: StoredCapture) -> Loaded:
    """Writes what a loaded capture says by today's parser, and what that means for the ledger.

    It leaves quarantine.
    """
    row = stored.row
    reading = reading_of(stored, page)
    loaded = load_page(transaction, page, read_as(row, page), reading=reading)
    transaction.captures.release(loaded.capture_id)
    if page.can_be_complete or page.lists_uncounted:
        _settle(transaction, page, stored, loaded)
    return loaded


def plainly_unchanged(
    page: ParsedPage, stored: StoredCapture, *, day: PlainDay, known: DayKnown
) -> tuple[Counts, Counts] | None:
    """The same as ``unchanged`` for the price of a look at plain rows; None where these do not show it."""
    row = stored.row
    # A day that is being emptied depends on its other pages: a look at rows does not show that.
    if row.error is not None or known.emptying.since is not None:
        return None
    found = unmodified(page, day, row.captured_at, reading_of(stored, page))
    if found is None or not _ledger_stays(page, stored, known, agreement(page)):
        return None
    articles, comments = found
    return Counts(unmodified=articles), Counts(unmodified=comments)


def unchanged(
    page: ParsedPage, stored: StoredCapture, *, held: Stored, known: DayKnown
) -> tuple[Counts, Counts] | None:
    """Articles and comments as ``load_again`` would count them if it changed nothing, but for the capture's
    own row; else None.

    ``held`` and ``known`` are the page's day with all its comments. None also where they cannot tell.
    """
    row = stored.row
    # A row in quarantine is released by being loaded, whether or not it changes something.
    if row.error is not None or not held.articles.keys() >= {
        article.external_id for article in page.articles
    }:
        return None
    doubts = agreement(page) + emptied(page, held, known.emptying, row.captured_at)
    changes = decide(
        page,
        held,
        captured_at=row.captured_at,
        complete=not doubts,
        reading=reading_of(stored, page),
    )
    if not changes.nothing or not _emptying_stays(page, held, known, stored):
        return None
    if not _ledger_stays(page, stored, known, doubts):
        return None
    return changes.articles.counts, changes.comments.counts


def failure_of(capture_id: int, row: CaptureRow, error: Exception, *, failed_at: datetime) -> Failure:
    """The capture's entry for quarantine."""
    return Failure(
        capture_id=capture_id,
        source=row.source,
        url=row.url,
        error_kind=type(error).__name__,
        error=str(error) or type(error).__name__,
        field=error.field if isinstance(error, ParseError) else None,
        failed_at=failed_at,
    )


def is_unreadable(error: Exception) -> bool:
    """Whether the error is the page's own: another parser may do better on the same bytes."""
    # A bug, which is no ThresherError, is one as well: the fixed program may read the page.
    return isinstance(error, ParseError | AddressUnknown | WorkerFailed) or not isinstance(
        error, ThresherError
    )


def reading_of(stored: StoredCapture, page: ParsedPage) -> Reading:
    """How a capture that was loaded before is read."""
    row = stored.row
    # Another revision may fill gaps that this one's reading left.
    again = row.error is None and (row.parser, row.revision) == (page.parser, page.revision)
    behind = frozenset(tied.capture_id for tied in stored.behind)
    return Reading(again=again, superseded=stored.superseded, behind=behind)


def _settle(transaction: Transaction, page: ParsedPage, stored: StoredCapture, loaded: Loaded) -> None:
    captured_at = stored.row.captured_at
    known = transaction.ledger.day_known(page.source, page.date)
    seen = _seen_again(stored, loaded.capture_id)
    transaction.ledger.put(*next_states(page, known, seen, doubts=loaded.doubts).values())
    newest = is_newest(known, captured_at, superseded=stored.catalogue_superseded)
    _settle_emptying(transaction, page, known, loaded, captured_at, newest=newest)


def _seen_again(stored: StoredCapture, capture_id: int) -> Seen:
    return Seen(
        captured_at=stored.row.captured_at,
        capture_id=capture_id,
        again=True,
        superseded=stored.superseded,
        catalogue_superseded=stored.catalogue_superseded,
    )


def _settle_emptying(
    transaction: Transaction,
    page: ParsedPage,
    known: DayKnown,
    loaded: Loaded,
    captured_at: datetime,
    *,
    newest: bool,
) -> None:
    after = emptying_after(page, loaded.held, known.emptying, captured_at, newest=newest)
    if after != known.emptying:
        transaction.ledger.put_emptying(page.source, page.date, after)


def _ledger_stays(page: ParsedPage, stored: StoredCapture, known: DayKnown, doubts: tuple[str, ...]) -> bool:
    if not (page.can_be_complete or page.lists_uncounted):
        return True
    return not next_states(page, known, _seen_again(stored, stored.capture_id), doubts=doubts)


def _emptying_stays(page: ParsedPage, held: Stored, known: DayKnown, stored: StoredCapture) -> bool:
    if not page.can_be_complete:
        return True
    captured_at = stored.row.captured_at
    newest = is_newest(known, captured_at, superseded=stored.catalogue_superseded)
    return emptying_after(page, held, known.emptying, captured_at, newest=newest) == known.emptying
