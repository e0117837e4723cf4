"""How much a source may be asked for. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The most that a source may be asked for: by one run, and on a day of its zone by all; None is any."""

    pages_per_visit: int | None = None
    pages_per_day: int | None = None
    bytes_per_day: int | None = None


UNLIMITED = Budget()
