"""A harvest from lock to report: opens the line's collaborators, walks the days, closes the run."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from ingest.adopt import Adopter
from ingest.archive import ArchiveWriter
from ingest.clock import Clock
from ingest.fetch import Fetcher, Limits, Scope
from ingest.health import Census
from ingest.pipeline import Line
from ingest.report import Outcome, Report
from ingest.settings import DEFAULT_DELAY, Settings, SourceSettings
from ingest.store import Store
from ingest.worker import Worker
from parsers.source import Source
from schedules.revisit import Visit, days_due
from schedules.windows import Window

log = logging.getLogger(__name__)

Progress = Callable[[Outcome], None]
DaysToVisit = Mapping[date, Visit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """What to harvest. ``days`` empty means today and what the revisit policy says is due."""

    source: Source
    days: tuple[date, ...] = ()
    recent: int | None = None
    full: bool = False


async def harvest(
    wanted: Harvest,
    *,
    settings: Settings,
    chosen: SourceSettings,
    store: Store,
    clock: Clock,
    progress: Progress,
    limits: Limits | None = None,
) -> Report:
    """Visit the days once.

    Raises:
        Busy: another run holds the source.
        StoreUnusable: the database or the archive failed; the run's row says so.
    """
    source = wanted.source
    with store.lock(source.name):
        started = clock.now()
        run_id = store.begin_run("harvest", source.name, started)
        try:
            report = await _visit(
                wanted,
                run_id=run_id,
                settings=settings,
                chosen=chosen,
                store=store,
                clock=clock,
                progress=progress,
                limits=limits or Limits(),
            )
        except BaseException as error:
            store.end_run(run_id, clock.now(), "failed", {}, _why(error))
            raise
        store.end_run(run_id, clock.now(), report.run_outcome, report.counts())
    return report


async def _visit(
    wanted: Harvest,
    *,
    run_id: int,
    settings: Settings,
    chosen: SourceSettings,
    store: Store,
    clock: Clock,
    progress: Progress,
    limits: Limits,
) -> Report:
    source, began = wanted.source, clock.monotonic()
    fetcher = fetcher_for(source, chosen, settings, clock, limits)
    archive = ArchiveWriter(
        settings.archive, source=source.name, started_at=clock.now(), about=about(source, settings)
    )
    outcomes: list[Outcome] = []
    census = Census()
    with archive, Worker() as worker:
        adopter = Adopter(source=source, store=store, worker=worker, clock=clock, run_id=run_id)
        recovery = adopter.recover(settings.archive)
        async with fetcher:
            line = Line(
                source=source,
                base_url=chosen.base_url or source.base_url,
                store=store,
                archive=archive,
                fetcher=fetcher,
                worker=worker,
                run_id=run_id,
                census=census,
                clock=clock,
            )
            for day, visit in days_to_visit(wanted, store, clock).items():
                came = await line.harvest_day(day, full=visit == "full")
                outcomes += came
                for outcome in came:
                    progress(outcome)
                if any(outcome.refused for outcome in came):
                    # The host does not answer or does not want us: the other days would fare no better.
                    break
    store.put_health(run_id, census.rates())
    return Report(
        command="harvest",
        source=source.name,
        run_id=run_id,
        outcomes=tuple(outcomes),
        adopted=recovery.adopted,
        bytes_cut=recovery.cut,
        requests=fetcher.requests,
        bytes_received=fetcher.bytes_received,
        seconds=clock.monotonic() - began,
    )


def days_to_visit(wanted: Harvest, store: Store, clock: Clock) -> DaysToVisit:
    """The days of a harvest, newest first, and how each is to be visited."""
    today = clock.now().astimezone(ZoneInfo(wanted.source.zone)).date()
    days: dict[date, Visit]
    if wanted.days:
        days = dict.fromkeys(sorted(set(wanted.days), reverse=True), "look")
    elif wanted.recent is not None:
        since = date.fromordinal(max(1, today.toordinal() - wanted.recent + 1))
        days = dict.fromkeys(Window.of(since, today).days(), "look")
    else:
        known = store.known_days(wanted.source.name, date.min, today)
        days = days_due(known, today=today, now=clock.now())
    return dict.fromkeys(days, "full") if wanted.full else days


def fetcher_for(
    source: Source, chosen: SourceSettings, settings: Settings, clock: Clock, limits: Limits
) -> Fetcher:
    """A fetcher that may ask for the source's pages, or for those at the address the operator named."""
    # The scope refuses what is no address before it is taken apart.
    scope = Scope(hosts=source.hosts, base_url=chosen.base_url)
    own = chosen.base_url is None or urlsplit(chosen.base_url).hostname in source.hosts
    return Fetcher(
        scope=scope if own else replace(scope, hosts=()),
        clock=clock,
        limits=limits,
        user_agent=settings.user_agent,
        delay=chosen.delay if chosen.delay is not None else DEFAULT_DELAY,
        # A mirror on the operator's own machine is not the site that the pack's delay is owed to.
        pack_delay=source.delay if own else 0.0,
    )


def _why(error: BaseException) -> str:
    if isinstance(error, asyncio.CancelledError | KeyboardInterrupt):
        return "broken off"
    return str(error) or type(error).__name__


def about(source: Source, settings: Settings) -> dict[str, str]:
    """What the warcinfo record of a file says."""
    return {
        "software": settings.user_agent.partition(" ")[0],
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "isPartOf": source.name,
        "robots": "classic",
        "http-header-user-agent": settings.user_agent,
    }
