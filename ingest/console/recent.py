"""Answers that are dear, kept for some seconds: whoever asks meanwhile has the last one."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar, cast

from ingest.clock import Clock

T = TypeVar("T")
SECONDS = 20.0
MOST = 64
"""Keys that are remembered: the one that was made first goes first."""


@dataclass(slots=True)
class _Kept:
    lock: Lock = field(default_factory=Lock)
    answer: Any = None
    made_at: float | None = None


class Recent:
    """One answer a key, which is made anew by one asker at a time; the others take the one before."""

    def __init__(self, clock: Clock, seconds: float = SECONDS) -> None:
        self._clock = clock
        self._seconds = seconds
        self._kept: dict[Hashable, _Kept] = {}
        self._lock = Lock()

    def of(self, key: Hashable, make: Callable[[], T]) -> T:
        """The answer that was made for the key lately, or else by ``make`` now."""
        kept = self._entry(key)
        there = kept.made_at is not None
        if there and self._is_new(kept):
            return cast("T", kept.answer)
        # Another one makes it anew: what there is serves meanwhile, and only the very first has to wait.
        if not kept.lock.acquire(blocking=not there):
            return cast("T", kept.answer)
        try:
            if not self._is_new(kept):
                kept.answer = make()
                kept.made_at = self._clock.monotonic()
            return cast("T", kept.answer)
        finally:
            kept.lock.release()

    def forget(self) -> None:
        """Make every answer anew when it is asked for next."""
        with self._lock:
            self._kept.clear()

    def _entry(self, key: Hashable) -> _Kept:
        with self._lock:
            if key not in self._kept:
                while len(self._kept) >= MOST:
                    del self._kept[next(iter(self._kept))]
                self._kept[key] = _Kept()
            return self._kept[key]

    def _is_new(self, kept: _Kept) -> bool:
        return kept.made_at is not None and self._clock.monotonic() - kept.made_at < self._seconds
