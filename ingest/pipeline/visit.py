"""What one page has become so far on its way, and words about it for the log."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from ingest.archive import Written
from ingest.errors import RobotsForbidden, Unreachable
from ingest.pipeline.capture_rows import index_row, read_as
from ingest.pipeline.loaded import Loaded, LoadedPart
from ingest.records.capture import Capture
from ingest.records.lists import KINDS, ListKind, ThreadState
from ingest.records.outcome import Outcome
from ingest.records.pages import CaptureRow, DayKnown
from ingest.store import Transaction
from parsers.errors import PageBlocked
from parsers.records import ParsedPage
from parsers.urls import Address
from schedules.plan import Target

RequireLease = Callable[[Transaction], None]
"""Called first in each of a page's transactions: raises if the page is not ours any more."""


@dataclass(slots=True, kw_only=True)
class PageVisit:
    """What one page has become so far."""

    target: Target
    url: str
    require_lease: RequireLease | None
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
    visit: PageVisit, capture: Capture, *, source: str, run_id: int | None, error: str | None
) -> CaptureRow:
    """The capture's row, with what its page says of itself where it could be read."""
    place, page = visit.place, visit.page
    if place is None:
        raise AssertionError("a capture without a place has no row")
    row = index_row(capture, place, source=source, run_id=run_id, url=visit.url, error=error)
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


def list_outcome(visit: PageVisit, loaded: Loaded, part: LoadedPart) -> Outcome:
    """The outcome of a page of a list; a list whose next page is still to be asked for is not short."""
    # Of a list that is read from its end, the first page begins nothing yet.
    is_read_on = not part.late and (part.visit is None or part.visit.status == "open")
    settled = part.state.settled or is_read_on
    return Outcome(
        day=part.state.day,
        section=part.state.section,
        url=visit.url,
        state="done" if settled else "short",
        reason=part.state.last_error,
        unproven=part.state.state == "unproven",
        articles=loaded.changes.articles.counts,
        comments=loaded.changes.comments.counts,
    )


def failed_outcome(visit: PageVisit, error: Exception) -> Outcome:
    """The outcome of a page that could not be fetched, read or loaded."""
    return Outcome(
        day=visit.target.day,
        section=visit.target.section,
        url=visit.url,
        state="failed",
        reason=str(error),
        kept=visit.place is not None,
        # The host's answer to whoever asks, and not the page's fault: what follows would be refused as well.
        refused=isinstance(error, Unreachable | RobotsForbidden | PageBlocked),
        forbidden=isinstance(error, RobotsForbidden),
    )
