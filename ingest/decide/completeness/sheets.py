"""Lists by ``pages``, whose rows have no ranks: each page is read, and again once all others were. Pure.

What is the same before and after the last page was read was so when it was: rows that moved from page to page
show as a page that differs.
"""

from dataclasses import replace
from datetime import datetime

from ingest.decide.completeness.verdicts import MOVED, agreed, begun, over
from parsers.lists import ListVisit, Sheet
from parsers.records import Part


def by_pages(going: ListVisit | None, part: Part, captured_at: datetime) -> ListVisit:
    """The visit with one more page, read for the first time or again."""
    if part.starts and part.ends:
        return agreed(begun(part, captured_at))
    sheet = Sheet(number=part.page or 1, ids=part.ids)
    if going is None or not going.sheets:
        return _begun_with(sheet, part, captured_at)
    if sheet.number not in {one.number for one in going.sheets}:
        return _with_new(going, sheet, part)
    if not _is_awaited(going, sheet.number):
        # It was asked for, and not by a visit that went on: another one begins.
        return _begun_with(sheet, part, captured_at)
    return _with_again(going, sheet, part)


def _is_awaited(going: ListVisit, number: int) -> bool:
    """Whether a page that was read is to be read again: not the last one that was read, and not twice."""
    awaited = {one.number for one in going.sheets[:-1] if not one.again}
    return number in awaited and not _is_incomplete(going)


def _begun_with(sheet: Sheet, part: Part, captured_at: datetime) -> ListVisit:
    last = max(part.pages, sheet.number)
    return replace(begun(part, captured_at), rows=(), sheets=(sheet,), last=last)


def _is_incomplete(going: ListVisit) -> bool:
    """Whether pages are missing between the first one and the last one that is known of."""
    return len(going.sheets) < going.last


def _with_new(going: ListVisit, sheet: Sheet, part: Part) -> ListVisit:
    # A page behind the last one, once all were read, was not there when they were.
    if not _is_incomplete(going) or part.total != going.total:
        return over(going, "moved", MOVED)
    return replace(
        going,
        others=going.others | part.others,
        last=max(going.last, part.pages),
        sheets=(*going.sheets, sheet),
    )


def _with_again(going: ListVisit, sheet: Sheet, part: Part) -> ListVisit:
    if sheet not in going.sheets or part.total != going.total:
        return over(going, "moved", MOVED)
    sheets = tuple(replace(one, again=True) if one == sheet else one for one in going.sheets)
    return _joined(replace(going, sheets=sheets, last=max(going.last, part.pages)))


def _joined(visit: ListVisit) -> ListVisit:
    """The visit with its rows in order, once every page but the last one that was read was read again."""
    if visit.last > len(visit.sheets):
        return over(visit, "moved", MOVED)
    if not all(sheet.again for sheet in visit.sheets[:-1]):
        return visit
    in_order = sorted(visit.sheets, key=lambda sheet: sheet.number)
    rows = tuple(row for sheet in in_order for row in sheet.ids)
    # A row on two pages: it was pushed over an edge while they were read.
    if len(set(rows)) != len(rows):
        return over(visit, "moved", MOVED)
    return agreed(replace(visit, rows=rows))
