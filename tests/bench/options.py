"""How much is measured, and where."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """``folder`` is for what is made on the way."""

    folder: Path
    quick: bool = False
    rounds: int | None = None

    def times(self, usual: int) -> int:
        """How many rounds: those that were asked for, or as usual, or a third of it for a look."""
        return self.rounds or (max(2, usual // 3) if self.quick else usual)
