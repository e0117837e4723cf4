"""How complete an exported window is, as ``verify`` knows it: days by state, and which are not complete."""

from collections import Counter
from datetime import date

from ingest.decide.completeness.gaps import DayState, stretches
from ingest.jobs.verify import Coverage, cover, window_of
from ingest.records.extract import Part
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
    calendar = covered.calendar(part.source, part.since, part.until)
    sums = covered.in_short()
    return {
        "complete": covered.complete,
        "expected": sums["expected"],
        "held": sums["held"],
        "sources": {name: _of_source(days) for name, days in calendar.items()},
    }


def calendar_of(store: Store, part: Part) -> dict[str, dict[date, DayState]]:
    """The state of every day, by source."""
    return _covered(store, part).calendar(part.source, part.since, part.until)


def _covered(store: Store, part: Part) -> Coverage:
    window = window_of(part.since, part.until)
    return cover(store, part.source, since=part.since, until=part.until, window=window)


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
