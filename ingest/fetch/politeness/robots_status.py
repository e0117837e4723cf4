"""What an answer to robots.txt means (RFC 9309, section 2.3.1), and for how long.

    2xx                       its rules, for 24 hours
    4xx but not 429           no robots.txt: everything is allowed, for 24 hours
    5xx, 429, no answer       nothing is allowed; but rules read within 30 days are kept meanwhile

A redirect that cannot be followed to its end counts as no answer. The RFC lets a crawler assume there
that everything is allowed; we do not assume.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.fetch.politeness.robots import Rules

FRESH = timedelta(hours=24)
"""How long rules are taken as current."""

KEPT = timedelta(days=30)
"""How long old rules stand in for a robots.txt that cannot be read."""

RETRY_AFTER = timedelta(minutes=5)
"""How long a host is left alone after its robots.txt could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The state of one host: ``rules`` is None while its robots.txt cannot be read, and then no page may be
    fetched; ``read_at`` is when the rules were last read."""

    rules: Rules | None
    read_at: datetime | None
    ask_again_at: datetime
    trouble: str | None = None


def standing_after(
    status: int | None,
    body: bytes = b"",
    *,
    before: Standing | None,
    now: datetime,
    trouble: str | None = None,
) -> Standing:
    """The standing after robots.txt answered ``status``, or None: no answer, and ``trouble`` says why."""
    if status is not None and 200 <= status < 300:
        return Standing(rules=Rules.parse(body), read_at=now, ask_again_at=now + FRESH)
    if status is not None and 400 <= status < 500 and status != 429:
        return Standing(rules=Rules.allow_all(), read_at=now, ask_again_at=now + FRESH)
    why = trouble or f"robots.txt answered {status}"
    kept = before if before and before.read_at and now - before.read_at < KEPT else None
    return Standing(
        rules=kept.rules if kept else None,
        read_at=kept.read_at if kept else None,
        ask_again_at=now + RETRY_AFTER,
        trouble=why,
    )
