"""Politeness across processes: whoever asks a host takes a turn in the database, whatever it runs for."""

from datetime import datetime, timedelta

from ingest.clock import Clock
from ingest.fetch.waits import Waits
from ingest.store import Store

SLACK = timedelta(seconds=30)
"""How much longer than a request may take its turn is held: the machine may be slow."""
LOOK_EVERY = 5.0
"""Seconds at most until somebody who waits looks again: whoever has the turn may be gone."""


class SharedTurns:
    """The turns of one process, ``owner``; a request takes at most ``longest`` seconds."""

    def __init__(
        self, store: Store, owner: str, clock: Clock, *, longest: float, waits: Waits | None = None
    ) -> None:
        self._turns = store.turns
        self._owner = owner
        self._clock = clock
        self._waits = waits or Waits(clock)
        self._longest = timedelta(seconds=longest) + SLACK

    async def take(self, host: str, delay: float) -> None:
        """Wait until the host is ours, ``delay`` seconds or more after the last answer."""
        with self._waits.wait(f"a turn at {host}", pace=delay) as waiting:
            while (again := self._taken(host, delay)) is not None:
                wait = (again - self._clock.now()).total_seconds()
                # Not until the turn's whole end: whoever has it as a rule ends it long before, or was killed.
                await waiting.sleep(min(max(wait, 0.01), LOOK_EVERY), until=again)

    def _taken(self, host: str, delay: float) -> datetime | None:
        now = self._clock.now()
        return self._turns.take_turn(
            host,
            owner=self._owner,
            now=now,
            # A turn that nobody ends, because its process was killed, ends by itself.
            until=now + self._longest,
            delay=timedelta(seconds=delay),
        )

    def end(self, host: str, delay: float) -> None:
        """Let the next one in, ``delay`` seconds from now."""
        now = self._clock.now()
        self._turns.end_turn(host, owner=self._owner, now=now, next_at=now + timedelta(seconds=delay))

    def pause(self, host: str, seconds: float) -> None:
        """Leave the host alone for so long, all of us."""
        now = self._clock.now()
        self._turns.pause(host, now=now, until=now + timedelta(seconds=seconds))
