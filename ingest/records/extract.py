"""What an extract of the database is: its tables, their columns, and which rows of them are wanted."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Extract = Literal["articles", "comments", "versions"]
Kind = Literal["string", "integer", "boolean", "date", "datetime"]
Value = str | int | bool | date | datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column by its name; an instant is aware UTC. ``required`` is one that is never null."""

    name: str
    kind: Kind
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Rows of these sources, none for all; of the articles of a window of days, both included."""

    sources: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
