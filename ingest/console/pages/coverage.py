"""The calendar of a source, and one of its days: what is held, what the site claims, and what proves it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from markupsafe import Markup
from starlette.requests import Request

from ingest.console.desk import Desk, NotHere, Shown, day_of, required, wanted
from ingest.console.rendering import address
from ingest.decide.completeness.gaps import DayState, as_counted, day_state, why
from ingest.jobs.verify import cover, window_of
from parsers.errors import SourceUnknown
from parsers.registry import source_named

MOST_CAPTURES = 200
MENDED = frozenset({"short", "failed"})
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """A year's days by month; None is no day of the month, or none of the ledger."""

    year: int
    counts: Mapping[DayState, int]
    months: tuple[tuple[str, tuple[tuple[date, DayState] | None, ...]], ...]


def calendar(desk: Desk, request: Request) -> Shown:
    """All years of a source, by its ledger; a click leads to a day, which is counted anew."""
    known = desk.names()
    source = wanted(request, "source") or next(iter(known), None)
    if source is not None and source not in known:
        raise NotHere(f"nothing is held of {source!r}")
    years = desk.recent.of(("years", source), lambda: _drawn(desk, source)) if source is not None else None
    return Shown(template="coverage.html", values={"source": source, "sources": known, "years": years})


def _drawn(desk: Desk, source: str) -> Markup | None:
    """The years, written once for all who look meanwhile: a decade has thousands of cells."""
    years = _years(states_of(desk, source))
    return desk.part("years.html", source=source, years=years) if years else None


def states_of(desk: Desk, source: str) -> dict[date, DayState]:
    """The state of each day that the ledger has a row of."""
    return desk.recent.of(("states", source), lambda: _states(desk, source))


def _states(desk: Desk, source: str) -> dict[date, DayState]:
    proven: dict[date, DayState] = {
        day: "done" if has_articles else "empty"
        for day, has_articles in desk.store.ledger.proven_days(source).items()
    }
    others = groupby(desk.store.ledger.other_states(source), key=lambda page: page.day)
    judged = {day: day_state([as_counted(page, ()) for page in of_day]) for day, of_day in others}
    return {**proven, **judged}


def _years(states: Mapping[date, DayState]) -> tuple[Year, ...]:
    """The newest first."""
    if not states:
        return ()
    first, last = min(states), max(states)
    return tuple(_year(number, states, first, last) for number in range(last.year, first.year - 1, -1))


def _year(year: int, states: Mapping[date, DayState], first: date, last: date) -> Year:
    begin, end = max(first, date(year, 1, 1)), min(last, date(year, 12, 31))
    days = {
        day: states.get(day, "none")
        for day in (begin + number * ONE_DAY for number in range((end - begin).days + 1))
    }
    months = tuple((name, _month(year, number, days)) for number, name in enumerate(MONTHS, 1))
    return Year(year=year, counts=Counter(days.values()), months=months)


def _month(year: int, month: int, days: Mapping[date, DayState]) -> tuple[tuple[date, DayState] | None, ...]:
    cells: list[tuple[date, DayState] | None] = [None] * 31
    day = date(year, month, 1)
    while day.month == month:
        if day in days:
            cells[day.day - 1] = (day, days[day])
        # There is no day after it.
        if day == date.max:
            break
        day += ONE_DAY
    return tuple(cells)


def day(desk: Desk, request: Request) -> Shown:
    """A day of a source, counted now: its pages, its articles, and the captures behind it."""
    source, when = required(request, "source"), day_of(required(request, "day"))
    store = desk.store
    covered = cover(store, source, since=when, until=when, window=window_of(when, when))
    captures = store.captures.of_day(source, when, MOST_CAPTURES)
    articles = store.articles.of_day(source, when)
    if not (covered.pages or captures or articles):
        raise NotHere(f"nothing is known of {source}, {when}")
    pages = covered.counted
    values = {
        "source": source,
        "day": when,
        "before": when - ONE_DAY if when > date.min else None,
        "after": when + ONE_DAY if when < date.max else None,
        "covered": covered,
        "day_state": day_state(pages),
        "pages": [(page, why(page)) for page in pages],
        "articles": articles,
        "captures": captures,
        "mendable": _is_known(source) and any(page.state in MENDED for page in pages),
    }
    return Shown(template="day.html", values=values)


def repair(desk: Desk, request: Request) -> str:
    """Asks the site again for what the day lacks."""
    source, when = required(request, "source"), day_of(required(request, "day"))
    if not _is_known(source):
        raise NotHere(f"there is no source {source!r}")
    desk.actions.repair(source, when)
    return address("/day", source=source, day=when)


def _is_known(source: str) -> bool:
    try:
        source_named(source)
    except SourceUnknown:
        return False
    return True
