"""What a run counts in a transaction that may be done twice: the second time from the same numbers."""

from collections.abc import Callable, Iterable
from copy import deepcopy

from ingest.store import Transaction


class Recounted:
    """The work of one transaction; called again, it first gives the run's counts back as they were."""

    def __init__(self, run: object, counts: Iterable[str], work: Callable[[Transaction], None]) -> None:
        self._run = run
        self._before = {name: deepcopy(getattr(run, name)) for name in counts}
        self._work = work
        self._begun = False

    def __call__(self, transaction: Transaction) -> None:
        """Do the work, for the first or the second time."""
        if self._begun:
            for name, value in self._before.items():
                setattr(self._run, name, value)
        self._begun = True
        self._work(transaction)
