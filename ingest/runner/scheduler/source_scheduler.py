"""Run one source's schedules, one at a time: check what is due, claim it, run it, enter how it ended.

    woken -> due -> claim -> [heartbeat | job] -> end

The claim decides: a time is run once, however many processes are awake. A lock also keeps a source to one
job at a time. What a killed process left behind is claimed by the next process that checks.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ingest.clock import Clock
from ingest.errors import Busy
from ingest.fetch.waits import Waits
from ingest.pipeline.parse.worker import PageParser
from ingest.records.json_output import instant
from ingest.runner.local import Ended, Jobs
from ingest.runner.monitoring.metrics import Meters
from ingest.runner.scheduler.claimed_run import BUSY_BACKOFF, GIVEN_WAY, ClaimedRun
from ingest.runner.scheduler.due import Due, due
from ingest.settings import Settings
from ingest.store import Claim, ScheduleRun, Store
from parsers.errors import ThresherError
from parsers.source import Source
from schedules.schedule import Kind, Schedule

log = logging.getLogger(__name__)

LOOK_EVERY = 15.0
"""Seconds until it looks again without being woken: a process may have died, a clock been set."""

# What is soon done first, what may take days last.
ORDER: Sequence[Kind] = ("harvest", "verify", "backfill")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveSchedules:
    """The schedules in force, and the settings that they run with."""

    settings: Settings
    schedules: tuple[Schedule, ...]

    def of(self, source: str) -> "ActiveSchedules":
        """Those of one source, in the order in which they are run."""
        mine = [schedule for schedule in self.schedules if schedule.source == source]
        return replace(self, schedules=tuple(sorted(mine, key=lambda schedule: ORDER.index(schedule.kind))))


class SourceScheduler:
    """Runs the schedules of one source, in a thread of its own from ``begin`` on. ``active`` may be changed.

    ``waits`` are those of the job under way: they may be read from any thread.
    """

    def __init__(
        self,
        source: Source,
        active: ActiveSchedules,
        *,
        store: Store,
        clock: Clock,
        meters: Meters,
        parser: PageParser | None = None,
        backoff: Sequence[float] = BUSY_BACKOFF,
    ) -> None:
        self.active = active
        self.waits = Waits(clock)
        self._source = source
        self._store = store
        self._clock = clock
        self._meters = meters
        self._parser = parser
        self._claimed_run = ClaimedRun(
            store=store,
            clock=clock,
            meters=meters,
            waits=self.waits,
            interlude=lambda: self._round(GIVEN_WAY),
            backoff=backoff,
        )
        self._awake = threading.Event()
        # A page that is slow to parse must not keep the process from its end.
        self._thread = threading.Thread(target=self._watch, name=f"watch {source.name}", daemon=True)

    def begin(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def wake(self, schedule: Schedule) -> None:
        """Look for due times now, as this schedule's time has come."""
        self._claimed_run.give_way(schedule)
        self._awake.set()

    def stop(self) -> None:
        """Begin nothing new and finish the page in hand; the second call breaks it off."""
        self._claimed_run.stop()
        self._awake.set()

    def ended(self, seconds: float) -> bool:
        """Whether its thread has ended, or ends within so many seconds."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def work(self) -> None:
        """Run whatever is due, one after another, until nothing is."""
        while not self._claimed_run.stopping and self._is_wanted():
            try:
                # Not the source's own lock: that is the job's, which waits for a harvest by hand.
                with self._store.lock(f"watch/{self._source.name}"):
                    ran = self._round()
            except Busy:
                # Another process has the source; what it leaves is looked for again.
                return
            if not ran:
                return

    def _watch(self) -> None:
        while not self._claimed_run.stopping:
            # Before the work: whoever wakes it meanwhile is not overheard.
            self._awake.clear()
            try:
                self.work()
            except ThresherError as error:
                log.error("%s: %s", self._source.name, error)  # noqa: TRY400 - its words are enough
            except Exception:
                log.exception("a bug in thresher stopped the schedules of %s for now", self._source.name)
            if not self._claimed_run.stopping:
                self._awake.wait(LOOK_EVERY)

    def _is_wanted(self) -> bool:
        now = self._clock.now()
        left = {run.schedule for run in self._store.claims.running(self._source.name)}
        return any(each.key in left or self._due(each, now) for each in self.active.schedules)

    def _round(self, kinds: Sequence[Kind] = ORDER) -> bool:
        """Whether anything was run."""
        ran = [self._run_due(each) for each in self.active.schedules if each.kind in kinds]
        return any(ran)

    def _due(self, schedule: Schedule, now: datetime) -> Due:
        # Later ones were claimed under a clock that was ahead: when their time comes, they are known.
        last = self._store.claims.last_scheduled(schedule.key, until=now)
        return due(schedule, last=last, now=now)

    def _run_due(self, schedule: Schedule) -> bool:
        found = self._due(schedule, self._clock.now())
        self._miss(schedule, found.missed)
        running = self._store.claims.running(schedule.source)
        left = [run for run in running if run.schedule == schedule.key]
        ran = [self._take_over(schedule, run, found) for run in left]
        return any(ran + [self._run(schedule, time) for time in found.run])

    def _miss(self, schedule: Schedule, times: Sequence[datetime]) -> None:
        number = self._store.claims.skip(schedule.key, schedule.source, times) if times else 0
        if number:
            log.warning(
                "%s: %s times passed and are not run, the last %s", schedule.key, number, instant(times[-1])
            )
            self._meters.times(schedule.source, "missed", number)

    def _take_over(self, schedule: Schedule, left: ScheduleRun, found: Due) -> bool:
        """Run what a dead process had begun, unless a later time replaces it."""
        is_old = left.scheduled_for < self._clock.now() - schedule.horizon
        if not is_old and (schedule.catch_up == "all" or not found.run):
            return self._run(schedule, left.scheduled_for)
        with self._claimed(schedule, left.scheduled_for) as claim:
            if claim is not None:
                self._claimed_run.enter(
                    claim, Ended(state="failed", error="its process ended before it was done")
                )
        return False

    def _run(self, schedule: Schedule, time: datetime) -> bool:
        """Whether it was ours to run."""
        if self._claimed_run.stopping:
            return False
        with self._claimed(schedule, time) as claim:
            if claim is not None:
                self._claimed_run.do(schedule, claim, self._jobs())
        return claim is not None

    @contextmanager
    def _claimed(self, schedule: Schedule, time: datetime) -> Iterator[Claim | None]:
        # An owner for each claim: one that lived for years would be lost with its connection.
        with self._store.present() as owner:
            now = self._clock.now()
            yield self._store.claims.claim(
                schedule.key,
                schedule.source,
                time,
                owner=owner,
                now=now,
                lease_until=now + timedelta(seconds=schedule.lease),
            )

    def _jobs(self) -> Jobs:
        return Jobs(
            source=self._source,
            settings=self.active.settings,
            store=self._store,
            clock=self._clock,
            meters=self._meters,
            waits=self.waits,
            parser=self._parser,
        )
