"""What is done again and again without being asked: a source's schedules, as its file declares them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, get_args

from schedules.cron import Cron
from schedules.entry import Entry
from schedules.windows import DAY, Window

Kind = Literal["harvest", "backfill", "verify"]
CatchUp = Literal["none", "latest", "all"]
Order = Literal["newest", "oldest"]

ANCHOR = datetime(2001, 1, 1, tzinfo=UTC)
"""From here intervals are counted, whenever a process was started; it is a Monday's midnight."""

GRACE = timedelta(minutes=1)
"""A time no older than that was not missed: whoever waits for it is never there on the dot."""

NAME = re.compile(r"[a-z0-9-]{1,40}")
EVERY_KIND = {"id", "kind", "cron", "every", "jitter", "catch_up", "horizon", "lease"}
OF_A_KIND: Mapping[Kind, set[str]] = {
    "harvest": {"recent", "full"},
    "backfill": {"since", "until", "order", "full"},
    "verify": {"since", "until"},
}

SECOND = timedelta(seconds=1)
HORIZON = DAY
LEASE = timedelta(minutes=10)
SHORTEST_EVERY = timedelta(minutes=1)
SHORTEST_LEASE = timedelta(seconds=30)
LONGEST_EVERY = 366 * DAY
LONGEST_HORIZON = 31 * DAY
MOST_RECENT = 366


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


def schedules_of(table: Mapping[str, object], source: str) -> tuple[Schedule, ...]:
    """The schedules of a file's ``[[schedule]]`` tables, in its order.

    Raises:
        ScheduleInvalid: something in it cannot be meant; the error names the schedule, the key and the value.
    """
    whole = Entry(table, f"the schedules of {source}")
    whole.only({"schedule"}, of="the file")
    entries = table.get("schedule", [])
    if not isinstance(entries, list) or not all(isinstance(of, dict) for of in entries):
        raise whole.refused("schedule", "begin each with [[schedule]]")
    found: dict[str, Schedule] = {}
    for number, of in enumerate(entries, start=1):
        entry = Entry(of, f"schedule {number} of {source}")
        name = entry.text("id") or ""
        if not NAME.fullmatch(name):
            raise entry.refused("id", "it must be 1 to 40 of a-z, 0-9 and -")
        if name in found:
            raise entry.refused("id", "another schedule has it")
        found[name] = _schedule(Entry(of, f"schedule {name!r} of {source}"), name, source)
    return tuple(found.values())


def _schedule(entry: Entry, name: str, source: str) -> Schedule:
    kind = entry.choice("kind", get_args(Kind))
    entry.only(EVERY_KIND | OF_A_KIND[kind], of=f"a {kind}")
    when = _when(entry)
    catch_up = entry.choice("catch_up", get_args(CatchUp), "latest")
    if catch_up == "none" and "horizon" in entry:
        raise entry.refused("horizon", "with catch_up = 'none' it would have no effect")
    since, until = _days(entry, kind)
    return Schedule(
        id=name,
        source=source,
        kind=kind,
        when=when,
        recent=entry.whole("recent", least=1, most=MOST_RECENT),
        since=since,
        until=until,
        order=entry.choice("order", get_args(Order), "newest"),
        full=entry.flag("full"),
        jitter=_jitter(entry, when),
        catch_up=catch_up,
        horizon=entry.span("horizon", least=GRACE, most=LONGEST_HORIZON) or HORIZON,
        lease=(entry.span("lease", least=SHORTEST_LEASE, most=DAY) or LEASE) // SECOND,
    )


def _when(entry: Entry) -> Cron | Every:
    cron = entry.text("cron")
    every = entry.span("every", least=SHORTEST_EVERY, most=LONGEST_EVERY)
    if cron is not None and every is not None:
        raise entry.refused("every", "cron stands beside it: keep one of the two")
    if every is not None:
        return Every(interval=every)
    if cron is None:
        raise entry.refused("cron", "say when it fires, by cron or by every")
    try:
        return Cron(text=cron)
    except ValueError as exc:
        raise entry.refused("cron", str(exc)) from exc


def _days(entry: Entry, kind: Kind) -> tuple[date | None, date | None]:
    since, until = entry.day("since"), entry.day("until")
    if kind == "backfill" and since is None:
        raise entry.refused("since", "a backfill has to begin somewhere")
    if since is not None and until is not None and since > until:
        raise entry.refused("until", f"it is earlier than since, {since}")
    return since, until


def _jitter(entry: Entry, when: Cron | Every) -> int:
    jitter = entry.span("jitter", least=timedelta(0), most=DAY) or timedelta(0)
    if jitter >= when.shortest_gap:
        raise entry.refused(
            "jitter", f"it must be less than the {when.shortest_gap} between two of its times"
        )
    return jitter // SECOND
