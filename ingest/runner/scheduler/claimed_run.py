"""One claimed time of a schedule, from claim to end: the job, its heartbeat, and who interrupts it."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

from ingest.clock import Clock
from ingest.errors import Busy
from ingest.fetch.waits import Waits
from ingest.records.json_output import instant
from ingest.runner.local import Ended, Jobs
from ingest.runner.monitoring.metrics import FailureKind, Meters
from ingest.runner.stoppable import Stoppable
from ingest.store import Claim, Store
from ingest.store.coordination.heartbeat import heartbeat
from parsers.errors import ThresherError
from schedules.schedule import Kind, Schedule

log = logging.getLogger(__name__)

BUSY_BACKOFF = (30.0, 60.0, 120.0, 300.0)
"""Seconds to wait before the next try at a source that another process harvests."""

RENEWALS = 3
"""How often a claim's lease is renewed in the time that it lasts."""

GIVEN_WAY: Sequence[Kind] = ("harvest", "verify")
"""For these a backfill, which may take days, is interrupted."""


class ClaimedRun:
    """Runs the claimed times of one source. ``interlude`` runs the jobs that interrupt a backfill."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        meters: Meters,
        waits: Waits,
        interlude: Callable[[], object],
        backoff: Sequence[float] = BUSY_BACKOFF,
    ) -> None:
        self._claims = store.claims
        self._clock = clock
        self._meters = meters
        self._waits = waits
        self._interlude = interlude
        self._backoff = backoff
        self._visit = Stoppable()
        self._fill = Stoppable()
        self._filling = False
        self._interrupted = threading.Event()
        self._stopping = threading.Event()

    @property
    def stopping(self) -> bool:
        """Whether no new run may begin."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """Begin nothing new and finish the page in hand; the second call breaks it off."""
        self._stopping.set()
        self._visit.ask()
        self._fill.ask()

    def give_way(self, schedule: Schedule) -> None:
        """Interrupt a running backfill for this schedule, which is due."""
        if self._filling and schedule.kind in GIVEN_WAY and not self._interrupted.is_set():
            self._interrupted.set()
            self._fill.ask()

    def do(self, schedule: Schedule, claim: Claim, jobs: Jobs) -> None:
        """Run the claimed time and enter how it ended; if it was stopped, another process may claim it."""
        again = f", attempt {claim.attempt}" if claim.attempt > 1 else ""
        log.info("%s: %s begins%s", schedule.key, instant(claim.scheduled_for), again)
        with (
            self._meters.running(schedule.source, schedule.kind),
            heartbeat(
                f"the claim of {claim.schedule}",
                schedule.lease / RENEWALS,
                lambda: self._renew(claim, schedule),
            ),
        ):
            ended = self._done(schedule, jobs)
        if ended is None:
            self._claims.hand_back(claim, now=self._clock.now())
            log.info(
                "%s: %s was stopped; the next claim of it continues",
                schedule.key,
                instant(claim.scheduled_for),
            )
            return
        self.enter(claim, ended)
        jobs.count_short_days()

    def enter(self, claim: Claim, ended: Ended) -> None:
        """Enter how it ended."""
        self._meters.times(claim.source, ended.state)
        log.info("%s: %s %s", claim.schedule, instant(claim.scheduled_for), ended.state)
        ours = self._claims.end(
            claim, ended.state, ended_at=self._clock.now(), run_id=ended.run_id, error=ended.error
        )
        if not ours:
            log.warning(
                "%s: %s was taken over by another process", claim.schedule, instant(claim.scheduled_for)
            )

    def _renew(self, claim: Claim, schedule: Schedule) -> bool:
        now = self._clock.now()
        return self._claims.renew(claim, now=now, lease_until=now + timedelta(seconds=schedule.lease))

    def _done(self, schedule: Schedule, jobs: Jobs) -> Ended | None:
        try:
            return self._of_kind(schedule, jobs)
        # Broken off by a second signal: it has not failed, and may be claimed again.
        except asyncio.CancelledError:
            return None
        except Busy as error:
            return self._failed(schedule, "busy", error)
        except ThresherError as error:
            return self._failed(schedule, "run", error)
        except Exception as error:
            log.exception("a bug in thresher failed %s", schedule.key)
            return self._failed(schedule, "bug", error)

    def _failed(self, schedule: Schedule, kind: FailureKind, error: Exception) -> Ended:
        if kind != "bug":
            log.error("%s: %s", schedule.key, error)
        self._meters.failure(schedule.source, kind)
        return Ended(state="failed", error=str(error) or type(error).__name__)

    def _of_kind(self, schedule: Schedule, jobs: Jobs) -> Ended | None:
        if schedule.kind == "verify":
            return jobs.verify(schedule)
        if schedule.kind == "backfill":
            return self._backfilled(schedule, jobs)
        return self._harvested(schedule, jobs)

    def _harvested(self, schedule: Schedule, jobs: Jobs) -> Ended | None:
        # None stands for the last try, whose error is the run's.
        for seconds in (*self._backoff, None):
            try:
                return self._visit.run(
                    lambda stop: jobs.harvest(schedule, stop), is_asked=self._stopping.is_set
                )
            except Busy as error:
                if seconds is None:
                    raise
                reason = str(error)
                log.info("%s: %s; it is tried again in %g s", schedule.key, error, seconds)
            if self._is_stopped_within(seconds, reason):
                break
        return None

    def _is_stopped_within(self, seconds: float, reason: str) -> bool:
        with self._waits.wait(f"the source's lock ({reason})") as waiting:
            waiting.tell(self._clock.now() + timedelta(seconds=seconds))
            return self._stopping.wait(seconds)

    def _backfilled(self, schedule: Schedule, jobs: Jobs) -> Ended | None:
        self._filling = True
        ended = None
        try:
            while ended is None and not self.stopping:
                self._interrupted.clear()
                # What is due comes first: a backfill of years would keep a harvest waiting for days.
                self._interlude()
                ended = self._fill.run(
                    lambda stop: jobs.backfill(schedule, stop),
                    is_asked=lambda: self.stopping or self._interrupted.is_set(),
                )
        finally:
            self._filling = False
        return ended
