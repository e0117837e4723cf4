"""Which ids PostgreSQL's index is asked for first, so that few rows are read that are not shown. Pure.

The rows that were loaded last are wanted, and an index of words does not have them in that order. So some ids
are looked at, evenly over the whole table: how many of them match says how many ids hold enough rows, and the
last of them says where rows begin to match. So many ids are asked for first, then twice as many.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.store.search.tokens import IN_STRETCH

FEW = 5_000
"""Rows that match; so many are read at once."""
WANTED = 750
"""About so many rows that match are to be in the first span."""
SURE = 20
"""Ids that match; of fewer ones the last may be anywhere."""
DENSE, DENSE_OF_A_PHRASE = 1 / 4, 1 / 50
"""Of so many rows, one after the other is compared from the last: an index of words has no phrases."""
MOST_AT_ONCE = 400
"""Stretches that a question names; more are asked for by their ids."""

Span = tuple[int, int]
"""From a stretch up to before another."""


def sampled(rows: int, most: int) -> list[int]:
    """Ids, evenly from the last one down."""
    return list(range(rows, 0, -max(1, rows // most)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Of how many rows which part matches, and the last id that does for sure, so far as that is known."""

    rows: int
    part: float
    last: int

    @classmethod
    def of(cls, hits: Sequence[int], rows: int, looked_at: int) -> "Sample":
        """What ids say that match, the last one first, of so many that were looked at."""
        return cls(rows=rows, part=len(hits) / max(looked_at, 1), last=hits[0] if len(hits) >= SURE else rows)

    @property
    def width(self) -> int:
        """So many ids hold about as many rows as are wanted."""
        return max(IN_STRETCH, min(int(WANTED / self.part), self.rows)) if self.part else self.rows

    def is_dense(self, *, phrase: bool) -> bool:
        """Whether few rows have to be compared, from the last one down, to find enough."""
        begins = self.rows - self.last <= self.width
        return begins and self.part >= (DENSE_OF_A_PHRASE if phrase else DENSE)


def spans(sample: Sample) -> Iterator[Span]:
    """The stretches with all ids, from the last one down."""
    width, above = sample.width, sample.rows // IN_STRETCH + 1
    # Hardly any above the last one match: they are read fast, however many there are.
    at = min(sample.last, sample.rows) if sample.rows - sample.last > width else sample.rows
    while at > 0:
        at -= width
        below = max(at, 0) // IN_STRETCH
        if below < above:
            yield below, above
            above = below
        width *= 2
    if above > 0:
        yield 0, above
