"""The calendar in the terminal: a golden year, its width, and no colour needed."""

import io
import re
from datetime import date, timedelta

import pytest
from rich.console import Console

from ingest.cli.output.calendar import SIGNS, legend, years_drawn
from ingest.decide.completeness.gaps import DayState

LEAP_YEAR = """\
2024   done 346  empty 1  short 1  failed 1  pending 2  none 14
    Jan Feb Mar  Apr May Jun  Jul Aug Sep  Oct Nov Dec
Mon ?=====================..=============================
Tue ======================..============================?
Wed ========-=============..===========================
Thu ========S=============..============================
Fri ========F=============..============================
Sat ======================..============================
Sun ======================..============================

"""
WIDEST = """\
2000   done 366
    Jan  Feb Mar Apr  May Jun Jul  Aug Sep Oct  Nov Dec
Mon  ====================================================
Tue  ====================================================
Wed  ====================================================
Thu  ====================================================
Fri  ====================================================
Sat =====================================================
Sun =====================================================

"""


def drawn(days: dict[date, DayState], *, colour: bool = False, width: int = 80) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=colour, color_system="256" if colour else None)
    for line in years_drawn(days):
        console.print(line, soft_wrap=True)
    return out.getvalue()


def span(first: date, last: date, state: DayState = "done") -> dict[date, DayState]:
    return {first + timedelta(number): state for number in range((last - first).days + 1)}


def a_leap_year() -> dict[date, DayState]:
    """Of its days, Christmas lies outside of the window."""
    days = span(date(2024, 1, 1), date(2024, 12, 31))
    days |= span(date(2024, 6, 3), date(2024, 6, 16), "none")
    days |= {date(2024, 1, 1): "pending", date(2024, 12, 31): "pending"}
    days |= {date(2024, 2, 28): "empty", date(2024, 2, 29): "short", date(2024, 3, 1): "failed"}
    del days[date(2024, 12, 25)]
    return days


def test_a_leap_year_is_drawn() -> None:
    assert drawn(a_leap_year()) == LEAP_YEAR


def test_the_widest_year_fits_and_years_follow_one_another() -> None:
    both = drawn(span(date(2000, 1, 1), date(2000, 12, 31)) | a_leap_year())
    assert both == WIDEST + LEAP_YEAR
    assert max(map(len, both.splitlines())) <= 80


def test_the_first_and_the_last_day_there_are() -> None:
    lines = drawn({date(1, 1, 1): "done", date(9999, 12, 31): "short"}).splitlines()
    assert [line for line in lines if line.startswith(("1 ", "9999"))] == ["1   done 1", "9999   short 1"]
    assert "Mon =" in lines
    assert f"Fri {'S':>53}" in lines


def test_no_day_is_no_line() -> None:
    assert drawn({}) == ""


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2023, 12, 31), date(2001, 1, 1)], ids=str)
def test_a_day_stands_in_its_row_and_column(day: date) -> None:
    lines = drawn(span(date(day.year, 1, 1), date(day.year, 12, 31)) | {day: "failed"}).splitlines()
    row = lines[2 + day.weekday()]
    before = row[4 : row.index("F")]
    first = next(n for n in range(7) if date(day.year, 1, 1 + n).weekday() == day.weekday())
    blank = before.count(" ")
    assert day == date(day.year, 1, 1 + first) + timedelta(weeks=len(before) - blank)


def test_every_state_has_a_sign_of_its_own_that_any_terminal_has() -> None:
    signs = [sign for sign, _, _ in SIGNS.values()]
    assert len(set(signs)) == len(signs) == 7
    assert "".join(signs).isascii()
    words = legend(SIGNS).plain
    assert len(words) <= 92
    assert all(f"{sign} {meaning}" in words for sign, _, meaning in SIGNS.values())
    assert len(legend().plain) <= 80
    assert "unproven" not in legend().plain


def test_colour_changes_no_sign() -> None:
    coloured = drawn(a_leap_year(), colour=True)
    assert "\x1b[1;31mF\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == LEAP_YEAR
