"""Cron's five fields: the times they name, the rules on which dialects differ, and what is refused."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.cron import Cron

FRIDAY = datetime(2018, 3, 23, tzinfo=UTC)

REFUSED = {
    "no-field": ("", "0 fields"),
    "four-fields": ("0 4 * *", "4 fields"),
    "six-fields": ("0 0 4 * * *", "6 fields"),
    "nickname": ("@hourly", "1 fields"),
    "question-mark": ("0 4 ? * mon", "Bad day-of-month"),
    "another-alphabet's-digits": ("\u0663 4 * * *", "Bad minute"),
    "minute-60": ("60 * * * *", "Bad minute"),
    "hour-24": ("0 24 * * *", "Bad hour"),
    "day-0": ("0 0 0 * *", "Bad day-of-month"),
    "month-13": ("0 0 1 13 *", "Bad month"),
    "month's-whole-name": ("0 0 1 june *", "Bad month"),
    "weekday-8": ("0 0 * * 8", "Bad day-of-week"),
    "negative": ("-5 * * * *", "Bad minute"),
    "empty-in-a-list": ("1,,2 * * * *", "Bad minute"),
    "range-backwards": ("30-10 * * * *", "Bad minute"),
    "step-of-none": ("*/0 * * * *", "Bad minute"),
    "last-day-with-a-step-in-a-list": ("0 0 L/2,LW/3,1#2 * *", "Bad day-of-month"),
    "a-weekday's-number-with-a-step": ("0 0 * * mon#1/2", "Bad day-of-week"),
    "more-digits-than-a-number-may-have": (f"{'9' * 5000} * * * *", "no cron expression"),
    "30-february": ("0 0 30 2 *", "Bad day-of-month"),
    "31-of-short-months": ("0 0 31 feb,apr,jun,sep,nov *", "Bad day-of-month"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    text, why = REFUSED[case]
    with pytest.raises(ValueError, match=re.escape(why)):
        Cron(text=text)


def first(text: str, number: int = 3, after: datetime = FRIDAY) -> list[str]:
    times = islice(Cron(text=text).fires_after(after), number)
    return [time.strftime("%a %d %b %H:%M") for time in times]


RULES = {
    "a-step-beyond-its-range-is-its-first-value": (
        "*/90 4 * * *",
        ["Fri 23 Mar 04:00", "Sat 24 Mar 04:00", "Sun 25 Mar 04:00"],
    ),
    "the-last-day-of-the-month": ("0 4 L * *", ["Sat 31 Mar 04:00", "Mon 30 Apr 04:00", "Thu 31 May 04:00"]),
    "the-last-working-day": ("0 4 LW * *", ["Fri 30 Mar 04:00", "Mon 30 Apr 04:00", "Thu 31 May 04:00"]),
    "the-second-friday": ("0 4 * * fri#2", ["Fri 13 Apr 04:00", "Fri 11 May 04:00", "Fri 08 Jun 04:00"]),
    "the-last-friday": ("0 4 * * 5L", ["Fri 30 Mar 04:00", "Fri 27 Apr 04:00", "Fri 25 May 04:00"]),
    "either-of-day-and-weekday": (
        "0 4 1 * mon",
        ["Mon 26 Mar 04:00", "Sun 01 Apr 04:00", "Mon 02 Apr 04:00"],
    ),
    "both-where-one-begins-with-a-star": (
        "0 4 */2 * mon",
        ["Mon 09 Apr 04:00", "Mon 23 Apr 04:00", "Mon 07 May 04:00"],
    ),
    "0-is-sunday": ("0 4 * * 0", ["Sun 25 Mar 04:00", "Sun 01 Apr 04:00", "Sun 08 Apr 04:00"]),
    "7-is-sunday": ("0 4 * * 7", ["Sun 25 Mar 04:00", "Sun 01 Apr 04:00", "Sun 08 Apr 04:00"]),
    "names-in-any-case": ("0 4 * APR-jun Mon", ["Mon 02 Apr 04:00", "Mon 09 Apr 04:00", "Mon 16 Apr 04:00"]),
    "a-leap-day": ("0 0 29 2 *", ["Sat 29 Feb 00:00", "Thu 29 Feb 00:00", "Tue 29 Feb 00:00"]),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_on_which_dialects_differ(rule: str) -> None:
    text, times = RULES[rule]
    assert first(text) == times


def test_a_time_is_later_than_the_moment_by_whatever_little() -> None:
    at_four = datetime(2018, 3, 23, 4, tzinfo=UTC)
    assert first("0 4 * * *", 1, at_four - timedelta(microseconds=1)) == ["Fri 23 Mar 04:00"]
    assert first("0 4 * * *", 1, at_four) == ["Sat 24 Mar 04:00"]
    assert first("0 4 * * *", 1, at_four + timedelta(microseconds=1)) == ["Sat 24 Mar 04:00"]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("23 * * * *", 60),
        ("0,50 * * * *", 10),
        ("*/25 3 * * *", 10),
        ("*/90 * * * *", 60),
        ("0 */6 * * *", 360),
        ("0 1,23 * * *", 120),
        ("0 4 * * mon", 1440),
        ("0 4 L * *", 1440),
    ],
)
def test_the_shortest_gap(text: str, minutes: int) -> None:
    assert Cron(text=text).shortest_gap == timedelta(minutes=minutes)


def fields(lowest: int, highest: int) -> st.SearchStrategy[str]:
    number = st.integers(lowest, highest)
    pair = st.tuples(number, number).map(sorted)
    item = st.one_of(
        st.just("*"),
        number.map(str),
        pair.map(lambda ends: f"{ends[0]}-{ends[1]}"),
        st.integers(1, highest).map(lambda step: f"*/{step}"),
    )
    return st.lists(item, min_size=1, max_size=3).map(",".join)


crons = st.tuples(fields(0, 59), fields(0, 23), fields(1, 28), fields(1, 12), fields(0, 7)).map(" ".join)
moments = st.datetimes(datetime(2018, 1, 1), datetime(2022, 1, 1), timezones=st.just(UTC))


@settings(max_examples=60)
@given(text=crons, after=moments)
def test_times_go_upwards_and_are_never_closer_than_the_shortest_gap(text: str, after: datetime) -> None:
    cron = Cron(text=text)
    times = list(islice(cron.fires_after(after), 5))
    assert len(times) == 5
    assert all(time > after for time in times)
    assert all(later - earlier >= cron.shortest_gap for earlier, later in pairwise(times))


@settings(max_examples=40)
@given(st.text("0123456789*/,-#abcmnoLW ", max_size=20) | st.text(max_size=12))
def test_whatever_the_text_it_is_taken_or_refused(text: str) -> None:
    try:
        times: Iterator[datetime] = Cron(text=text).fires_after(FRIDAY)
    except ValueError:
        return
    assert next(times) > FRIDAY
