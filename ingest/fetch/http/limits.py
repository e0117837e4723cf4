"""The bounds of what one page may cost."""

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds, bytes and counts: ``deadline`` is for one whole request, ``budget_seconds`` for all the
    retries of a page together, ``redirects`` for the hops of one attempt."""

    connect: float = 10.0
    deadline: float = 60.0
    wire_bytes: int = 10 * MEBIBYTE
    decoded_bytes: int = 10 * MEBIBYTE
    attempts: int = 5
    budget_seconds: float = 300.0
    redirects: int = 5
