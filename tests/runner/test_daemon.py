"""The alarm clock rings for the schedules that are set."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from ingest.clock import SystemClock
from ingest.runner.scheduler.alarm import Alarm
from schedules.catch_up import next_starts
from schedules.schedule import Every, Schedule
from tests.runner.post import HOURLY

SECOND = timedelta(seconds=1)


def test_the_alarm_rings_for_what_is_set_and_for_nothing_else() -> None:
    every = Every(interval=SECOND)
    first, second = (replace(HOURLY, id=name, when=every) for name in ("first", "second"))
    rang: list[str] = []

    async def listen() -> None:
        heard = asyncio.Event()

        def wake(schedule: Schedule) -> None:
            rang.append(schedule.id)
            heard.set()

        alarm = Alarm(wake)
        alarm.start()
        alarm.set([first])
        alarm.set([second])
        await asyncio.wait_for(heard.wait(), 10)
        alarm.stop()

    before = SystemClock().now()
    asyncio.run(listen())
    assert rang == ["second"]
    assert SystemClock().now() >= next_starts(second, before, 1)[0]
