"""The first page: how it stands with each source, the newest runs, and what was written day by day."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from starlette.requests import Request

from ingest.console.desk import Desk, Shown
from ingest.console.pages.coverage import states_of
from ingest.console.plots import Plot, bars
from ingest.decide.completeness.gaps import DayState
from ingest.records.pages import NOTHING, RunRow, SourceStatus, Tally
from ingest.runner.fleet.door import fleet_state
from ingest.runner.scheduler.schedule_files import timetable
from ingest.store import ScheduleRun
from schedules.catch_up import next_starts
from schedules.schedule import Schedule

RUNS = 12
RUNS_PLOTTED = 40
DAYS = 45


@dataclass(frozen=True, slots=True, kw_only=True)
class OfSource:
    """How it stands with a source."""

    status: SourceStatus
    days: Mapping[DayState, int]
    quarantined: int
    since_success: timedelta | None
    plot: Plot | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A schedule, its next start, and how its last run ended."""

    schedule: Schedule
    next_at: datetime
    last: ScheduleRun | None


def overview(desk: Desk, _: Request) -> Shown:
    """The sources, what is due, the fleet if there is one, and the newest runs."""
    values = {
        "sources": desk.recent.of("sources", lambda: _sources(desk)),
        "due": _due(desk),
        "runs": desk.store.runs.newest(RUNS),
        "spent": desk.recent.of("spent", lambda: _spent(desk.store.runs.newest(RUNS_PLOTTED))),
        "database": desk.store.address,
        "fleet": desk.recent.of("fleet", lambda: fleet_state(desk.settings, desk.store, desk.clock)),
    }
    return Shown(template="overview.html", values=values)


def _sources(desk: Desk) -> tuple[OfSource, ...]:
    now = desk.clock.now()
    quarantined = Counter(one.failure.source for one in desk.store.captures.quarantined())
    return tuple(
        OfSource(
            status=status,
            days=Counter(states_of(desk, status.source).values()),
            quarantined=quarantined[status.source],
            since_success=_since(status.last_success, now),
            plot=_days_plotted(desk, status.source),
        )
        for status in desk.statuses()
    )


def _since(run: RunRow | None, now: datetime) -> timedelta | None:
    return now - run.ended_at if run is not None and run.ended_at is not None else None


def _days_plotted(desk: Desk, source: str) -> Plot | None:
    """The last days of which anything is held."""
    known = states_of(desk, source)
    if not known:
        return None
    until = max(known)
    since = max(date.min + timedelta(days=DAYS), until) - timedelta(days=DAYS - 1)
    held: defaultdict[date, Tally] = defaultdict(lambda: NOTHING)
    for page in desk.store.ledger.coverage(source, since, until):
        held[page.day] += page.held
    days = [since + timedelta(days=number) for number in range((until - since).days + 1)]
    series = {
        "articles": [held[day].articles for day in days],
        "comments": [held[day].comments for day in days],
    }
    return bars(f"Articles and comments a day: {source}", "day", series, [str(day) for day in days])


def _due(desk: Desk) -> tuple[Due, ...]:
    now = desk.clock.now()
    found = (
        Due(
            schedule=schedule,
            next_at=next_starts(schedule, now, 1)[0],
            last=desk.store.claims.last(schedule.key),
        )
        for schedule in timetable(desk.settings.schedules)
    )
    return tuple(sorted(found, key=lambda due: due.next_at))


def _spent(runs: Iterable[RunRow]) -> Plot | None:
    """What a new comment cost, of the runs that asked a site for anything."""
    asked = [run for run in reversed(list(runs)) if run.counts.get("requests")]
    if not asked:
        return None
    spent = [run.counts["requests"] / max(1, run.counts.get("comments_new", 0)) for run in asked]
    labels = [f"run {run.run_id}" for run in asked]
    return bars(
        "Requests for each new comment", "run", {"requests": [round(one, 2) for one in spent]}, labels
    )
