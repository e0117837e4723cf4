"""A day that had articles and shows none: when that is believed, and since when it is so."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ingest.decide.changes.model import Stored
from ingest.decide.completeness.emptied import emptied, empty_since, emptying_after, is_newest
from ingest.records.pages import DayKnown, Emptying, PageState
from parsers.records import ParsedPage
from tests.kit.parsed import DAY, article, at, comments_page, headline, section_page
from tests.kit.shelf import Shelf

EMPTY = section_page([], sections={1: 0})
FULL = section_page([article("100")])
DOUBTED = "the day shows no articles, and 1 are held: it was empty for less than a day"
NEXT_DAY = DAY + timedelta(days=1)


def seen(*hours: int) -> Stored:
    """The day's article, seen at these hours."""
    shelf = Shelf()
    for hour in hours:
        shelf.visit(FULL, at(hour))
    return shelf.held()


def known(since: float | None = None, accepted: float | None = None) -> Emptying:
    return Emptying(
        since=None if since is None else at(since), accepted_at=None if accepted is None else at(accepted)
    )


@pytest.mark.parametrize(
    ("before", "hour", "believed"),
    [
        (known(), 1, False),
        (known(since=1), 2, False),
        (known(since=1), 24.9, False),
        (known(since=1), 25, True),
        (known(since=1), 30, True),
        (known(since=1, accepted=1), 2, True),
        (known(since=1, accepted=2), 2, True),
        (known(since=1, accepted=3), 2, False),
        (known(since=1, accepted=0.5), 2, False),
        # What was seen since then ends it.
        (known(since=0), 25, False),
    ],
)
def test_an_empty_page_is_doubted_for_a_day(before: Emptying, hour: float, believed: bool) -> None:
    assert emptied(EMPTY, seen(0), before, at(hour)) == (() if believed else (DOUBTED,))


@pytest.mark.parametrize(
    "page",
    [
        FULL,
        section_page([], others=[headline("100")]),
        replace(FULL, headlines=()),
        replace(comments_page(article("100")), articles=()),
    ],
)
def test_a_page_that_shows_anything_is_not_doubted(page: ParsedPage) -> None:
    assert emptied(page, seen(0), known(), at(1)) == ()


def test_a_day_of_which_nothing_is_held_may_be_empty() -> None:
    assert emptied(EMPTY, Shelf().held(), known(), at(1)) == ()
    assert emptied(replace(EMPTY, date=NEXT_DAY), seen(0), known(), at(1)) == ()


@pytest.mark.parametrize(
    ("page", "since", "hour", "newest", "after"),
    [
        (EMPTY, None, 1, True, 1),
        (EMPTY, None, 1, False, None),
        (replace(EMPTY, truncated=True), None, 1, True, None),
        (EMPTY, 1, 3, True, 1),
        (EMPTY, 2, 1, True, 1),
        (EMPTY, 0, 3, True, 3),
        (FULL, 1, 2, True, None),
        (FULL, 1, 1, True, None),
        (FULL, 1, 1, False, 1),
        (FULL, 1, 0.5, True, 1),
        (FULL, None, 2, True, None),
        (section_page([], others=[headline("100")]), 1, 2, True, None),
        (replace(FULL, headlines=()), 1, 2, True, None),
    ],
)
def test_since_when_a_day_is_empty(
    page: ParsedPage, since: float | None, hour: float, newest: bool, after: float | None
) -> None:
    found = emptying_after(page, seen(0), known(since, accepted=9), at(hour), newest=newest)
    assert found == known(after, accepted=9)


def test_a_day_that_never_had_articles_is_not_empty_since_a_moment() -> None:
    assert emptying_after(EMPTY, Shelf().held(), known(), at(1), newest=True) == known()


def test_the_last_of_all_articles_ends_an_empty_day() -> None:
    shelf = Shelf()
    shelf.visit(section_page([article("100"), article("101")]), at(0))
    shelf.visit(section_page([article("101")]), at(3), complete=False)
    assert emptying_after(EMPTY, shelf.held(), known(since=2), at(4), newest=True) == known(since=4)


def test_what_counts_as_an_article_of_the_day() -> None:
    shelf = Shelf()
    shelf.visit(section_page([article("100")]), at(0))
    assert empty_since(shelf.held(), DAY, known(since=1)) == at(1)
    assert empty_since(shelf.held(), NEXT_DAY, known(since=1)) is None
    shelf.visit(section_page([article("100", date=NEXT_DAY)], date=NEXT_DAY), at(2))
    assert empty_since(shelf.held(), NEXT_DAY, known(since=1)) == at(1)
    # Listed there since then: that it was seen at home later says nothing of this day.
    shelf.visit(section_page([article("100")]), at(5))
    empty = replace(EMPTY, date=NEXT_DAY)
    assert emptying_after(empty, shelf.held(), known(since=3), at(6), newest=True) == known(since=3)
    shelf.suppressed_articles = frozenset({"100"})
    assert empty_since(shelf.held(), DAY, known(since=1)) is None
    shelf.suppressed_articles = frozenset()
    shelf.visit(section_page([article("7", date=NEXT_DAY)], date=NEXT_DAY), at(7))
    shelf.visit(section_page([article("8")]), at(7))
    shelf.visit(section_page([article("9")]), at(8))
    assert [key for key, one in shelf.articles.items() if not one.row.live] == ["100", "8"]
    assert len(emptied(EMPTY, shelf.held(), known(), at(9))) == 1
    assert "and 1 are held" in emptied(EMPTY, shelf.held(), known(), at(9))[0]


@pytest.mark.parametrize(
    ("visits", "superseded", "newest"),
    [
        ((), False, True),
        ((), True, False),
        ((None,), False, True),
        ((-1, None), False, True),
        ((0,), False, True),
        ((0,), True, False),
        ((-1, 1), False, False),
    ],
)
def test_a_page_is_the_newest_if_no_visit_is_newer(
    visits: tuple[int | None, ...], superseded: bool, newest: bool
) -> None:
    pages = {
        number: PageState(
            source="harbour",
            day=DAY,
            section=number,
            state="done",
            visited_at=None if hour is None else at(hour),
        )
        for number, hour in enumerate(visits)
    }
    day = DayKnown(source="harbour", day=DAY, articles={}, pages=pages, suppressed=frozenset())
    assert is_newest(day, at(0), superseded=superseded) is newest
