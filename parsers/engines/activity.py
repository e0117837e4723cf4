"""The threads of a forum in which somebody wrote since a moment, out of its listing by last posts.

The rows move down while the pages are read, and none is lost by it: each page stands for itself, and the last
one ends the list.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from parsers.engines.records import Entry, Moment
from parsers.errors import FieldMalformed, FieldMissing
from parsers.lists import Known, Next, differing_threads
from parsers.records import ParsedPage, Part
from parsers.urls import Address

SINCE = "since"
"""The name of the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Active:
    """A thread of a listing, and when somebody wrote in it last."""

    thread: str
    at: datetime
    pinned: bool = False


def active_of(entry: Entry, last: Moment | None, field: str, url: str) -> Active:
    """A listing's entry with its last post; ``field`` is that in the software's words: ``topic.bumped_at``.

    Raises:
        FieldMissing: it has no id, or does not say when somebody wrote in it last.
    """
    if entry.external_id is None or last is None or last.at is None:
        raise FieldMissing(field, url, of=f"{field.partition('.')[0]} {entry.external_id}")
    return Active(thread=entry.external_id, at=last.at, pinned=entry.pinned)


def active_part(rows: Sequence[Active], since: datetime, page: int, url: str, *, is_last: bool) -> Part:
    """What a page says of the threads since then. Pinned ones stand out of order, and end nothing.

    Raises:
        FieldMalformed: the rows are not in the order of their last posts.
    """
    # A pinned thread stands above newer ones: its age would end the list at once.
    ranked = [row for row in rows if not row.pinned]
    _require_order(ranked, url)
    ends = is_last or any(row.at < since for row in ranked) or not ranked
    return Part(
        thread=SINCE,
        paging="pages",
        first=None,
        ids=tuple(row.thread for row in ranked if row.at >= since),
        total=None,
        # Each page stands for itself: the list is whole once its last page was read.
        starts=ends,
        ends=ends,
        needs_total=False,
        page=page,
        pages=page if ends else page + 1,
    )


def _require_order(ranked: Sequence[Active], url: str) -> None:
    for row, following in pairwise(ranked):
        # A site that takes no notice of the order asked for would end the list anywhere.
        if row.at < following.at:
            raise FieldMalformed("listing.order", f"{following.thread} after {row.thread}", url)


def with_late_posts(page: ParsedPage, known: Known, address: Address) -> tuple[Next, ...]:
    """The next page, and those of the threads that were read before and that differ now.

    A thread that is unknown is of a day that nobody harvested.
    """
    found: tuple[Next, ...] = ()
    if page.part is not None and not page.part.ends:
        found = (Next(address=replace(address, page=address.page + 1), why="the list goes on"),)
    claims = tuple(claim for claim in page.claims if claim.thread in known.threads)
    return (*found, *differing_threads(replace(page, claims=claims), known))
