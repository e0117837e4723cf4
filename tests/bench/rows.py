"""What a measure yields: rows of one table, made of the costs of interleaved rounds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one round took: seconds of CPU and of the clock, and the bytes of memory held at most."""

    cpu: float
    wall: float
    memory: int = 0

    def each(self, count: int) -> "Cost":
        """The same for one of so many."""
        return Cost(cpu=self.cpu / count, wall=self.wall / count, memory=self.memory)


@dataclass(frozen=True, slots=True)
class Spread:
    """The least, the median and the most of several rounds."""

    least: float
    middle: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        """The spread of one value or more."""
        ordered = sorted(values)
        return cls(ordered[0], median(ordered), ordered[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table.

    ``cpu`` and ``wall`` are seconds a ``unit``; the ratios are to those of ``beside``, round by round.
    """

    measure: str
    case: str
    who: str
    beside: str = ""
    cpu_ratio: Spread | None = None
    wall_ratio: Spread | None = None
    cpu: Spread | None = None
    wall: Spread | None = None
    unit: str = ""
    rounds: int = 0
    memory: int = 0
    figures: Mapping[str, float | str] = field(default_factory=dict)


Round = Mapping[str, Cost]
"""What each took in one round, by its name."""


def compared(
    measure: str,
    case: str,
    rounds: Sequence[Round],
    *,
    beside: str,
    unit: str,
    figures: Mapping[str, Mapping[str, float | str]] | None = None,
) -> list[Row]:
    """A row for each that took part, in the order of the first round; all ratios are to ``beside``."""
    return [
        Row(
            measure=measure,
            case=case,
            who=who,
            beside=beside,
            cpu_ratio=Spread.of(one[who].cpu / one[beside].cpu for one in rounds),
            wall_ratio=Spread.of(one[who].wall / one[beside].wall for one in rounds),
            cpu=Spread.of(one[who].cpu for one in rounds),
            wall=Spread.of(one[who].wall for one in rounds),
            unit=unit,
            rounds=len(rounds),
            memory=max(one[who].memory for one in rounds),
            figures=(figures or {}).get(who, {}),
        )
        for who in rounds[0]
    ]
