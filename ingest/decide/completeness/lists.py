"""What the pages of a list prove together: a thread, or a day's threads. Pure.

    ListVisit so far + Part --advance--> ListVisit: open, proven, unproven, moved or short

It is a function of the pages in the order of their captures, so that a harvest, a resumed one and a re-parse
come to the same. Paging moves under the reader: a row that was deleted between two pages takes another one
over the edge of a page that was read already. There is a way to notice that for each kind of paging:

    overlap   each page begins with the last row of the one before: a row that does not meet its neighbour
    again stream    the ids of the whole list stand on the first page: they are asked for again at the end
    numbers   the last page is read first and last, and no rank shows two rows
    pages     every page is read until all are known, and again but for the last of them: what is the same
              before and after that one was read was so when it was
"""

import json
from dataclasses import replace
from datetime import datetime

from parsers.lists import OUTSIDE, ListVisit, Sheet, VisitStatus
from parsers.records import Part

MOVED = "the list changed while it was read"
NO_TOTAL = "the site gives no total"
NO_RANKS = "the site does not say which rows these are"


def advance(visit: ListVisit | None, part: Part, captured_at: datetime) -> ListVisit | None:
    """The visit with one more page; None where the page begins none and none is open.

    ``visit`` is what the list's pages showed before, whether it is over or not.
    """
    going = visit if visit is not None and visit.status == "open" else None
    if part.paging == "overlap":
        return _overlapping(going, part, captured_at)
    if part.paging == "stream":
        return _by_stream(going, part, captured_at)
    if part.paging == "pages":
        return _by_pages(going, part, captured_at)
    return _numbered(going, part, captured_at)


def to_json(visit: ListVisit | None) -> str | None:
    """The visit as the ledger keeps it; of one that is over, nothing needs to be kept."""
    if visit is None or visit.status != "open":
        return None
    return json.dumps(
        {
            "began_at": visit.began_at.isoformat(),
            "rows": visit.rows,
            "others": sorted(visit.others),
            "total": visit.total,
            "stream": visit.stream,
            "starts": visit.starts,
            "ends": visit.ends,
            "needs_total": visit.needs_total,
            "newer": visit.newer,
            "last": visit.last,
            "aside": sorted(visit.aside),
            "sheets": [(sheet.number, sheet.ids, sheet.again) for sheet in visit.sheets],
        },
        separators=(",", ":"),
    )


def from_json(text: str | None) -> ListVisit | None:
    """The open visit that the ledger keeps."""
    if text is None:
        return None
    kept = json.loads(text)
    return ListVisit(
        began_at=datetime.fromisoformat(kept["began_at"]),
        rows=tuple(kept["rows"]),
        others=frozenset(kept["others"]),
        total=kept["total"],
        stream=tuple(kept["stream"]) if kept["stream"] is not None else None,
        starts=kept["starts"],
        ends=kept["ends"],
        needs_total=kept["needs_total"],
        newer=kept.get("newer", 0),
        last=kept.get("last", 0),
        aside=frozenset(kept.get("aside", ())),
        sheets=tuple(
            Sheet(number=number, ids=tuple(ids), again=again) for number, ids, again in kept.get("sheets", ())
        ),
    )


def _overlapping(going: ListVisit | None, part: Part, captured_at: datetime) -> ListVisit | None:
    if part.starts:
        return _judged(_begun(part, captured_at), part)
    if going is None:
        return None
    meets = part.ids[:1] == going.rows[-1:] and part.first == len(going.rows) - 1
    repeats = not going.shown.isdisjoint(part.ids[1:])
    rows = (*going.rows, *part.ids[1:])
    grown = replace(going, rows=rows, others=going.others | part.others, ends=part.ends)
    if not meets or repeats or part.total != going.total:
        return _over(grown, "moved", MOVED)
    return _judged(grown, part)


def _by_stream(going: ListVisit | None, part: Part, captured_at: datetime) -> ListVisit | None:
    if part.stream is None:
        return None if going is None else _with_lot(going, part)
    # The list's own page again: the end of a visit whose rows are all there, else the beginning of another.
    if going is not None and going.shown >= set(going.stream or ()):
        if part.stream != going.stream or part.total != going.total:
            return _over(going, "moved", MOVED)
        return _agreed(going)
    begun = _begun(part, captured_at)
    if not set(part.ids) <= set(part.stream):
        return _over(begun, "moved", MOVED)
    # A list that one page shows whole was not cut between two.
    return _agreed(begun) if begun.shown >= set(part.stream) else begun


def _with_lot(going: ListVisit, part: Part) -> ListVisit:
    fresh = tuple(row for row in part.ids if row not in going.shown)
    grown = replace(going, rows=(*going.rows, *fresh), others=going.others | part.others)
    # The site gave less than was asked for: a post of the stream has just been deleted.
    asked = part.total
    return _over(grown, "moved", MOVED) if asked is not None and asked != len(part.ids) else grown


def _by_pages(going: ListVisit | None, part: Part, captured_at: datetime) -> ListVisit:
    sheet = Sheet(number=part.page or 1, ids=part.ids)
    if part.starts and part.ends:
        return _agreed(_begun(part, captured_at))
    begun = replace(_begun(part, captured_at), rows=(), sheets=(sheet,), last=max(part.pages, sheet.number))
    if going is None or not going.sheets:
        return begun
    known = {one.number: one for one in going.sheets}
    missing = set(range(1, going.last + 1)) - known.keys()
    before = known.get(sheet.number)
    if before is not None and (missing or before.again or before == going.sheets[-1]):
        # It was asked for, and not by a visit that went on: another one begins.
        return begun
    is_late = before is None and not missing
    if is_late or (before is not None and before.ids != sheet.ids) or part.total != going.total:
        return _over(going, "moved", MOVED)
    grown = replace(going, others=going.others | part.others, last=max(going.last, part.pages))
    if before is None:
        return replace(grown, sheets=(*going.sheets, sheet))
    sheets = tuple(replace(one, again=one.again or one == before) for one in going.sheets)
    return _joined(replace(grown, sheets=sheets))


def _joined(visit: ListVisit) -> ListVisit:
    """The visit with its rows in order, once every page but the last one that was read was read again."""
    if visit.last > len(visit.sheets):
        return _over(visit, "moved", MOVED)
    if not all(sheet.again for sheet in visit.sheets[:-1]):
        return visit
    in_order = sorted(visit.sheets, key=lambda sheet: sheet.number)
    rows = tuple(row for sheet in in_order for row in sheet.ids)
    if len(set(rows)) != len(rows):
        return _over(visit, "moved", MOVED)
    return _agreed(replace(visit, rows=rows))


def _numbered(going: ListVisit | None, part: Part, captured_at: datetime) -> ListVisit | None:
    if part.thread is None:
        return _of_day(going, part, captured_at)
    if part.first is None:
        return _over(_begun(replace(part, first=0), captured_at), "unproven", NO_RANKS)
    if part.starts and part.ends:
        return _agreed(_begun(part, captured_at))
    if going is None or (part.ends and going.missing < len(going.rows)):
        # Pages before the last one begin nothing: what moved before it was read could not be seen.
        return _begun(part, captured_at) if part.ends else None
    placed = _placed(going, part)
    if placed is None or (part.total is not None and part.total != going.total):
        return _over(going, "moved", MOVED)
    return _agreed(placed) if part.ends else placed


def _of_day(going: ListVisit | None, part: Part, captured_at: datetime) -> ListVisit:
    """A page of a forum's listing, on which a day's threads are looked for.

    A page that shows newer threads alone comes before the day's, and one that shows older ones alone ends
    them as the page with the last one does: each such page begins the visit, and closes it once all ranks
    before it are known.
    """
    sought = going or _sought(captured_at)
    sought = replace(sought, aside=sought.aside | part.aside)
    if part.starts and part.ends:
        return _agreed(replace(_begun(part, captured_at), aside=sought.aside))
    before = not part.ids and not part.ends
    if before:
        sought = replace(sought, newer=max(sought.newer, part.page or 0))
    if part.ends and (not sought.ends or sought.missing < len(sought.rows)):
        begun = _begun(part, captured_at)
        return replace(begun, newer=sought.newer, last=part.page or 0, aside=sought.aside)
    if not sought.ends:
        return sought
    placed = _placed(sought, replace(part, starts=True) if before else part)
    ended = not part.ends or (part.first or 0) + len(part.ids) == len(sought.rows)
    if placed is None or not ended:
        return _over(sought, "moved", MOVED)
    return _agreed(placed) if part.ends else placed


def _sought(captured_at: datetime) -> ListVisit:
    """A day of which nothing has been found."""
    return ListVisit(began_at=captured_at, rows=(), others=frozenset(), total=None, needs_total=False)


def _placed(going: ListVisit, part: Part) -> ListVisit | None:
    """The visit with the rows at their ranks; None if that contradicts what was shown before."""
    first = part.first or 0
    rows = list(going.rows)
    known = {row: rank for rank, row in enumerate(rows) if row is not None}
    for rank, row in enumerate(part.ids, start=first):
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


def _begun(part: Part, captured_at: datetime) -> ListVisit:
    whole = part.starts and part.ends
    return ListVisit(
        began_at=captured_at,
        rows=part.ids if whole else (*((None,) * (part.first or 0)), *part.ids),
        needs_total=part.needs_total,
        others=part.others,
        total=part.total,
        stream=part.stream,
        starts=part.starts,
        ends=part.ends,
    )


def _judged(visit: ListVisit, part: Part) -> ListVisit:
    """A list by overlap is over once it holds its total, or shows nothing more."""
    nothing_more = len(part.ids) <= (0 if part.starts else 1)
    return _agreed(visit) if part.ends or nothing_more or visit.total == len(visit.rows) else visit


def _agreed(visit: ListVisit) -> ListVisit:
    """The verdict on a list that was read to its end."""
    shown = len(visit.rows)
    if visit.missing < shown:
        return _over(visit, "short", f"row {visit.missing + 1} of {shown} was never shown")
    if visit.total is None:
        return _over(visit, "unproven", NO_TOTAL) if visit.needs_total else replace(visit, status="proven")
    if visit.total != shown:
        return _over(visit, "short", f"the site counts {visit.total} rows and shows {shown}")
    return replace(visit, status="proven")


def _over(visit: ListVisit, status: VisitStatus, reason: str) -> ListVisit:
    return replace(visit, status=status, reason=reason)
