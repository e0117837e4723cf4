"""The part of a text that shows best why it was found."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.store.search.words import Term, pattern_of, placed_words, plain_in_place

AROUND = 60
"""So many characters are shown before the first word that was found."""
LENGTH = 240
SPACE = re.compile(r"\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """Plain text on one line, and where the words stand in it."""

    text: str
    marks: tuple[tuple[int, int], ...]


def excerpt_of(text: str, terms: Sequence[Term]) -> Excerpt:
    """The part of the text with the most of the terms, with all their words marked; else its beginning."""
    found = _places(text, terms)
    start = _best_start(found)
    begin = _word_start(text, max(0, start - AROUND)) if start > AROUND else 0
    end = min(len(text), begin + LENGTH)
    if end < len(text):
        end = max(text.rfind(" ", begin + LENGTH // 2, end), begin + LENGTH // 2)
    before, after = ("… " if begin else ""), (" …" if end < len(text) else "")
    # One character for one: the marks stay where they are.
    shown = SPACE.sub(" ", text[begin:end])
    shift = len(before) - begin
    marks = tuple((left + shift, right + shift) for _, left, right in found if begin <= left and right <= end)
    return Excerpt(text=f"{before}{shown}{after}", marks=marks)


def marks_of(text: str, terms: Sequence[Term]) -> tuple[tuple[int, int], ...]:
    """Where the terms stand in a text."""
    return tuple((left, right) for _, left, right in _places(text, terms))


def _places(text: str, terms: Sequence[Term]) -> list[tuple[int, int, int]]:
    """Which term stands where: its number, and where the words begin and end."""
    plain = plain_in_place(text)
    if plain is None:
        found = list(_word_by_word(text, terms))
    else:
        found = [
            (number, *match.span())
            for number, term in enumerate(terms)
            for match in pattern_of(term).finditer(plain)
        ]
    return _apart(sorted(found, key=lambda place: place[1:]))


def _word_by_word(text: str, terms: Sequence[Term]) -> Iterator[tuple[int, int, int]]:
    """The same for a text whose characters are others, or more of them, once it is plain."""
    words = list(placed_words(text))
    for number, term in enumerate(terms):
        for index in range(len(words)):
            run = words[index : index + len(term.words)]
            if _is(term, [word for word, _, _ in run]):
                yield number, run[0][1], run[-1][2]


def _is(term: Term, words: Sequence[str]) -> bool:
    if len(words) < len(term.words) or list(term.words[:-1]) != list(words[:-1]):
        return False
    last = words[-1]
    return last.startswith(term.words[-1]) if term.beginning else last == term.words[-1]


def _apart(found: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Without those that begin within another."""
    kept: list[tuple[int, int, int]] = []
    for place in found:
        if not kept or place[1] >= kept[-1][2]:
            kept.append(place)
    return kept


def _best_start(found: Sequence[tuple[int, int, int]]) -> int:
    """Where the stretch begins that shows the most different terms, then the most words."""
    best, most = 0, (0, 0)
    for index, (_, left, _) in enumerate(found):
        shown = [
            number for number, begin, _ in found[index : index + 20] if begin < left + LENGTH - 2 * AROUND
        ]
        if (len(set(shown)), len(shown)) > most:
            best, most = left, (len(set(shown)), len(shown))
    return best


def _word_start(text: str, at: int) -> int:
    space = text.find(" ", at, at + AROUND)
    return space + 1 if space >= 0 else at
