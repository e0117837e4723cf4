"""Ranges of days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A half-open range of days: ``since`` is in it, ``before`` is not."""

    since: date
    before: date

    def __post_init__(self) -> None:
        if self.before <= self.since:
            raise ValueError(f"the window from {self.since} to before {self.before} holds no day")

    @classmethod
    def of(cls, since: date, until: date) -> "Window":
        """The window of two days that are both in it.

        Raises:
            ValueError: ``until`` is earlier than ``since``.
        """
        return cls(since=since, before=until + DAY)

    @property
    def until(self) -> date:
        """The last day in it."""
        return self.before - DAY

    def __contains__(self, day: date) -> bool:
        return self.since <= day < self.before

    def __len__(self) -> int:
        return (self.before - self.since).days

    def days(self, *, newest_first: bool = True) -> Iterator[date]:
        """Every day once."""
        for ago in range(len(self)):
            yield self.until - ago * DAY if newest_first else self.since + ago * DAY
