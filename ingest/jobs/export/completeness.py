"""How complete an exported window is, as ``verify`` knows it: days by state, and which are not complete."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from ingest.decide.completeness.gaps import DayState, stretches
from ingest.jobs.verify import Coverage, cover, window_of
from ingest.records.extract import Part
from ingest.records.pages import Tally
from ingest.store import Store

Json = dict[str, object]

STANDING: dict[DayState, str] = {
    "done": "complete",
    "empty": "complete",
    "unproven": "unproven",
    "short": "short",
    "failed": "failed",
    "pending": "not reached",
    "none": "not reached",
}


def completeness(store: Store, part: Part) -> Json:
    """As JSON: whether all is there, how many days are in which state, and which are not complete."""
    covered = _covered(store, part)
    return {
        "complete": all(one.complete for one in covered.values()),
        "expected": _sum(one.totals.expected for one in covered.values()),
        "held": _sum(one.totals.held for one in covered.values()),
        "sources": {name: _of_source(days) for name, days in _calendar(covered, part).items()},
    }


def calendar_of(store: Store, part: Part) -> dict[str, dict[date, DayState]]:
    """The state of every day, by source."""
    return _calendar(_covered(store, part), part)


def _covered(store: Store, part: Part) -> dict[str | None, Coverage]:
    """That of each source by itself; of all, if none is named, under None."""
    window = window_of(part.since, part.until)
    return {
        name: cover(store, name, since=part.since, until=part.until, window=window)
        for name in part.sources or (None,)
    }


def _calendar(covered: Mapping[str | None, Coverage], part: Part) -> dict[str, dict[date, DayState]]:
    calendars = (one.calendar(name, part.since, part.until) for name, one in covered.items())
    return {name: days for calendar in calendars for name, days in calendar.items()}


def _sum(tallies: Iterable[Tally]) -> Json:
    counted = list(tallies)
    return {
        "articles": sum(one.articles for one in counted),
        "comments": sum(one.comments for one in counted),
    }


def _of_source(calendar: dict[date, DayState]) -> Json:
    days = {day: STANDING[state] for day, state in calendar.items()}
    counted = Counter(days.values())
    found = [
        {"since": first.isoformat(), "until": last.isoformat(), "state": state}
        for state in counted
        if state != "complete"
        for first, last in stretches(day for day, its in days.items() if its == state)
    ]
    return {
        "days": {state: counted[state] for state in dict.fromkeys(STANDING.values())},
        "not_complete": sorted(found, key=lambda one: one["since"]),
    }
