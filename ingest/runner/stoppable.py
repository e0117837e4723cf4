"""Work in a thread, with an event loop of its own, that another thread may ask to stop."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from ingest.pipeline.stop import Stop

ResultT = TypeVar("ResultT")

SHUTDOWN_TIMEOUT = 3.0
"""Seconds that the page in hand has once a job is to stop: the process has five to be gone."""


class Stoppable:
    """Runs coroutines, one after another; another thread may ask the one that runs to stop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = Stop(SHUTDOWN_TIMEOUT)

    def run(
        self, work: Callable[[Stop], Coroutine[Any, Any, ResultT]], *, is_asked: Callable[[], bool]
    ) -> ResultT:
        """Run the work and return its result; if ``is_asked()`` is true it is stopped before it begins."""
        return asyncio.run(self._heard(work, is_asked))

    def ask(self) -> None:
        """Ask what runs, if anything does, to stop; asked again it is broken off."""
        with self._lock:
            if self._loop is not None:
                # Another thread may not touch a loop's tasks itself.
                self._loop.call_soon_threadsafe(self._stop.ask)

    async def _heard(
        self, work: Callable[[Stop], Coroutine[Any, Any, ResultT]], is_asked: Callable[[], bool]
    ) -> ResultT:
        with self._lock:
            self._stop, self._loop = Stop(SHUTDOWN_TIMEOUT), asyncio.get_running_loop()
        # Whoever asked before this moment had nobody to ask.
        if is_asked():
            self._stop.ask()
        try:
            return await work(self._stop)
        finally:
            with self._lock:
                self._loop = None
