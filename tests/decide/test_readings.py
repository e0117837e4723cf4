"""A capture read for the first time, once more, or beside another of the same moment."""

import pytest

from ingest.decide.changes.rows import Reading
from parsers.records import ParsedPage
from tests.kit.parsed import article, at, comment, section_page
from tests.kit.shelf import Shelf


@pytest.fixture
def shelf() -> Shelf:
    """A shelf that has seen one article with a comment at noon, in its first capture."""
    filled = Shelf()
    filled.visit(page(), at(0))
    return filled


def page(text: str = "remark 1", **fields: object) -> ParsedPage:
    return section_page([article("100", [comment("1", 1, text=text)], **fields)])


@pytest.mark.parametrize(
    ("superseded", "up_to_date"), [(False, (True, True, False)), (True, (True, False, False))]
)
def test_a_page_speaks_for_the_present_until_something_newer_is_known(
    superseded: bool, up_to_date: tuple[bool, ...]
) -> None:
    reading = Reading(superseded=superseded)
    assert tuple(reading.is_up_to_date(at(hour), at(0)) for hour in (-1, 0, 1)) == up_to_date


@pytest.mark.parametrize(("first", "gone"), [(False, (True, False, False)), (True, (True, True, False))])
def test_only_a_first_reading_proves_that_a_row_of_its_moment_is_gone(
    first: bool, gone: tuple[bool, ...]
) -> None:
    reading = Reading(first=first)
    assert tuple(reading.proves_gone(at(hour), at(0)) for hour in (-1, 0, 1)) == gone


@pytest.mark.parametrize(("behind", "text"), [(frozenset({1}), "remark 1"), (frozenset({9}), "edited")])
def test_of_two_captures_of_a_moment_the_one_that_comes_behind_has_the_words(
    shelf: Shelf, behind: frozenset[int], text: str
) -> None:
    shelf.visit(page("edited"), at(0), reading=Reading(behind=behind))
    assert shelf.thread()["1"].content.text == text


@pytest.mark.parametrize(("again", "outlet"), [(False, "Daily Wave"), (True, None)])
def test_an_older_page_that_the_same_parser_reads_again_fills_no_gap(
    shelf: Shelf, again: bool, outlet: str | None
) -> None:
    shelf.visit(page(outlet="Daily Wave"), at(-1), reading=Reading(again=again))
    assert shelf.articles["100"].row.content.outlet == outlet


def test_a_vanished_comment_that_the_same_capture_shows_to_a_better_parser_returns(shelf: Shelf) -> None:
    shelf.visit(section_page([article("100")]), at(1))
    assert shelf.thread()["1"].vanished_at == at(1)
    better = page()
    assert shelf.visit(better, at(1)).comments.counts.returned == 1
    row = shelf.thread()["1"]
    assert (row.vanished_at, row.last_seen_at) == (None, at(1))


def test_a_vanished_comment_stays_vanished_by_a_capture_that_is_superseded(shelf: Shelf) -> None:
    shelf.visit(section_page([article("100")]), at(1))
    assert shelf.visit(page(), at(1), reading=Reading(superseded=True)).comments.returned == ()
    assert shelf.thread()["1"].vanished_at == at(1)
