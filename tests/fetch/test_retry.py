"""How often and how long: by a fake clock, without a network."""

import random

import pytest

from ingest.errors import BodyRefused, Unreachable
from ingest.fetch.http.errors import TransientError
from ingest.fetch.retry import LONGEST_BACKOFF, Retry, backoff

pytestmark = pytest.mark.anyio


class Step:
    """Fails as it is told, then answers."""

    def __init__(self, *failures: Exception) -> None:
        self._failures = list(failures)
        self.runs = 0

    async def __call__(self) -> str:
        self.runs += 1
        if self._failures:
            raise self._failures.pop(0)
        return "answer"


def passing(pause: float | None = None) -> TransientError:
    return TransientError(Unreachable("busy", "http://site.test/"), pause)


def retry(clock, attempts: int = 5, budget: float = 300.0) -> Retry:
    return Retry(clock=clock, attempts=attempts, budget=budget, rng=random.Random(3))


async def test_what_passes_is_asked_again_after_a_growing_wait(clock):
    step = Step(passing(), passing(), passing())
    assert await retry(clock).run(step) == "answer"
    assert step.runs == 4
    for wait, longest in zip(clock.sleeps, [1, 2, 4], strict=True):
        assert longest / 2 <= wait <= longest


async def test_the_attempts_are_counted(clock):
    step = Step(*[passing()] * 9)
    with pytest.raises(Unreachable, match="busy"):
        await retry(clock).run(step)
    assert step.runs == 5


async def test_the_budget_is_kept(clock):
    step = Step(*[passing()] * 99)
    with pytest.raises(Unreachable):
        await retry(clock, attempts=99, budget=100.0).run(step)
    assert 40 < sum(clock.sleeps) <= 100


async def test_a_pause_longer_than_the_backoff_is_the_wait(clock):
    step = Step(passing(120.0), passing(0.0))
    assert await retry(clock).run(step) == "answer"
    assert clock.sleeps[0] == 120.0
    assert 1.0 <= clock.sleeps[1] <= 2.0


async def test_a_pause_beyond_the_budget_is_sat_out_once(clock):
    step = Step(passing(3600.0), passing(3600.0))
    with pytest.raises(Unreachable):
        await retry(clock).run(step)
    assert (step.runs, clock.sleeps) == (2, [3600.0])


@pytest.mark.parametrize("failure", [BodyRefused("too large", "http://site.test/"), KeyError("a bug")])
async def test_nothing_else_is_asked_again(clock, failure):
    step = Step(failure)
    with pytest.raises(type(failure)):
        await retry(clock).run(step)
    assert (step.runs, clock.sleeps) == (1, [])


def test_the_backoff_has_an_end():
    assert LONGEST_BACKOFF / 2 <= backoff(50, random.Random(0)) <= LONGEST_BACKOFF
