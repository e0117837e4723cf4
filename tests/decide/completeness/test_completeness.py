"""Ledger rows by what is held now: proven or not, why not, and how it stands with their day."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decide.completeness.counters import differs
from ingest.decide.completeness.gaps import (
    DayState,
    as_counted,
    day_state,
    never_loaded,
    never_reached,
    place_of,
    proven,
    stretches,
    why,
)
from ingest.records.pages import PageState

DAY = date(2021, 5, 4)
NOON = datetime(2021, 5, 4, 12, tzinfo=UTC)


def page(
    state: str = "done", counts: tuple[int, int, int, int] | None = (1, 1, 5, 5), **more: object
) -> PageState:
    """A row with its counts: articles expected and held, comments expected and held."""
    plain = PageState(source="harbour", day=DAY, section=1, state=state, full_at=NOON)  # type: ignore[arg-type]
    if counts is None:
        plain = replace(plain, held_articles=0, held_comments=0, full_at=None)
    else:
        names = ("expected_articles", "held_articles", "expected_comments", "held_comments")
        plain = replace(plain, **dict(zip(names, counts, strict=True)))  # type: ignore[arg-type]
    return replace(plain, **more)  # type: ignore[arg-type]


DONE = page()
EMPTY = page(counts=(0, 0, 0, 0))
LESS = page(counts=(1, 1, 5, 3))
MORE = page(counts=(1, 2, 5, 5))
SHORT = page("short", (1, 1, 5, 3), last_error="short by 2 comments of 5")
FAILED = page("failed", last_error="the site answered 500")
ENLISTED = page("pending", None)
TOLD_OF = page("pending", (2, 0, 5, 0), full_at=None)
CHANGED = page("pending", (1, 1, 6, 5))
AGAIN = page("pending")
FAILED_AT_ONCE = page("failed", None, last_error="no answer")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param(DONE, None, id="done"),
        pytest.param(EMPTY, None, id="empty"),
        pytest.param(LESS, "short by 2 comments of 5", id="lost since"),
        pytest.param(MORE, "1 articles more than the 1 expected", id="more"),
        pytest.param(SHORT, "short by 2 comments of 5", id="short"),
        pytest.param(FAILED, "the site answered 500", id="failed"),
        pytest.param(FAILED_AT_ONCE, "no answer", id="failed at once"),
        pytest.param(ENLISTED, "never reached", id="enlisted"),
        pytest.param(TOLD_OF, "its page was never loaded", id="told of"),
        pytest.param(CHANGED, "short by 1 comments of 6", id="changed"),
        pytest.param(AGAIN, "its page is to be loaded again", id="changed back"),
    ],
)
def test_a_page_is_proven_or_says_why_not(row: PageState, said: str | None) -> None:
    assert why(row) == said
    assert proven(row) == (said is None)


@pytest.mark.parametrize(
    ("row", "state"),
    [
        pytest.param(DONE, "done", id="done"),
        pytest.param(LESS, "short", id="lost since"),
        pytest.param(MORE, "short", id="more"),
        pytest.param(SHORT, "short", id="short"),
        pytest.param(FAILED, "failed", id="failed"),
        pytest.param(replace(LESS, state="failed"), "failed", id="failed and less"),
        pytest.param(ENLISTED, "pending", id="enlisted"),
        pytest.param(TOLD_OF, "pending", id="told of"),
        pytest.param(CHANGED, "short", id="changed"),
        pytest.param(AGAIN, "short", id="changed back"),
        pytest.param(replace(CHANGED, state="leased"), "short", id="leased"),
    ],
)
def test_the_state_by_what_is_held_now(row: PageState, state: str) -> None:
    assert as_counted(row, ()) == replace(row, state=state)  # type: ignore[arg-type]


def test_a_page_whose_articles_are_uneven_is_short_though_its_sums_agree() -> None:
    assert as_counted(DONE, {place_of(DONE)}).state == "short"
    assert as_counted(DONE, {("harbour", DAY, 2), ("harbour", DAY, None)}).state == "done"


def test_what_was_never_loaded_and_what_was_never_reached() -> None:
    rows = (DONE, FAILED_AT_ONCE, CHANGED, TOLD_OF, ENLISTED)
    assert [never_loaded(row) for row in rows] == [False, False, False, True, True]
    assert [never_reached(row) for row in rows] == [False, False, False, False, True]


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ((), "none"),
        ((DONE, EMPTY), "done"),
        ((EMPTY, EMPTY), "empty"),
        ((DONE, TOLD_OF), "pending"),
        ((ENLISTED, ENLISTED), "pending"),
        ((DONE, TOLD_OF, SHORT), "short"),
        ((SHORT, FAILED, ENLISTED), "failed"),
    ],
    ids=["no row", "done", "empty", "told of", "enlisted", "short", "failed"],
)
def test_the_worst_page_names_the_day(rows: tuple[PageState, ...], state: DayState) -> None:
    assert day_state(rows) == state


def test_days_in_stretches() -> None:
    days = [date(2020, 2, 27), date(2020, 2, 28), date(2020, 2, 29), date(2020, 3, 1), date(2020, 3, 3)]
    assert stretches(days) == [(days[0], days[3]), (days[4], days[4])]
    assert stretches([]) == []


@given(st.sets(st.dates(date(2020, 1, 1), date(2020, 3, 31))))
def test_stretches_hold_each_day_once_and_do_not_touch(days: set[date]) -> None:
    found = stretches(sorted(days))
    assert sum((last - first).days + 1 for first, last in found) == len(days)
    assert {day for stretch in found for day in stretch} <= days
    assert all((later - last).days > 1 for (_, last), (later, _) in pairwise(found))


@pytest.mark.parametrize(
    ("counts", "lacks"),
    [
        ((0, 1, 0, 0), "1 articles more than the 0 expected"),
        ((1, 1, 0, 2), "2 comments more than the 0 expected"),
        ((1, 0, 5, 0), "short by 1 articles of 1; short by 5 comments of 5"),
        ((1, None, 5, None), "short by 1 articles of 1; short by 5 comments of 5"),
    ],
)
def test_what_is_lacking_where_a_count_is_nought(counts: tuple[int, int, int, int], lacks: str) -> None:
    assert why(page("done", counts)) == lacks


def test_where_the_site_counts_nothing_nothing_differs() -> None:
    assert not differs(ENLISTED)
    assert differs(LESS)
    assert not differs(DONE)
