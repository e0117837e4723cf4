"""A year at a glance: a column a week, a row a weekday, a sign a day that shows its state without colour."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import get_args

from rich.text import Text

from ingest.decide.completeness.gaps import DayState

SIGNS: dict[DayState, tuple[str, str, str]] = {
    "done": ("=", "green", "done"),
    "unproven": ("~", "cyan", "unproven"),
    "empty": ("-", "green", "done, nothing on it"),
    "short": ("S", "bold yellow", "short"),
    "failed": ("F", "bold red", "failed"),
    "pending": ("?", "cyan", "never loaded"),
    "none": (".", "dim", "no row"),
}
"""The sign of a state, its style, and what the legend says; what is missing stands out in print too."""
BLANK = (" ", "", "")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MARGIN = 4
"""Columns left of the first week."""

Days = Mapping[date, DayState]


def years_drawn(days: Days) -> Iterator[Text]:
    """Each year of the days, one below the other; a day that is not among them stays blank."""
    by_year: dict[int, dict[date, DayState]] = {}
    for day, state in days.items():
        by_year.setdefault(day.year, {})[day] = state
    for year in sorted(by_year):
        yield _heading(year, by_year[year])
        yield _months(year)
        for weekday in range(len(WEEKDAYS)):
            yield _row(year, weekday, by_year[year])
        yield Text()


def legend(drawn: Collection[DayState] = ()) -> Text:
    """What the signs mean; that of unproven days only where one is drawn."""
    words = Text()
    for state, (sign, style, meaning) in SIGNS.items():
        if state == "unproven" and state not in drawn:
            continue
        words.append(sign, style).append(f" {meaning}   ")
    words.rstrip()
    return words


def _heading(year: int, days: Days) -> Text:
    counts = Counter(days.values())
    summary = "  ".join(f"{state} {counts[state]}" for state in get_args(DayState) if counts[state])
    return Text(f"{year}   {summary}")


def _months(year: int) -> Text:
    line = ""
    for number, month in enumerate(MONTHS, start=1):
        line = line.ljust(MARGIN + _week(date(year, number, 1))) + month
    return Text(line)


def _row(year: int, weekday: int, days: Days) -> Text:
    line = Text(WEEKDAYS[weekday].ljust(MARGIN))
    first, last = date(year, 1, 1), date(year, 12, 31)
    if weekday < first.weekday():
        line.append(" ")
    begin = first.toordinal() + (weekday - first.weekday()) % 7
    for day in map(date.fromordinal, range(begin, last.toordinal() + 1, 7)):
        sign, style, _ = SIGNS[days[day]] if day in days else BLANK
        line.append(sign, style)
    line.rstrip()
    return line


def _week(day: date) -> int:
    """The column of the day."""
    return (day.timetuple().tm_yday - 1 + date(day.year, 1, 1).weekday()) // 7
