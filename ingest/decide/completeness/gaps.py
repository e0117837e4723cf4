"""Ledger rows, counted anew, page by page and day by day: what is proven, and what is missing why. Pure.

A repair fetches pages that are short or failed again; a backfill fetches those never loaded.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Literal

from ingest.decide.completeness.counters import differs, judge
from ingest.records.pages import PageState
from schedules.recrawl import SETTLED
from schedules.windows import DAY

WORST_FIRST: tuple[Literal["failed", "short", "pending", "unproven"], ...]
WORST_FIRST = ("failed", "short", "pending", "unproven")

DayState = Literal["done", "empty", "unproven", "short", "failed", "pending", "none"]
"""``empty``: done, and the site shows nothing on that day; ``none``: the ledger has no row of it."""

Place = tuple[str, date, int | None]
"""A source, a day and a section; an article need not have one."""


def place_of(page: PageState) -> tuple[str, date, int]:
    """Where the page stands."""
    return page.source, page.day, page.section


def proven(page: PageState) -> bool:
    """Whether the site's counters and what is held agree."""
    return page.state == "done" and page.expected_articles is not None and not differs(page)


def unproven(page: PageState) -> bool:
    """Whether all that the site shows is held, and the site does not say how much there is."""
    return page.state == "unproven" and not differs(page)


def never_loaded(page: PageState) -> bool:
    """Whether no page of the section was ever loaded or failed, and none was found empty."""
    return page.state in {"pending", "leased"} and page.full_at is None


def never_reached(page: PageState) -> bool:
    """Whether no page was loaded, and no other page of its day gave its counts."""
    return never_loaded(page) and page.expected_articles is None


def as_counted(page: PageState, uneven: Collection[Place]) -> PageState:
    """The row with the state that it has by what is held now.

    ``uneven`` are the places of articles whose held threads differ from their headlines.
    """
    # Sums can agree where one thread has too many and another too few.
    wrong = differs(page) or place_of(page) in uneven
    # A settled row that is wrong by now is short; so is one that is pending and was loaded before.
    once_done = page.state in SETTLED and wrong
    once_loaded = page.state in {"pending", "leased"} and not never_loaded(page)
    return replace(page, state="short") if once_done or once_loaded else page


def why(page: PageState) -> str | None:
    """What the page lacks, in plain words; None if it is proven."""
    if proven(page):
        return None
    if page.last_error is not None:
        return page.last_error
    if never_loaded(page):
        return "never reached" if never_reached(page) else "its page was never loaded"
    return _gap(page) if differs(page) else "its page is to be loaded again"


def day_state(pages: Iterable[PageState]) -> DayState:
    """The state of a source's day by its rows ``as_counted``: the worst state of them."""
    rows = list(pages)
    if not rows:
        return "none"
    states = {_of_page(page) for page in rows}
    # All rows are done: it was a day of articles if one of them expects any.
    as_proven: DayState = "done" if any(page.expected_articles for page in rows) else "empty"
    return next((state for state in WORST_FIRST if state in states), as_proven)


def _of_page(page: PageState) -> str:
    """The page's part in the state of its day: what is not proven yet is to be loaded."""
    if page.state in {"failed", "short"}:
        return page.state
    if proven(page):
        return "done"
    return "unproven" if unproven(page) else "pending"


def stretches(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days in order, as the first and the last of each unbroken row."""
    found: list[tuple[date, date]] = []
    for day in days:
        if found and day - found[-1][1] == DAY:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def _gap(page: PageState) -> str | None:
    return judge(page.expected, page.held, ()).last_error
