"""Counts as sites print them: with separators of thousands, in other digits, or shortened."""

import re
from dataclasses import dataclass

SEPARATED = re.compile(r"[0-9]{1,3}(?:[.,'\u2019\s\u066c][0-9]{3})+|[0-9]{1,12}")
"""``1,234``, ``1.234``, ``1 234``, ``1'234`` (any kind of blank), ``1234``."""

# "1.2K", "12,5 Tsd.", "3 M"
SHORTENED = re.compile(r"([0-9]{1,4}(?:[.,][0-9]{1,2})?)\s?(K|M|Tsd\.?|Mio\.?|mil|тыс\.?)", re.IGNORECASE)
TIMES = {"k": 1_000, "tsd": 1_000, "mil": 1_000, "тыс": 1_000, "m": 1_000_000, "mio": 1_000_000}


@dataclass(frozen=True, slots=True)
class Count:
    """A printed count; not exact if the site shortened it."""

    value: int
    exact: bool


def read_count(text: str) -> Count | None:
    """A text that is a count and nothing else: ``1,234``, ``12K``; None if it is anything else."""
    words = western_digits(text).strip()
    if SEPARATED.fullmatch(words):
        return Count(int(re.sub(r"[^0-9]", "", words)), exact=True)
    if short := SHORTENED.fullmatch(words):
        # "Tsd." and "тыс." have a full stop in some skins.
        times = TIMES[short[2].rstrip(".").lower()]
        return Count(round(float(short[1].replace(",", ".")) * times), exact=False)
    return None


def count_within(text: str) -> tuple[Count, str] | None:
    """The first count among other words, and how it is printed: ``12 thoughts on``."""
    words = western_digits(text)
    # The shortened ones first: "1.2K" begins with a count of its own.
    for pattern in (SHORTENED, SEPARATED):
        found = re.search(rf"(?<![\w.,])(?:{pattern.pattern})(?!\w)", words, re.IGNORECASE)
        if found and (count := read_count(found[0])):
            return count, found[0]
    return None


def western_digits(text: str) -> str:
    """Arabic, Persian and other decimal digits as 0 to 9."""
    if text.isascii():
        return text
    return "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text)
