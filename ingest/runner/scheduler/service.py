"""``thresher watch``: the alarm clock, a scheduler for each source, and the signals that steer them.

alarm --wake--> scheduler (a thread a source) --claim--> job
SIGTERM, SIGINT: the page in hand is finished; SIGHUP: the files are read again
"""

import asyncio
import json
import logging
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from http import HTTPStatus

from ingest.clock import Clock
from ingest.errors import ConfigurationError
from ingest.jobs.run import allow_many_files
from ingest.pipeline.parse.worker import Worker
from ingest.pipeline.workspace import PARSERS
from ingest.runner.fleet.door import fleet_state
from ingest.runner.monitoring.http import Mounted, Reply, served
from ingest.runner.monitoring.metrics import TYPE, Meters
from ingest.runner.monitoring.overdue import ScheduleHealth, schedule_health, status_of
from ingest.runner.scheduler.alarm import Alarm
from ingest.runner.scheduler.source_scheduler import ActiveSchedules, SourceScheduler
from ingest.store import Store
from parsers.registry import source_named
from schedules.schedule import Schedule

log = logging.getLogger(__name__)

LEAVE_AFTER = 4.5
"""Seconds after which a run that has not ended is left as it is."""

Load = Callable[[], ActiveSchedules]
"""Reads the files. Raises ConfigurationError."""


class Watch:
    """The scheduler of one process."""

    def __init__(self, active: ActiveSchedules, *, load: Load, store: Store, clock: Clock) -> None:
        self._active = active
        self._load = load
        self._store = store
        self._clock = clock
        self._in_force: dict[Schedule, datetime] = {}
        self._meters = Meters()
        self._meters.tell_ages(self._ages)
        self._meters.tell_fleet(partial(fleet_state, active.settings, store, clock))
        self._alarm = Alarm(self._wake)
        self._schedulers: dict[str, SourceScheduler] = {}
        self._parsers = Worker(number=PARSERS)
        self._stopped = asyncio.Event()

    async def run(
        self, port: int | None, ready: Callable[[int | None], None], *, console: Mounted | None = None
    ) -> bool:
        """Watch until a signal ends it; return whether every run ended in time.

        ``ready`` is called with the port once the pages are served, the console among them if there is one.
        Raises CouldNotRun if the port is taken.
        """
        allow_many_files()
        loop = asyncio.get_running_loop()
        with ExitStack() as opened:
            pages = {"/healthz": self._health, "/metrics": self._metrics}
            ready(opened.enter_context(served(port, pages, mounted=console)) if port is not None else None)
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self._stop)
            loop.add_signal_handler(signal.SIGHUP, self._reload)
            self._alarm.start()
            self._put(self._active)
            await self._stopped.wait()
            self._alarm.stop()
            ended = await self._leave()
        # Else a run still waits for an answer of one of them: they end with the process.
        if ended:
            self._parsers.close()
        return ended

    def _put(self, active: ActiveSchedules) -> None:
        now = self._clock.now()
        # One that stays keeps since when it is in force: to read the files again is no success.
        self._in_force = {each: self._in_force.get(each, now) for each in active.schedules}
        self._alarm.set(active.schedules)
        for name, scheduler in self._schedulers.items():
            scheduler.active = active.of(name)
        for name in dict.fromkeys(schedule.source for schedule in active.schedules):
            if name not in self._schedulers:
                self._schedulers[name] = self._scheduler(name, active)
                self._schedulers[name].begin()

    def _scheduler(self, name: str, active: ActiveSchedules) -> SourceScheduler:
        return SourceScheduler(
            source_named(name),
            active.of(name),
            store=self._store,
            clock=self._clock,
            meters=self._meters,
            parser=self._parsers,
        )

    def _wake(self, schedule: Schedule) -> None:
        self._schedulers[schedule.source].wake(schedule)

    def _stop(self) -> None:
        log.info("stopping")
        for scheduler in self._schedulers.values():
            scheduler.stop()
        self._stopped.set()

    def _reload(self) -> None:
        try:
            self._put(self._load())
        except ConfigurationError as error:
            log.error("what was in force stays so: %s", error)  # noqa: TRY400 - its words are enough
        else:
            log.warning("read again: %s schedules in force", len(self._in_force))

    async def _leave(self) -> bool:
        left: Sequence[SourceScheduler] = list(self._schedulers.values())
        until = self._clock.monotonic() + LEAVE_AFTER
        while left and (seconds := until - self._clock.monotonic()) > 0:
            # In steps, so that a second signal is heard.
            await asyncio.to_thread(left[0].ended, min(seconds, 0.2))
            left = [scheduler for scheduler in left if not scheduler.ended(0)]
        if left:
            log.warning("left in the middle of a page, which the next start sees to")
        return not left

    def _schedule_health(self) -> tuple[ScheduleHealth, ...]:
        found = {name: scheduler.waits.current for name, scheduler in tuple(self._schedulers.items())}
        waits = {name: wait for name, wait in found.items() if wait is not None}
        return schedule_health(self._in_force, self._store, now=self._clock.now(), waits=waits)

    def _ages(self) -> dict[tuple[str, str], float]:
        now = self._clock.now()
        return {
            (health.schedule.source, health.schedule.id): (now - health.succeeded_at).total_seconds()
            for health in self._schedule_health()
            if health.succeeded_at is not None
        }

    def _health(self) -> Reply:
        healths = self._schedule_health()
        status = status_of(healths)
        health = {"status": status, "schedules": [health.as_json() for health in healths]}
        return Reply(
            body=json.dumps(health).encode() + b"\n",
            content_type="application/json",
            status=HTTPStatus.OK if status == "ok" else HTTPStatus.SERVICE_UNAVAILABLE,
        )

    def _metrics(self) -> Reply:
        return Reply(body=self._meters.text(), content_type=TYPE)
