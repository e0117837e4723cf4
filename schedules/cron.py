"""Five fields of cron and the times they name, read by cronsim, in UTC.

cronsim follows Debian's cron. The rules on which cron dialects differ:

- ``*/90`` as the minute is every 90th value of 0-59, so the 0th: once an hour.
- ``L`` as the day of the month is its last day, ``LW`` its last day from Monday to Friday; as the day of the
  week ``fri#2`` is the second Friday of the month and ``5L`` its last.
- Where both the day of the month and the day of the week are restricted, it fires on either; where one of
  them begins with ``*``, only where both agree.
- 0 and 7 are Sunday; names are mon to sun and jan to dec, in any case.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cronsim import CronSim, CronSimError

FIELDS = 5
MONDAY = datetime(2001, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """Minute, hour, day of the month, month and day of the week to fire at, in UTC.

    Raises:
        ValueError: the text is not five such fields, or never fires.
    """

    text: str

    def __post_init__(self) -> None:
        # cronsim would take a sixth field, for seconds.
        if len(self.text.split()) != FIELDS:
            raise ValueError(f"it has {len(self.text.split())} fields, not {FIELDS}")
        self._simulated(MONDAY)

    def fires_after(self, moment: datetime) -> Iterator[datetime]:
        """Every time later than the moment (aware UTC), upwards; fifty years without one end it."""
        return self._simulated(moment)

    @property
    def shortest_gap(self) -> timedelta:
        """No two times that it fires at are closer together."""
        # Only the minutes and hours: days further apart make no gap shorter.
        times = self._simulated(MONDAY)
        if len(times.minutes) > 1:
            return timedelta(minutes=_shortest(times.minutes, around=60))
        return timedelta(hours=_shortest(times.hours, around=24))

    def _simulated(self, moment: datetime) -> CronSim:
        try:
            return CronSim(self.text, moment)
        except CronSimError as error:
            raise ValueError(f"it is no cron expression: {error}") from error
        # "L/2,1" trips an assertion, "9" 5000 times the interpreter's own limit.
        except (AssertionError, TypeError, ValueError) as error:
            raise ValueError("it is no cron expression") from error


def _shortest(values: Collection[int], *, around: int) -> int:
    ordered = sorted(values)
    following = [*ordered[1:], ordered[0] + around]
    return min(after - before for before, after in zip(ordered, following, strict=True))
