"""Where a record is in the archive."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a capture's response record lies: a file's final name, and its member's bytes in it."""

    file: str
    offset: int
    length: int
