"""How a run is stopped between two pages, and a page broken off."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

SHUTDOWN_TIMEOUT = 4.0
"""Seconds that the page in hand has to come to its end once the run is to stop."""


class Stop:
    """Stops a run. ``ask`` may be called from a signal handler of the run's event loop."""

    def __init__(self, grace: float = SHUTDOWN_TIMEOUT) -> None:
        self.asked = False
        self._grace = grace
        self._works: set[asyncio.Task[object]] = set()

    def ask(self) -> None:
        """Finish the page in hand; asked again, or when its grace is over, break it off."""
        if self.asked:
            self._break_off()
        else:
            self.asked = True
            asyncio.get_running_loop().call_later(self._grace, self._break_off)

    @contextmanager
    def heard(self) -> Iterator[None]:
        """What happens in the context ends if the run is to stop; nothing of it is half-written."""
        task = asyncio.current_task()
        if task is None:
            raise AssertionError("only a task can be stopped")
        self._works.add(task)
        try:
            yield
        except asyncio.CancelledError:
            # Somebody else cancelled the task: that is not ours to swallow.
            if not self.asked:
                raise
            # Else asyncio.timeout and task groups would take the task for cancelled.
            task.uncancel()
        finally:
            self._works.discard(task)

    def _break_off(self) -> None:
        for task in self._works:
            task.cancel()
