"""One try of an order, and what comes of it: entered, waiting for the next, or given up.

Workers that die are counted apart: an order that none outlives is given up after ``FleetSettings.tries``.
"""

import logging
from collections.abc import Callable

from ingest.errors import ConfigurationError
from ingest.records.orders import Order
from ingest.runner.fleet.queue import Fleet
from parsers.errors import SourceUnknown, ThresherError

log = logging.getLogger(__name__)

ERRORS = 3
"""So often may an order fail before it gets on."""
AGAIN_AFTER = 10.0
"""Seconds until an order is tried again that could not be worked on."""
COULD_NOT_RUN, USAGE = 3, 2

Wait = Callable[[Order, Exception], None]
"""Puts the order off to another try."""
End = Callable[[Order, int, str | None], None]
"""Ends the order with an exit code, and the reason if it could not be done."""


def attempt(fleet: Fleet, order: Order, work: Callable[[Order], None], *, wait: Wait, end: End) -> None:
    """Begin the order and do the work; whatever it raises puts the order off, or ends it."""
    # Counted before the work: a try that kills its worker counts as well.
    begun = fleet.store.orders.begin(order.order_id, now=fleet.clock.now())
    if begun.tries > fleet.settings.fleet.tries:
        why = order.error or "its worker died"
        end(order, COULD_NOT_RUN, f"given up after {order.tries} tries: {why}")
        return
    try:
        work(begun)
    except (ConfigurationError, SourceUnknown) as error:
        end(begun, USAGE, str(error))
    except ThresherError as error:
        _put_off(begun, error, wait, end)
    except Exception as error:
        log.exception("a bug in thresher failed order %d", begun.order_id)
        _put_off(begun, error, wait, end)


def _put_off(begun: Order, error: Exception, wait: Wait, end: End) -> None:
    if begun.tries < ERRORS:
        wait(begun, error)
    else:
        end(begun, COULD_NOT_RUN, f"given up after {begun.tries} tries: {error}")
