"""A day on lease for as long as it is worked on, and the heartbeat that renews it."""

import logging
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from ingest.clock import Clock
from ingest.errors import StoreUnusable
from ingest.pipeline.workspace import Run
from ingest.store import Lease, Store

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
HEARTBEAT = 120.0
"""A lease is renewed that often, in seconds of the machine's own time, while its day is worked on."""
HEARTBEAT_AGAIN = 5.0
"""The same, after the database did not let it be renewed."""


@contextmanager
def leased(
    run: Run, day: date, owner: str, *, full: bool = False, sections: Collection[int] | None = None
) -> Iterator[Lease | None]:
    """The day on lease, see ``leases.lease``; None if it is another process's or there is nothing to do."""
    store, clock = run.workspace.store, run.workspace.clock
    now = clock.now()
    lease = store.leases.lease(
        run.source.name, day, owner=owner, now=now, until=now + LEASE, full=full, sections=sections
    )
    if lease is None:
        yield None
        return
    try:
        with renewed(lease, store, clock):
            yield lease
    finally:
        store.leases.release(lease)


@contextmanager
def renewed(lease: Lease, store: Store, clock: Clock) -> Iterator[threading.Thread]:
    """The lease lives as long as the context, and the process, do."""
    over = threading.Event()

    def renew() -> None:
        # The machine's own seconds: it is its sleep that ends a lease.
        seconds = HEARTBEAT
        while not over.wait(seconds):
            try:
                if not store.leases.renew(lease, until=clock.now() + LEASE):
                    return
            except StoreUnusable as error:
                # A database that is locked for a minute: the lease lasts for longer than that.
                log.warning("the lease of %s, %s, is renewed later: %s", lease.source, lease.day, error)
                seconds = min(HEARTBEAT, HEARTBEAT_AGAIN)
            else:
                seconds = HEARTBEAT

    heart = threading.Thread(target=renew, name="lease", daemon=True)
    heart.start()
    try:
        yield heart
    finally:
        over.set()
        heart.join()
