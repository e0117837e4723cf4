"""How many rows a page left new, modified, unmodified, vanished or returned."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How often what happened.

    Each listed row is one of new, modified and unmodified. Returned and vanished are counted apart:
    a returned row is one of the listed rows, a vanished row is not.
    """

    new: int = 0
    modified: int = 0
    unmodified: int = 0
    vanished: int = 0
    returned: int = 0
