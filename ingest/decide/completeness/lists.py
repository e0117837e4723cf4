"""What the pages of a list prove together: a thread, or a day's threads. Pure.

    ListVisit so far + Part --advance--> ListVisit: open, proven, unproven, moved or short

It is a function of the pages in the order of their captures, so that a harvest, a resumed one and a re-parse
come to the same. Paging moves under the reader: a row that was deleted between two pages takes another one
over the edge of a page that was read already. There is a way to notice that for each kind of paging:

    overlap   each page begins with the last row of the one before: a row that does not meet its neighbour
              again
    stream    the ids of the whole list stand on the first page: they are asked for again at the end
    numbers   the last page is read first and last, and no rank shows two rows
    pages     every page is read until all are known, and again but for the last of them: what is the same
              before and after that one was read was so when it was
"""

import json
from dataclasses import replace
from datetime import datetime

from ingest.decide.completeness.ranks import by_numbers
from ingest.decide.completeness.sheets import by_pages
from ingest.decide.completeness.verdicts import MOVED, agreed, begun, over
from parsers.lists import ListVisit, Sheet
from parsers.records import Part


def advance(visit: ListVisit | None, part: Part, captured_at: datetime) -> ListVisit | None:
    """The visit with one more page; None where the page begins none and none is open.

    ``visit`` is what the list's pages showed before, whether it is over or not.
    """
    # A visit that is over proves nothing about pages that follow.
    going = visit if visit is not None and visit.status == "open" else None
    if part.paging == "overlap":
        return _overlapping(going, part, captured_at)
    if part.paging == "stream":
        return _by_stream(going, part, captured_at)
    if part.paging == "pages":
        return by_pages(going, part, captured_at)
    return by_numbers(going, part, captured_at)


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
        # Written after every page of a list: no blanks.
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
        # Rows of older versions lack these keys.
        newer=kept.get("newer", 0),
        last=kept.get("last", 0),
        aside=frozenset(kept.get("aside", ())),
        sheets=tuple(
            Sheet(number=number, ids=tuple(ids), again=again) for number, ids, again in kept.get("sheets", ())
        ),
    )


def _overlapping(going: ListVisit | None, part: Part, captured_at: datetime) -> ListVisit | None:
    # The first page again is another visit: whatever was open is given up.
    if part.starts:
        return _judged(begun(part, captured_at), part)
    if going is None:
        return None
    # The last row of the page before has to be the first of this one, at the same rank.
    meets = part.ids[:1] == going.rows[-1:] and part.first == len(going.rows) - 1
    # A row that was shown before moved down: one was put in above it.
    repeats = not going.shown.isdisjoint(part.ids[1:])
    rows = (*going.rows, *part.ids[1:])
    grown = replace(going, rows=rows, others=going.others | part.others, ends=part.ends)
    if not meets or repeats or part.total != going.total:
        return over(grown, "moved", MOVED)
    return _judged(grown, part)


def _by_stream(going: ListVisit | None, part: Part, captured_at: datetime) -> ListVisit | None:
    # A lot of posts, which gives no catalogue; alone, it belongs to nothing.
    if part.stream is None:
        return None if going is None else _with_lot(going, part)
    # The list's own page again: the end of a visit whose rows are all there, else the beginning of another.
    if going is not None and going.shown >= set(going.stream or ()):
        if part.stream != going.stream or part.total != going.total:
            return over(going, "moved", MOVED)
        return agreed(going)
    fresh = begun(part, captured_at)
    # Shown and not in its own catalogue: the answer was put together of two moments.
    if not set(part.ids) <= set(part.stream):
        return over(fresh, "moved", MOVED)
    # A list that one page shows whole was not cut between two.
    return agreed(fresh) if fresh.shown >= set(part.stream) else fresh


def _with_lot(going: ListVisit, part: Part) -> ListVisit:
    shown = going.shown
    fresh = tuple(row for row in part.ids if row not in shown)
    grown = replace(going, rows=(*going.rows, *fresh), others=going.others | part.others)
    # The site gave less than was asked for: a post of the stream has just been deleted.
    asked = part.total
    return over(grown, "moved", MOVED) if asked is not None and asked != len(part.ids) else grown


def _judged(visit: ListVisit, part: Part) -> ListVisit:
    """A list by overlap is over once it holds its total, or shows nothing more."""
    # Of a later page one row is left, the one that it shares with the page before.
    nothing_more = len(part.ids) <= (0 if part.starts else 1)
    return agreed(visit) if part.ends or nothing_more or visit.total == len(visit.rows) else visit
