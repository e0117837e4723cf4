"""Ranges of days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.windows import DAY, Window

ZONE = ZoneInfo("America/New_York")

days = st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 1, 1))


@given(since=days, length=st.integers(1, 400))
def test_every_day_of_a_window_comes_exactly_once(since: date, length: int) -> None:
    window = Window(since=since, before=since + length * DAY)
    oldest_first = list(window.days(newest_first=False))
    assert oldest_first == sorted(set(oldest_first))
    assert list(window.days()) == oldest_first[::-1]
    assert len(window) == len(oldest_first) == length
    assert (oldest_first[0], oldest_first[-1]) == (window.since, window.until)
    assert all(day in window for day in oldest_first)
    assert window.since - DAY not in window
    assert window.before not in window


def test_a_window_of_two_days_holds_both() -> None:
    window = Window.of(date(2018, 3, 23), date(2018, 3, 24))
    assert list(window.days()) == [date(2018, 3, 24), date(2018, 3, 23)]
    assert len(Window.of(date(2018, 3, 23), date(2018, 3, 23))) == 1


@pytest.mark.parametrize("before", [date(2018, 3, 23), date(2018, 3, 22)])
def test_a_window_without_a_day_is_none(before: date) -> None:
    with pytest.raises(ValueError, match="holds no day"):
        Window(since=date(2018, 3, 23), before=before)


@pytest.mark.parametrize(("month", "change"), [(3, date(2018, 3, 11)), (11, date(2018, 11, 4))])
def test_the_days_the_clock_changes_come_once(month: int, change: date) -> None:
    hours = [datetime(2018, month, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(24 * 20)]
    by_clock = list(dict.fromkeys(hour.astimezone(ZONE).date() for hour in hours))
    window = Window.of(by_clock[0], by_clock[-1])
    assert list(window.days(newest_first=False)) == by_clock
    assert by_clock.count(change) == 1
