"""One parsed page into the store, in the transaction of whoever calls: harvest and re-parse enter here alike.

ParsedPage + Held --decide--> Changes --load--> Loaded
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime

from ingest.decide import decide
from ingest.decide.changes import Changes, Held
from ingest.errors import WorkerFailed
from ingest.ledger import CaptureRow, DayKnown, Failure, StoredCapture
from ingest.standing import standings_again
from ingest.store import Transaction
from ingest.verify import agreement
from parsers.errors import AddressUnknown, ParseError, ThresherError
from parsers.records import ParsedPage

LEARNT = tuple(
    {field.name for field in fields(CaptureRow)}
    & {field.name for field in fields(ParsedPage)} - {"source", "url"}
)
"""What reading a capture tells of it, by the same name in both records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What became of a page: ``held`` is what was there before, ``doubts`` why it is not complete."""

    capture_id: int
    held: Held
    changes: Changes
    doubts: tuple[str, ...]


def load_page(transaction: Transaction, page: ParsedPage, row: CaptureRow, *, again: bool = False) -> Loaded:
    """Writes the capture's row and what the page changes; ``again`` see ``decide``."""
    doubts = agreement(page)
    capture_id = transaction.add_capture(row)
    held = transaction.held(page.source, {article.external_id for article in page.articles}, page.date)
    changes = decide(page, held, captured_at=row.captured_at, complete=not doubts, again=again)
    transaction.load(changes, capture_id)
    return Loaded(capture_id=capture_id, held=held, changes=changes, doubts=doubts)


def load_again(transaction: Transaction, page: ParsedPage, row: CaptureRow) -> Loaded:
    """Writes what a kept capture says by today's parser, and what that means for the ledger.

    ``row`` is the capture as it is indexed; it leaves quarantine.
    """
    loaded = load_page(transaction, page, read_as(row, page), again=_is_again(row, page))
    transaction.release(loaded.capture_id)
    if page.kind == "section":
        _settle(transaction, page, row.captured_at, loaded)
    return loaded


def unchanged(page: ParsedPage, stored: StoredCapture, *, held: Held, known: DayKnown) -> Changes | None:
    """What ``load_again`` would find if that is nothing, but for the capture's own row; else None.

    ``held`` and ``known`` are the page's day with all its comments. None also where they cannot tell.
    """
    row = stored.row
    if row.error is not None or not held.articles.keys() >= {
        article.external_id for article in page.articles
    }:
        return None
    doubts = agreement(page)
    changes = decide(page, held, captured_at=row.captured_at, complete=not doubts, again=_is_again(row, page))
    if not changes.nothing:
        return None
    unsettled = page.kind == "section" and standings_again(
        page, known, doubts=doubts, captured_at=row.captured_at, capture_id=stored.capture_id
    )
    return None if unsettled else changes


def read_as(row: CaptureRow, page: ParsedPage) -> CaptureRow:
    """The capture's row with what reading it told."""
    return replace(row, error=None, **{name: getattr(page, name) for name in LEARNT})


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
    return isinstance(error, ParseError | AddressUnknown | WorkerFailed) or not isinstance(
        error, ThresherError
    )


def _is_again(row: CaptureRow, page: ParsedPage) -> bool:
    return row.error is None and (row.parser, row.revision) == (page.parser, page.revision)


def _settle(transaction: Transaction, page: ParsedPage, captured_at: datetime, loaded: Loaded) -> None:
    ledger = standings_again(
        page,
        transaction.day_known(page.source, page.date),
        doubts=loaded.doubts,
        captured_at=captured_at,
        capture_id=loaded.capture_id,
    )
    for state in ledger.values():
        own = state.section == page.section
        seen = captured_at if own or not state.expected_articles else None
        visited = max(filter(None, (state.visited_at, captured_at)))
        transaction.put_page(
            replace(
                state,
                capture_id=loaded.capture_id if own else None,
                visited_at=visited,
                full_at=seen,
            )
        )
