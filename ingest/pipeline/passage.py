"""What one page has become so far on its way, and words about it for the log."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from ingest.archive import Written
from ingest.pipeline.capture_rows import index_row, read_as
from ingest.pipeline.loaded import Loaded
from ingest.records.capture import Capture
from ingest.records.lists import KINDS, ListKind, ThreadState
from ingest.records.pages import CaptureRow, DayKnown
from ingest.store import Transaction
from parsers.records import ParsedPage
from parsers.urls import Address
from schedules.plan import Target

Hold = Callable[[Transaction], None]
"""Called at the head of each of a page's transactions: raises if the page is not ours any more."""


@dataclass(slots=True, kw_only=True)
class Passage:
    """What one page has become so far."""

    target: Target
    url: str
    hold: Hold | None
    capture: Capture | None = None
    place: Written | None = None
    page: ParsedPage | None = None
    row: ThreadState | None = None
    """Of a page of a list, the list's row as far as its address tells."""
    loaded: Loaded | None = None


def list_row(source: str, address: Address, day: date) -> ThreadState:
    """The row of the list that an address is of: a thread, a day's listing, or late comments."""
    kind: ListKind = KINDS[address.kind]
    return ThreadState(
        source=source,
        kind=kind,
        thread=address.article_id or "",
        day=address.day or day,
        section=address.section or 0,
    )


def capture_row(
    passage: Passage, capture: Capture, *, source: str, run_id: int | None, error: str | None
) -> CaptureRow:
    """The capture's row, with what its page says of itself where it could be read."""
    place, page = passage.place, passage.page
    if place is None:
        raise AssertionError("a capture without a place has no row")
    row = index_row(capture, place, source=source, run_id=run_id, url=passage.url, error=error)
    return row if page is None else replace(read_as(row, page), error=error)


def unfinished_sections(known: DayKnown) -> list[int]:
    """The sections that have articles which were not all loaded: their page has to be asked for anyhow."""
    return [
        section for section, page in known.pages.items() if page.state != "done" and page.expected_articles
    ]


def what_changed(loaded: Loaded) -> str:
    """How many rows a page changed, in words."""
    changes = loaded.changes
    tables = (("articles", changes.articles.counts), ("comments", changes.comments.counts))
    counts = (
        f"{table} {counts.new} new, {counts.modified} modified, {counts.vanished} vanished"
        for table, counts in tables
    )
    return "; ".join(counts)
