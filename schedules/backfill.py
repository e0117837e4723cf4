"""Which days a backfill still has to visit, and which pages a repair asks for.

Each day of the window is exactly one of: done; taken, while another run has it on lease; resting, because
its unfinished sections failed lately; or waiting to be visited.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal

from schedules.plan import Target
from schedules.recrawl import SETTLED, KnownDay, rests
from schedules.windows import Window

DayState = Literal["done", "taken", "resting", "waiting"]

READ = {"pending", "short", "done", "unproven"}
"""A section gets these from a page that was read, and every page counts all the day's sections."""

TO_REPAIR = {"short", "failed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who has a day on lease, and until when (aware UTC)."""

    owner: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillPlan:
    """The days to visit, in order, and how many days of the window are not visited and why.

    ``again_at`` is the earliest moment at which a resting day may be tried again. Requests are those of
    the days to visit, without retries: ``requests_least`` if a day that was never read needs a single one,
    ``requests_likely`` if it has articles in every section.
    """

    days: tuple[date, ...]
    done: int
    resting: int
    taken: int
    again_at: datetime | None
    requests_least: int
    requests_likely: int

    @property
    def waiting(self) -> int:
        """How many days are to be visited."""
        return len(self.days)

    def lasts(self, delay: float) -> timedelta:
        """How long the likely requests take at one every ``delay`` seconds."""
        return timedelta(seconds=self.requests_likely * delay)


def plan_backfill(
    window: Window,
    *,
    sections: Collection[int],
    known: Iterable[KnownDay],
    zone: tzinfo,
    now: datetime,
    leases: Mapping[date, Holder] | None = None,
    owner: str | None = None,
    newest_first: bool = True,
) -> BackfillPlan:
    """Sort the days of a window that are over in the source's ``zone``; today is the harvest's.

    ``sections`` are all that the source has. ``known`` is what the ledger says of days, at least of those
    of the window. ``leases`` are those on days, of which the ``owner``'s own are no hindrance.
    """
    by_day = {row.day: row for row in known}
    taken = _taken(leases, owner, now)
    counts: Counter[DayState] = Counter()
    waiting: list[date] = []
    again: list[datetime] = []
    for day in _over(window, now.astimezone(zone).date(), newest_first):
        row = by_day.get(day)
        state = _state_of(row, taken=day in taken, zone=zone, now=now)
        counts[state] += 1
        if state == "waiting":
            waiting.append(day)
        elif state == "resting" and row is not None and row.not_before is not None:
            again.append(row.not_before)
    requests = [_requests(by_day.get(day), sections) for day in waiting]
    return BackfillPlan(
        days=tuple(waiting),
        done=counts["done"],
        resting=counts["resting"],
        taken=counts["taken"],
        again_at=min(again, default=None),
        requests_least=sum(least for least, _ in requests),
        requests_likely=sum(likely for _, likely in requests),
    )


def time_left(done: int, remaining: int, elapsed: timedelta) -> timedelta | None:
    """How long the rest takes at the rate so far; None while no rate is known."""
    if remaining <= 0:
        return timedelta(0)
    if done <= 0 or elapsed <= timedelta(0):
        return None
    return elapsed * (remaining / done)


def repair_targets(states: Mapping[Target, str]) -> tuple[Target, ...]:
    """The pages of one source that are short or failed, by the ledger's states, newest day first."""
    wanted = (target for target, state in states.items() if state in TO_REPAIR)
    return tuple(sorted(wanted, key=lambda target: (-target.day.toordinal(), target.section)))


def _over(window: Window, today: date, newest_first: bool) -> Iterable[date]:
    before = min(window.before, today)
    if before <= window.since:
        return ()
    return Window(since=window.since, before=before).days(newest_first=newest_first)


def _taken(leases: Mapping[date, Holder] | None, owner: str | None, now: datetime) -> set[date]:
    # The owner's own leases are of a run that was broken off: its days are to be visited.
    return {day for day, lease in (leases or {}).items() if lease.owner != owner and now < lease.until}


def _state_of(known: KnownDay | None, *, taken: bool, zone: tzinfo, now: datetime) -> DayState:
    if known is not None and _is_done(known, zone):
        return "done"
    if taken:
        return "taken"
    return "resting" if known is not None and rests(known, now) else "waiting"


def _is_done(known: KnownDay, zone: tzinfo) -> bool:
    if not known.states or not SETTLED.issuperset(known.states.values()):
        return False
    # A day that was complete in the morning is not complete in the evening.
    return known.visited_at is None or known.visited_at.astimezone(zone).date() > known.day


def _requests(known: KnownDay | None, sections: Collection[int]) -> tuple[int, int]:
    """At least, and likely: those that are unfinished, and one that is not, for its catalogue."""
    states = list(known.states.values()) if known is not None else []
    if READ.isdisjoint(states):
        # Never read: the first page says that the day is empty, or every section is asked for.
        return 1, max(1, len(sections))
    done = sum(state in SETTLED for state in states)
    unfinished = len(states) - done
    return max(1, unfinished), unfinished + min(1, done)
