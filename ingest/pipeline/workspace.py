"""A source's line with all it works with, opened and closed together: for a harvest and for a backfill."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from ingest.archive import ArchiveWriter
from ingest.clock import Clock
from ingest.decide.drift.fill_rates import Census
from ingest.errors import CouldNotRun
from ingest.fetch import Fetcher, Limits, Scope, Turns
from ingest.fetch.politeness import effective_delay
from ingest.fetch.waits import Waits
from ingest.pipeline.host_slots import SharedTurns
from ingest.pipeline.page import Line
from ingest.pipeline.parse.worker import Worker
from ingest.pipeline.recover import Adopter, Recovery
from ingest.pipeline.stop import Stop
from ingest.settings import DEFAULT_DELAY, Settings, SourceSettings
from ingest.store import Store
from ingest.store.redating import FIRST_MOMENT
from parsers.source import Source

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLine:
    """The line, the id of the process that works it, and what its run is added up from."""

    line: Line
    owner: str
    fetcher: Fetcher
    census: Census
    recovery: Recovery


@asynccontextmanager
async def open_line(
    source: Source,
    *,
    run_id: int,
    settings: Settings,
    chosen: SourceSettings,
    store: Store,
    clock: Clock,
    limits: Limits,
    stop: Stop,
    waits: Waits | None = None,
) -> AsyncIterator[OpenLine]:
    """Ready for pages, once what killed runs left in the archive is seen to. Raises StoreUnusable.

    If the run is to stop, the rest of that is left to the next one.
    """
    _mend_moments(store, run_id, clock.now())
    census = Census()
    waits = waits or Waits(clock)
    archive = ArchiveWriter(
        settings.archive, source=source.name, started_at=clock.now(), about=about(source, settings)
    )
    with store.present() as owner, archive, Worker() as worker:
        turns = SharedTurns(store, owner, clock, longest=limits.deadline, waits=waits)
        fetcher = fetcher_for(source, chosen, settings, clock, limits, turns=turns, waits=waits)
        adopter = Adopter(
            source=source,
            folder=settings.archive,
            store=store,
            worker=worker,
            clock=clock,
            run_id=run_id,
            census=census,
        )
        recovery = await _recovered(adopter, settings, clock, stop)
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
            yield OpenLine(line=line, owner=owner, fetcher=fetcher, census=census, recovery=recovery)


def _mend_moments(store: Store, run_id: int, now: datetime) -> None:
    """What is seen now wins over what a clock that was ahead entered.

    Raises CouldNotRun where the clock is certainly wrong: its captures would be older than all others.
    """
    if now < FIRST_MOMENT:
        raise CouldNotRun(f"the clock says {now:%Y-%m-%d %H:%M} UTC: set it")
    found = store.moments.ahead(now=now)
    if found is None:
        return
    changed = store.moments.redate(now=now, run_id=run_id)
    if changed is None:
        log.warning(
            "all that is held is later than the clock's %s UTC: see thresher doctor", f"{now:%Y-%m-%d}"
        )
        return
    log.warning(
        "%d captures and %d runs were later than now, up to %s UTC: they are moved to just before now",
        found.captures,
        found.runs,
        f"{found.newest:%Y-%m-%d %H:%M}",
    )


async def _recovered(adopter: Adopter, settings: Settings, clock: Clock, stop: Stop) -> Recovery:
    done = Recovery()
    with closing(adopter.recoveries(settings.archive)) as steps:
        for done in steps:  # noqa: B007 - the last is the whole
            # Between two captures the event loop hears a signal.
            await clock.sleep(0)
            if stop.asked:
                break
    return done


def fetcher_for(
    source: Source,
    chosen: SourceSettings,
    settings: Settings,
    clock: Clock,
    limits: Limits,
    *,
    turns: Turns | None = None,
    waits: Waits | None = None,
) -> Fetcher:
    """A fetcher that may ask for the source's pages, or for those at the address the operator named."""
    # The scope refuses what is no address before it is taken apart.
    scope = check_scope(source, chosen)
    return Fetcher(
        scope=scope if _is_own(source, chosen) else replace(scope, hosts=()),
        clock=clock,
        limits=limits,
        user_agent=settings.user_agent,
        delay=delay_of(source, chosen),
        turns=turns,
        waits=waits,
    )


def check_scope(source: Source, chosen: SourceSettings) -> Scope:
    """The addresses that may be asked for; raises ConfigurationError if the base URL is no address."""
    return Scope(hosts=source.hosts, base_url=chosen.base_url)


def delay_of(source: Source, chosen: SourceSettings) -> float:
    """Seconds between two requests, unless robots.txt asks for more."""
    delay = chosen.delay if chosen.delay is not None else DEFAULT_DELAY
    # A mirror on the operator's own machine is not the site that the pack's delay is owed to.
    return effective_delay(delay, source.delay if _is_own(source, chosen) else 0.0)


def _is_own(source: Source, chosen: SourceSettings) -> bool:
    return chosen.base_url is None or urlsplit(chosen.base_url).hostname in source.hosts


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
