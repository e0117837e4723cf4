"""What dead workers left, and orders whose job was lost, are queued again; any worker may do it.

jobs of workers that are silent -> waiting again, three times at most
open orders without a job       -> queued
"""

import asyncio
import logging
from contextlib import suppress

from procrastinate import App
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status

from ingest.runner.fleet.parsing import settle
from ingest.runner.fleet.queue import PARSE, Fleet, key_of

log = logging.getLogger(__name__)

ATTEMPTS = 3
"""So often may a job's worker die; what is left of its order gets a job of its own."""


async def sweep(app: App, fleet: Fleet) -> None:
    """Have what dead workers left done by others."""
    silence = fleet.settings.fleet.stalled_after
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silence):
        await _take_back(app, fleet, job)
    await asyncio.to_thread(_queue_again, fleet)


async def _take_back(app: App, fleet: Fleet, job: Job) -> None:
    if job.id is None:
        return
    log.warning("the worker of job %d, %s, is dead", job.id, job.queueing_lock)
    with suppress(ConnectorException):  # another worker was faster
        if job.attempts + 1 < ATTEMPTS:
            try:
                await app.job_manager.retry_job_by_id_async(job.id, retry_at=fleet.clock.now())
            except UniqueViolation:
                # The next slice of the host was queued in the meantime: that one does the rest.
                log.info("job %d: another one of %s waits", job.id, job.queueing_lock)
            else:
                return
        await app.job_manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=False)


def _queue_again(fleet: Fleet) -> None:
    """Give a job to every open order that has none: its command or its worker died in between."""
    keys = fleet.queue.keys()
    for order in fleet.store.orders.open():
        if order.queue == PARSE and order.parent_id is None:
            settle(fleet, order.order_id)
        elif key_of(order) not in keys:
            fleet.queue.put(order)
