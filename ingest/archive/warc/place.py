"""Where a record is in the archive."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The place of a capture's response record: the file's final name, and the member's bytes in it."""

    file: str
    offset: int
    length: int
