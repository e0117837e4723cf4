"""What an answer to robots.txt means (RFC 9309, section 2.3.1), and for how long.

    2xx                       its rules, for 24 hours
    4xx but not 429           no robots.txt: everything is allowed, for 24 hours
    5xx, 429, no answer       nothing is allowed; but rules read within 30 days are kept meanwhile

A redirect that cannot be followed to its end counts as no answer. The RFC lets a crawler assume there
that everything is allowed; we do not assume.
"""

from dataclasses import dataclass, replace
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
    rules = _rules_of(status, body)
    if rules is not None:
        return Standing(rules=rules, read_at=now, ask_again_at=now + FRESH)
    why = trouble or f"robots.txt answered {status}"
    unreadable = Standing(rules=None, read_at=None, ask_again_at=now + RETRY_AFTER, trouble=why)
    if before is None or before.read_at is None or now - before.read_at >= KEPT:
        return unreadable
    return replace(unreadable, rules=before.rules, read_at=before.read_at)


def _rules_of(status: int | None, body: bytes) -> Rules | None:
    """The rules that an answer gives; None if it gives none, and no answer."""
    # 429 is a 4xx, and does not say that there is no robots.txt.
    if status is None or status == 429:
        return None
    if 200 <= status < 300:
        return Rules.parse(body)
    return Rules.allow_all() if 400 <= status < 500 else None
