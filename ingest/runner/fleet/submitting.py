"""Commands put their work into the queue."""

from ingest.errors import Busy
from ingest.jobs.reparse import Reparse
from ingest.records.orders import NewOrder, Order
from ingest.runner.fleet.groups import groups_of
from ingest.runner.fleet.queue import Fleet
from ingest.runner.fleet.wishes import of_reparse


def submit(fleet: Fleet, wanted: NewOrder) -> Order:
    """Put a harvest or a backfill into the queue; what is there already is not put there twice."""
    order = fleet.store.orders.add(wanted, now=fleet.clock.now())
    fleet.queue.put(order)
    return order


def submit_reparse(fleet: Fleet, wanted: Reparse) -> Order:
    """Put a re-parse into the queue, its files as parts; without files it is ended at once.

    Raises:
        Busy: another re-parse of the source is in the queue.
    """
    store, source = fleet.store, wanted.source
    whole = of_reparse(wanted, (), f"reparse {source.name}")
    others = [one for one in store.orders.open(lock=whole.lock) if one.options != whole.options]
    if others:
        raise Busy(f"another re-parse of {source.name} is in the queue: order {others[0].order_id}")
    groups = groups_of(store.captures.days_in_files(source.name), by_day=source.lists is None)
    parts = [
        of_reparse(wanted, files, f"reparse {source.name} {group.name}")
        for group in groups
        for files in group.jobs
    ]
    order = store.orders.add(whole, parts, now=fleet.clock.now())
    for part in store.orders.parts(order.order_id):
        if part.state == "open":
            fleet.queue.put(part)
    if not parts:
        store.orders.end(order.order_id, exit_code=0, now=fleet.clock.now())
    return store.orders.get(order.order_id)
