"""A source's schedules: they are read from files, and an error names what is invalid."""

import pickle
import tomllib
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest
from apscheduler.triggers.interval import IntervalTrigger
from hypothesis import given
from hypothesis import strategies as st

from parsers.errors import ThresherError
from schedules.cron import Cron
from schedules.errors import ScheduleInvalid
from schedules.schedule import ANCHOR, Every, Schedule
from schedules.schedule_file import schedules_of
from schedules.windows import Window

HARVEST = 'id = "a"\nkind = "harvest"\n'
HOURLY = HARVEST + 'cron = "23 * * * *"\n'
BACKFILL = 'id = "a"\nkind = "backfill"\ncron = "0 1 * * *"\n'
VERIFY = 'id = "a"\nkind = "verify"\ncron = "0 1 1 * *"\n'


def read(*tables: str) -> tuple[Schedule, ...]:
    return schedules_of(tomllib.loads("".join(f"[[schedule]]\n{table}\n" for table in tables)), "rantburg")


def test_a_harvest_of_what_is_due() -> None:
    (schedule,) = read(HOURLY)
    assert schedule == Schedule(
        id="a", source="rantburg", kind="harvest", when=Cron(text="23 * * * *"), catch_up="latest"
    )
    assert (schedule.recent, schedule.full, schedule.jitter) == (None, False, 0)
    assert (schedule.horizon, schedule.lease) == (timedelta(days=1), 600)
    assert schedule.key == "rantburg/a"


def test_everything_said() -> None:
    (schedule,) = read(
        'id = "old-ones"\nkind = "backfill"\nevery = "12h"\nsince = 2004-01-01\nuntil = "2017-12-31"\n'
        'order = "oldest"\nfull = true\njitter = 90\ncatch_up = "all"\nhorizon = "14d"\nlease = "1h"\n'
    )
    assert schedule == Schedule(
        id="old-ones",
        source="rantburg",
        kind="backfill",
        when=Every(interval=timedelta(hours=12)),
        since=date(2004, 1, 1),
        until=date(2017, 12, 31),
        order="oldest",
        full=True,
        jitter=90,
        catch_up="all",
        horizon=timedelta(days=14),
        lease=3600,
    )


def test_several_in_the_order_of_the_file() -> None:
    found = read(HOURLY + "recent = 3", HOURLY.replace('"a"', '"b"'), VERIFY.replace('"a"', '"0"'))
    assert [(one.id, one.kind, one.recent) for one in found] == [
        ("a", "harvest", 3),
        ("b", "harvest", None),
        ("0", "verify", None),
    ]


def test_a_file_may_declare_none() -> None:
    assert schedules_of({}, "rantburg") == ()


REFUSED = {
    "unknown-key": (
        HOURLY + "section = 3",
        "section",
        "there is no such key; known: catch_up, cron, every, full",
    ),
    "misspelt-key": (
        HOURLY + 'jiter = "5m"',
        "jiter",
        "no such key (did you mean 'jitter'?); known: catch_up",
    ),
    "no-id": ('kind = "harvest"\ncron = "23 * * * *"', "id", "id is missing"),
    "id-with-a-space": (HOURLY.replace('"a"', '"a b"'), "id", "id = 'a b': it must be 1 to 40 of a-z"),
    "id-in-capitals": (HOURLY.replace('"a"', '"A"'), "id", "of a-z, 0-9 and -"),
    "id-too-long": (HOURLY.replace('"a"', f'"{"a" * 41}"'), "id", "of a-z, 0-9 and -"),
    "id-empty": (HOURLY.replace('"a"', '""'), "id", "of a-z, 0-9 and -"),
    "id-a-number": (HOURLY.replace('"a"', "7"), "id", "it should be a valid string"),
    "no-kind": ('id = "a"\ncron = "23 * * * *"', "kind", "kind is missing: it is required"),
    "another-kind": (HOURLY.replace("harvest", "reparse"), "kind", "'reparse'"),
    "kind-a-list": (HOURLY.replace('"harvest"', '["harvest"]'), "kind", "['harvest']"),
    "neither-cron-nor-every": (HARVEST, "every", "every is missing: set when it fires"),
    "both-cron-and-every": (HOURLY + 'every = "6h"', "every", "keep one of the two"),
    "cron-a-number": (HARVEST + "cron = 23", "cron", "it should be a valid string"),
    "cron-of-four-fields": (HARVEST + 'cron = "23 * * *"', "cron", "4 fields, not 5"),
    "cron-with-a-weekday's-number": (HARVEST + 'cron = "0 0 * * 8"', "cron", "Bad day-of-week"),
    "every-minute-and-less": (HARVEST + 'every = "59s"', "every", "0:01:00 to 366 days"),
    "every-thousand-million-days": (HARVEST + 'every = "999999999d"', "every", "366 days"),
    "every-in-words": (HARVEST + 'every = "an hour"', "every", "'90s' or '6h'"),
    "every-without-a-unit": (HARVEST + 'every = "6"', "every", "'90s' or '6h'"),
    "every-negative": (HARVEST + "every = -3600", "every", "-3600"),
    "every-true": (HARVEST + "every = true", "every", "True"),
    "every-a-fraction": (HARVEST + "every = 90.5", "every", "90.5"),
    "every-a-date": (HARVEST + "every = 2018-03-23", "every", "'90s' or '6h'"),
    "recent-of-none": (HOURLY + "recent = 0", "recent", "greater than or equal to 1"),
    "recent-negative": (HOURLY + "recent = -1", "recent", "-1"),
    "recent-absurd": (HOURLY + "recent = 100000", "recent", "100000"),
    "recent-true": (HOURLY + "recent = true", "recent", "True"),
    "recent-a-text": (HOURLY + 'recent = "3"', "recent", "'3'"),
    "recent-with-backfill": (BACKFILL + "since = 2018-03-23\nrecent = 3", "recent", "there is no such key"),
    "since-with-harvest": (HOURLY + "since = 2018-03-23", "since", "there is no such key"),
    "order-with-verify": (VERIFY + 'order = "newest"', "order", "there is no such key"),
    "full-with-verify": (VERIFY + "full = true", "full", "there is no such key"),
    "full-a-number": (HOURLY + "full = 1", "full", "a valid boolean"),
    "backfill-without-a-beginning": (BACKFILL, "since", "since is missing: it is required"),
    "since-after-until": (
        BACKFILL + "since = 2018-03-24\nuntil = 2018-03-23",
        "until",
        "until = datetime.date(2018, 3, 23): it is earlier than since, 2018-03-24",
    ),
    "since-no-date": (BACKFILL + 'since = "2018-02-30"', "since", "YYYY-MM-DD"),
    "since-a-week-date": (BACKFILL + 'since = "2018-W12-5"', "since", "YYYY-MM-DD"),
    "since-a-moment": (BACKFILL + "since = 2018-03-23T00:00:00Z", "since", "YYYY-MM-DD"),
    "since-a-number": (BACKFILL + "since = 2018", "since", "YYYY-MM-DD"),
    "until-no-date": (VERIFY + 'until = "soon"', "until", "'soon'"),
    "another-order": (BACKFILL + 'since = 2018-03-23\norder = "random"', "order", "'newest' or 'oldest'"),
    "verify-until-before-since": (
        VERIFY + "since = 2018-03-24\nuntil = 2018-03-23",
        "until",
        "earlier than since",
    ),
    "jitter-beside-a-bad-cron": (HARVEST + 'cron = "x"\njitter = "5m"', "cron", "1 fields"),
    "jitter-negative": (HOURLY + "jitter = -1", "jitter", "-1"),
    "jitter-true": (HOURLY + "jitter = true", "jitter", "True"),
    "jitter-of-days": (HOURLY + 'jitter = "2d"', "jitter", "1 day"),
    "jitter-as-long-as-the-gap": (HOURLY + 'jitter = "1h"', "jitter", "less than the 1:00:00 between"),
    "jitter-as-long-as-every": (HARVEST + 'every = "5m"\njitter = 300', "jitter", "less than the 0:05:00"),
    "another-catch-up": (HOURLY + 'catch_up = "some"', "catch_up", "'none', 'latest' or 'all'"),
    "horizon-of-nothing": (HOURLY + "horizon = 0", "horizon", "0:01:00 to 31 days"),
    "horizon-of-a-year": (HOURLY + 'horizon = "365d"', "horizon", "31 days"),
    "horizon-without-effect": (HOURLY + 'catch_up = "none"\nhorizon = "2d"', "horizon", "no effect"),
    "lease-too-short": (HOURLY + "lease = 29", "lease", "0:00:30 to 1 day"),
    "lease-too-long": (HOURLY + "lease = 86401", "lease", "1 day"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    table, key, why = REFUSED[case]
    with pytest.raises(ScheduleInvalid) as raised:
        read(table)
    assert raised.value.key == key
    assert raised.value.value == tomllib.loads(table).get(key)
    assert raised.value.schedule in ("schedule 1 of rantburg", "schedule 'a' of rantburg")
    assert str(raised.value).startswith(f"{raised.value.schedule}: {key} ")
    assert why in str(raised.value)


def test_two_of_the_same_name() -> None:
    with pytest.raises(ScheduleInvalid, match="schedule 2 of rantburg: id = 'a': another schedule has it"):
        read(HOURLY, VERIFY)


@pytest.mark.parametrize("file", ['schedules = "x"', "[schedule]\nid = 'a'", "schedule = [1]"])
def test_a_file_that_holds_something_else(file: str) -> None:
    with pytest.raises(ScheduleInvalid, match="the schedules of rantburg: schedule"):
        schedules_of(tomllib.loads(file), "rantburg")


def test_the_error_is_on_the_tree_and_goes_through_a_pipe() -> None:
    error = ScheduleInvalid("schedule 'a' of rantburg", "recent", True, "it must be a whole number")
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, ScheduleInvalid)
    assert isinstance(again, ThresherError)
    assert (again.schedule, again.key, again.value) == (error.schedule, "recent", True)
    assert str(again) == "schedule 'a' of rantburg: recent = True: it must be a whole number"


names = st.sampled_from(
    ["id", "kind", "cron", "every", "recent", "since", "until", "full", "jitter", "lease"]
)
values = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.dates(),
    st.datetimes(),
    st.lists(st.integers(), max_size=2),
    st.sampled_from(["harvest", "backfill", "verify", "1 * * * *", "6h", "a"]),
)


@given(st.lists(st.dictionaries(names, values) | st.integers(), max_size=3) | values)
def test_whatever_a_file_says_it_is_taken_or_refused(entries: object) -> None:
    try:
        found = schedules_of({"schedule": entries}, "rantburg")
    except ScheduleInvalid:
        return
    assert isinstance(entries, list)
    assert len(found) == len(entries) == len({one.id for one in found})


@pytest.mark.parametrize(
    ("days", "today", "window"),
    [
        ("since = 2018-03-20\nuntil = 2018-03-22", date(2018, 4, 1), (20, 22)),
        ("since = 2018-03-20\nuntil = 2018-03-22", date(2018, 3, 22), (20, 21)),
        ("since = 2018-03-20\nuntil = 2018-03-20", date(2018, 4, 1), (20, 20)),
        ("since = 2018-03-20", date(2018, 3, 24), (20, 23)),
        ("since = 2018-03-20", date(2018, 3, 21), (20, 20)),
        ("since = 2018-03-20", date(2018, 3, 20), None),
        ("since = 2018-03-20", date(2018, 3, 1), None),
    ],
)
def test_the_days_of_a_backfill_are_over(days: str, today: date, window: tuple[int, int] | None) -> None:
    (schedule,) = read(BACKFILL + days)
    expected = Window.of(*(date(2018, 3, day) for day in window)) if window else None
    assert schedule.window(today) == expected


def test_what_has_no_beginning_has_no_window() -> None:
    assert read(VERIFY)[0].window(date(2018, 3, 23)) is None


moments = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))
intervals = st.integers(60, 366 * 86400).map(lambda seconds: timedelta(seconds=seconds))


@given(interval=intervals, moment=moments)
def test_an_interval_fires_at_its_multiples_whenever_one_asks(interval: timedelta, moment: datetime) -> None:
    first, second = islice(Every(interval=interval).fires_after(moment), 2)
    assert moment < first <= moment + interval
    assert second - first == interval == Every(interval=interval).shortest_gap
    assert (first - ANCHOR) % interval == timedelta(0)
    assert next(Every(interval=interval).fires_after(first)) == second


def test_an_interval_fires_as_the_scheduler_does() -> None:
    moment, interval = datetime(2018, 3, 23, 16, 7, tzinfo=UTC), timedelta(hours=7)
    trigger = IntervalTrigger(seconds=interval // timedelta(seconds=1), start_date=ANCHOR, timezone=UTC)
    assert trigger.get_next_fire_time(None, moment) == next(Every(interval=interval).fires_after(moment))


def test_whole_weeks_begin_on_mondays() -> None:
    fire = next(Every(interval=timedelta(days=7)).fires_after(datetime(2018, 3, 23, tzinfo=UTC)))
    assert fire == datetime(2018, 3, 26, tzinfo=UTC)
