"""How PostgreSQL is asked for the last rows that match, by how many its planner estimates. Pure.

The planner itself takes a comparison of words with a text to be as cheap as one of numbers: so for some words
it reads hundreds of times too many rows. How many rows there are of a word it knows well.
"""

from dataclasses import dataclass
from typing import Literal

from ingest.records.search import SearchedKind

Way = Literal["walk", "stretch", "index", "list", "planned"]
"""Rows are compared from the last one backwards; or the index of words is asked for those of the last ids, or
for all; or what fulfils the conditions is listed, and compared from the last one; or the planner decides."""

COMPARED: dict[SearchedKind, float] = {"article": 20, "comment": 3}
"""Microseconds to compare the words of a row; those of an article are unpacked before."""
READ = 5
"""Microseconds for a row that an index found, and as many for one that is listed."""
INDEXED = 0.06
"""Microseconds for a row in the index of words, or in that of ids, alone."""
WIDER = 2
"""By so much a stretch is longer than it should have to be."""
QUICK = 60_000
"""Microseconds; what takes longer to list is left to the planner."""
SLOW = 150_000
"""Microseconds; more rows with the words of a phrase are left to the planner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Of ``rows``, how many have the words, and how many fulfil the conditions; None if there are none.

    The estimate is ``sure`` for one whole word: of several the planner does not know how often they stand
    together, and of a ``phrase`` it knows those with its words.
    """

    rows: int
    with_words: int
    fulfilling: int | None = None
    sure: bool = True
    phrase: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A way, and how many ids a stretch has; if too few match there, the index is asked for all."""

    way: Way
    ids: int = 0


def cheapest(kind: SearchedKind, estimate: Estimate, most: int) -> Plan:
    """The way that takes the least time to find so many rows."""
    part = max(estimate.with_words, 1) / max(estimate.rows, 1)
    passed = min(int(most / part) + 1, estimate.rows)
    if estimate.fulfilling is not None:
        compared = min(estimate.fulfilling, passed)
        cost = estimate.fulfilling * READ + compared * (READ + COMPARED[kind])
        return Plan(way="list" if cost <= QUICK else "planned")
    if not estimate.sure:
        cost = estimate.with_words * (READ + COMPARED[kind])
        return Plan(way="index" if estimate.phrase and cost <= SLOW else "planned")
    costs: dict[Way, float] = {
        "index": estimate.with_words * READ,
        "walk": passed * COMPARED[kind],
        "stretch": (estimate.with_words + WIDER * passed) * INDEXED + WIDER * passed * part * READ,
    }
    return Plan(way=min(costs, key=lambda one: costs[one]), ids=passed * WIDER)
