"""All years of a source as tables, a cell a day, whose HTML is made once for everybody who looks meanwhile.

states of days -> Year: its counts, and Markup that the template puts in as it is
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup, escape

from ingest.console.rendering import SIGNS, address
from ingest.decide.completeness.gaps import DayState

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MOST_DAYS = 31
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """How many of a year's days are in each state, and the rows of its months."""

    year: int
    counts: Mapping[DayState, int]
    rows: Markup


def years_of(source: str, states: Mapping[date, DayState]) -> tuple[Year, ...]:
    """From the first day of the ledger to its last one, the newest year first."""
    if not states:
        return ()
    first, last = min(states), max(states)
    link = escape(address("/day", source=source))
    return tuple(
        _year(number, states, (first, last), link) for number in range(last.year, first.year - 1, -1)
    )


def _year(year: int, states: Mapping[date, DayState], window: tuple[date, date], link: Markup) -> Year:
    begin, end = max(window[0], date(year, 1, 1)), min(window[1], date(year, 12, 31))
    days = {
        day: states.get(day, "none")
        for day in (begin + number * ONE_DAY for number in range((end - begin).days + 1))
    }
    months = range(begin.month, end.month + 1)
    # Of what stands in it only the source's name is not ours, and the link has it escaped.
    rows = Markup("\n").join(Markup("".join(_month(year, number, days, link))) for number in months)  # noqa: S704
    return Year(year=year, counts=Counter(days.values()), rows=rows)


def _month(year: int, month: int, days: Mapping[date, DayState], link: Markup) -> Iterator[str]:
    yield f'<tr><th scope="row">{MONTHS[month - 1]}</th>'
    day = date(year, month, 1)
    for number in range(1, MOST_DAYS + 1):
        state = days.get(day) if day.day == number else None
        yield _cell(day, state, link) if state is not None else "<td></td>"
        if day.day == number and day != date.max:
            day += ONE_DAY
    yield "</tr>"


def _cell(day: date, state: DayState, link: Markup) -> str:
    sign, words = SIGNS[state]
    if state == "none":
        return f'<td class="{state}">{sign}</td>'
    return f'<td class="{state}"><a href="{link}&amp;day={day}" aria-label="{day}: {words}">{sign}</a></td>'
