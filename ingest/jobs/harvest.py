"""A harvest from lock to report: opens the pipeline, walks the days, closes the run."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from ingest.clock import Clock
from ingest.errors import CouldNotRun
from ingest.jobs.run import each_by_itself, locked_run
from ingest.jobs.visits import OnOutcome, Visits
from ingest.pipeline.opening import open_pipeline
from ingest.pipeline.workspace import Run, Workspace
from ingest.records.chosen import SourceSettings
from ingest.records.outcome import Report
from ingest.store import Store
from parsers.source import Lists, Source
from parsers.urls import Address
from schedules.recrawl import SETTLED, KnownDay, Visit, days_due
from schedules.windows import Window

log = logging.getLogger(__name__)

DaysToVisit = Mapping[date, Visit]
OnDay = Callable[[date], None]

LATE = timedelta(days=2)
"""A comment may be written that long before it is shown: somebody had to approve of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """What to harvest. ``days`` empty means today and what the recrawl policy says is due.

    With ``before`` only the days before it: an earlier run of the same wish has visited the others.
    """

    source: Source
    days: tuple[date, ...] = ()
    recent: int | None = None
    full: bool = False
    before: date | None = None


async def harvest(
    wanted: Harvest,
    workspace: Workspace,
    *,
    chosen: SourceSettings,
    progress: OnOutcome,
    on_day: OnDay = lambda _: None,
) -> Report:
    """Visit the days once; if it is to stop, those that it comes to. ``on_day`` is called behind each.

    Raises:
        Busy: another run holds the source.
        StoreUnusable: the database or the archive failed; the run's row says so.
    """
    with locked_run("harvest", wanted.source, workspace) as run:
        async with open_pipeline(run, chosen) as opened:
            visits = Visits(run=run, opened=opened, on_outcome=progress)
            with workspace.stop.heard():
                await _visit(days_to_visit(wanted, workspace.store, workspace.clock), visits, on_day)
                if not wanted.days:
                    await _look_for_late_comments(visits)
        run.report = report = visits.report("harvest")
    return report


async def harvest_each(
    wanted: Mapping[Harvest, SourceSettings], workspace: Workspace, *, progress: OnOutcome
) -> list[Report | CouldNotRun]:
    """Visit several sources at once; see ``each_by_itself``."""
    with workspace.parsing_together():
        return await each_by_itself(
            harvest(one, workspace, chosen=chosen, progress=progress) for one, chosen in wanted.items()
        )


async def _visit(days: DaysToVisit, visits: Visits, on_day: OnDay) -> None:
    for day, visit in _until_over(days, visits.run):
        await visits.take(visits.opened.pipeline.visit(day, full=visit == "full"))
        # A host that does not answer or does not want us would not give the other days either.
        if visits.sums.refused:
            break
        if not visits.run.is_over:
            on_day(day)


async def _look_for_late_comments(visits: Visits) -> None:
    """Of a site that lists its newest comments: below old articles as well, whose days are not due."""
    run = visits.run
    lists = run.source.lists
    if lists is None or lists.latest is None or run.is_over or visits.sums.refused:
        return
    now = run.workspace.clock.now()
    today = now.astimezone(ZoneInfo(run.source.zone)).date()
    await visits.take(
        visits.opened.pipeline.latest(late_lists(lists, run.source, run.workspace.store, now), today)
    )


def late_lists(lists: Lists, source: Source, store: Store, now: datetime) -> tuple[Address, ...]:
    """The lists of what was written since they were read last, whatever it stands below."""
    found = lists.latest(now) if lists.latest is not None else ()
    return tuple(replace(one, since=_late_since(one.section or 0, source, store, now)) for one in found)


def _late_since(section: int, source: Source, store: Store, now: datetime) -> datetime:
    before = store.threads.newest(source.name, "latest", "since", section)
    # Of a list that was broken off, the newest page was read, and the others were not.
    looked_at = before.full_at if before is not None and before.full_at is not None else now
    return (min(looked_at, now) - LATE).replace(microsecond=0)  # as addresses have it


def _until_over(days: DaysToVisit, run: Run) -> Iterator[tuple[date, Visit]]:
    """It may have been asked to stop before the first."""
    return takewhile(lambda _: not run.is_over, days.items())


def days_to_visit(wanted: Harvest, store: Store, clock: Clock) -> DaysToVisit:
    """The days of a harvest, newest first, and how each is to be visited."""
    today = clock.now().astimezone(ZoneInfo(wanted.source.zone)).date()
    days: dict[date, Visit]
    if wanted.days:
        days = dict.fromkeys(sorted(set(wanted.days), reverse=True), "look")
    elif wanted.recent is not None:
        # The first day that there is: more days than that are no error.
        since = date.fromordinal(max(1, today.toordinal() - wanted.recent + 1))
        days = dict.fromkeys(Window.of(since, today).days(), "look")
    else:
        known = store.ledger.known_days(wanted.source.name, date.min, today)
        days = days_due(known, today=today, now=clock.now())
        _explain(known, days)
    if wanted.full:
        days = dict.fromkeys(days, "full")
    before = wanted.before or date.max
    return {day: visit for day, visit in days.items() if day < before}


def _explain(known: Sequence[KnownDay], due: DaysToVisit) -> None:
    by_day = {one.day: one for one in known}
    for day, visit in due.items():
        one = by_day.get(day)
        log.debug("%s: due for a %s: %s", day, visit, "never visited" if one is None else _freshness(one))
    log.debug("%d other known days are not due", len(by_day.keys() - due.keys()))


def _freshness(known: KnownDay) -> str:
    unfinished = [str(section) for section, state in known.states.items() if state not in SETTLED]
    left = f", unfinished sections {', '.join(unfinished)}" if unfinished else ""
    return f"visited {known.visited_at}, in full {known.full_at}{left}"
