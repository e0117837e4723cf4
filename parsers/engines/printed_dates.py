"""Dates as people read them (``9. Juni 2017 um 13:22``, ``12/29/14 at 9:14 pm``) to local times.

A numeric date does not say which number is its month: the other dates of the page and its language decide,
and where they do not, the date is refused.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Literal

from parsers.engines.counts import western_digits
from parsers.engines.months import MONTHS
from parsers.text import collapse

DayOrder = Literal["day first", "month first"]

# The longest first: "mar" would take the beginning of "march".
NAME = "|".join(sorted(map(re.escape, MONTHS), key=len, reverse=True))
DAY = r"(?<![0-9])([0-9]{1,2})"
YEAR = r"([0-9]{4})(?![0-9])"
# "2018-03-23", "2018. 3. 23", "2018年3月23日"
YEAR_FIRST = re.compile(
    r"(?<![0-9])([0-9]{4})\s?[-/.年년]\s?([0-9]{1,2})\s?[-/.月월]\s?([0-9]{1,2})(?![0-9])\s?[日일]?"
)
# "23. März 2018", "23rd of March, 2018", "23 de marzo de 2018"
DAY_AND_NAME = re.compile(
    rf"{DAY}(?:st|nd|rd|th|er|\.|º|ª)?\s?(?:de |of |-)?({NAME})\b\.?,?[\s-]?(?:de |del |of )?{YEAR}"
)
# March 23rd, 2018 at 9:14 pm
NAME_AND_DAY = re.compile(rf"\b({NAME})\.?\s{DAY}(?:st|nd|rd|th|\.)?,?\s(?:at |um )?{YEAR}")
# "3/23/2018" of one site, "23.03.18" of another
NUMERIC = re.compile(rf"{DAY}\s?([./-])\s?([0-9]{{1,2}})\s?[./,-]\s?([0-9]{{4}}|[0-9]{{2}})(?![0-9])")

# "March 23rd at 9:55 am": the hour has to follow, else any name of a month with a number would do.
NO_YEAR = re.compile(
    rf"(?:\b({NAME})\.?\s{DAY}(?:st|nd|rd|th|\.)?|{DAY}(?:\.|º)?\s(?:de )?({NAME})\b\.?),?\s"
    r"(?:at |um |@ )?(?=[0-9]{1,2}:)"
)
FORENOON = r"a\.?\s?m\b\.?|上午|오전|午前|ص\b|صباحا|ق\.?ظ\b|дп\b|f\.?\s?m\b\.?|vm\b|dop\b|öö\b|π\.?μ\b|sáng\b"
AFTERNOON = (
    r"p\.?\s?m\b\.?|下午|오후|午後|م\b|مساء|ب\.?ظ\b|пп\b|e\.?\s?m\b\.?|nm\b|odp\b|ös\b|μ\.?μ\b|chiều\b|tối\b"
)
"""Halves of the day behind the time, in the languages whose clocks have twelve hours on some sites."""

HALF = rf"(?:\s?(?:(?P<am>{FORENOON})|(?P<pm>{AFTERNOON})))?"
# "오후 9:14", "9:14 pm", "21.14", "21h14"; a colon before a full stop, which dates have as well
CLOCKS = (
    re.compile(r"(?P<half>오전|오후|上午|下午|午前|午後)\s?(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"),
    re.compile(rf"(?<![0-9:])(?P<hour>[0-9]{{1,2}}):(?P<minute>[0-9]{{2}})(?::[0-9]{{2}})?(?![0-9]){HALF}"),
    re.compile(rf"(?<![0-9.])(?P<hour>[0-9]{{1,2}})[.h](?P<minute>[0-9]{{2}})(?![0-9.]){HALF}"),
)
AFTERNOON_FIRST = frozenset({"오후", "下午", "午後"})
NOON = 12
LONGEST = 300
"""How far into a text a date is looked for: a line that says when is short."""

EARLIEST, LATEST = 1970, 2199
"""Years outside of these are a misreading."""

MONTH_FIRST_LANGUAGES = ("en-us", "en-ph")


def read_printed(text: str, order: DayOrder | None = None) -> date | datetime:
    """The first date in a text, with its time of day if one is printed.

    Raises:
        ValueError: there is no whole date, or nothing says which number is the month.
    """
    words = _normalised(text)
    day, start, end = _day_in(words, order)
    clock = _clock_in(f"{words[:start]} | {words[end:]}")
    return datetime.combine(day, clock) if clock is not None else day


def read_without_year(text: str) -> str:
    """``May 19th at 9:55 am`` as ``--05-19T09:55``: such a site leaves the year to its reader.

    Raises:
        ValueError: the text is no such date.
    """
    words = _normalised(text)
    found, clock = NO_YEAR.search(words), _clock_in(words)
    if found is None or clock is None:
        raise ValueError(f"{words[:60]!r} names no day")
    # A leap year: "February 29th" is a day.
    day = _day("2000", MONTHS[found[1] or found[4]], found[2] or found[3])
    return f"--{day:%m-%d}T{clock:%H:%M}"


def order_of(texts: Iterable[str], language: str | None) -> DayOrder | None:
    """In which order a page writes its numeric dates: by a number over 12, else by its language."""
    dotted = True
    for text in texts:
        if (found := NUMERIC.search(_normalised(text))) is None:
            continue
        # "23/3/2018" can only be written with the day first.
        if int(found[1]) > NOON:
            return "day first"
        if int(found[3]) > NOON:
            return "month first"
        dotted = dotted and found[2] == "."
    return _order_in(language, dotted=dotted)


def _order_in(language: str | None, *, dotted: bool) -> DayOrder | None:
    """By the language; dots, as in ``04.05.2021``, contradict one that writes the month first."""
    tag = (language or "").lower().replace("_", "-")
    if tag in MONTH_FIRST_LANGUAGES:
        return None if dotted else "month first"
    return None if tag == "en" or (not tag and not dotted) else "day first"


def printed_local(when: date | datetime) -> str:
    """``2018-03-23T01:35``, or the day alone where no time of day is printed."""
    return when.isoformat(timespec="minutes") if isinstance(when, datetime) else when.isoformat()


def _normalised(text: str) -> str:
    return collapse(western_digits(text[:LONGEST])).casefold()


def _day_in(words: str, order: DayOrder | None) -> tuple[date, int, int]:
    if found := YEAR_FIRST.search(words):
        return _day(found[1], found[2], found[3]), found.start(), found.end()
    if found := DAY_AND_NAME.search(words):
        return _day(found[3], MONTHS[found[2]], found[1]), found.start(), found.end()
    if found := NAME_AND_DAY.search(words):
        return _day(found[3], MONTHS[found[1]], found[2]), found.start(), found.end()
    if found := NUMERIC.search(words):
        return _numeric_day(found, order), found.start(), found.end()
    raise ValueError(f"{words[:60]!r} names no day with its year")


def _numeric_day(found: re.Match[str], order: DayOrder | None) -> date:
    first, second = int(found[1]), int(found[3])
    # "3/4/2018" is two days, "4/4/2018" is one.
    if order is None and first <= NOON and second <= NOON and first != second:
        raise ValueError(f"{found[0]!r} may be two days")
    # A number over 12 is the day, whatever the order of the page is.
    month_first = second > NOON or (order == "month first" and first <= NOON)
    month, day = (first, second) if month_first else (second, first)
    return _day(found[4], month, day)


def _day(year: str, month: str | int, day: str | int) -> date:
    # "3/23/18"
    full_year = int(year) if len(year) == len("2018") else 2000 + int(year)
    if not EARLIEST <= full_year <= LATEST:
        raise ValueError(f"{year!r} is no year of a comment")
    return date(full_year, int(month), int(day))


def _clock_in(words: str) -> time | None:
    for pattern in CLOCKS:
        if found := pattern.search(words):
            return _time(found)
    return None


def _time(found: re.Match[str]) -> time:
    parts = found.groupdict()
    hour, minute = int(parts["hour"]), int(parts["minute"])
    afternoon = bool(parts.get("pm")) or parts.get("half") in AFTERNOON_FIRST
    morning = not afternoon and bool(parts.get("am") or parts.get("half"))
    if hour <= NOON and (afternoon or morning):
        # "12:30 am" is half past midnight.
        hour = hour % NOON + (NOON if afternoon else 0)
    return time(hour, minute)
