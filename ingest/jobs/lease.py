"""A day on lease for as long as it is worked on."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from ingest.pipeline.workspace import Run
from ingest.store import Lease
from ingest.store.coordination.heartbeat import heartbeat

LEASE = timedelta(minutes=10)
HEARTBEAT = 120.0
"""A lease is renewed that often, in seconds of the machine's own time, while its day is worked on."""


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
        with heartbeat(
            f"the lease of {lease.source}, {day},",
            HEARTBEAT,
            lambda: store.leases.renew(lease, until=clock.now() + LEASE),
        ):
            yield lease
    finally:
        # Whatever happened: another process need not wait until it is over.
        store.leases.release(lease)
