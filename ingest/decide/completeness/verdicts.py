"""How a visit of a list begins, and what is said of it when it is over. Pure."""

from dataclasses import replace
from datetime import datetime

from parsers.lists import ListVisit, VisitStatus
from parsers.records import Part

NO_TOTAL = "the site gives no total"
MOVED = "the list changed while it was read"


def begun(part: Part, captured_at: datetime) -> ListVisit:
    """A visit that begins with a page."""
    whole = part.starts and part.ends
    return ListVisit(
        began_at=captured_at,
        # Ranks before the first row of the page are not known yet.
        rows=part.ids if whole else (*((None,) * (part.first or 0)), *part.ids),
        needs_total=part.needs_total,
        others=part.others,
        total=part.total,
        stream=part.stream,
        starts=part.starts,
        ends=part.ends,
    )


def agreed(visit: ListVisit) -> ListVisit:
    """The verdict on a list that was read to its end."""
    shown = len(visit.rows)
    # Before the total, which would agree: rows that nobody showed are counted here.
    if visit.missing < shown:
        return over(visit, "short", f"row {visit.missing + 1} of {shown} was never shown")
    if visit.total is None:
        return over(visit, "unproven", NO_TOTAL) if visit.needs_total else replace(visit, status="proven")
    if visit.total != shown:
        return over(visit, "short", f"the site counts {visit.total} rows and shows {shown}")
    return replace(visit, status="proven")


def over(visit: ListVisit, status: VisitStatus, reason: str) -> ListVisit:
    """The visit with a verdict and its reason."""
    return replace(visit, status=status, reason=reason)
