"""How SQLite finds the rows of a frequent word that fulfil the conditions: it looks at those alone that may.

A rare word's rows are looked at one by one. Of a frequent one hundreds of thousands may have to be passed
over: so the ids of what may fulfil the conditions are listed by an index. If they stand in few stretches, as
those of a day do, the word is looked for in these; else each row of the word is looked for in the list.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, text

from ingest.records.search import Query, SearchedKind
from ingest.store.search.conditions import Conditions
from ingest.store.search.days import days_of

MOST_LISTED = 30_000
"""More rows take longer to list than to be met by walking through a frequent word's."""
MOST_IN_STRETCHES = 10_000
MOST_STRETCHES = 500
"""A word is found in one within 70 microseconds; a row of it is passed over in a third of one."""
MOST_BETWEEN = 20
"""So many ids that are not listed may stand between two of a stretch."""

ARTICLES_OF_DAYS = """
WITH RECURSIVE known (name) AS (
    SELECT min(source) FROM articles UNION ALL
    SELECT (SELECT min(source) FROM articles WHERE source > known.name)
    FROM known WHERE known.name IS NOT NULL
)
SELECT a.id FROM articles a WHERE a.source IN (SELECT name FROM known){conditions}
"""
"""The index has the days of each source: it is asked once for each."""
ARTICLES_OF_AUTHOR = "SELECT a.id FROM articles a WHERE a.posted_by = :author"
COMMENTS_OF_AUTHOR = "SELECT c.id FROM comments c WHERE c.author = :author{days}"
COMMENTS_OF_DAYS = "SELECT c.id FROM comments c WHERE true{days}"
COMMENTS_OF_SOURCES = """
SELECT c.id FROM articles a CROSS JOIN comments c ON c.article_id = a.id WHERE true{conditions}
"""
MOMENT = "CAST(strftime('%s', :{day}) AS integer) * 1000000"
"""The beginning of a day in UTC, in the microseconds since 1970 that the column has."""
COUNT = "SELECT count(*) FROM ({listing} LIMIT :most_listed)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """What is asked before the words, and behind them; a database is asked in this order."""

    before: str
    conditions: Conditions


def narrowed(
    connection: Connection, kind: SearchedKind, query: Query, conditions: Conditions, *, in_stretches: bool
) -> Narrowed | None:
    """The conditions, and where the rows are that may fulfil them; None if no index has them, or too many."""
    listing = _listing(kind, query, conditions)
    if listing is None:
        return None
    values = conditions.values | days_of(query)
    counted = {**values, "most_listed": MOST_LISTED + 1}
    number = connection.scalar(text(COUNT.format(listing=listing)), counted) or 0
    if number > MOST_LISTED:
        return None
    if in_stretches and number <= MOST_IN_STRETCHES:
        stretches = _stretches(connection.scalars(text(f"{listing} ORDER BY 1"), values))
        if len(stretches) <= MOST_STRETCHES:
            return _within(kind, stretches, conditions)
    # With a plus SQLite asks the list for each row, and not the words for each of the list.
    also = f" AND +{kind}_words.rowid IN ({listing}){conditions.also}"
    return Narrowed(before="", conditions=Conditions(also=also, values=values))


def _within(kind: SearchedKind, stretches: list[list[int]], conditions: Conditions) -> Narrowed:
    first, last = "json_extract(stretch.value, '$[0]')", "json_extract(stretch.value, '$[1]')"
    return Narrowed(
        before="json_each(:stretches) AS stretch CROSS JOIN ",
        conditions=Conditions(
            also=f" AND {kind}_words.rowid BETWEEN {first} AND {last}{conditions.also}",
            values=conditions.values | {"stretches": json.dumps(stretches)},
        ),
    )


def _stretches(ids: Iterable[int]) -> list[list[int]]:
    """The first and the last of ids, which are in order, that stand near one another."""
    stretches: list[list[int]] = []
    for row_id in ids:
        if stretches and row_id - stretches[-1][1] <= MOST_BETWEEN:
            stretches[-1][1] = row_id
        else:
            stretches.append([row_id, row_id])
    return stretches


def _listing(kind: SearchedKind, query: Query, conditions: Conditions) -> str | None:
    """Asks indexes alone for the ids of rows that may fulfil the conditions; None if none has them."""
    has_days = query.since is not None or query.until is not None
    if kind == "article":
        if query.author is not None:
            return ARTICLES_OF_AUTHOR
        return ARTICLES_OF_DAYS.format(conditions=conditions.also) if has_days else None
    days = f" AND c.posted_at >= {MOMENT.format(day='after')}" if query.since is not None else ""
    days += f" AND c.posted_at < {MOMENT.format(day='before')}" if query.until is not None else ""
    if query.author is not None:
        return COMMENTS_OF_AUTHOR.format(days=days)
    if has_days:
        return COMMENTS_OF_DAYS.format(days=days)
    return COMMENTS_OF_SOURCES.format(conditions=conditions.also)
