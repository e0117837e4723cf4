"""A lease or claim that is renewed for as long as its process works on it, and lives."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from parsers.errors import ThresherError

log = logging.getLogger(__name__)

SOON = 5.0
"""Seconds until it is tried again, after the database did not let it be renewed."""


@contextmanager
def heartbeat(name: str, every: float, renew: Callable[[], bool]) -> Iterator[threading.Thread]:
    """Call ``renew`` every so many seconds until it says that the lease is lost, or the context ends."""
    over = threading.Event()

    def renew_in_time() -> None:
        # The machine's own seconds: it is its sleep that ends a lease.
        seconds = every
        while not over.wait(seconds):
            seconds = every
            try:
                if not renew():
                    return
            except ThresherError as error:
                # A database that is locked for a minute: the lease lasts for longer than that.
                log.warning("%s is renewed later: %s", name, error)
                seconds = min(every, SOON)

    heart = threading.Thread(target=renew_in_time, name=name, daemon=True)
    heart.start()
    try:
        yield heart
    finally:
        over.set()
        heart.join()
