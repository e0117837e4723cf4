"""Time: the only place that asks the machine for it, or waits; and waits that a signal ends.

    SIGTERM, Ctrl-C -> note -> attempts() end after SHUTDOWN_SECONDS, however many waits those are

A call into SQLite keeps a signal waiting until it returns. So a long wait is made of short ones.
"""

import logging
import signal
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType
from typing import Protocol, TypeVar

log = logging.getLogger(__name__)

STEP = 0.25
"""Seconds that one attempt may wait."""
SHUTDOWN_SECONDS = 3.0
"""So long may a process wait in all once it is to end."""
SILENT_SECONDS = 5.0
"""A wait is reported once it has lasted so long, and again each minute."""
REPEAT_SECONDS = 60.0
Handler = Callable[[int, FrameType | None], object]
T = TypeVar("T")
ENDING = (signal.SIGINT, signal.SIGTERM)


class Clock(Protocol):
    """What the other rooms need of time; tests bring their own."""

    def now(self) -> datetime:
        """The present as an aware UTC datetime."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait, letting others work."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        import asyncio  # for those that fetch alone: it is a large part of a start

        await asyncio.sleep(seconds)


def pause(seconds: float) -> None:
    """Waits in this thread: for those that have no event loop."""
    time.sleep(seconds)


@dataclass(slots=True)
class _Process:
    ending: bool = False
    waited: float = 0.0


_process = _Process()
"""A signal is the whole process's."""


def note() -> None:
    """The process is to end."""
    _process.ending = True


def attempts(seconds: float, awaited: str = "another process's lock") -> Iterator[None]:
    """Once for each STEP that may be waited; at least once, whatever was waited before."""
    waited = 0.0
    while True:
        yield
        waited += STEP
        if waited >= SILENT_SECONDS and (waited - SILENT_SECONDS) % REPEAT_SECONDS == 0:
            log.warning("waiting for %s, %g s more at most", awaited, seconds - waited)
        _process.waited += STEP if _process.ending else 0.0
        if waited >= seconds or _process.waited >= SHUTDOWN_SECONDS:
            return


async def heard(work: Coroutine[object, object, T]) -> T:
    """The work's result; meanwhile signals do what they did before, and are noted."""
    with _handled(lambda before: before):
        return await work


def interrupt(number: int, frame: FrameType | None) -> None:
    """A signal's handler: KeyboardInterrupt, as Ctrl-C raises it."""
    note()
    signal.default_int_handler(number, frame)


@contextmanager
def asking(ask: Callable[[], None]) -> Iterator[None]:
    """Within an event loop: a signal is noted, and ``ask`` is called by the loop."""
    import asyncio

    loop = asyncio.get_running_loop()
    with _handled(lambda _: lambda *_: loop.call_soon_threadsafe(ask)):
        yield


@contextmanager
def _handled(make: Callable[[Handler], Handler]) -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in ENDING}

    def install(number: signal.Signals, handler: Handler) -> None:
        def noting(received: int, frame: FrameType | None) -> None:
            note()
            handler(received, frame)

        signal.signal(number, noting)

    try:
        for number, handler in before.items():
            install(number, make(handler if callable(handler) else signal.default_int_handler))
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
