"""Cron's five fields: what is taken fires as it says, what would be read in two ways is refused."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.cron import FIELDS, MINUTE, MONTH, WEEKDAY, Cron, Field

REFUSED = {
    "no-field": ("", "0 fields"),
    "four-fields": ("0 4 * *", "4 fields"),
    "six-fields": ("0 0 4 * * *", "6 fields"),
    "nickname": ("@hourly", "characters"),
    "question-mark": ("0 4 ? * mon", "characters"),
    "another-alphabet's-digits": ("٣ 4 * * *", "characters"),
    "line-break": ("0 4 * *\n*", "characters"),
    "minute-60": ("60 * * * *", "'60' is no minute"),
    "hour-24": ("0 24 * * *", "'24' is no hour"),
    "day-0": ("0 0 0 * *", "'0' is no day of the month"),
    "day-32": ("0 0 32 * *", "'32' is no day of the month"),
    "month-13": ("0 0 1 13 *", "'13' is no month: they go upwards from jan to dec"),
    "month-without-such-a-name": ("0 0 1 may-jux *", "'jux' is no month"),
    "month's-whole-name": ("0 0 1 june *", "'june' is no month"),
    "minute-by-name": ("mon * * * *", "'mon' is no minute"),
    "negative": ("-5 * * * *", "'-5' is no minute"),
    "three-digits": ("005 * * * *", "'005' is no minute"),
    "empty-in-a-list": ("1,,2 * * * *", "'' is no minute"),
    "range-backwards": ("30-10 * * * *", "'30-10' is no minute"),
    "range-beyond": ("50-70 * * * *", "'50-70' is no minute"),
    "range-without-an-end": ("5- * * * *", "'5-' is no minute"),
    "step-of-none": ("*/0 * * * *", "a step of 0"),
    "step-too-long": ("*/60 * * * *", "a step of 60"),
    "step-longer-than-its-range": ("0-10/11 * * * *", "a step of 11 does not fit into 0-10"),
    "step-from-a-number": ("5/10 * * * *", "'5/10' is no minute"),
    "step-through-names": ("0 0 1 jan-jun/2 *", "'jan-jun/2' is no month"),
    "weekday-number": ("0 0 * * 1", "the number 0 is Sunday to cron and Monday to the scheduler"),
    "weekday-step": ("0 0 * * */2", "the number 0 is Sunday to cron"),
    "weekday-in-a-list-with-all": ("0 0 * * *,mon", "the number 0 is Sunday to cron"),
    "weekday-without-such-a-name": ("0 0 * * mio", "'mio' is no day of the week"),
    "weekdays-over-the-week's-end": ("0 0 * * sat-mon", "they go upwards from mon to sun"),
    "day-and-weekday": ("0 0 13 * fri", "cron would fire on either"),
    "days-and-weekday": ("0 0 */2 * fri", "cron would fire on either"),
    "30-february": ("0 0 30 2 *", "never fire"),
    "31-of-short-months": ("0 0 31 feb,apr,jun,sep,nov *", "never fire"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    text, why = REFUSED[case]
    with pytest.raises(ValueError, match=re.escape(why)):
        Cron(text=text)


def test_what_the_values_are() -> None:
    minutes, hours, days, months, weekdays = Cron(text="5,50-52 */8 * JAN,mar-apr Mon-Wed,sun").values
    assert sorted(minutes) == [5, 50, 51, 52]
    assert sorted(hours) == [0, 8, 16]
    assert len(days) == 31
    assert sorted(months) == [1, 3, 4]
    assert sorted(weekdays) == [0, 1, 2, 6]
    assert sorted(MINUTE.values("10-20/5")) == [10, 15, 20]
    assert sorted(MONTH.values("11")) == [11]
    assert Cron(text=" 5\t4  * * * ").values == Cron(text="5 4 * * *").values


@pytest.mark.parametrize("text", ["0 0 29 2 *", "0 0 1,31 2 *", "0 0 31 feb,mar *"])
def test_a_day_that_comes_now_and_then(text: str) -> None:
    assert next(next_fires(text, datetime(2018, 3, 23, tzinfo=UTC))).day in Cron(text=text).values[2]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("23 * * * *", 60),
        ("0,50 * * * *", 10),
        ("*/25 3 * * *", 10),
        ("0 */6 * * *", 360),
        ("0 1,23 * * *", 120),
        ("0 4 * * mon", 1440),
        ("0 4 1 * *", 1440),
    ],
)
def test_the_shortest_gap(text: str, minutes: int) -> None:
    assert Cron(text=text).shortest_gap == timedelta(minutes=minutes)


@st.composite
def texts(draw: st.DrawFn, field: Field) -> str:
    """A text that the field takes: a number, a range, a step, names, or a list of such."""
    items = []
    for _ in range(draw(st.integers(1, 3))):
        first = draw(st.integers(field.first, field.last))
        last = draw(st.integers(first, field.last))
        named = [field.names[value - field.first] for value in (first, last)] if field.names else []
        forms = ["-".join(named), named[0]] if named else []
        if field.numbered:
            forms += [str(first), f"{first:02}-{last}"]
            step = draw(st.integers(1, max(1, last - first)))
            forms += [f"{first}-{last}/{step}", f"*/{step}"] if last > first else []
        items.append(draw(st.sampled_from(forms)))
    return ",".join(items)


@st.composite
def crons(draw: st.DrawFn) -> str:
    minute, hour, day, month, weekday = [draw(st.just("*") | texts(field)) for field in FIELDS]
    if day != "*" and weekday != "*":
        weekday = "*"
    return f"{minute} {hour} {day} {month} {weekday}"


def next_fires(text: str, after: datetime) -> Iterator[datetime]:
    trigger = CronTrigger.from_crontab(text, timezone=UTC)
    fire = trigger.get_next_fire_time(None, after + timedelta(microseconds=1))
    while fire is not None:
        yield fire
        fire = trigger.get_next_fire_time(fire, fire)


moments = st.datetimes(datetime(2018, 1, 1), datetime(2022, 1, 1), timezones=st.just(UTC))


@settings(max_examples=150, deadline=None)
@given(text=crons(), after=moments)
def test_the_scheduler_fires_at_these_values_and_never_closer_than_the_shortest_gap(
    text: str, after: datetime
) -> None:
    try:
        cron = Cron(text=text)
    except ValueError as exc:
        assert "never fire" in str(exc)  # noqa: PT017 - what is drawn is right but for such days
        return
    minutes, hours, days, months, weekdays = cron.values
    fires = [fire for _, fire in zip(range(5), next_fires(text, after), strict=False)]
    assert len(fires) == 5
    for fire in fires:
        assert fire.minute in minutes
        assert fire.hour in hours
        assert fire.day in days
        assert fire.month in months
        assert fire.weekday() in weekdays
    for before, following in pairwise(fires):
        assert following - before >= cron.shortest_gap


@settings(max_examples=60, deadline=None)
@given(text=crons(), after=moments)
def test_the_scheduler_leaves_no_such_minute_out(text: str, after: datetime) -> None:
    try:
        minutes, hours, days, months, weekdays = Cron(text=text).values
    except ValueError:
        return
    fire = next(next_fires(text, after))
    minute = after.replace(second=0, microsecond=0)
    for _ in range(60 * 24 * 2):
        minute += timedelta(minutes=1)
        fits = minute.minute in minutes and minute.hour in hours and minute.day in days
        if fits and minute.month in months and minute.weekday() in weekdays:
            assert fire <= minute
            break
        assert fire != minute


@given(st.text("0123456789*/,-abcmno ", max_size=20))
def test_whatever_is_taken_the_scheduler_takes_too(text: str) -> None:
    try:
        Cron(text=text)
    except ValueError:
        return
    CronTrigger.from_crontab(text, timezone=UTC)


def test_a_weekday_is_a_weekday() -> None:
    """APScheduler's Monday is 0, and so is ours."""
    fire = next(next_fires("0 4 * * mon", datetime(2018, 3, 23, tzinfo=UTC)))
    assert fire == datetime(2018, 3, 26, 4, tzinfo=UTC)
    assert WEEKDAY.values("mon") == {fire.weekday()}
