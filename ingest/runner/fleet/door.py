"""The fleet for those who cannot know whether its packages are there: they are an extra, imported late."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ingest.clock import Clock
from ingest.errors import ConfigurationError
from ingest.records.fleet import FleetState
from ingest.runner.fleet.connections import require_postgresql
from ingest.settings import Settings
from ingest.store import Store

if TYPE_CHECKING:
    from ingest.runner.fleet.queue import Fleet
    from ingest.runner.fleet.worker import FleetWorker

NEEDS_EXTRA = "workers need a few packages more: pip install 'thresher[fleet]'"


def is_queued(settings: Settings) -> bool:
    """Whether commands put their work into the queue instead of doing it."""
    return settings.runner == "procrastinate"


def is_installed() -> bool:
    """Whether the extra's packages are there."""
    return find_spec("procrastinate") is not None and find_spec("psycopg_pool") is not None


@contextmanager
def open_fleet(settings: Settings, store: Store, clock: Clock) -> Iterator["Fleet"]:
    """The fleet of a database; the queue's own tables are made where they are not there.

    Raises:
        ConfigurationError: the packages are not installed, or the database is no PostgreSQL.
        StoreUnusable: the queue cannot be used, or its tables are of a newer release.
    """
    address = _required(store)
    module = import_module("ingest.runner.fleet.queue")
    with module.Queue.opened(address) as queue:
        yield module.Fleet(settings=settings, store=store, queue=queue, clock=clock)


def worker_of(fleet: "Fleet", *, queues: tuple[str, ...], concurrency: int) -> "FleetWorker":
    """A worker of the fleet."""
    module = import_module("ingest.runner.fleet.worker")
    worker: FleetWorker = module.FleetWorker(
        fleet, require_postgresql(fleet.store), queues=queues, concurrency=concurrency
    )
    return worker


def fleet_state(settings: Settings, store: Store, clock: Clock) -> FleetState | None:
    """What is known of the fleet; None where there can be none, or nothing was ever queued."""
    if not is_installed() or not (store.url or "").startswith("postgresql"):
        return None
    module = import_module("ingest.runner.fleet.queue")
    with module.Queue.opened(require_postgresql(store), make=False) as queue:
        found: FleetState | None = import_module("ingest.runner.fleet.state").state_of(
            queue, store, clock, stalled_after=settings.fleet.stalled_after
        )
    return found


def submitting() -> Any:
    """What puts work into the queue: the module ``submitting``, which needs the packages."""
    return import_module("ingest.runner.fleet.submitting")


def _required(store: Store) -> str:
    address = require_postgresql(store)
    if not is_installed():
        raise ConfigurationError(NEEDS_EXTRA)
    return address
