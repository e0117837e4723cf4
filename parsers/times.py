"""The wall clock of a source to UTC.

A local time is ambiguous in the hour that autumn repeats and does not exist in the hour that spring
leaves out (PEP 495). Ids give the order of a thread, so the repeated hour is resolved by them: the
first of the two instants, unless that would go back in time. A left-out hour is read with the offset
from before the change.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

# "03/23/2018", "3/23/2018"
AMERICAN_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
# "2018-03-23"
ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
CLOCK_TIME = r"[0-9]{1,2}:[0-9]{2}(?:\s*[AaPp]\.?[Mm]\.?)?"
"""The source of a time of day, to be built into the patterns of packs: ``2:07``, ``10:00 PM``."""

CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?:\s*([AaPp])\.?[Mm]\.?)?")
HALF_DAY = 12
NO_ROOM = {date.min.year, date.max.year}
"""The calendar's first and last year: an instant of theirs can be outside of it."""

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - local by intent
EPOCH_IN_UTC = EPOCH.replace(tzinfo=UTC)


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
    when = date(int(year), int(month), int(day))
    if when.year in NO_ROOM:
        raise ValueError(f"{text!r} has no room for a time zone")
    return when


@lru_cache(maxsize=4096)
def read_time(text: str) -> time:
    """``2:07``, ``02:07`` or ``2:07 AM`` as a time of day.

    Raises:
        ValueError: there is no such time.
    """
    if not (found := CLOCK.fullmatch(text)):
        raise ValueError(f"{text!r} is no time")
    hour, half = int(found[1]), found[3]
    if half is None:
        return time(hour, int(found[2]))
    # "13:05 PM" and "0:10 AM" are no times.
    if not 1 <= hour <= HALF_DAY:
        raise ValueError(f"{text!r} is no time")
    return time(hour % HALF_DAY + (HALF_DAY if half in "Pp" else 0), int(found[2]))


def read_clock(day: str, clock: str) -> datetime:
    """A day and a clock such as ``2:07`` as a naive local time.

    Raises:
        ValueError: there is no such time.
    """
    return datetime.combine(read_day(day), read_time(clock))


def minute_of(local: datetime) -> str:
    """A naive time to the minute: ``2018-03-23T02:07``."""
    return local.isoformat()[: len("2018-03-23T02:07")]  # a third of what its timespec costs


@lru_cache(maxsize=4096)
def _offset(zone: ZoneInfo, day: date) -> timedelta | None:
    """The zone's offset on a day, or None if it changes on it."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    # 23 or 25 hours long: a day on which the clock changes.
    if midnight.utcoffset() != (midnight + timedelta(days=1)).utcoffset():
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
            # A third of what replace(tzinfo=UTC) costs, and this is asked of every comment.
            instant = EPOCH_IN_UTC + (local - EPOCH - offset)
        else:
            instant = self._on_change(local.replace(tzinfo=self._zone))
        self._latest = max(self._latest, instant)
        return instant

    def _on_change(self, local: datetime) -> datetime:
        first = local.astimezone(UTC)
        # In a gap fold=1 goes back; only the repeated hour has a later second reading.
        return first if first >= self._latest else max(first, local.replace(fold=1).astimezone(UTC))
