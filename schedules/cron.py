"""The five fields of cron, checked. When they fire is the scheduler's business, in UTC.

Only what cron and APScheduler read alike is taken. They differ on the numbers of the days of the week, and
where both a day of the month and a day of the week are given; and APScheduler takes ``jan-jun/2`` and
forgets its step.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

CHARACTERS = re.compile(r"[0-9A-Za-z*/,\- \t]*")
NUMBER = re.compile(r"[0-9]{1,2}")
NUMBERS = re.compile(r"(?:\*|(?P<first>[0-9]{1,2})-(?P<last>[0-9]{1,2}))(?:/(?P<step>[0-9]{1,2}))?")
NAMES = re.compile(r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))?")
LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One of the five: its lowest and highest value, and what its values are called, if they have names."""

    name: str
    first: int
    last: int
    names: tuple[str, ...] = ()
    numbered: bool = True

    def values(self, text: str) -> frozenset[int]:
        """The values that the field's text allows.

        Raises:
            ValueError: it cannot be meant.
        """
        if text == "*":
            return frozenset(range(self.first, self.last + 1))
        return frozenset(value for item in text.lower().split(",") for value in self._item(item))

    def _item(self, item: str) -> range:
        if self.names and (names := NAMES.fullmatch(item)):
            first = self._named(names["first"])
            return self._between(item, first, self._named(names["last"]) if names["last"] else first)
        if not self.numbered:
            raise ValueError(
                f"{item!r} is no {self.name}: use the names {', '.join(self.names)}, as the number 0 is"
                " Sunday to cron and Monday to the scheduler"
            )
        if NUMBER.fullmatch(item):
            return self._between(item, int(item), int(item))
        return self._stepped(item)

    def _stepped(self, item: str) -> range:
        numbers = NUMBERS.fullmatch(item)
        if numbers is None:
            raise ValueError(
                f"{item!r} is no {self.name}: use a number, a range, or a step through a range or *"
            )
        first, last = int(numbers["first"] or self.first), int(numbers["last"] or self.last)
        values = self._between(item, first, last)
        step = int(numbers["step"] or 1)
        if numbers["step"] and not 1 <= step <= last - first:
            raise ValueError(f"{item!r}: a step of {step} does not fit into {first}-{last}")
        return values[::step]

    def _between(self, item: str, first: int, last: int) -> range:
        if not self.first <= first <= last <= self.last:
            lowest, highest = (self.names[0], self.names[-1]) if self.names else (self.first, self.last)
            raise ValueError(f"{item!r} is no {self.name}: they go upwards from {lowest} to {highest}")
        return range(first, last + 1)

    def _named(self, name: str) -> int:
        if name not in self.names:
            raise ValueError(f"{name!r} is no {self.name}: use the names {', '.join(self.names)}")
        return self.first + self.names.index(name)


MINUTE = Field(name="minute", first=0, last=59)
HOUR = Field(name="hour", first=0, last=23)
DAY = Field(name="day of the month", first=1, last=31)
MONTH = Field(
    name="month",
    first=1,
    last=12,
    names=("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
)
WEEKDAY = Field(
    name="day of the week",
    first=0,
    last=6,
    names=("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    numbered=False,
)
FIELDS = (MINUTE, HOUR, DAY, MONTH, WEEKDAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """Minutes, hours, days of the month, months and days of the week (0 is Monday) to fire at, in UTC.

    Raises:
        ValueError: the text is not five such fields, or fires never.
    """

    text: str

    def __post_init__(self) -> None:
        if not CHARACTERS.fullmatch(self.text):
            raise ValueError("it has characters that are not cron's")
        if len(self.text.split()) != len(FIELDS):
            raise ValueError(f"it has {len(self.text.split())} fields, not {len(FIELDS)}")
        _, _, day, _, weekday = self.text.split()
        if day != "*" and weekday != "*":
            raise ValueError(
                "it has both a day of the month and a day of the week: cron would fire on either, the"
                " scheduler only where both agree; write one of them as *"
            )
        _, _, days, months, _ = self.values
        if min(days) > max(LONGEST_MONTHS[month - 1] for month in months):
            raise ValueError("no month of it has such a day: it would never fire")

    @property
    def values(self) -> tuple[frozenset[int], ...]:
        """The values of each field."""
        return tuple(field.values(text) for field, text in zip(FIELDS, self.text.split(), strict=True))

    @property
    def shortest_gap(self) -> timedelta:
        """Two times that it fires at are at least that far apart."""
        minutes, hours, *_ = self.values
        if len(minutes) > 1:
            return timedelta(minutes=_shortest(minutes, around=60))
        return timedelta(hours=_shortest(hours, around=24))


def _shortest(values: Collection[int], *, around: int) -> int:
    ordered = sorted(values)
    following = [*ordered[1:], ordered[0] + around]
    return min(after - before for before, after in zip(ordered, following, strict=True))
