"""How well rows match, by BM25 of their own texts. Pure.

FTS5 has a bm25() of its own, which reads every row that has a word to learn how rare it is, and highlight(),
which reads every text sign by sign: a twentieth of a second for a frequent word. Here that is counted up to
a bound, and the words are looked for in the few texts that are ranked.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ingest.records.search import SearchedKind
from ingest.store.search.words import Term, pattern_of, plain

SATURATION = 1.2
LENGTH_MATTERS = 0.75
"""The two constants of BM25, as everywhere: k1 and b."""
USUAL_LENGTH: dict[SearchedKind, int] = {"article": 2_000, "comment": 400}
"""Characters; a longer text has more words by chance."""
OF_TITLE = 4
"""So often a word of the title counts."""


class Candidate(NamedTuple):
    """A row that matches, with its words; a comment has no title of its own."""

    row_id: int
    title: str
    text: str
    source: str
    author: str | None
    year: int


class Ranked(NamedTuple):
    """How well a row matches, its id, and what facets count of it."""

    rank: float
    row_id: int
    source: str
    author: str | None
    year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """The best of ``total`` rows that were ranked; with ``more`` others match."""

    best: tuple[Ranked, ...]
    total: int
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighted:
    """A term, and how many of so many rows have it, or at least have it."""

    term: Term
    rows: int
    of_rows: int

    @property
    def weight(self) -> float:
        """More for a rarer one; never nothing, for a row that has it is better than one that has not."""
        return math.log(1 + max(0, self.of_rows - self.rows + 0.5) / (self.rows + 0.5))


def ranks(candidates: Iterable[Candidate], terms: Sequence[Weighted], kind: SearchedKind) -> list[Ranked]:
    """The rows with their ranks, the best first; of equal ones the last."""
    patterns = [(pattern_of(one.term), one.weight) for one in terms]
    usual = USUAL_LENGTH[kind]
    found = [
        Ranked(_rank(title, text, patterns, usual), row_id, source, author, year)
        for row_id, title, text, source, author, year in candidates
    ]
    return sorted(found, key=lambda one: one[:2], reverse=True)


def _rank(title: str, text: str, patterns: Sequence[tuple[re.Pattern[str], float]], usual: int) -> float:
    title, text = plain(title), plain(text)
    longer = SATURATION * (1 - LENGTH_MATTERS + LENGTH_MATTERS * (len(title) + len(text)) / usual)
    rank = 0.0
    for pattern, weight in patterns:
        hits = len(pattern.findall(text))
        if title:
            hits += OF_TITLE * len(pattern.findall(title))
        rank += weight * hits * (SATURATION + 1) / (hits + longer)
    return rank
