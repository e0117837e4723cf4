"""What the last days brought, as a line of small bars and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ingest.records.pages import NOTHING, Tally
from ingest.store import Store
from schedules.windows import Window

DAYS = 30
# "▁▄█": eight heights of one character
BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """What is held of each of some days, oldest first, by source and day of the article."""

    days: tuple[date, ...]
    held: Mapping[tuple[str, date], Tally]

    def articles(self, source: str) -> list[int]:
        """A number a day."""
        return [self.held.get((source, day), NOTHING).articles for day in self.days]

    def comments(self, source: str) -> list[int]:
        """A number a day."""
        return [self.held.get((source, day), NOTHING).comments for day in self.days]


def recent_days(store: Store, now: datetime) -> Recent:
    """The thirty days up to now, by UTC."""
    last = now.date()
    first = last - timedelta(days=DAYS - 1)
    held: dict[tuple[str, date], Tally] = {}
    for (source, day, _), tally in store.articles.tallies(None, first, last).items():
        held[source, day] = held.get((source, day), NOTHING) + tally
    return Recent(days=tuple(Window.of(first, last).days(newest_first=False)), held=held)


def spark(numbers: Sequence[int]) -> str:
    """A bar a number, the highest for the greatest; nothing at all for zero.

    >>> spark([0, 1, 4, 8])
    ' ▁▄█'
    """
    most = max(numbers, default=0)
    # -(-a // b) rounds up: the smallest number above zero has a bar.
    return "".join(BARS[-(-number * len(BARS) // most) - 1] if number else " " for number in numbers)


def recent_json(recent: Recent, source: str) -> dict[str, object]:
    """The same as numbers."""
    return {
        "since": recent.days[0].isoformat(),
        "until": recent.days[-1].isoformat(),
        "articles": recent.articles(source),
        "comments": recent.comments(source),
    }
