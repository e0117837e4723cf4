"""Stand-ins that are plain enough to be read: so far, a clock."""

import asyncio
from datetime import UTC, datetime, timedelta


class FakeClock:
    """A clock that stands still but for its sleeps, which are over at once and are written down."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._start = start
        self._elapsed = 0.0
        self.sleeps: list[float] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._elapsed += seconds

    def suspend(self, seconds: float) -> None:
        """The machine sleeps: only the wall clock goes on, as Linux has it."""
        self._start += timedelta(seconds=seconds)
