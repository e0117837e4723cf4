"""When a harvested day is visited again.

Comments trickle in for days and hardly ever after a month, so the older a day is, the rarer the
look. A look is one request that compares counts; counts can stay equal while a comment is edited, so
now and then every section is fetched in full.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from schedules.windows import DAY, Window

Visit = Literal["look", "full"]

LOOKS = (
    (0, timedelta(0)),
    (1, timedelta(hours=1)),
    (3, timedelta(hours=6)),
    (7, timedelta(days=1)),
    (30, timedelta(days=7)),
)
"""Up to that age in days, a look that often."""
RARELY = timedelta(days=30)

UNFINISHED = timedelta(hours=1)
"""A day with a section that failed, is short or was never loaded is looked at that soon, however old."""

# 1 << attempts would grow without end: a page may fail for years.
MOST_DOUBLINGS = 10

MISSED_WITHIN = timedelta(days=30)

SETTLED = frozenset({"done", "unproven"})
"""All that the site shows is held, whether it says how much that is or not."""

LISTED = frozenset({"pending", "leased"})
"""What a section is before a page of it was asked for."""

FULLS = ((7, timedelta(days=2)), (30, timedelta(days=14)))
"""Up to that age in days, a full fetch that often."""
RARELY_FULL = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDay:
    """How fresh a day is: the newest visit and change, its sections' oldest full fetch (None: never).

    ``not_before`` is when the first of its unfinished sections may be asked for again (None: now);
    ``states`` are the ledger's, by section.
    """

    day: date
    visited_at: datetime | None
    changed_at: datetime | None
    full_at: datetime | None
    not_before: datetime | None
    states: Mapping[int, str]


def visit_due(known: KnownDay, *, today: date, now: datetime) -> Visit | None:
    """Whether the day is due for a visit at ``now`` (aware UTC), and of which kind."""
    age = (today - known.day).days
    unfinished = not SETTLED.issuperset(known.states.values())
    patient = age > 0 and rests(known, now)
    interval = _interval(LOOKS, age, RARELY)
    if unfinished and not patient:
        interval = min(interval, UNFINISHED)
    # In the ledger and never visited: a backfill entered it, or its first visit failed.
    if known.visited_at is None:
        return None if patient else "look"
    if not _is_over(known.visited_at, now, interval):
        return None
    # A section that was never fetched in full is unfinished, and a look asks for it.
    if known.full_at is None:
        return "look"
    return "full" if _is_over(known.full_at, now, _interval(FULLS, age, RARELY_FULL)) else "look"


def rests(known: KnownDay, now: datetime) -> bool:
    """Whether the day's unfinished sections are not to be tried again yet."""
    # No backoff lasts longer than RARELY: a moment further off was set by a clock that was wrong.
    return known.not_before is not None and now < known.not_before <= now + RARELY


def backoff(attempts: int) -> timedelta:
    """How long to wait after an attempt at a page that failed or is short: each time twice as long."""
    doublings: int = min(attempts - 1, MOST_DOUBLINGS)
    return min(UNFINISHED * (1 << doublings), RARELY)


def days_due(known: Iterable[KnownDay], *, today: date, now: datetime) -> dict[date, Visit]:
    """The days to visit now, newest first: today, every known day whose time has come, and days missed.

    A day of the last month is missed if nothing is known of it though an earlier day of that month was
    harvested. Days further back, or before the first harvest, are left to backfill until fetched once.
    """
    by_day = {row.day: row for row in known if row.day <= today}
    first = min((day for day in by_day if today - day <= MISSED_WITHIN), default=today)
    missed = [day for day in Window(since=first, before=today + DAY).days() if day not in by_day]
    due: dict[date, Visit] = dict.fromkeys(missed, "look")
    for day, row in by_day.items():
        if _is_backfills(row, today):
            continue
        if (visit := visit_due(row, today=today, now=now)) is not None:
            due[day] = visit
    return dict(sorted(due.items(), reverse=True))


def _is_backfills(known: KnownDay, today: date) -> bool:
    """Whether the day is only entered in the ledger, by a backfill that has not visited it yet."""
    untouched = known.visited_at is None and LISTED.issuperset(known.states.values())
    return untouched and today - known.day > MISSED_WITHIN


def _is_over(then: datetime, now: datetime, interval: timedelta) -> bool:
    # A visit of the future was made by a clock that was wrong: it must not put the next one off for years.
    return not timedelta(0) <= now - then < interval


def _interval(table: tuple[tuple[int, timedelta], ...], age: int, otherwise: timedelta) -> timedelta:
    return next((interval for up_to, interval in table if age <= up_to), otherwise)
