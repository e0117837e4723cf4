"""What a source may still be asked for."""

from typing import Protocol


class Allowance(Protocol):
    """Where a budget is kept: asked before each request for a page, and given the size of each answer."""

    def take(self) -> int | None:
        """Count one more request; how many bytes its answer may have, None being any.

        Raises:
            BudgetReached: there is to be none.
        """
        ...

    def received(self, number: int) -> None:
        """Enter how many bytes of the answer were received."""
        ...
