"""Visit every day of a window under a lease; however a run ends, the next one continues from the ledger.

    ledger --plan--> days --lease--> a day --line--> Outcomes --> BackfillReport

A day is leased with a fence before its first page is asked for. A process that is killed loses its leases at
once; one that sleeps past its lease finds another's fence, and writes nothing.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from ingest.clock import Clock
from ingest.errors import CouldNotRun, LeaseLost, StoreUnusable
from ingest.fetch import Limits
from ingest.fetch.waits import Waits
from ingest.pipeline.stop import Stop
from ingest.pipeline.workspace import OpenLine, open_line
from ingest.records.backfill_report import BackfillReport, Days, Filling
from ingest.records.outcome import Outcome
from ingest.records.pages import PageState
from ingest.settings import Settings, SourceSettings
from ingest.store import Lease, Store
from parsers.source import Source
from schedules.backfill import BackfillPlan, plan_backfill
from schedules.windows import Window

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
HEARTBEAT = 120.0
"""A lease is renewed that often, in seconds of the machine's own time, while its day is worked on."""
HEARTBEAT_AGAIN = 5.0
"""The same, after the database did not let it be renewed."""
DAYS_ENLISTED_AT_ONCE = 500

PATIENCE = (60.0, 300.0, 900.0, 1800.0)
"""Seconds to leave a host alone that refuses; after that many refusals in a row the run ends."""

Progress = Callable[[Source, int, int], None]
"""Called with the source, how many days are over, and how many there are."""

OnOutcome = Callable[[Outcome], None]
"""Called with each page's outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """A source, and the days to fill, both included. ``full``: every section of a day that is not done."""

    source: Source
    chosen: SourceSettings
    window: Window
    newest_first: bool = True
    full: bool = False


async def backfill(
    wanted: Sequence[Backfill],
    *,
    settings: Settings,
    store: Store,
    clock: Clock,
    progress: Progress,
    stop: Stop,
    limits: Limits | None = None,
    on_outcome: OnOutcome = lambda _: None,
    waits: Waits | None = None,
) -> list[BackfillReport | CouldNotRun]:
    """Fill the windows of several sources at once, each polite to its own host.

    An error that keeps one source from running does not stop the others: it is returned in the place of that
    source's report.
    """
    runs = (
        _run(
            one,
            settings=settings,
            store=store,
            clock=clock,
            progress=progress,
            stop=stop,
            limits=limits,
            on_outcome=on_outcome,
            waits=waits or Waits(clock),
        )
        for one in wanted
    )
    results = await asyncio.gather(*runs, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, CouldNotRun):
            raise result
    return [result for result in results if isinstance(result, BackfillReport | CouldNotRun)]


def planned(wanted: Backfill, store: Store, clock: Clock, owner: str | None = None) -> BackfillPlan:
    """Plan what is to be done now; change nothing."""
    source, window, now = wanted.source, wanted.window, clock.now()
    return plan_backfill(
        window,
        sections=source.sections,
        known=store.ledger.known_days(source.name, window.since, window.until),
        zone=ZoneInfo(source.zone),
        now=now,
        leases=store.leases.holders(source.name, window.since, window.until, now=now),
        owner=owner,
        newest_first=wanted.newest_first,
    )


async def _run(
    wanted: Backfill,
    *,
    settings: Settings,
    store: Store,
    clock: Clock,
    progress: Progress,
    stop: Stop,
    limits: Limits | None,
    on_outcome: OnOutcome,
    waits: Waits,
) -> BackfillReport:
    source = wanted.source
    run_id = store.runs.begin("backfill", source.name, clock.now())
    try:
        async with open_line(
            source,
            run_id=run_id,
            settings=settings,
            chosen=wanted.chosen,
            store=store,
            clock=clock,
            limits=limits or Limits(),
            waits=waits,
            stop=stop,
        ) as opened:
            _enlist(wanted, store, clock)
            work = _Backfilling(
                wanted,
                opened,
                run_id=run_id,
                store=store,
                clock=clock,
                stop=stop,
                on_outcome=on_outcome,
                waits=waits,
            )
            with stop.heard():
                await work.through(progress)
            report = work.report()
    except BaseException as error:
        store.runs.end(run_id, clock.now(), "failed", {}, str(error) or type(error).__name__)
        raise
    store.runs.put_rates(run_id, opened.census.rates())
    store.runs.end(run_id, clock.now(), report.run_outcome, report.counts())
    return report


def _enlist(wanted: Backfill, store: Store, clock: Clock) -> None:
    """Give every page of the window a ledger row: so a day not reached yet differs from an empty day."""
    source = wanted.source
    today = clock.now().astimezone(ZoneInfo(source.zone)).date()
    known = {
        one.day for one in store.ledger.known_days(source.name, wanted.window.since, wanted.window.until)
    }
    days = [day for day in wanted.window.days() if day < today and day not in known]
    for start in range(0, len(days), DAYS_ENLISTED_AT_ONCE):
        with store.transaction() as transaction:
            transaction.ledger.enlist(
                PageState(source=source.name, day=day, section=section, state="pending")
                for day in days[start : start + DAYS_ENLISTED_AT_ONCE]
                for section in source.sections
            )


class _Backfilling:
    def __init__(
        self,
        wanted: Backfill,
        opened: OpenLine,
        *,
        run_id: int,
        store: Store,
        clock: Clock,
        stop: Stop,
        on_outcome: OnOutcome,
        waits: Waits,
    ) -> None:
        self._wanted = wanted
        self._opened = opened
        self._run_id = run_id
        self._began = clock.monotonic()
        self._filling = Filling()
        self._store = store
        self._clock = clock
        self._stop = stop
        self._on_outcome = on_outcome
        self._waits = waits
        self._refusals = 0

    async def through(self, progress: Progress) -> None:
        """Plan and visit until nothing is left that may be asked for now."""
        tried: set[date] = set()
        while days := [day for day in self._planned().days if day not in tried]:
            for number, day in enumerate(days):
                if self._stop.asked or self._refusals > len(PATIENCE):
                    return
                progress(self._wanted.source, number, len(days))
                tried.add(day)
                await self._day(day)
            progress(self._wanted.source, len(days), len(days))

    def report(self) -> BackfillReport:
        """The outcomes added up, and the state of the window now."""
        plan, filling, opened = self._planned(), self._filling, self._opened
        return BackfillReport(
            source=self._wanted.source.name,
            run_id=self._run_id,
            since=self._wanted.window.since,
            until=self._wanted.window.until,
            stopped=self._stop.asked,
            days=Days(
                done=plan.done,
                waiting=plan.waiting,
                resting=plan.resting,
                taken=plan.taken,
                again_at=plan.again_at,
            ),
            pages=filling.pages,
            failures=tuple(filling.failures),
            no_answers=filling.no_answers,
            articles=filling.articles,
            comments=filling.comments,
            requests=opened.fetcher.requests,
            bytes_received=opened.fetcher.bytes_received,
            adopted=opened.recovery.adopted,
            bytes_cut=opened.recovery.cut,
            seconds=self._clock.monotonic() - self._began,
        )

    def _planned(self, window: Window | None = None) -> BackfillPlan:
        wanted = replace(self._wanted, window=window or self._wanted.window)
        return planned(wanted, self._store, self._clock, self._opened.owner)

    async def _day(self, day: date) -> None:
        # Another process may have done it since the days were planned.
        if not self._planned(Window.of(day, day)).days:
            return
        now = self._clock.now()
        # What was all done before the day was over is asked for again: hence full.
        lease = self._store.leases.lease(
            self._wanted.source.name,
            day,
            owner=self._opened.owner,
            now=now,
            until=now + LEASE,
            full=self._is_done(day),
        )
        if lease is None:
            return
        last = None
        try:
            with renewed(lease, self._store, self._clock):
                last = await self._visit(day, lease)
        except LeaseLost as error:
            log.warning("%s", error)
        finally:
            self._store.leases.release(lease)
        await self._be_patient(last)

    def _is_done(self, day: date) -> bool:
        pages = self._store.ledger.coverage(self._wanted.source.name, day, day)
        return all(page.state == "done" for page in pages)

    async def _visit(self, day: date, lease: Lease) -> Outcome | None:
        """Visit the pages of a day; return the outcome of the last one."""
        last = None
        visit = self._opened.line.visit(day, full=self._wanted.full, hold=lambda held: held.hold(lease))
        async with aclosing(visit) as outcomes:
            async for outcome in outcomes:
                self._filling.add(outcome)
                self._on_outcome(outcome)
                last = outcome
                if self._stop.asked:
                    break
        return last

    async def _be_patient(self, last: Outcome | None) -> None:
        """A host that refuses is left alone, each time for longer: it may be back in an hour."""
        if last is None or not last.refused:
            self._refusals = 0
            return
        self._refusals += len(PATIENCE) + 1 if last.forbidden else 1
        if self._refusals <= len(PATIENCE) and not self._stop.asked:
            with self._waits.wait(f"{self._wanted.source.name}, which refuses ({last.reason}),") as waiting:
                await waiting.sleep(PATIENCE[self._refusals - 1])


@contextmanager
def renewed(lease: Lease, store: Store, clock: Clock) -> Iterator[threading.Thread]:
    """The lease lives as long as the context, and the process, do."""
    over = threading.Event()

    def renew() -> None:
        # The machine's own seconds: it is its sleep that ends a lease.
        seconds = HEARTBEAT
        while not over.wait(seconds):
            try:
                if not store.leases.renew(lease, until=clock.now() + LEASE):
                    return
            except StoreUnusable as error:
                # A database that is locked for a minute: the lease lasts for longer than that.
                log.warning("the lease of %s, %s, is renewed later: %s", lease.source, lease.day, error)
                seconds = min(HEARTBEAT, HEARTBEAT_AGAIN)
            else:
                seconds = HEARTBEAT

    heart = threading.Thread(target=renew, name="lease", daemon=True)
    heart.start()
    try:
        yield heart
    finally:
        over.set()
        heart.join()
