"""A harvest from lock to report: opens the line's collaborators, walks the days, closes the run."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from zoneinfo import ZoneInfo

from ingest.clock import Clock
from ingest.fetch import Limits
from ingest.fetch.waits import Waits
from ingest.pipeline.stop import Stop
from ingest.pipeline.workspace import open_line
from ingest.records.outcome import Outcome, Report
from ingest.settings import Settings, SourceSettings
from ingest.store import Store
from parsers.source import Source
from schedules.recrawl import KnownDay, Visit, days_due
from schedules.windows import Window

log = logging.getLogger(__name__)

Progress = Callable[[Outcome], None]
DaysToVisit = Mapping[date, Visit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """What to harvest. ``days`` empty means today and what the recrawl policy says is due."""

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
    stop: Stop | None = None,
    waits: Waits | None = None,
) -> Report:
    """Visit the days once; if it is to stop, those that it comes to.

    Raises:
        Busy: another run holds the source.
        StoreUnusable: the database or the archive failed; the run's row says so.
    """
    source = wanted.source
    with store.lock(source.name):
        started = clock.now()
        run_id = store.runs.begin("harvest", source.name, started)
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
                stop=stop or Stop(),
                waits=waits,
            )
        except BaseException as error:
            store.runs.end(run_id, clock.now(), "failed", {}, _why(error))
            raise
        store.runs.end(run_id, clock.now(), report.run_outcome, report.counts())
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
    stop: Stop,
    waits: Waits | None,
) -> Report:
    source, began = wanted.source, clock.monotonic()
    outcomes: list[Outcome] = []
    async with open_line(
        source,
        run_id=run_id,
        settings=settings,
        chosen=chosen,
        store=store,
        clock=clock,
        limits=limits,
        stop=stop,
        waits=waits,
    ) as opened:
        with stop.heard():
            for day, visit in _until_stopped(days_to_visit(wanted, store, clock), stop):
                async with aclosing(opened.line.visit(day, full=visit == "full")) as visited:
                    async for outcome in visited:
                        outcomes.append(outcome)
                        progress(outcome)
                        if stop.asked:
                            break
                # A host that does not answer or does not want us would not give the other days either.
                if stop.asked or any(outcome.refused for outcome in outcomes):
                    break
    store.runs.put_rates(run_id, opened.census.rates())
    return Report(
        command="harvest",
        source=source.name,
        run_id=run_id,
        outcomes=tuple(outcomes),
        adopted=opened.recovery.adopted,
        bytes_cut=opened.recovery.cut,
        requests=opened.fetcher.requests,
        bytes_received=opened.fetcher.bytes_received,
        seconds=clock.monotonic() - began,
        stopped=stop.asked,
    )


def _until_stopped(days: DaysToVisit, stop: Stop) -> Iterator[tuple[date, Visit]]:
    """It may have been asked to stop before the first."""
    return takewhile(lambda _: not stop.asked, days.items())


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
        known = store.ledger.known_days(wanted.source.name, date.min, today)
        days = days_due(known, today=today, now=clock.now())
        _explain(known, days)
    return dict.fromkeys(days, "full") if wanted.full else days


def _explain(known: Sequence[KnownDay], due: DaysToVisit) -> None:
    by_day = {one.day: one for one in known}
    for day, visit in due.items():
        one = by_day.get(day)
        log.debug("%s: due for a %s: %s", day, visit, "never visited" if one is None else _freshness(one))
    log.debug("%d other known days are not due", len(by_day.keys() - due.keys()))


def _freshness(known: KnownDay) -> str:
    unfinished = [str(section) for section, state in known.states.items() if state != "done"]
    left = f", unfinished sections {', '.join(unfinished)}" if unfinished else ""
    return f"visited {known.visited_at}, in full {known.full_at}{left}"


def _why(error: BaseException) -> str:
    if isinstance(error, asyncio.CancelledError | KeyboardInterrupt):
        return "broken off"
    return str(error) or type(error).__name__
