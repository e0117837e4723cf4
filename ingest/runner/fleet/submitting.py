"""Commands put their work into the queue."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace

from ingest.errors import Busy
from ingest.jobs.reparse import Reparse
from ingest.records.orders import NewOrder, Order
from ingest.runner.fleet.groups import groups_of
from ingest.runner.fleet.queue import Fleet
from ingest.runner.fleet.wishes import of_reparse
from ingest.store import Store


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
    order = store.orders.add(whole, list(_parts(store, wanted)), now=fleet.clock.now())
    parts = store.orders.parts(order.order_id)
    for part in parts:
        if part.state == "open":
            fleet.queue.put(part)
    if not parts:
        store.orders.end(order.order_id, exit_code=0, now=fleet.clock.now())
    return store.orders.get(order.order_id)


def _parts(store: Store, wanted: Reparse) -> Iterator[NewOrder]:
    """An order a job of files; of chosen captures, only for the files that have some of them."""
    source, only = wanted.source, wanted.only
    chosen = _by_file(store, only) if only is not None else {}
    # Files are grouped as for a whole re-parse: both take the same locks.
    for group in groups_of(store.captures.days_in_files(source.name), by_day=source.lists is None):
        for files in group.jobs:
            here = frozenset[int]().union(*(chosen.get(file, ()) for file in files))
            if only is None or here:
                part = replace(wanted, only=here) if only is not None else wanted
                yield of_reparse(part, files, f"reparse {source.name} {group.name}")


def _by_file(store: Store, only: Collection[int]) -> dict[str, set[int]]:
    found: defaultdict[str, set[int]] = defaultdict(set)
    for stored in store.captures.with_their_body(only):
        if stored.capture_id in only:
            found[stored.row.warc_file].add(stored.capture_id)
    return found
