"""Lists by ``numbers``: pages know the ranks of their rows, and the last one is read first and last. Pure."""

from dataclasses import replace
from datetime import datetime

from ingest.decide.completeness.verdicts import MOVED, agreed, begun, over
from parsers.lists import OUTSIDE, ListVisit
from parsers.records import Part

NO_RANKS = "the site does not say which rows these are"


def by_numbers(going: ListVisit | None, part: Part, captured_at: datetime) -> ListVisit | None:
    """The visit with one more page; None where the page begins none and none is open."""
    if part.thread is None:
        return _of_day(going, part, captured_at)
    if part.first is None:
        return over(begun(replace(part, first=0), captured_at), "unproven", NO_RANKS)
    if part.starts and part.ends:
        # One page shows the whole list: nothing can move between its rows.
        return agreed(begun(part, captured_at))
    if part.ends and not _is_read(going):
        return begun(part, captured_at)
    # Pages before the last one begin nothing: what moved before it was read could not be seen.
    return None if going is None else _with_page(going, part)


def _is_read(going: ListVisit | None) -> bool:
    """Whether every row up to the end is known."""
    return going is not None and going.missing == len(going.rows)


def _with_page(going: ListVisit, part: Part) -> ListVisit:
    placed = _placed(going, part)
    # Another total, or a row at a rank that another one had.
    if placed is None or (part.total is not None and part.total != going.total):
        return over(going, "moved", MOVED)
    return agreed(placed) if part.ends else placed


def _of_day(going: ListVisit | None, part: Part, captured_at: datetime) -> ListVisit:
    """A page of a forum's listing, on which a day's threads are looked for.

    A page that shows newer threads alone comes before the day's, and one that shows older ones alone ends
    them as the page with the last one does: each such page begins the visit, and closes it once all ranks
    before it are known.
    """
    sought = going or _sought(captured_at)
    sought = replace(sought, aside=sought.aside | part.aside)
    if part.starts and part.ends:
        return agreed(replace(begun(part, captured_at), aside=sought.aside))
    if part.ends and not (sought.ends and _is_read(sought)):
        fresh = begun(part, captured_at)
        return replace(fresh, newer=sought.newer, last=part.page or 0, aside=sought.aside)
    return _with_page_of_day(sought, part)


def _with_page_of_day(sought: ListVisit, part: Part) -> ListVisit:
    if not (part.ids or part.ends):
        # It shows newer threads alone.
        sought = replace(sought, newer=max(sought.newer, part.page or 0))
        part = replace(part, starts=True)
    # A day's visit begins with the page that shows its end: before it a page only says where to look.
    if not sought.ends:
        return sought
    placed = _placed(sought, part)
    if placed is None or (part.ends and (part.first or 0) + len(part.ids) != len(sought.rows)):
        return over(sought, "moved", MOVED)
    return agreed(placed) if part.ends else placed


def _sought(captured_at: datetime) -> ListVisit:
    """A day of which nothing has been found."""
    return ListVisit(began_at=captured_at, rows=(), others=frozenset(), total=None, needs_total=False)


def _placed(going: ListVisit, part: Part) -> ListVisit | None:
    """The visit with the rows at their ranks; None if that contradicts what was shown before."""
    first = part.first or 0
    rows = list(going.rows)
    known = {row: rank for rank, row in enumerate(rows) if row}
    for rank, row in enumerate(part.ids, start=first):
        # The rank is behind the end, has another row already, or the row has another rank.
        if rank >= len(rows) or rows[rank] not in {None, row} or known.get(row, rank) != rank:
            return None
        rows[rank] = row
    if part.starts:
        rows = _outside(rows, first)
    starts = going.starts or part.starts
    return replace(going, rows=tuple(rows), others=going.others | part.others, starts=starts)


def _outside(rows: list[str | None], first: int) -> list[str | None]:
    """What stands before the first row of the list is no part of it: the other days of a forum."""
    return [OUTSIDE if rank < first and row is None else row for rank, row in enumerate(rows)]
