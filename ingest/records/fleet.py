"""What is known of a fleet of workers at one moment. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingest.records.orders import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSeen:
    """A worker, how many seconds it has been silent, and the locks (hosts, files) of what it is doing."""

    worker_id: int
    silent: float
    doing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCounts:
    """The jobs of a queue; ``later`` wait for their time, ``per_hour`` were done in the last hour."""

    name: str
    waiting: int = 0
    later: int = 0
    doing: int = 0
    failed: int = 0
    per_hour: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetState:
    """Workers, queues, open orders, pages kept in the last hour, and what is stuck, in sentences."""

    workers: tuple[WorkerSeen, ...]
    stalled_after: float
    queues: tuple[QueueCounts, ...]
    open_orders: int
    pages_per_hour: int
    stuck: tuple[str, ...]

    @property
    def alive(self) -> int:
        """How many workers have given a sign of life lately."""
        return sum(worker.silent < self.stalled_after for worker in self.workers)

    def as_json(self) -> dict[str, object]:
        """What ``--json`` prints."""
        return {
            "workers": [
                {
                    "id": worker.worker_id,
                    "alive": worker.silent < self.stalled_after,
                    "silent_seconds": round(worker.silent, 1),
                    "doing": list(worker.doing),
                }
                for worker in self.workers
            ],
            "queues": {
                queue.name: {
                    "waiting": queue.waiting,
                    "later": queue.later,
                    "doing": queue.doing,
                    "failed": queue.failed,
                    "done_per_hour": queue.per_hour,
                }
                for queue in self.queues
            },
            "open_orders": self.open_orders,
            "pages_per_hour": self.pages_per_hour,
            "stuck": list(self.stuck),
        }


def stuck(
    workers: Iterable[WorkerSeen],
    queues: Iterable[QueueCounts],
    orders: Iterable[Order],
    failed: Iterable[Order],
    *,
    stalled_after: float,
) -> Iterator[str]:
    """What does not get on, and why: one sentence each."""
    seen = tuple(workers)
    silent = [worker for worker in seen if worker.silent >= stalled_after]
    for worker in silent:
        if worker.doing:
            for_long = f"worker {worker.worker_id} is silent for {worker.silent:.0f} s"
            yield f"{', '.join(worker.doing)}: {for_long}; another will take over"
    if len(silent) == len(seen):
        yield from _unserved(queues)
    for order in orders:
        if order.error is not None:
            yield f"{_named(order)} waits, after {order.tries} tries: {order.error}"
    for order in failed:
        yield f"{_named(order)} ended with exit code {order.exit_code}: {order.error or 'see thresher runs'}"


def _unserved(queues: Iterable[QueueCounts]) -> Iterator[str]:
    for queue in queues:
        if queue.waiting:
            yield f"{queue.waiting} jobs wait in {queue.name}, and no worker is alive: start thresher worker"


def _named(order: Order) -> str:
    return f"order {order.order_id}, {order.command} {order.source},"
