"""The wall clock of a source to UTC.

A local time is ambiguous in the hour that autumn repeats and does not exist in the hour that spring
leaves out (PEP 495). Ids tell the order of a thread, so the repeated hour is resolved by them: the
first of the two instants, unless that would go back in time. A left-out hour is read with the offset
from before the change.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

AMERICAN_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")


@lru_cache(maxsize=4096)
def read_day(text: str) -> date:
    """``03/23/2018`` or ``2018-03-23`` as a date.

    Raises:
        ValueError: it is neither, or no such day.
    """
    if found := AMERICAN_DAY.fullmatch(text):
        month, day, year = found.groups()
    elif found := ISO_DAY.fullmatch(text):
        year, month, day = found.groups()
    else:
        raise ValueError(f"{text!r} is no day")
    return date(int(year), int(month), int(day))


def read_clock(day: str, clock: str) -> datetime:
    """A day and a clock such as ``2:07`` as a naive local time.

    Raises:
        ValueError: there is no such time.
    """
    hour, _, minute = clock.partition(":")
    when = read_day(day)
    return datetime(when.year, when.month, when.day, int(hour), int(minute))  # noqa: DTZ001 - local by intent


@lru_cache(maxsize=4096)
def _offset(zone: ZoneInfo, day: date) -> timedelta | None:
    """The zone's offset on a day, or None if it changes on it."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    if day == date.max or midnight.utcoffset() != (midnight + timedelta(days=1)).utcoffset():
        return None
    return midnight.utcoffset()


class Thread:
    """The times of one thread, given in the order of its ids."""

    __slots__ = ("_latest", "_zone")

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._latest = datetime.min.replace(tzinfo=UTC)

    def instant(self, local: datetime) -> datetime:
        """The UTC instant of the thread's next local time."""
        offset = _offset(self._zone, local.date())
        if offset is not None:
            instant = (local - offset).replace(tzinfo=UTC)
        else:
            instant = self._on_change(local.replace(tzinfo=self._zone))
        self._latest = max(self._latest, instant)
        return instant

    def _on_change(self, local: datetime) -> datetime:
        first = local.astimezone(UTC)
        # In a gap fold=1 goes back; only the repeated hour has a later second reading.
        return first if first >= self._latest else max(first, local.replace(fold=1).astimezone(UTC))
