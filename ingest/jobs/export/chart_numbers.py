"""The numbers of a chart: what is held of each day, or how many days stand in which state, by period."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ingest.jobs.export.completeness import STANDING, calendar_of
from ingest.records.extract import Part
from ingest.store import Store
from schedules.windows import Window

Chart = Literal["comments", "articles", "coverage"]
Period = Literal["day", "month", "year"]

MOST_DAYS = 62
MOST_MONTHS_IN_DAYS = 3660
"""As many bars as an eye can take in: days of two months, months of ten years; of more, years."""
LABELS: dict[Period, Callable[[date], str]] = {
    "day": date.isoformat,
    "month": lambda day: f"{day:%Y-%m}",
    "year": lambda day: f"{day.year:04}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """A number for each of ``series``, period by period; the periods have no gap."""

    chart: Chart
    period: Period
    series: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]

    def as_json(self) -> dict[str, object]:
        """The table."""
        return {
            "chart": self.chart,
            "by": self.period,
            "series": list(self.series),
            "rows": [
                {"period": label, "values": dict(zip(self.series, values, strict=True))}
                for label, values in self.rows
            ],
        }


def numbers(store: Store, chart: Chart, part: Part) -> Numbers:
    """What is to be drawn of a window, or of all days that are known.

    *comments* and *articles* count what the site shows, by the day of the article, a series a source;
    *coverage* counts days by their state, all sources together.
    """
    counted = _standings(store, part) if chart == "coverage" else _held(store, chart, part)
    series = tuple(dict.fromkeys(STANDING.values())) if chart == "coverage" else _names(counted)
    days = _all_days(part, (day for day, _ in counted))
    period = _period(len(days))
    label_of = LABELS[period]
    sums: Counter[tuple[str, str]] = Counter()
    for (day, name), count in counted.items():
        sums[label_of(day), name] += count
    labels = dict.fromkeys(map(label_of, days))
    rows = tuple((label, tuple(sums[label, name] for name in series)) for label in labels)
    return Numbers(chart=chart, period=period, series=series, rows=rows)


def _held(store: Store, chart: Chart, part: Part) -> Counter[tuple[date, str]]:
    found: Counter[tuple[date, str]] = Counter()
    for name in part.sources or (None,):
        for (source, day, _), tally in store.articles.tallies(name, part.since, part.until).items():
            found[day, source] += tally.articles if chart == "articles" else tally.comments
    return found


def _standings(store: Store, part: Part) -> Counter[tuple[date, str]]:
    calendar = calendar_of(store, part)
    return Counter((day, STANDING[state]) for days in calendar.values() for day, state in days.items())


def _names(counted: Iterable[tuple[date, str]]) -> tuple[str, ...]:
    return tuple(sorted({name for _, name in counted}))


def _all_days(part: Part, found: Iterable[date]) -> list[date]:
    known = list(found)
    first, last = part.since or min(known, default=None), part.until or max(known, default=None)
    if first is None or last is None or last < first:
        return []
    return list(Window.of(first, last).days(newest_first=False))


def _period(days: int) -> Period:
    return "day" if days <= MOST_DAYS else "month" if days <= MOST_MONTHS_IN_DAYS else "year"
