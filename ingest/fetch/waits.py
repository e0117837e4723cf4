"""What a run waits for: logged after some seconds, and visible to whoever monitors the run.

    whoever waits -> Waits.wait(reason) -> Waiting.sleep(seconds) -> clock, log

A wait that is no longer than the delay between two requests is how a run works, and is not reported; whoever
looks at a terminal sees in ``until`` that there is one.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.clock import Clock

log = logging.getLogger(__name__)

SILENT_SECONDS = 5.0
"""A wait is reported once it has lasted so long."""

REPEAT_SECONDS = 60.0
"""Seconds between two lines of one reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Why a run waits, and until when; ``until`` may become later."""

    reason: str
    until: datetime


class Waits:
    """The waits of one run, or of one source's runs; ``current`` may be read from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._current: dict[Waiting, Wait] = {}
        self._ends: dict[Waiting, datetime] = {}
        self._reported: tuple[str, float] | None = None

    @property
    def current(self) -> Wait | None:
        """What is waited for now, if anything has been for long enough: of several, what ends last."""
        with self._lock:
            return max(self._current.values(), key=lambda wait: wait.until, default=None)

    @property
    def until(self) -> datetime | None:
        """When what is waited for now ends, however short the wait and however usual; None without one."""
        with self._lock:
            return max(self._ends.values(), default=None)

    @contextmanager
    def wait(self, reason: str, *, pace: float = 0.0) -> Iterator["Waiting"]:
        """One wait, which may be made of several sleeps.

        ``pace`` is how many seconds of it are the run's usual pace: only what is longer counts as waiting.
        """
        waiting = Waiting(self, self._clock, reason, pace)
        try:
            yield waiting
        finally:
            with self._lock:
                self._current.pop(waiting, None)
                self._ends.pop(waiting, None)

    def begin(self, waiting: "Waiting", until: datetime) -> None:
        """Note when the wait ends, for ``until``."""
        with self._lock:
            self._ends[waiting] = until

    def enter(self, waiting: "Waiting", wait: Wait) -> None:
        """Note the wait, and log it if none of this reason was logged within a minute."""
        with self._lock:
            self._current[waiting] = wait
            now = self._clock.monotonic()
            reason, moment = self._reported or (None, now)
            # Else a line for each of a thousand pages that wait for one host.
            if reason == wait.reason and now - moment < REPEAT_SECONDS:
                return
            self._reported = wait.reason, now
        log.warning("waiting for %s until %s", wait.reason, f"{wait.until:%Y-%m-%d %H:%M:%S} UTC")


class Waiting:
    """One wait under way."""

    def __init__(self, waits: Waits, clock: Clock, reason: str, pace: float) -> None:
        self._waits = waits
        self._clock = clock
        self._reason = reason
        self._pace = pace
        self._elapsed = 0.0

    async def sleep(self, seconds: float, *, until: datetime | None = None) -> None:
        """Wait so long; ``until`` is when the whole wait is expected to end, if that is later."""
        left, end = seconds, until or self._clock.now() + timedelta(seconds=seconds)
        self._waits.begin(self, end)
        while left > 0:
            if self._elapsed >= SILENT_SECONDS:
                self.tell(end)
            step = min(left, _to_next_line(self._elapsed))
            await self._clock.sleep(step)
            self._elapsed += step
            left -= step

    def tell(self, until: datetime) -> None:
        """Report the wait, unless it is of the usual pace."""
        whole = self._elapsed + (until - self._clock.now()).total_seconds()
        if whole > self._pace + SILENT_SECONDS:
            self._waits.enter(self, Wait(reason=self._reason, until=until))


def _to_next_line(elapsed: float) -> float:
    if elapsed < SILENT_SECONDS:
        return SILENT_SECONDS - elapsed
    return REPEAT_SECONDS - (elapsed - SILENT_SECONDS) % REPEAT_SECONDS
