"""One schedule of a source: a job that runs repeatedly, and when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from schedules.cron import Cron
from schedules.windows import DAY, Window

Kind = Literal["harvest", "backfill", "verify"]
CatchUp = Literal["none", "latest", "all"]
Order = Literal["newest", "oldest"]

ANCHOR = datetime(2001, 1, 1, tzinfo=UTC)
"""From here intervals are counted, whenever a process was started; it is a Monday's midnight."""

GRACE = timedelta(minutes=1)
"""A time no older than this is not missed: no process wakes at the exact second."""

SECOND = timedelta(seconds=1)
HORIZON = DAY
LEASE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """Fires at every multiple of an interval, counted from ``ANCHOR``."""

    interval: timedelta

    @property
    def shortest_gap(self) -> timedelta:
        """Two times that it fires at are that far apart."""
        return self.interval

    def fires_after(self, moment: datetime) -> Iterator[datetime]:
        """Every time later than the moment (aware UTC), without an end."""
        # Counted from a fixed moment: a restart must not shift when it fires.
        number = (moment - ANCHOR) // self.interval + 1
        while True:
            yield ANCHOR + number * self.interval
            number += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What is run, when, and what becomes of times that were missed. Lengths of time are in seconds.

    A harvest covers its ``recent`` days, or what is due if that is None; a backfill ``since`` to ``until``
    in that ``order``, up to yesterday if ``until`` is None; ``verify`` those days, None being no bound.
    """

    id: str
    source: str
    kind: Kind
    when: Cron | Every
    recent: int | None = None
    since: date | None = None
    until: date | None = None
    order: Order = "newest"
    full: bool = False
    jitter: int = 0
    catch_up: CatchUp = "latest"
    horizon: timedelta = HORIZON
    lease: int = LEASE // SECOND

    @property
    def key(self) -> str:
        """Its name among the schedules of all sources."""
        return f"{self.source}/{self.id}"

    def window(self, today: date) -> Window | None:
        """The days of a backfill that are over, or None if there are none yet."""
        yesterday = today - DAY
        until = min(self.until or yesterday, yesterday)
        return Window.of(self.since, until) if self.since is not None and self.since <= until else None
