"""The templates, and how they write numbers, days and moments. Every value is escaped where it is put in."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined

from ingest.console.cleaning import cleaned, outward
from ingest.console.differences import differences
from ingest.decide.completeness.gaps import DayState

SIGNS: dict[DayState, tuple[str, str]] = {
    "done": ("=", "complete"),
    "empty": ("-", "complete, nothing on it"),
    "unproven": ("~", "unproven"),
    "short": ("S", "short"),
    "failed": ("F", "failed"),
    "pending": ("?", "not reached"),
    "none": (".", "no row"),
}
"""The sign of a day's state, which needs no colour, and its words."""

_AGES = ((86400, "day"), (3600, "hour"), (60, "minute"))


def templates() -> Environment:
    """The templates, compiled when they are first used."""
    made = Environment(
        loader=PackageLoader("ingest.console"),
        autoescape=True,
        # A name that is written wrongly in a template is an error, not an empty cell.
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "age": age,
        "cleaned": cleaned,
        "instant": moment,
        "number": number,
        "outward": outward,
    }
    made.globals |= {"address": address, "differences": differences, "signs": SIGNS}
    return made


def address(path: str, **values: object) -> str:
    """An address of the console; what is None is left out."""
    given = {name: str(value) for name, value in values.items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path


def number(value: float | None) -> str:
    """With a comma at the thousands; nothing for None."""
    return "" if value is None else f"{value:,}"


def moment(value: datetime | date | None) -> str:
    """As ``2018-03-23 05:35 UTC``; a day as it is, and nothing for None."""
    if value is None:
        return ""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if isinstance(value, datetime) else str(value)


def age(value: timedelta | None) -> str:
    """In the largest unit that it fills, as ``3 hours``."""
    if value is None:
        return "never"
    seconds = max(0, int(value.total_seconds()))
    for size, unit in _AGES:
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "less than a minute"
