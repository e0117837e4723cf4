"""One table of a schedules file, each key read as what it must be: whatever else it is, is told by name."""

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import TypeVar

from schedules.errors import ScheduleInvalid

Choice = TypeVar("Choice", bound=str)

SPAN = re.compile(r"(?P<number>[0-9]{1,9})(?P<unit>[smhd])")
UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


class Entry:
    """A table and what it is called; a key that is not there is None, or the default."""

    def __init__(self, table: Mapping[str, object], name: str) -> None:
        self._table = table
        self.name = name

    def __contains__(self, key: str) -> bool:
        return key in self._table

    def refused(self, key: str, why: str) -> ScheduleInvalid:
        """The error that says why the key's value cannot be meant."""
        return ScheduleInvalid(self.name, key, self._table.get(key), why)

    def only(self, keys: Collection[str], *, of: str) -> None:
        """Refuse every key but these."""
        for key in self._table:
            if key not in keys:
                raise self.refused(key, f"{of} has no such key; it may have {', '.join(sorted(keys))}")

    def text(self, key: str) -> str | None:
        """A text."""
        value = self._table.get(key)
        if value is not None and not isinstance(value, str):
            raise self.refused(key, "it must be a text")
        return value

    def choice(self, key: str, choices: tuple[Choice, ...], default: Choice | None = None) -> Choice:
        """One of the choices; without a default it must be there."""
        value = self._table.get(key, default)
        for choice in choices:
            if choice == value:
                return choice
        raise self.refused(key, f"it must be one of {', '.join(choices)}")

    def flag(self, key: str) -> bool:
        """True or false; false if it is not there."""
        value = self._table.get(key, False)
        if not isinstance(value, bool):
            raise self.refused(key, "it must be true or false")
        return value

    def whole(self, key: str, *, least: int, most: int) -> int | None:
        """A whole number from ``least`` to ``most``."""
        value = self._table.get(key)
        if value is None:
            return None
        # True is an int to Python, but nobody means 1 by it.
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.refused(key, f"it must be a whole number from {least} to {most}")
        return value

    def span(self, key: str, *, least: timedelta, most: timedelta) -> timedelta | None:
        """A length of time: whole seconds, or a text such as ``90s``, ``30m``, ``6h`` or ``2d``."""
        value = self._table.get(key)
        if value is None:
            return None
        found = SPAN.fullmatch(f"{value}s" if isinstance(value, int) else str(value))
        # Compared as numbers: a thousand million days are more than a length of time can hold.
        seconds = int(found["number"]) * UNITS[found["unit"]].total_seconds() if found else -1.0
        if not least.total_seconds() <= seconds <= most.total_seconds():
            raise self.refused(key, f"it must be seconds or a text such as '90s' or '6h', {least} to {most}")
        return timedelta(seconds=seconds)

    def day(self, key: str) -> date | None:
        """A day, as a date or a text YYYY-MM-DD."""
        value = self._table.get(key)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        try:
            day = date.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            day = None
        # Other forms of ISO 8601, such as 2018-W12-5, are read too: they would surprise here.
        if day is None or day.isoformat() != value:
            raise self.refused(key, "it must be a day, YYYY-MM-DD")
        return day
