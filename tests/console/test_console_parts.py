"""The parts of the console by themselves: markup made harmless, differences, ages, answers that are kept."""

from datetime import timedelta

import pytest

from ingest.console.cleaning import cleaned, outward
from ingest.console.differences import MOST_WORDS, Piece, differences
from ingest.console.plots import bars
from ingest.console.recent import MOST, Recent
from ingest.console.rendering import address, age
from tests.console.held import NOON
from tests.kit.fakes import FakeClock


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<p onclick=x>a<br>b</p>", "<p>a<br>b</p>"),
        ("<h1>a</h1>", "a"),
        ("<script>alert(1)</script>b", "b"),
        ("<a href='/x'>a</a>", '<a rel="noopener noreferrer nofollow">a</a>'),
        ("<a href='javascript:x'>a</a>", '<a rel="noopener noreferrer nofollow">a</a>'),
        ("<img src=x onerror=y>", ""),
        ("<!-- a -->b", "b"),
    ],
)
def test_markup_is_made_harmless(markup: str, shown: str) -> None:
    assert cleaned(markup) == shown


@pytest.mark.parametrize(
    "link", [None, "", "javascript:alert(1)", "//x.test", "/x", "data:text/html,x", "http://["]
)
def test_only_a_whole_address_of_the_web_is_a_link(link: str | None) -> None:
    assert outward(link) is None
    assert outward(" https://x.test/a ") == "https://x.test/a"


def test_differences_are_words() -> None:
    assert differences("the old weir holds", "the weir holds well") == (
        Piece(kind="same", text="the"),
        Piece(kind="gone", text=" old"),
        Piece(kind="same", text=" weir holds"),
        Piece(kind="added", text=" well"),
    )


def test_long_texts_are_not_compared_word_by_word() -> None:
    long = "a " * MOST_WORDS
    assert [piece.kind for piece in differences(long, long + "b")] == ["gone", "added"]
    assert [piece.kind for piece in differences(long, long)] == ["same"]


@pytest.mark.parametrize(
    ("seconds", "words"), [(-5, "less than a minute"), (60, "1 minute"), (7300, "2 hours"), (90000, "1 day")]
)
def test_an_age_is_in_its_largest_unit(seconds: int, words: str) -> None:
    assert age(timedelta(seconds=seconds)) == words
    assert age(None) == "never"


def test_an_address_leaves_out_what_is_none() -> None:
    assert address("/x", a=None) == "/x"
    assert address("/x", a="b&c", d=1) == "/x?a=b%26c&d=1"


def test_a_plot_has_its_numbers_and_nothing_that_acts() -> None:
    plot = bars("<t>", "day", {"a": [1, 2], "b": [3, 4]}, ["<x>", "y"])
    assert plot.rows == (("<x>", (1, 3)), ("y", (2, 4)))
    assert "<script" not in plot.svg
    assert "<style" not in plot.svg
    assert "<x>" not in plot.svg
    assert plot.svg.count("<rect") == 6
    assert "nothing yet" in bars("t", "day", {"a": []}, []).svg


def test_an_answer_is_kept_for_some_seconds() -> None:
    clock = FakeClock(NOON)
    recent, made = Recent(clock, 10), iter(range(100))
    assert [recent.of("a", lambda: next(made)) for _ in range(3)] == [0, 0, 0]
    clock.advance(11)
    assert recent.of("a", lambda: next(made)) == 1
    recent.forget()
    assert recent.of("a", lambda: next(made)) == 2


def test_whoever_asks_while_an_answer_is_made_has_the_one_before() -> None:
    clock = FakeClock(NOON)
    recent = Recent(clock, 10)
    assert recent.of("a", lambda: "old") == "old"
    clock.advance(11)
    assert recent.of("a", lambda: recent.of("a", lambda: "never made")) == "old"


def test_what_could_not_be_made_is_tried_again() -> None:
    recent = Recent(FakeClock(NOON))
    with pytest.raises(ZeroDivisionError):
        recent.of("a", lambda: 1 // 0)
    assert recent.of("a", lambda: None) is None


def test_only_so_many_answers_are_kept() -> None:
    recent = Recent(FakeClock(NOON))
    for number in range(MOST + 1):
        recent.of(number, lambda: "x")
    assert recent.of(0, lambda: "anew") == "anew"
