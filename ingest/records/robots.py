"""The answer to a robots.txt, as it is kept for a day."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsAnswer:
    """The final answer of an origin: its status, and the bytes of its body that count."""

    status: int
    body: bytes
    asked_at: datetime
