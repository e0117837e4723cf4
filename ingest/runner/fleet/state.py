"""The fleet at this moment: what its queue and the orders say."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from ingest.clock import Clock
from ingest.records.fleet import FleetState, QueueCounts, WorkerSeen, stuck
from ingest.runner.fleet import schema
from ingest.runner.fleet.queue import QUEUES, Queue, errors_named
from ingest.store import Store

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Workers with the hosts that they are at, '{}' where they are idle.
WORKERS = """
SELECT worker.id, extract(epoch FROM now() - worker.last_heartbeat)::float AS silent,
       coalesce(array_agg(job.lock ORDER BY job.id) FILTER (WHERE job.id IS NOT NULL), '{}') AS doing
  FROM procrastinate_workers worker
  LEFT JOIN procrastinate_jobs job ON job.worker_id = worker.id AND job.status = 'doing'
 GROUP BY worker.id ORDER BY worker.id
"""
COUNTS = """
SELECT queue_name AS name,
       count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at <= now(), true)) AS waiting,
       count(*) FILTER (WHERE status = 'todo' AND scheduled_at > now()) AS later,
       count(*) FILTER (WHERE status = 'doing') AS doing,
       count(*) FILTER (WHERE status = 'failed') AS failed
  FROM procrastinate_jobs GROUP BY queue_name
"""
DONE = """
SELECT job.queue_name AS name, count(*) AS done
  FROM procrastinate_events event JOIN procrastinate_jobs job ON job.id = event.job_id
 WHERE event.type = 'succeeded' AND event.at > now() - interval '1 hour' GROUP BY job.queue_name
"""


def state_of(queue: Queue, store: Store, clock: Clock, *, stalled_after: float) -> FleetState | None:
    """What is known of the fleet; None where nothing was ever put into the queue."""
    with errors_named():
        if not schema.is_there(queue.connector):
            return None
        ask = queue.connector.execute_query_all
        workers = tuple(
            WorkerSeen(worker_id=row["id"], silent=row["silent"], doing=tuple(row["doing"]))
            for row in ask(WORKERS)
        )
        queues = _queues(ask(COUNTS), ask(DONE))
    now = clock.now()
    orders = store.orders.open()
    failed = store.orders.failed_since(now - DAY)
    return FleetState(
        workers=workers,
        stalled_after=stalled_after,
        queues=queues,
        open_orders=sum(order.parent_id is None for order in orders),
        pages_per_hour=store.runs.captured_since(now - HOUR),
        stuck=tuple(stuck(workers, queues, orders, failed, stalled_after=stalled_after)),
    )


def _queues(counts: Iterable[dict[str, Any]], done: Iterable[dict[str, Any]]) -> tuple[QueueCounts, ...]:
    counted, per_hour = {row["name"]: row for row in counts}, {row["name"]: row["done"] for row in done}
    return tuple(
        QueueCounts(**counted.get(name, {"name": name}), per_hour=per_hour.get(name, 0)) for name in QUEUES
    )
