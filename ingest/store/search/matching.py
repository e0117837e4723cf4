"""The rows that have the words, each database asked in its own way.

At most ``MOST_RANKED`` rows are ranked, those that were loaded last: a word that every second row has would
take seconds else. All that a person typed goes as a parameter, as letters and digits alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from ingest.decide.changes.content import storable
from ingest.records.search import Query, SearchedKind
from ingest.store.search.words import Term, Terms, words_of

INDEXES = ("article_words", "comment_words")
"""The tables of the index; triggers keep it in step with the rows."""
MOST_RANKED = 500
MOST_NAMES = 8
Ranked = tuple[float, int]
"""How well a row matches, and its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """The best of ``total`` rows that were ranked; with ``more`` others match."""

    best: tuple[Ranked, ...]
    total: int
    more: bool


NEWEST = """
SELECT {kind}_words.rowid FROM {kind}_words{joined}
WHERE {kind}_words MATCH :match{also}
ORDER BY {kind}_words.rowid DESC LIMIT :most
"""
"""The ids that match on SQLite; it ends as soon as it has so many."""

FTS5 = """
SELECT {kind}_words.rowid AS id, {rank} AS rank
FROM {kind}_words{joined}
WHERE {kind}_words MATCH :match AND {kind}_words.rowid >= :lowest{also}
ORDER BY rank DESC, id DESC LIMIT :top
"""
BM25 = {"article": "-bm25(article_words, 4.0, 1.0)", "comment": "-bm25(comment_words, 0.0, 1.0)"}
"""Of the columns of the index: a title counts more, an author is no word of a comment."""

FREQUENT = """
SELECT id, hits / (hits + 0.3 + 0.9 * size / 400.0) AS rank FROM (
    SELECT {kind}_words.rowid AS id, length({kind}_words.text) AS size, {hits} AS hits
    FROM {kind}_words{joined}
    WHERE {kind}_words MATCH :match AND {kind}_words.rowid >= :lowest{also}
) ORDER BY rank DESC, id DESC LIMIT :top
"""
"""The same where very many match; but not for how rare a word is: FTS5 would count every row that has it."""
HIT = "length(highlight({kind}_words, {number}, char(1), '')) - length({kind}_words.{column})"
HITS = {
    "article": f"{HIT.format(kind='article', number=1, column='text')}"
    f" + 4 * ({HIT.format(kind='article', number=0, column='title')})",
    "comment": HIT.format(kind="comment", number=1, column="text"),
}

TSVECTOR = """
WITH newest AS MATERIALIZED (
    SELECT w.id FROM {kind}_words w{joined}
    WHERE w.words @@ CAST(:asked AS tsquery){also}
    ORDER BY w.id DESC LIMIT :most
), counted AS (SELECT count(*) AS number, min(id) AS lowest FROM newest)
SELECT w.id, ts_rank(w.words, CAST(:wanted AS tsquery)) AS rank, counted.number
FROM newest JOIN {kind}_words w ON w.id = newest.id, counted
WHERE counted.number < :most OR w.id > counted.lowest
ORDER BY rank DESC, id DESC LIMIT :top
"""

ROWS = {
    "article": " CROSS JOIN articles a ON a.id = {id}",
    "comment": " CROSS JOIN comments c ON c.id = {id} CROSS JOIN articles a ON a.id = c.article_id",
}
"""SQLite keeps to the order of a CROSS JOIN: the words first."""


def ranked(connection: Connection, kind: SearchedKind, terms: Terms, query: Query) -> Matching:
    """The best rows of one kind, as many as the answer may show of it."""
    ask = _ranked_by_sqlite if connection.dialect.name == "sqlite" else _ranked_by_postgresql
    return ask(connection, kind, terms, query)


def _ranked_by_sqlite(connection: Connection, kind: SearchedKind, terms: Terms, query: Query) -> Matching:
    where, values = _conditions(kind, query, is_sqlite=True)
    parts = {
        "kind": kind,
        "joined": ROWS[kind].format(id=f"{kind}_words.rowid") if where else "",
        "also": "".join(f" AND {one}" for one in where),
    }
    values |= {"match": _fts5(kind, terms, query.author), "most": MOST_RANKED + 1}
    ids = connection.scalars(text(NEWEST.format(**parts)), values).all()
    more = len(ids) > MOST_RANKED
    shown = ids[:MOST_RANKED]
    if not shown:
        return Matching(best=(), total=0, more=False)
    statement = text((FREQUENT if more else FTS5).format(**parts, rank=BM25[kind], hits=HITS[kind]))
    rows = connection.execute(statement, {**values, "lowest": shown[-1], "top": query.offset + query.limit})
    return Matching(best=_best(rows), total=len(shown), more=more)


def _ranked_by_postgresql(connection: Connection, kind: SearchedKind, terms: Terms, query: Query) -> Matching:
    where, values = _conditions(kind, query, is_sqlite=False)
    joined = ROWS[kind].replace("CROSS JOIN", "JOIN").format(id="w.id") if where else ""
    statement = TSVECTOR.format(kind=kind, joined=joined, also="".join(f" AND {one}" for one in where))
    values |= {"most": MOST_RANKED + 1, "top": query.offset + query.limit, **_tsqueries(connection, terms)}
    rows = connection.execute(text(statement), values).all()
    number = rows[0].number if rows else 0
    return Matching(best=_best(rows), total=min(number, MOST_RANKED), more=number > MOST_RANKED)


def _best(rows: Iterable[Row[Any]]) -> tuple[Ranked, ...]:
    return tuple((float(row.rank), int(row.id)) for row in rows)


def _conditions(kind: SearchedKind, query: Query, *, is_sqlite: bool) -> tuple[list[str], dict[str, Any]]:
    """What the rows must be besides. Days are the site's own, as its wall clock has them."""
    author, day = (
        ("a.posted_by", "a.date") if kind == "article" else ("c.author", "substr(c.posted_local, 1, 10)")
    )
    if kind == "article" and not is_sqlite:
        day = "to_char(a.date, 'YYYY-MM-DD')"
    bytewise = "" if is_sqlite else ' COLLATE "C"'
    asked = {
        f"{author} = :author": ("author", storable(query.author) if query.author is not None else None),
        "a.source = :source": ("source", storable(query.source) if query.source is not None else None),
        f"{day}{bytewise} >= :since": ("since", query.since and query.since.isoformat()),
        f"{day}{bytewise} <= :until": ("until", query.until and query.until.isoformat()),
    }
    given = {condition: value for condition, value in asked.items() if value[1] is not None}
    return list(given), dict(given.values())


def _fts5(kind: SearchedKind, terms: Terms, author: str | None) -> str:
    """The question in FTS5's own syntax: every word in quotation marks, and none has one."""
    wanted = " AND ".join(_phrase(term) for term in terms.wanted)
    unwanted = " OR ".join(_phrase(term) for term in terms.unwanted)
    match = f"(({wanted}) NOT ({unwanted}))" if unwanted else f"({wanted})"
    if kind == "article":
        return match
    names = words_of(author)[:MOST_NAMES] if author is not None else ()
    # The index knows the words of the name; that it is the whole name is a condition besides.
    return f"text : {match}" + (f" AND author : {_phrase(Term(words=names))}" if names else "")


def _phrase(term: Term) -> str:
    return f'"{" ".join(term.words)}"' + ("*" if term.beginning else "")


def _tsqueries(connection: Connection, terms: Terms) -> dict[str, str]:
    """The question as PostgreSQL spells it, who parses the words as it did for its index.

    It is asked for first: the planner knows how many rows have a word that stands there as a value.
    """
    wanted = [_made(f"wanted{number}", term) for number, term in enumerate(terms.wanted)]
    unwanted = [f"!! {_made(f'unwanted{number}', term)}" for number, term in enumerate(terms.unwanted)]
    made = (f"CAST({' && '.join(some)} AS text)" for some in (wanted, wanted + unwanted))
    row = connection.execute(text(f"SELECT {', '.join(made)}"), _parameters(terms)).one()
    return {"wanted": row[0] or "", "asked": row[1] or ""}


def _made(name: str, term: Term) -> str:
    asked = f"phraseto_tsquery('pg_catalog.simple', :{name})"
    if not term.beginning:
        return asked
    return f"CAST(nullif(CAST({asked} AS text), '') || ':*' AS tsquery)"


def _parameters(terms: Terms) -> dict[str, str]:
    return {
        f"{name}{number}": " ".join(term.words)
        for name, some in (("wanted", terms.wanted), ("unwanted", terms.unwanted))
        for number, term in enumerate(some)
    }
