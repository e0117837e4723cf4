"""A run that only waits says for what and until when, and a monitor knows it."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.clock import STEP, attempts
from ingest.fetch.throttle import Gate
from ingest.fetch.waits import Wait, Waits
from ingest.pipeline.host_slots import SharedTurns
from ingest.store import Store
from tests.kit.fakes import FakeClock

HOST = "news.example"


class WatchedClock(FakeClock):
    """Calls a function at every sleep."""

    at_sleep: Callable[[], object] = staticmethod(lambda: None)

    async def sleep(self, seconds: float) -> None:
        self.at_sleep()
        await super().sleep(seconds)


@pytest.fixture
def clock() -> WatchedClock:
    return WatchedClock()


@pytest.fixture
def waits(clock: WatchedClock) -> Waits:
    return Waits(clock)


def waited(waits: Waits, seconds: float, pace: float = 0.0) -> None:
    async def wait() -> None:
        with waits.wait("the thing", pace=pace) as waiting:
            await waiting.sleep(seconds)

    asyncio.run(wait())


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_wait_is_logged_after_five_seconds_and_then_once_a_minute(
    waits: Waits, clock: WatchedClock, caplog: pytest.LogCaptureFixture
) -> None:
    moments: list[float] = []
    clock.at_sleep = lambda: moments.append(clock.monotonic())
    waited(waits, 150)
    assert moments == [0, 5, 65, 125]
    assert lines(caplog) == ["waiting for the thing until 2026-01-01 00:02:30 UTC"] * 3
    assert clock.monotonic() == 150


def test_a_short_wait_is_not_logged(
    waits: Waits, clock: WatchedClock, caplog: pytest.LogCaptureFixture
) -> None:
    waited(waits, 4.9)
    assert (lines(caplog), clock.sleeps) == ([], [4.9])


def test_the_usual_pace_is_not_logged_but_what_is_longer_is(
    waits: Waits, caplog: pytest.LogCaptureFixture
) -> None:
    waited(waits, 60, pace=60)
    assert lines(caplog) == []
    waited(waits, 90, pace=60)
    assert len(lines(caplog)) == 2


def test_many_waits_of_one_run_are_logged_once_a_minute(
    waits: Waits, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(12):
        waited(waits, 10)
    assert len(lines(caplog)) == 2


def test_another_reason_is_logged_at_once(waits: Waits, caplog: pytest.LogCaptureFixture) -> None:
    async def wait() -> None:
        for reason in ("one thing", "another"):
            with waits.wait(reason) as waiting:
                await waiting.sleep(10)

    asyncio.run(wait())
    assert [line.split(" until")[0] for line in lines(caplog)] == [
        "waiting for one thing",
        "waiting for another",
    ]


def test_what_is_waited_for_can_be_asked_for_while_it_lasts(waits: Waits, clock: WatchedClock) -> None:
    seen: list[Wait | None] = []
    clock.at_sleep = lambda: seen.append(waits.current)
    waited(waits, 30)
    end = FakeClock().now() + timedelta(seconds=30)
    assert seen == [None, Wait(reason="the thing", until=end)]
    assert waits.current is None


@pytest.mark.parametrize("pause", [120.0, 3600.0])
def test_a_host_that_asked_for_quiet_is_named(
    pause: float, waits: Waits, clock: WatchedClock, caplog: pytest.LogCaptureFixture
) -> None:
    gate = Gate(HOST, clock, waits=waits)
    gate.pause(pause)
    until = clock.now() + timedelta(seconds=pause)

    async def ask() -> None:
        async with gate.turn(0.0):
            pass

    asyncio.run(ask())
    first = f"waiting for {HOST}, which asked to be left alone, until {until:%Y-%m-%d %H:%M:%S} UTC"
    assert lines(caplog)[0] == first
    assert len(lines(caplog)) == pause // 60


def test_a_turn_that_another_process_has_is_waited_for_aloud(
    waits: Waits, clock: WatchedClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Store.open(str(tmp_path / "held.sqlite3")) as store, store.present() as me:
        until = clock.now() + timedelta(minutes=30)
        store.turns.pause(HOST, now=clock.now(), until=until)
        turns = SharedTurns(store, me, clock, longest=60.0, waits=waits)
        asyncio.run(turns.take(HOST, 1.0))
    assert lines(caplog) == [f"waiting for a turn at {HOST} until {until:%Y-%m-%d %H:%M:%S} UTC"] * 30


def test_a_lock_of_another_process_is_waited_for_aloud(caplog: pytest.LogCaptureFixture) -> None:
    assert len(list(attempts(70.0))) == 70 / STEP
    assert lines(caplog) == [
        "waiting for another process's lock, 65 s more at most",
        "waiting for another process's lock, 5 s more at most",
    ]
