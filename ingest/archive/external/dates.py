"""A WARC-Date as any tool wrote it."""

import re
from datetime import UTC, datetime, timedelta, timezone

# 2018-03-23T05:35:00Z, 20180323053500, 2018-03, 2018-03-23T01:35:00.123-0400
DATE = re.compile(
    r"(?P<year>\d{4})(?:-?(?P<month>\d\d)(?:-?(?P<day>\d{1,3}))?)?"
    r"(?:[T ]?(?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,]?(?P<fraction>\d+))?)?)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?",
    re.IGNORECASE,
)
"""WARC allows any precision from the year on; ARC has 14 digits or less."""


def read_date(text: str) -> datetime | None:
    """The moment in UTC, None if it is none; what is left out is the beginning, and UTC."""
    found = DATE.fullmatch(text.strip().strip("<>"))
    if found is None:
        return None
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    # Nanoseconds are allowed; a datetime has microseconds.
    fraction = int((found["fraction"] or "0")[:6].ljust(6, "0"))
    try:
        # A leap second is the last of its minute.
        moment = _day(found).replace(
            hour=hour, minute=minute, second=min(second, 59), microsecond=fraction, tzinfo=_zone(found)
        )
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _day(found: re.Match[str]) -> datetime:
    year, day = int(found["year"]), found["day"] or "1"
    if len(day) == 3:
        # ClueWeb09's "2008-10-294T05:21:46-0700" counts the days of the year.
        return datetime(year, 1, 1) + timedelta(days=int(day) - 1)  # noqa: DTZ001 - its zone is set by the caller
    return datetime(year, int(found["month"] or 1), int(day))  # noqa: DTZ001


def _zone(found: re.Match[str]) -> timezone:
    zone = (found["zone"] or "Z").upper()
    if zone in {"Z", "UTC", "GMT"}:
        return UTC
    digits = zone[1:].replace(":", "").ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-ahead if zone[0] == "-" else ahead)
