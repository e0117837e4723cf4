"""Signals for a scheduler that runs in this very process, sent once it listens to them."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

LISTENED_TO = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def steered(*signals: signal.Signals) -> Iterator[None]:
    """Send these, one after another; afterwards every signal does again what it did before.

    None is sent if nobody listens before the context ends.
    """
    before = {number: signal.getsignal(number) for number in LISTENED_TO}
    over = threading.Event()

    def send() -> None:
        # It listens to SIGHUP last.
        while signal.getsignal(signal.SIGHUP) == before[signal.SIGHUP]:
            if over.wait(0.01):
                return
        for number in signals:
            os.kill(os.getpid(), number)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        over.set()
        sender.join()
        for number, handler in before.items():
            signal.signal(number, handler)
