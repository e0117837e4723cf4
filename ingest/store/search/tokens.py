"""What PostgreSQL's index knows of a row besides its words: source, author, month, stretch of ids. Pure.

Each is written into the row's tsvector by the functions of migration 0016. A token begins with a character
that is no letter, so that no word of a text is one. Months are exact; days within one are compared.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from datetime import date
from hashlib import sha256

from ingest.records.search import Query
from parsers.records import storable

MARK = "\x01"
IN_STRETCH = 2048
"""So many ids share a token."""
MOST_DAYS = 200
"""A window of more years and months is compared row by row."""
HASHED = 22
"""Characters of a name's digest: 132 bits."""
MONTHS = 12


def of_names(query: Query) -> list[str]:
    """What the rows' tokens must match, so that they are of the sources and the author that are asked for."""
    sources = [_hashed("s", name) for name in query.sources]
    author = [_hashed("a", query.author)] if query.author is not None else []
    return [_any(some) for some in (sources, author) if some]


def of_days(query: Query, first: date, last: date) -> str | None:
    """The same for years and months, where rows are of ``first`` to ``last``; None if that says nothing."""
    if query.since is None and query.until is None:
        return None
    since, until = max(query.since or first, first), min(query.until or last, last)
    named = list(_years_and_months(since, until)) if until.year - since.year < MOST_DAYS else []
    if len(named) > MOST_DAYS or not named:
        return None
    # And the rows of no year.
    return _any(f"{MARK}d{one}" for one in ("", *named))


def of_stretches(low: int, high: int) -> str:
    """The same for ids: from the stretch ``low`` up to before ``high``."""
    return _any(f"{MARK}i{number}" for number in range(low, high))


def _years_and_months(since: date, until: date) -> Iterator[str]:
    at, end = since.year * MONTHS + since.month - 1, until.year * MONTHS + until.month - 1
    while at <= end:
        year, month = divmod(at, MONTHS)
        whole = month == 0 and at + MONTHS - 1 <= end
        yield f"{year:04}" if whole else f"{year:04}-{month + 1:02}"
        at += MONTHS if whole else 1


def _hashed(kind: str, name: str) -> str:
    digest = sha256(storable(name).encode("utf-8", "surrogatepass")).digest()
    return f"{MARK}{kind}{b64encode(digest).decode('ascii')[:HASHED]}"


def _any(tokens: Iterable[str]) -> str:
    return " | ".join(f"'{token}'" for token in tokens)
