"""A day's threads in a forum's listing, which has those of all days, the newest first.

page 1 -> 2 -> 4 -> 8 ...  while all threads are newer, then the page in the middle of two that are known
end -> ... -> start -> end  a day over several pages: the page with its end is read first and last
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise

from parsers.engines.records import Entry
from parsers.errors import FieldMalformed, FieldMissing
from parsers.lists import OUTSIDE, Known, ListVisit, Next
from parsers.records import ParsedPage, Part
from parsers.urls import Address

LAST = 1 << 20
"""The highest page that is asked for: a site that shows the same page for every number has no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A thread of a listing: when it was begun, and on which day of the site's."""

    thread: str
    at: datetime
    day: date
    pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which page of a listing is shown, how many rows a page has at most, and whether it is the last one."""

    page: int
    per_page: int
    is_last: bool


def row_of(entry: Entry, field: str, url: str) -> Row:
    """A listing's entry as a row; ``field`` is its beginning in the software's words: ``topic.created_at``.

    Raises:
        FieldMissing: it has no id, or does not say when it was begun.
    """
    posted = entry.posted
    if entry.external_id is None or posted is None or posted.at is None or posted.local is None:
        raise FieldMissing(field, url, of=f"{field.partition('.')[0]} {entry.external_id}")
    # The day by the site's clock: "2018-03-23T23:10" is another one in UTC.
    day = date.fromisoformat(posted.local[:10])
    return Row(thread=entry.external_id, at=posted.at, day=day, pinned=entry.pinned)


def day_part(rows: Sequence[Row], day: date, place: Place, url: str) -> Part:
    """What a page says of a day. Pinned threads stand above the first page's rows, out of order.

    Raises:
        FieldMalformed: the rows are not in the order of their beginnings.
    """
    pinned, ranked = _apart(rows, place)
    _require_order(ranked, url)
    newer, ids = _count_newer(ranked, day), _of_day(ranked, day)
    # An older thread behind them, or the listing's end: nothing of the day follows.
    ends = newer + len(ids) < len(ranked) or _is_the_end(ranked, place)
    if not newer and not ends:
        ids = _filled(ids, place)
    return Part(
        thread=None,
        paging="numbers",
        first=(place.page - 1) * place.per_page + _rank_on_page(newer, len(ids), place.per_page, ends=ends),
        ids=ids,
        total=None,
        starts=_starts(newer, ids, place, ends=ends),
        ends=ends,
        needs_total=False,
        page=place.page,
        aside=frozenset(_of_day(pinned, day)),
    )


def _count_newer(rows: Iterable[Row], day: date) -> int:
    return sum(row.day > day for row in rows)


def _of_day(rows: Iterable[Row], day: date) -> tuple[str, ...]:
    return tuple(row.thread for row in rows if row.day == day)


def _filled(ids: tuple[str, ...], place: Place) -> tuple[str, ...]:
    """The rows of a page that shows the day alone: what is hidden leaves it shorter than its ranks."""
    return (*ids, *(OUTSIDE,) * (place.per_page - len(ids))) if ids else ids


def _apart(rows: Sequence[Row], place: Place) -> tuple[list[Row], list[Row]]:
    """The pinned rows above the first page's, and those that have ranks."""
    # On later pages such a row stands in its place.
    pinned = [row for row in rows if row.pinned] if place.page == 1 else []
    return pinned, [row for row in rows if row not in pinned]


def _starts(newer: int, ids: Sequence[str], place: Place, *, ends: bool) -> bool:
    """Whether the page shows where the day begins."""
    return (place.page == 1 or newer > 0) and (ends or bool(ids))


def _is_the_end(ranked: Sequence[Row], place: Place) -> bool:
    """Whether the page is the last one, or behind it."""
    return place.is_last or (not ranked and place.page > 1)


def _require_order(ranked: Sequence[Row], url: str) -> None:
    for row, following in pairwise(ranked):
        if row.at < following.at:
            raise FieldMalformed("listing.order", f"{following.thread} after {row.thread}", url)


def _rank_on_page(newer: int, of_day: int, per_page: int, *, ends: bool) -> int:
    """Which of the page's rows is the day's first; behind the page if it shows newer ones alone.

    Of a page that goes on with the day, the end is known better than the beginning: pinned threads may be
    missing in their places.
    """
    if ends:
        return newer
    return newer if of_day and not newer else per_page - of_day


def pages_of_day(page: ParsedPage, known: Known, address: Address) -> tuple[Next, ...]:
    """The page of the listing to ask for next; ``address`` is that of any page of it."""
    part, visit = page.part, known.visit
    if part is None or part.page is None or visit is None or visit.status != "open":
        return ()
    number, why = _next_page(part, part.page, visit)
    if not 1 <= number <= LAST:
        return ()
    return (Next(address=replace(address, page=number), why=why, again=True),)


def _next_page(part: Part, here: int, visit: ListVisit) -> tuple[int, str]:
    if not visit.ends:
        # Nothing is known of where the day ends.
        # Doubled while all rows are newer: a day of ten years ago takes twenty pages, not thousands.
        return (here + 1, "the day goes on") if part.ids else (here * 2, "the day is further on")
    after = (part.first or 0) + len(part.ids)
    is_joined = after >= len(visit.rows) or visit.rows[after] is not None
    if visit.missing == len(visit.rows):
        return visit.last, "the day's end is compared"
    if not any(visit.rows) and not part.ids:
        return (visit.newer + visit.last) // 2, "the day is between two pages"
    return (here - 1, "the day began before") if is_joined else (here + 1, "the day goes on")
