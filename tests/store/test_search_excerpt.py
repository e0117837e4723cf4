"""The excerpt shows what was found, and its marks stand on it."""

import pytest

from ingest.store.search.excerpt import LENGTH, excerpt_of, marks_of
from ingest.store.search.words import terms_of

FILLING = "the quay was quiet and nobody came to see it again that day " * 20


def marked(text: str, words: str) -> tuple[str, list[str]]:
    found = excerpt_of(text, terms_of(words).wanted)
    return found.text, [found.text[begin:end] for begin, end in found.marks]


def test_a_short_text_is_shown_whole() -> None:
    assert marked("A boat,\n\ta Boat", "boat") == ("A boat,  a Boat", ["boat", "Boat"])


def test_of_a_long_text_the_part_with_most_of_the_words_is_shown() -> None:
    text = f"{FILLING} a harbour {FILLING} one harbour with boats {FILLING}"
    shown, words = marked(text, "harbour boats")
    assert words == ["harbour", "boats"]
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert len(shown) <= LENGTH + 4


def test_without_a_word_of_it_the_beginning_is_shown() -> None:
    shown, words = marked(FILLING, "harbour")
    assert (words, shown[:8]) == ([], "the quay")


def test_a_text_without_spaces_is_cut() -> None:
    shown, words = marked(f"{'x' * 500} harbour {'y' * 500}", "harbour")
    assert words == ["harbour"]
    assert len(shown) <= LENGTH + 4


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("Harbours and harbour", "harb*", [(0, 8), (13, 20)]),
        ("old harbour master, old harbour", '"old harbour mast*"', [(0, 18)]),
        ("old harbour", '"old harbour" harbour', [(0, 11)]),
        ("the E\u0301lan, the ÉLAN", "élan", [(4, 9), (15, 19)]),
        ("an old", '"old harbour"', []),
    ],
)
def test_marks(text: str, words: str, found: list[tuple[int, int]]) -> None:
    assert list(marks_of(text, terms_of(words).wanted)) == found


@pytest.mark.parametrize("words", ["boat*", "élan", '"a b"', "harbour boat", '"a a"'])
def test_a_text_whose_characters_change_place_is_marked_as_any_other(words: str) -> None:
    text = "Boats, a_boat! ÉLAN of “a b a a” boatyards; harbour-boat harbours a a a"
    grown = excerpt_of(f"{text} e\u0301", terms_of(words).wanted)
    plain = excerpt_of(f"{text} x", terms_of(words).wanted)
    assert grown.marks == plain.marks
    assert plain.marks
