"""The queue: at which hosts there is work, and which files are to be parsed. It holds no work itself."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from ingest.clock import Clock
from ingest.errors import StoreUnusable
from ingest.records.orders import NewOrder, Order
from ingest.runner.fleet import schema
from ingest.runner.fleet.connections import look_there
from ingest.settings import Settings
from ingest.store import Store

FETCH, PARSE = "fetch", "parse"
QUEUES = (FETCH, PARSE)
# Waiting and doing together, in one statement: a job that is taken meanwhile is in neither otherwise.
AT_WORK = """
SELECT queueing_lock AS key, queue_name AS queue FROM procrastinate_jobs
 WHERE status IN ('todo', 'doing') AND queueing_lock IS NOT NULL
"""


class Queue:
    """The queue of a database, from any thread; ``opened`` makes it. Every method may raise StoreUnusable."""

    def __init__(self, connector: SyncPsycopgConnector) -> None:
        self.connector = connector
        self._app = App(connector=connector)

    @classmethod
    @contextmanager
    def opened(cls, address: str, *, make: bool = True) -> Iterator[Self]:
        """The queue, with the library's tables at the installed release; without ``make`` as they are."""
        connector = SyncPsycopgConnector(conninfo=address, min_size=1, max_size=2, configure=look_there)
        connector.open()
        try:
            with errors_named():
                if make:
                    schema.prepare(connector)
            yield cls(connector)
        finally:
            connector.close()

    def put(self, order: Order, *, after: float = 0.0) -> bool:
        """Have an order worked on, in so many seconds at the soonest; False if it is queued already."""
        task = {"lock": order.lock, "queueing_lock": key_of(order), "queue": order.queue}
        arguments = {"host": order.lock} if order.queue == FETCH else {"order": order.order_id}
        later = {"schedule_in": {"seconds": after}} if after else {}
        try:
            with errors_named():
                self._app.configure_task(order.queue, **task, **later).defer(**arguments)  # type: ignore[arg-type]
        # The job that is there finds this order as well.
        except AlreadyEnqueued:
            return False
        return True

    def keys(self, queues: Collection[str] = QUEUES) -> frozenset[str]:
        """The keys of what is waiting or being worked on, as of one moment."""
        with errors_named():
            rows = self.connector.execute_query_all(AT_WORK)
        return frozenset(row["key"] for row in rows if row["queue"] in queues)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """What commands and workers share: the database with its orders, and the queue in it."""

    settings: Settings
    store: Store
    queue: Queue
    clock: Clock


def key_of(order: NewOrder) -> str:
    """By what the queue knows an order: those at one host share a job."""
    return order.lock if order.queue == FETCH else f"order {getattr(order, 'order_id', '')}"


@contextmanager
def errors_named() -> Iterator[None]:
    """Turns what the library says of the database into StoreUnusable."""
    try:
        yield
    except ConnectorException as error:
        cause = error.__cause__ or error
        raise StoreUnusable(f"the queue cannot be used: {cause}") from error
