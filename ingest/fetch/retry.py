"""Retries within bounds; the only door to tenacity.

A bare ``@retry`` tries for ever and without a wait. Here only TransientError is retried, up to a number of
attempts and a total of seconds, and the wait is the longer of our backoff and the host's Retry-After.
"""

import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from ingest.clock import Clock
from ingest.fetch.http.errors import TransientError
from ingest.fetch.waits import Waits

ResultT = TypeVar("ResultT")

LONGEST_BACKOFF = 60.0


class Retry:
    """Runs a step again while it may pass, for at most ``attempts`` times and ``budget`` seconds.

    ``waits`` reports what is waited for.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        attempts: int,
        budget: float,
        rng: random.Random,
        waits: Waits | None = None,
    ) -> None:
        self._clock = clock
        self._waits = waits
        self._attempts = attempts
        self._budget = budget
        self._rng = rng

    async def run(self, step: Callable[[], Awaitable[ResultT]]) -> ResultT:
        """The step's answer, or the error that did not go away."""
        began = self._clock.monotonic()
        failures: list[str] = []

        async def attempt() -> ResultT:  # tenacity awaits only what is plainly a coroutine function
            return await step()

        async def sleep(seconds: float) -> None:
            await self._sleep(seconds, failures[-1])

        retrying = AsyncRetrying(
            sleep=sleep,
            before_sleep=lambda state: failures.append(_failure(state)),
            stop=lambda state: self._is_over(state, self._clock.monotonic() - began),
            wait=self._wait,
            retry=retry_if_exception_type(TransientError),
            # Else tenacity's RetryError hides which error it was.
            reraise=True,
        )
        try:
            return await retrying(attempt)
        except TransientError as exc:
            raise exc.error from exc

    async def _sleep(self, seconds: float, failure: str) -> None:
        if self._waits is None:
            await self._clock.sleep(seconds)
            return
        with self._waits.wait(f"another attempt ({failure})") as waiting:
            await waiting.sleep(seconds)

    def _is_over(self, state: RetryCallState, spent: float) -> bool:
        # tenacity's own stop_after_delay asks the machine's clock, not ours. A pause the host asked for
        # is no reason to stop: its other pages have to sit it out too, and this one waits with them.
        own_wait = 0.0 if _pause(state) else state.upcoming_sleep
        return state.attempt_number >= self._attempts or spent + own_wait >= self._budget

    def _wait(self, state: RetryCallState) -> float:
        # Never sooner than the host asked for.
        return max(backoff(state.attempt_number, self._rng), _pause(state))


def backoff(attempt: int, rng: random.Random) -> float:
    """Seconds after the nth failure: 1, 2, 4 ... 60, less up to a half, so that many do not come at once."""
    longest: float = min(LONGEST_BACKOFF, 2.0 ** (attempt - 1))
    return longest * rng.uniform(0.5, 1.0)


def _failure(state: RetryCallState) -> str:
    return str(state.outcome.exception()) if state.outcome else ""


def _pause(state: RetryCallState) -> float:
    failure = state.outcome.exception() if state.outcome else None
    return (failure.pause or 0.0) if isinstance(failure, TransientError) else 0.0
