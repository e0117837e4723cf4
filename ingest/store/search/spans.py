"""Which ids PostgreSQL's index is asked for first, so that few rows are read that are not shown. Pure.

The rows that were loaded last are wanted, and an index of words does not have them in that order. So some ids
are looked at, evenly over the whole table. Where those that match stand, so do the others: the stretches from
the last id down to the first of them are asked for first.
"""

from collections.abc import Iterator, Sequence

from ingest.store.search.tokens import IN_STRETCH

FEW = 2_000
"""Rows that match; so many are read at once."""
SAMPLED = 1_000
WANTED = 750
"""About so many rows that match are to be in the first stretches."""
MOST_AT_ONCE = 400
"""Stretches that a question names; more are asked for by their ids."""

Span = tuple[int, int]
"""From a stretch up to before another."""


def sampled(rows: int, most: int = SAMPLED) -> list[int]:
    """Ids, evenly from the last one down."""
    return list(range(rows, 0, -max(1, rows // most)))


def spans(hits: Sequence[int], rows: int, looked_at: int) -> Iterator[Span]:
    """The stretches with all ids, from the last one down, each with about twice as many matches as before.

    ``hits`` are the ids that match of those looked at, the last one first.
    """
    above = rows // IN_STRETCH + 1
    marks = list(_marks(hits, rows, looked_at))
    taken, step = 0, 1
    while taken < len(marks):
        below = marks[min(taken + step, len(marks)) - 1] // IN_STRETCH
        taken += step
        if below < above:
            yield below, above
            above, step = below, step * 2
    if above > 0:
        yield 0, above


def _marks(hits: Sequence[int], rows: int, looked_at: int) -> Iterator[int]:
    """Ids between which about WANTED rows match each."""
    parts = max(1, rows // (WANTED * max(looked_at, 1)))
    above = rows
    for hit in hits:
        width = (above - hit) / parts
        yield from (int(above - width * number) for number in range(1, parts))
        yield hit
        above = hit
