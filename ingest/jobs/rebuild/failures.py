"""A kept answer that could not be read: its row, its place in quarantine, and its day's row in the ledger."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from ingest.decide.completeness.transitions import failed
from ingest.pipeline.lists import fail_part
from ingest.pipeline.load import failure_of, is_unreadable
from ingest.pipeline.visit import list_row
from ingest.records.lists import KINDS
from ingest.records.pages import CaptureRow, PageState
from ingest.store import Transaction
from parsers.errors import AddressUnknown
from parsers.source import Source


def put_failure(transaction: Transaction, source: Source, row: CaptureRow, error: Exception) -> None:
    """Enter it as the visit did that received the answer."""
    failed_row = replace(row, error=str(error))
    capture_id = transaction.captures.add(failed_row)
    if is_unreadable(error):
        failure = failure_of(capture_id, failed_row, error, failed_at=row.captured_at)
        transaction.captures.put_aside(failure)
    try:
        address = source.address_of(row.url)
    except AddressUnknown:
        return
    if source.lists is not None:
        if address.kind in KINDS:
            day = row.captured_at.astimezone(ZoneInfo(source.zone)).date()
            state = list_row(source.name, address, day)
            fail_part(transaction, state, str(error), row.captured_at, capture_id)
    elif address.kind == "section" and address.day is not None and address.section is not None:
        fresh = PageState(source=source.name, day=address.day, section=address.section, state="failed")
        known = transaction.ledger.day_known(source.name, address.day).pages
        before = known.get(address.section, fresh)
        transaction.ledger.put(failed(before, str(error), row.captured_at, capture_id))
