"""One host's throttle: one request at a time, never sooner than its delay, and none during a pause."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from ingest.clock import Clock
from ingest.fetch.politeness import wait_seconds
from ingest.fetch.waits import Waits

log = logging.getLogger(__name__)


class Turns(Protocol):
    """Where several processes ask one host: whose turn it is, and when the next one is."""

    async def take(self, host: str, delay: float) -> None:
        """Wait until the host is ours, ``delay`` seconds or more after the last answer."""
        ...

    def end(self, host: str, delay: float) -> None:
        """Let the next one in, ``delay`` seconds from now."""
        ...

    def pause(self, host: str, seconds: float) -> None:
        """Send the host no request for so long, from any process."""
        ...


class Gate:
    """Holds the next request back until the host may be asked.

    The delay runs from the END of the last answer: measured from the start, a slow connection followed by
    a fast one would reach the server closer together than they left.
    """

    def __init__(
        self, host: str, clock: Clock, turns: Turns | None = None, waits: Waits | None = None
    ) -> None:
        self._host = host
        self._clock = clock
        self._waits = waits or Waits(clock)
        self._turns = turns
        self._one_at_a_time = asyncio.Lock()
        self._last_request_at: float | None = None
        self._paused_until: float | None = None

    @asynccontextmanager
    async def turn(self, delay: float) -> AsyncIterator[None]:
        """Wait for our turn; within it the host is ours."""
        async with self._one_at_a_time:
            wait = wait_seconds(
                now=self._clock.monotonic(),
                last_request_at=self._last_request_at,
                delay=delay,
                paused_until=self._paused_until,
            )
            if wait > 0:
                with self._waits.wait(f"{self._host}, which asked to be left alone,", pace=delay) as waiting:
                    await waiting.sleep(wait)
            if self._turns is not None:
                await self._turns.take(self._host, delay)
            try:
                yield
            finally:
                self._last_request_at = self._clock.monotonic()
                if self._turns is not None:
                    self._turns.end(self._host, delay)

    def pause(self, seconds: float) -> None:
        """Send the host no request for so long, whichever page is next."""
        until = self._clock.monotonic() + seconds
        # A shorter pause does not end a longer one.
        self._paused_until = max(until, self._paused_until or until)
        if self._turns is not None:
            self._turns.pause(self._host, seconds)
        log.info("%s asks for %.0f seconds of quiet", self._host, seconds)
