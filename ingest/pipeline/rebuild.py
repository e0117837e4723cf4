"""New captures in whatever order they come: what is held is a function of the set of them.

    the newest of its day    -> loaded upon what is held
    one that comes in late   -> loaded as the older page it is; at the transaction's end its day is cleared
                                and folded again, from the first of its captures to the last, in their
                                order: moment, digest, address

A day is folded together with every other day that one of its articles ever stood on. Where a capture of
these days cannot be read any more (it was redacted, or its file is gone), nothing is cleared: then the late
capture has filled gaps, and no more.
"""

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime

from ingest.errors import StoreUnusable
from ingest.pipeline.lists import load_part
from ingest.pipeline.load import load_again, load_newest
from ingest.pipeline.loaded import Loaded
from ingest.pipeline.parse.parse_input import of_stored
from ingest.records.archive_folder import ArchiveFolder
from ingest.records.pages import CaptureRow, PageState, StoredCapture, TiedCapture
from ingest.records.parse_input import ParseInput
from ingest.store import Transaction
from parsers.errors import ThresherError
from parsers.records import ParsedPage

log = logging.getLogger(__name__)

Parse = Callable[[ParseInput], ParsedPage]
Place = tuple[str, int]
"""A WARC file, and the offset of the record in it."""


class Rebuilder:
    """Loads new captures of one source; ``finish`` ends each transaction that something was loaded in."""

    def __init__(self, source: str, folder: ArchiveFolder, parse: Parse) -> None:
        self._source = source
        self._folder = folder
        self._parse = parse
        self._late: dict[Place, ParsedPage] = {}

    def load(self, transaction: Transaction, page: ParsedPage, row: CaptureRow) -> Loaded:
        """Write what a capture says that was not loaded before."""
        if page.part is not None:
            loaded = load_part(transaction, page, row)
            # Late comments of the whole site are of no day.
            if loaded.part is not None and loaded.part.late and page.kind != "latest":
                self._late[row.warc_file, row.warc_offset] = loaded.part.page
            return loaded
        behind = transaction.captures.behind(row)
        if not self._is_late(transaction, page, row, behind):
            return load_newest(transaction, page, row)
        log.debug("%s of %s: newer pages were loaded before it", row.url, row.captured_at)
        self._late[row.warc_file, row.warc_offset] = page
        return load_again(transaction, page, StoredCapture(capture_id=0, row=row, behind=behind))

    def finish(self, transaction: Transaction) -> frozenset[date]:
        """Fold the days of the late pages, in the transaction that loaded them; return these days."""
        # Taken out first: what is folded now must not be folded again by the next transaction.
        late, self._late = self._late, {}
        if not late:
            return frozenset()
        articles = {article.external_id for page in late.values() for article in page.articles}
        days = transaction.rebuilding.days_of(self._source, articles, {page.date for page in late.values()})
        self._rebuild(transaction, days, late)
        return frozenset(days)

    def rebuild(self, transaction: Transaction, day: date) -> bool:
        """Fold a day anew, of which nothing is late; False if a capture of it cannot be read."""
        return self._rebuild(transaction, transaction.rebuilding.days_of(self._source, (), {day}), {})

    def _rebuild(
        self, transaction: Transaction, days: Collection[date], late: Mapping[Place, ParsedPage]
    ) -> bool:
        try:
            pages = self._pages(transaction.captures.loaded_of_days(self._source, days), late)
        # A part of the day would be worse than the day as it is: nothing is cleared.
        except StoreUnusable as error:
            log.warning("%s: the day cannot be rebuilt: %s", ", ".join(map(str, sorted(days))), error)
            return False
        if pages:
            log.info("rebuilding %s from %d captures", ", ".join(map(str, sorted(days))), len(pages))
            self._fold(transaction, days, pages)
        return bool(pages)

    def drop(self) -> None:
        """Forget the late pages: their transaction is rolled back."""
        self._late.clear()

    def _is_late(
        self, transaction: Transaction, page: ParsedPage, row: CaptureRow, behind: Collection[TiedCapture]
    ) -> bool:
        ids = {article.external_id for article in page.articles}
        seen_at = transaction.last_seen(page.source, ids)
        if seen_at is not None and (seen_at > row.captured_at or (behind and seen_at == row.captured_at)):
            return True
        return any(tied.day == page.date for tied in behind) or transaction.captures.is_late(row, page.date)

    def _pages(
        self, captures: Collection[StoredCapture], late: Mapping[Place, ParsedPage]
    ) -> list[tuple[CaptureRow, ParsedPage]]:
        pages = []
        for stored in captures:
            # Those of this transaction are parsed already.
            page = late.get((stored.row.warc_file, stored.row.warc_offset)) or self._read(stored)
            if page is not None:
                pages.append((stored.row, page))
        return pages

    def _read(self, stored: StoredCapture) -> ParsedPage | None:
        page = of_stored(stored, self._folder)
        try:
            return self._parse(page)
        except ThresherError as error:
            # It was read before: whoever re-parses puts it into quarantine.
            log.warning("left out of its day: %s", error)
            return None

    def _fold(
        self, transaction: Transaction, days: Collection[date], pages: list[tuple[CaptureRow, ParsedPage]]
    ) -> None:
        # Before the day is cleared, which takes its ledger rows along.
        failed = _failures(transaction, self._source, days, until=pages[-1][0].captured_at)
        emptied = transaction.rebuilding.clear_days(self._source, days)
        for row, page in pages:
            load = load_newest if page.part is None else load_part
            load(transaction, page, row)
            # The emptied rows of what was taken down go back below an article once that is there again.
            emptied = transaction.rebuilding.restore_emptied(self._source, emptied) if emptied else emptied
        transaction.ledger.put(*failed)


def _failures(
    transaction: Transaction, source: str, days: Collection[date], *, until: datetime
) -> list[PageState]:
    """The ledger rows that a fetch has failed for since: of that no capture knows."""
    rows = [row for day in days for row in transaction.ledger.day_known(source, day).pages.values()]
    return [
        row for row in rows if row.state == "failed" and row.not_before is not None and row.not_before > until
    ]
