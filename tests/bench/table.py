"""The rows as one table: Markdown for people, JSON for programs."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from tests.bench.rows import Row, Spread

HEAD = (
    "what", "who", "CPU ratio", "wall ratio", "beside", "CPU ms", "wall ms", "a", "rounds", "peak MB", "more",
)  # fmt: skip

INTRODUCTION = """\
# Benchmarks

`make bench` writes this page: it installs the peers into an environment of their own, measures everything
side by side in one run, in turn. `make bench QUICK=1` is a look that writes nothing; `make bench-reparse
PAGES=19300` measures a re-parse, and growth up to a million comments.

A ratio is that of two costs of the same round; below 1 it is cheaper than what stands in the column *beside*.
A spread is written **median** (least to most). CPU is that of all processes and of the kernel for them; a
*run* is a process from start to end; *peak MB* is what all processes of a run held together. Ratios say more
than times, which are the machine's. What each measure compares stands at the top of its module in
`tests/bench/measures/`.
"""


def markdown(rows: Sequence[Row], notes: Iterable[str]) -> str:
    """The notes as a list, then the table; a spread is written ``median (least to most)``."""
    lines = [f"- {note}" for note in notes]
    lines += ["", _line(HEAD), _line("---" for _ in HEAD), *(_line(_cells(row)) for row in rows)]
    return "\n".join(lines) + "\n"


def document(rows: Sequence[Row], notes: Iterable[str]) -> str:
    """The page of the documentation: what the columns are, the notes, the table."""
    return f"{INTRODUCTION}\n{markdown(rows, notes)}"


def as_json(rows: Sequence[Row], notes: Iterable[str]) -> str:
    """One object: ``notes`` and ``rows``, seconds and bytes as they were measured."""
    return json.dumps({"notes": list(notes), "rows": [asdict(row) for row in rows]}, indent=1) + "\n"


def _cells(row: Row) -> Iterator[str]:
    yield f"{row.measure}: {row.case}"
    yield row.who
    yield _spread(row.cpu_ratio)
    yield _spread(row.wall_ratio)
    yield row.beside
    yield _spread(row.cpu, 1e3)
    yield _spread(row.wall, 1e3)
    yield row.unit
    yield str(row.rounds or "")
    yield f"{row.memory / 1e6:.0f}" if row.memory else ""
    yield "; ".join(f"{name} {_number(value)}" for name, value in row.figures.items())


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _spread(spread: Spread | None, scale: float = 1) -> str:
    if spread is None:
        return ""
    least, middle, most = (_number(value * scale) for value in (spread.least, spread.middle, spread.most))
    return middle if least == most else f"**{middle}** ({least} to {most})"


def _number(value: float | str) -> str:
    """Three digits that count."""
    if isinstance(value, str):
        return value
    if value == int(value) or abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.{2 if abs(value) < 10 else 1 if abs(value) < 100 else 0}f}"
