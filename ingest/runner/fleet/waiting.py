"""Whoever asked for something may stay until it is done; for that the database is enough."""

from collections.abc import Callable, Sequence

from ingest.clock import Clock
from ingest.records.orders import Order
from ingest.store import Store

LOOK_EVERY = 0.5
"""Seconds until whoever waits looks again."""


async def wait_for(
    orders: Sequence[Order], store: Store, clock: Clock, *, is_asked: Callable[[], bool]
) -> list[Order]:
    """The orders once they are ended, or as they are when ``is_asked`` says that nobody waits any longer."""
    found = list(orders)
    while not is_asked():
        found = [store.orders.get(one.order_id) for one in found]
        if all(one.state == "ended" for one in found):
            break
        await clock.sleep(LOOK_EVERY)
    return found
