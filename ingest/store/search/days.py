"""The days in UTC that a site's own days are in: those are what the indexes know. Pure."""

from datetime import date

from ingest.records.search import Query

BEFORE, BEHIND = 1, 2
"""Days: in UTC a row stands at most so far from its day as its site's clock has it."""


def days_of(query: Query) -> dict[str, str]:
    """The days in UTC between which a comment was posted that is of the days asked for."""
    days = {}
    if query.since is not None:
        days["after"] = _day(query.since.toordinal() - BEFORE)
    if query.until is not None:
        days["before"] = _day(query.until.toordinal() + BEHIND)
    return days


def _day(ordinal: int) -> str:
    return date.fromordinal(min(max(ordinal, 1), date.max.toordinal())).isoformat()
