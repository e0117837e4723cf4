"""A worker: takes jobs from the queue, each in a thread of its own, and sweeps now and then.

job -> a thread: Slice or Parsing -> order entered
the database is away -> pages in hand are finished, or broken off by themselves -> begin again
"""

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.worker import Worker

from ingest.clock import note
from ingest.errors import StoreUnusable
from ingest.runner.fleet.connections import look_there_async
from ingest.runner.fleet.parsing import Parsing
from ingest.runner.fleet.queue import FETCH, PARSE, Fleet
from ingest.runner.fleet.slices import Slice
from ingest.runner.fleet.sweeping import sweep

log = logging.getLogger(__name__)

POLL_EVERY = IDLE_LOOK = 0.5
"""Seconds. The queue tells of a new job, but not that the one before it at the same host has ended."""
RESTART_AFTER = 2.0
"""Seconds until a worker begins again whose database went away."""
KEPT_HOURS = 48
FAILURES = (ConnectorException, StoreUnusable, psycopg.Error)


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
                is_idle = False
                try:
                    async with self.app.open_async():
                        is_idle = await self._session(until_idle=until_idle)
                except FAILURES as error:
                    _require_lost(error)
                if is_idle:
                    return
                if not self._stopping.is_set():
                    log.warning("the database was away: the worker begins again")
                    await self._fleet.clock.sleep(RESTART_AFTER)

    async def _session(self, *, until_idle: bool) -> bool:
        """Work while the database answers; whether it ended because nothing is left to do."""
        settings = self._fleet.settings.fleet
        worker = _Worker(
            self.app,
            self._finish,
            queues=self._queues,
            concurrency=self._concurrency,
            install_signal_handlers=False,
            update_heartbeat_interval=settings.heartbeat,
            stalled_worker_timeout=settings.stalled_after,
            fetch_job_polling_interval=POLL_EVERY,
        )
        working: asyncio.Task[None] = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
        looking = asyncio.create_task(self._look_after(until_idle=until_idle))
        await asyncio.wait((working, looking), return_when=asyncio.FIRST_COMPLETED)
        is_idle = until_idle and not working.done()
        looking.cancel()
        working.cancel()
        for result in await asyncio.gather(working, looking, return_exceptions=True):
            if isinstance(result, Exception):
                raise result
        return is_idle

    async def _look_after(self, *, until_idle: bool) -> None:
        clock, every = self._fleet.clock, self._fleet.settings.fleet.stalled_after / 2
        sweep_at = clock.monotonic()
        while not self._stopping.is_set():
            try:
                if clock.monotonic() >= sweep_at:
                    await self._sweep()
                    sweep_at = clock.monotonic() + every
                if until_idle and not await asyncio.to_thread(self._fleet.queue.keys, self._queues):
                    return
            except FAILURES as error:
                _require_lost(error)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), IDLE_LOOK if until_idle else min(every, 5.0))

    async def _sweep(self) -> None:
        await sweep(self.app, self._fleet)
        await self.app.job_manager.delete_old_jobs(
            KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
        )

    async def _fetch(self, host: str) -> None:
        await self._done(Slice(self._fleet, host))

    async def _parse(self, order: int) -> None:
        await self._done(Parsing(self._fleet, order))

    async def _done(self, work: Slice | Parsing) -> None:
        self._at_work.add(work)
        try:
            if self._stopping.is_set():
                work.stop()
            await asyncio.get_running_loop().run_in_executor(self._threads, work.work)
        except StoreUnusable as error:
            # Its order is open: whoever sweeps next queues it again.
            log.warning("a job is left: %s", error)
        finally:
            self._at_work.discard(work)

    def _stop(self) -> None:
        note()
        self._stopping.set()
        self._finish()

    def _finish(self) -> None:
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


class _Worker(Worker):
    """The library's, which stops itself when it cannot give a sign of life: then its jobs are to end, too."""

    def __init__(self, app: App, on_stop: Callable[[], None], **options: Any) -> None:
        super().__init__(app, **options)
        self._on_stop = on_stop

    def stop(self) -> None:
        """Take no new job, and have those in hand end."""
        self._on_stop()
        super().stop()  # type: ignore[no-untyped-call]


def _require_lost(error: BaseException) -> None:
    """Raises StoreUnusable unless a connection was lost: to begin again helps against nothing else."""
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, psycopg.OperationalError | psycopg.InterfaceError):
            log.info("%s", chain)
            return
        chain = chain.__cause__ or chain.__context__
    raise StoreUnusable(f"the queue cannot be used: {error}") from error
