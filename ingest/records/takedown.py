"""What was taken down, by the site's ids."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class TakedownTarget:
    """An article, or with ``comment`` one of its comments, by the site's ids."""

    source: str
    article: str
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenDown:
    """A takedown as it is remembered: what, why and when."""

    what: TakedownTarget
    reason: str
    suppressed_at: datetime
