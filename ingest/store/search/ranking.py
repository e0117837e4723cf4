"""How well rows match, by BM25 of their own texts. Pure.

FTS5 has a bm25() of its own, which reads every row that has a word to learn how rare it is, and highlight(),
which reads every text sign by sign: a twentieth of a second for a frequent word. Here that is counted up to
a bound, and the words are looked for in the few texts that are ranked.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.records.search import SearchedKind
from ingest.store.search.words import Term, plain

SATURATION = 1.2
LENGTH_MATTERS = 0.75
"""The two constants of BM25, as everywhere: k1 and b."""
USUAL_LENGTH: dict[SearchedKind, int] = {"article": 2_000, "comment": 400}
"""Characters; a longer text has more words by chance."""
OF_TITLE = 4
"""So often a word of the title counts."""
BETWEEN_WORDS = r"[\W_]+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A row that matches, with its words; a comment has no title of its own."""

    row_id: int
    title: str
    text: str


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


def ranks(
    candidates: Iterable[Candidate], terms: Sequence[Weighted], kind: SearchedKind
) -> list[tuple[float, int]]:
    """The rank and the id of each, the best first; of equal ones the last."""
    patterns = [(_pattern(one.term), one.weight) for one in terms]
    found = [(_rank(one, patterns, USUAL_LENGTH[kind]), one.row_id) for one in candidates]
    return sorted(found, reverse=True)


def _rank(one: Candidate, patterns: Sequence[tuple[re.Pattern[str], float]], usual: int) -> float:
    title, text = plain(one.title), plain(one.text)
    longer = SATURATION * (1 - LENGTH_MATTERS + LENGTH_MATTERS * (len(title) + len(text)) / usual)
    rank = 0.0
    for pattern, weight in patterns:
        hits = OF_TITLE * len(pattern.findall(title)) + len(pattern.findall(text))
        rank += weight * hits * (SATURATION + 1) / (hits + longer)
    return rank


def _pattern(term: Term) -> re.Pattern[str]:
    """Where the term stands in a plain text. The letters come first: so it is found fast."""
    first = re.escape(term.words[0])
    behind = (BETWEEN_WORDS + re.escape(word) for word in term.words[1:])
    end = "" if term.beginning else r"(?![^\W_])"
    return re.compile(rf"{first}(?<![^\W_]{first}){''.join(behind)}{end}")
