"""The rows that have the words, each database asked in its own way.

At most ``MOST_RANKED`` rows are ranked, those that were loaded last: a word that every second row has would
take seconds else. All that a person typed goes as a parameter, as letters and digits alone.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, text

from ingest.decide.changes.content import storable
from ingest.records.search import Query, SearchedKind
from ingest.store.search.words import Term, Terms, words_of

INDEXES = ("article_words", "comment_words")
"""The tables of the index; triggers keep it in step with the rows."""
MOST_RANKED = 2_000
MOST_NAMES = 8
Ranked = tuple[float, int]
"""How well a row matches, and its id."""

FTS5 = """
SELECT {kind}_words.rowid AS id, -bm25({kind}_words, {weights}) AS rank
FROM {kind}_words{joined}
WHERE {kind}_words MATCH :match{also}
ORDER BY {kind}_words.rowid DESC LIMIT :most
"""
WEIGHTS = {"article": "4.0, 1.0", "comment": "0.0, 1.0"}
"""Of the columns of the index: a title counts more, an author is no word of a comment."""

TSVECTOR = """
WITH asked AS MATERIALIZED (SELECT {wanted} AS wanted, {asked} AS words), newest AS MATERIALIZED (
    SELECT w.id, w.words FROM {kind}_words w{joined}
    WHERE w.words @@ (SELECT words FROM asked){also}
    ORDER BY w.id DESC LIMIT :most
)
SELECT newest.id, ts_rank(newest.words, asked.wanted) AS rank FROM newest, asked
"""

ROWS = {
    "article": " CROSS JOIN articles a ON a.id = {id}",
    "comment": " CROSS JOIN comments c ON c.id = {id} CROSS JOIN articles a ON a.id = c.article_id",
}
"""SQLite keeps to the order of a CROSS JOIN: the words first."""


def ranked(connection: Connection, kind: SearchedKind, terms: Terms, query: Query) -> list[Ranked]:
    """The rows of one kind that match, unordered, but for one more than is ranked."""
    is_sqlite = connection.dialect.name == "sqlite"
    where, values = _conditions(kind, query, is_sqlite=is_sqlite)
    if is_sqlite:
        statement, asked = FTS5, {"match": _fts5(kind, terms, query.author)}
    else:
        statement, asked = TSVECTOR, _parameters(terms)
    joined = ROWS[kind] if where else ""
    if not is_sqlite:
        joined = joined.replace("CROSS JOIN", "JOIN")
    sql = statement.format(
        kind=kind,
        weights=WEIGHTS[kind],
        wanted=_tsquery(replace(terms, unwanted=())),
        asked=_tsquery(terms),
        joined=joined.format(id=f"{kind}_words.rowid" if is_sqlite else "w.id"),
        also="".join(f" AND {one}" for one in where),
    )
    rows = connection.execute(text(sql), {**asked, **values, "most": MOST_RANKED + 1})
    return [(float(row.rank), int(row.id)) for row in rows]


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


def _tsquery(terms: Terms) -> str:
    """Functions that make the question of parameters: PostgreSQL parses the words as it did for its index."""
    wanted = [_made(f"wanted{number}", term) for number, term in enumerate(terms.wanted)]
    unwanted = [f"!! {_made(f'unwanted{number}', term)}" for number, term in enumerate(terms.unwanted)]
    return " && ".join(wanted + unwanted)


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
