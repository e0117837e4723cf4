"""A worker: takes jobs from the queue, and looks after what dead workers left.

job -> a thread: Slice or Parsing -> order entered
every few seconds: jobs of dead workers -> waiting again, three times at most
                   open orders without a job -> queued again
"""

import asyncio
import logging
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status

from ingest.clock import note
from ingest.errors import StoreUnusable
from ingest.runner.fleet.connections import look_there_async
from ingest.runner.fleet.parsing import Parsing, settle
from ingest.runner.fleet.queue import FETCH, PARSE, Fleet, key_of
from ingest.runner.fleet.slices import Slice

log = logging.getLogger(__name__)

ATTEMPTS = 3
"""So often may a job's worker die; what is left of its order gets a job of its own."""
POLL_EVERY = IDLE_LOOK = 0.5
"""Seconds. The queue tells of a new job, but not that the one before it at the same host has ended."""
RESTART_AFTER = 2.0
"""Seconds until a worker begins again whose database went away."""
KEPT_HOURS = 48


class FleetWorker:
    """One process of the fleet."""

    def __init__(self, fleet: Fleet, address: str, *, queues: Sequence[str], concurrency: int) -> None:
        self._fleet = fleet
        self._queues = list(queues)
        self._concurrency = concurrency
        self.app = App(
            connector=PsycopgConnector(conninfo=address, min_size=1, max_size=4, configure=look_there_async)
        )
        self._threads = ThreadPoolExecutor(max_workers=concurrency, thread_name_prefix="job")
        self._at_work: set[Slice | Parsing] = set()
        self._stopping = asyncio.Event()
        self.app.task(name=FETCH)(self._fetch)
        self.app.task(name=PARSE)(self._parse)

    async def run(self, *, until_idle: bool) -> None:
        """Work until a signal; with ``until_idle`` until nothing is waiting or worked on in its queues."""
        with self._signals(), self._threads:
            while not self._stopping.is_set():
                try:
                    async with self.app.open_async():
                        is_idle = await self._session(until_idle=until_idle)
                except (ConnectorException, StoreUnusable) as error:
                    is_idle = False
                    if not isinstance(error.__cause__, psycopg.OperationalError | psycopg.InterfaceError):
                        raise StoreUnusable(f"the queue cannot be used: {_cause(error)}") from error
                    log.warning("the worker begins again: %s", _cause(error))
                if is_idle or self._stopping.is_set():
                    return
                await self._fleet.clock.sleep(RESTART_AFTER)

    async def _session(self, *, until_idle: bool) -> bool:
        """Work while the database answers; whether it ended because nothing is left to do."""
        settings = self._fleet.settings.fleet
        working = asyncio.create_task(
            self.app.run_worker_async(
                queues=self._queues,
                concurrency=self._concurrency,
                install_signal_handlers=False,
                update_heartbeat_interval=settings.heartbeat,
                stalled_worker_timeout=settings.stalled_after,
                fetch_job_polling_interval=POLL_EVERY,
            )
        )
        looking = asyncio.create_task(self._look_after(until_idle=until_idle))
        try:
            await asyncio.wait((working, looking), return_when=asyncio.FIRST_COMPLETED)
        finally:
            looking.cancel()
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working
        with suppress(asyncio.CancelledError):
            await looking
            return until_idle
        return False

    async def _look_after(self, *, until_idle: bool) -> None:
        clock, every = self._fleet.clock, self._fleet.settings.fleet.stalled_after / 2
        sweep_at = clock.monotonic()
        await self.app.job_manager.delete_old_jobs(
            KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
        )
        while not self._stopping.is_set():
            if clock.monotonic() >= sweep_at:
                await self.sweep()
                sweep_at = clock.monotonic() + every
            if until_idle and not await asyncio.to_thread(self._fleet.queue.keys, self._queues):
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), min(every, IDLE_LOOK) if until_idle else every)

    async def sweep(self) -> None:
        """Have what dead workers left done by others."""
        stalled = await self.app.job_manager.get_stalled_jobs(
            seconds_since_heartbeat=self._fleet.settings.fleet.stalled_after
        )
        for job in stalled:
            await self._take_back(job)
        await asyncio.to_thread(self._queue_again)

    async def _take_back(self, job: Job) -> None:
        manager = self.app.job_manager
        if job.id is None:
            return
        log.warning("the worker of job %d, %s, is dead", job.id, job.queueing_lock)
        with suppress(ConnectorException):  # another worker was faster
            if job.attempts + 1 < ATTEMPTS:
                try:
                    await manager.retry_job_by_id_async(job.id, retry_at=self._fleet.clock.now())
                except UniqueViolation:
                    log.info("job %d: the next one of %s is waiting already", job.id, job.queueing_lock)
                else:
                    return
            await manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=False)

    def _queue_again(self) -> None:
        """Give a job to every open order that has none: its command or its worker died in between."""
        fleet = self._fleet
        keys = fleet.queue.keys()
        for order in fleet.store.orders.open():
            if order.queue == PARSE and order.parent_id is None:
                settle(fleet, order.order_id)
            elif key_of(order) not in keys:
                fleet.queue.put(order)

    async def _fetch(self, host: str) -> None:
        await self._done(Slice(self._fleet, host))

    async def _parse(self, order: int) -> None:
        await self._done(await asyncio.to_thread(Parsing, self._fleet, order))

    async def _done(self, work: Slice | Parsing) -> None:
        self._at_work.add(work)
        try:
            if self._stopping.is_set():
                work.stop()
            await asyncio.get_running_loop().run_in_executor(self._threads, work.work)
        finally:
            self._at_work.discard(work)

    def _stop(self) -> None:
        note()
        self._stopping.set()
        for work in tuple(self._at_work):
            work.stop()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)


def _cause(error: BaseException) -> BaseException:
    return error if error.__cause__ is None else error.__cause__
