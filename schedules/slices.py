"""How the workers of a fleet share what is due: the most that one does at a host before another may."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FleetSettings:
    """A slice's pages and minutes, and the seconds between a worker's signs of life and until it is dead.

    ``tries``: so many workers may die at an order before it gets on.
    """

    pages: int = 200
    minutes: float = 10.0
    heartbeat: float = 10.0
    tries: int = 10
    stalled_after: float = 45.0
