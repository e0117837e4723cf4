"""A source's pipeline and archive with all that they work with, opened and closed together."""

import logging
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, closing, nullcontext
from dataclasses import dataclass
from datetime import datetime

from ingest.archive import ArchiveWriter
from ingest.clock import Clock
from ingest.errors import CouldNotRun
from ingest.fetch import Fetcher
from ingest.pipeline.budget import allowance_of
from ingest.pipeline.host_slots import SharedTurns
from ingest.pipeline.page import PagePipeline
from ingest.pipeline.parse.worker import PageParser, Worker
from ingest.pipeline.recover import Adopter, Recovery
from ingest.pipeline.stop import Stop
from ingest.pipeline.workspace import Run, Workspace, about, fetcher_for
from ingest.records.chosen import SourceSettings
from ingest.store import Store
from ingest.store.redating import FIRST_MOMENT

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPipeline:
    """The pipeline, the id of the process that works it, and what its run is added up from."""

    pipeline: PagePipeline
    owner: str
    fetcher: Fetcher
    recovery: Recovery


@asynccontextmanager
async def open_pipeline(run: Run, chosen: SourceSettings) -> AsyncIterator[OpenPipeline]:
    """Ready for pages, once what killed runs left in the archive is seen to. Raises StoreUnusable.

    If the run is to stop, the rest of that is left to the next one.
    """
    work, source = run.workspace, run.source
    # Before any page: a row of the future would win over all that is seen today.
    _mend_moments(work.store, run.run_id, work.clock.now())
    with work.store.present() as owner, archive_of(run) as archive, _parser(work) as worker:
        turns = SharedTurns(work.store, owner, work.clock, longest=work.limits.deadline, waits=work.waits)
        fetcher = fetcher_for(
            source,
            chosen,
            work.settings,
            work.clock,
            work.limits,
            turns=turns,
            waits=work.waits,
            allowance=allowance_of(source, chosen.budget, work.store, work.clock),
            robots=work.store.robots,
        )
        # Before the first request: what is in the archive need not be asked for.
        recovery = await _recovered(Adopter(run, worker), work.clock, work.stop)
        async with fetcher:
            pipeline = PagePipeline(
                run,
                base_url=chosen.base_url or source.base_url,
                archive=archive,
                fetcher=fetcher,
                worker=worker,
            )
            yield OpenPipeline(pipeline=pipeline, owner=owner, fetcher=fetcher, recovery=recovery)


def _parser(work: Workspace) -> AbstractContextManager[PageParser]:
    return nullcontext(work.parser) if work.parser is not None else Worker()


def archive_of(run: Run) -> ArchiveWriter:
    """Where the run's captures are written."""
    settings, source = run.workspace.settings, run.source
    return ArchiveWriter(
        settings.archive,
        source=source.name,
        started_at=run.workspace.clock.now(),
        about=about(source, settings),
    )


def _mend_moments(store: Store, run_id: int, now: datetime) -> None:
    """What is seen now wins over what a clock that was ahead entered.

    Raises CouldNotRun where the clock is certainly wrong: its captures would be older than all others.
    """
    # A clock whose battery is empty begins in the past.
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


async def _recovered(adopter: Adopter, clock: Clock, stop: Stop) -> Recovery:
    done = Recovery()
    with closing(adopter.recoveries()) as steps:
        for done in steps:  # noqa: B007 - the last is the whole
            # Between two captures the event loop hears a signal.
            await clock.sleep(0)
            if stop.asked:
                break
    return done
