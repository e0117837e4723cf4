"""When schedules fire, and that the alarm clock rings."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

from ingest.clock import SystemClock
from ingest.daemon import Alarm, fires_of, next_starts
from schedules.catch_up import start_of
from schedules.cron import Cron
from schedules.schedule import Every, Schedule
from tests.watch.post import HOUR, HOURLY, MINUTE

DAILY = replace(HOURLY, id="daily", when=Cron(text="30 6 * * *"))
SECOND = timedelta(seconds=1)


def fires(schedule: Schedule, moment: datetime, number: int) -> list[datetime]:
    return list(islice(fires_of(schedule)(moment), number))


def test_cron_fires_at_its_minutes_in_utc_and_never_at_the_moment_itself() -> None:
    schedule = replace(HOURLY, when=Cron(text="23 */6 * * mon"))
    sunday = datetime(2018, 4, 15, 22, tzinfo=UTC)
    expected = [datetime(2018, 4, 16, hour, 23, tzinfo=UTC) for hour in (0, 6, 12, 18)]
    assert fires(schedule, sunday, 4) == expected
    assert fires(schedule, expected[0], 1) == [expected[1]]
    assert fires(schedule, expected[0] - timedelta(microseconds=1), 1) == [expected[0]]


def test_a_daily_time_fires_once_a_day_where_new_yorks_clocks_change() -> None:
    """06:30 UTC is in the hour that is doubled in autumn, and beside the one that is left out in spring."""
    for changing in (datetime(2018, 11, 3, tzinfo=UTC), datetime(2018, 3, 10, tzinfo=UTC)):
        times = fires(DAILY, changing, 4)
        assert [later - earlier for earlier, later in pairwise(times)] == [24 * HOUR] * 3


def test_starts_are_the_times_with_their_jitter() -> None:
    schedule = replace(HOURLY, jitter=1800)
    moment = datetime(2018, 4, 14, 16, 5, tzinfo=UTC)
    starts = next_starts(schedule, moment, 5)
    times = [moment - 5 * MINUTE + number * HOUR for number in range(6)]
    assert starts == tuple(start for time in times if (start := start_of(schedule, time)) > moment)[:5]
    assert next_starts(schedule, starts[0], 1) == starts[1:2]


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
