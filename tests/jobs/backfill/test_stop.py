"""Ctrl-C, once and twice: the page in hand may end, but nobody waits for it for ever."""

import asyncio

import pytest

from ingest.pipeline.stop import Stop

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_a_stop_breaks_off_what_does_not_end() -> None:
    stop = Stop(grace=0.05)
    ended: list[str] = []

    async def work() -> None:
        with stop.heard():
            await asyncio.sleep(60)
        ended.append("here")

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    stop.ask()
    await task
    assert ended == ["here"]


async def test_a_second_stop_breaks_off_at_once() -> None:
    stop = Stop(grace=60.0)

    async def work() -> None:
        with stop.heard():
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    stop.ask()
    stop.ask()
    await asyncio.wait_for(task, 5)


async def test_a_cancellation_that_nobody_asked_for_goes_on() -> None:
    stop = Stop()

    async def work() -> None:
        with stop.heard():
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
