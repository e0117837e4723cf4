"""What rows must be besides having the words, as SQL and its values."""

from dataclasses import dataclass

from ingest.records.search import Query, SearchedKind
from parsers.records import storable

SQLITE: dict[SearchedKind, dict[str, str]] = {
    "article": {
        "author": "a.posted_by = :author",
        "sources": "a.source IN ({sources})",
        "since": "a.date >= :since",
        "until": "a.date <= :until",
    },
    "comment": {
        "author": "c.author = :author",
        "sources": "a.source IN ({sources})",
        "since": "substr(c.posted_local, 1, 10) >= :since",
        "until": "substr(c.posted_local, 1, 10) <= :until",
    },
}
"""Days are the site's own, as its wall clock has them."""
POSTGRESQL: dict[SearchedKind, dict[str, str]] = {
    "article": SQLITE["article"]
    | {"since": "a.date >= CAST(:since AS date)", "until": "a.date <= CAST(:until AS date)"},
    "comment": SQLITE["comment"]
    | {
        "since": 'substr(c.posted_local, 1, 10) COLLATE "C" >= :since',
        "until": 'substr(c.posted_local, 1, 10) COLLATE "C" <= :until',
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """SQL to be put behind another condition, and its values; both are empty if nothing was asked for."""

    also: str
    values: dict[str, str]


def conditions_of(kind: SearchedKind, query: Query, *, is_sqlite: bool) -> Conditions:
    """What the rows of one kind must be besides."""
    written = (SQLITE if is_sqlite else POSTGRESQL)[kind]
    sources = {f"source{number}": storable(name) for number, name in enumerate(query.sources)}
    names = {"author": query.author} if query.author is not None else {}
    days = {"since": query.since, "until": query.until}
    values = {name: storable(value) for name, value in names.items()}
    values |= {name: day.isoformat() for name, day in days.items() if day is not None}
    asked = [*values, *(["sources"] if sources else [])]
    listed = ", ".join(f":{name}" for name in sources)
    also = "".join(f" AND {written[name]}" for name in asked)
    return Conditions(also=also.format(sources=listed), values=values | sources)
