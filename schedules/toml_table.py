"""Tables of a TOML file, checked by pydantic: strict types, and unknown keys refused by name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

# every = "6h", jitter = 90
SPAN = re.compile(r"(?P<number>[0-9]{1,9})(?P<unit>[smhd])")
UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


class TomlTable(BaseModel):
    """A table whose keys are the model's fields and no others."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """The first thing that is wrong with a table; ``key`` is dotted where tables are nested."""

    key: str
    value: object
    """None where the key is missing."""
    why: str


def read_table(model: type[Model], table: Mapping[str, object]) -> Model | Problem:
    """The table as the model, or what is wrong with it."""
    try:
        return model.model_validate(dict(table))
    except ValidationError as error:
        return _problem(error.errors()[0], model)


@dataclass(frozen=True, slots=True)
class Span:
    """Validates a length of time: whole seconds, or a text such as ``90s``, ``30m``, ``6h`` or ``2d``."""

    least: timedelta
    most: timedelta

    def __call__(self, value: object) -> timedelta:
        """The length. Raises ValueError if it is another, or out of bounds."""
        found = SPAN.fullmatch(f"{value}s" if isinstance(value, int) else str(value))
        # Compared as numbers: a thousand million days are more than a timedelta can hold.
        seconds = int(found["number"]) * UNITS[found["unit"]].total_seconds() if found else -1.0
        if not self.least.total_seconds() <= seconds <= self.most.total_seconds():
            raise ValueError(
                f"it must be seconds or a text such as '90s' or '6h', {self.least} to {self.most}"
            )
        return timedelta(seconds=seconds)


def _day(value: object) -> date:
    # A datetime is a date to Python.
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        day = None
    # Other forms of ISO 8601, such as 2018-W12-5, are read too: they would surprise here.
    if day is None or day.isoformat() != value:
        raise ValueError("it must be a day, YYYY-MM-DD")
    return day


Day = Annotated[date, BeforeValidator(_day)]
"""A day, as a TOML date or a text ``YYYY-MM-DD``."""


def _problem(details: ErrorDetails, model: type[BaseModel]) -> Problem:
    key = ".".join(str(part) for part in details["loc"])
    if details["type"] == "missing":
        return Problem(key=key, value=None, why="it is required")
    if details["type"] == "extra_forbidden":
        return Problem(key=key, value=details["input"], why=_unknown(str(details["loc"][-1]), model))
    cause = details.get("ctx", {}).get("error")
    why = str(cause) if cause is not None else details["msg"].replace("Input should", "it should", 1)
    return Problem(key=key, value=details["input"], why=why)


def _unknown(key: str, model: type[BaseModel]) -> str:
    known = sorted(model.model_fields)
    nearest = get_close_matches(key, known, n=1)
    hint = f" (did you mean {nearest[0]!r}?)" if nearest else ""
    return f"there is no such key{hint}; known: {', '.join(known)}"
