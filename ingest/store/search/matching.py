"""The rows that have the words, each database asked in its own way.

At most ``MOST_RANKED`` rows are ranked, those that were loaded last: a word that every second row has would
take seconds else. All that a person typed goes as a parameter, as letters and digits alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from ingest.records.search import Query, SearchedKind
from ingest.store.search.ranking import Candidate, Weighted, ranks
from ingest.store.search.words import Term, Terms, words_of
from parsers.records import storable

INDEXES = ("article_words", "comment_words")
"""The tables of the index; triggers keep it in step with the rows."""
MOST_RANKED = 500
MOST_COUNTED = 20_000
"""A term is as rare as the number of rows that have it; more are not counted."""
MOST_READ = 20_000
"""So many characters of a row are ranked by."""
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

FREQUENCY = """
SELECT count(*) FROM (SELECT 1 FROM {kind}_words WHERE {kind}_words MATCH :match LIMIT :most)
"""
EVERY = "SELECT max(id) FROM {kind}s"
"""About so many rows there are."""
TEXTS: dict[SearchedKind, str] = {
    "article": "SELECT id, substr(title, 1, :read), substr(text, 1, :read) "
    "FROM articles WHERE id IN ({newest})",
    "comment": "SELECT id, '', substr(text, 1, :read) FROM comments WHERE id IN ({newest})",
}
"""What is ranked."""

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
    joined = ROWS[kind].format(id=f"{kind}_words.rowid") if where else ""
    newest = NEWEST.format(kind=kind, joined=joined, also="".join(f" AND {one}" for one in where))
    values |= {"match": _fts5(kind, terms, query.author), "most": MOST_RANKED + 1, "read": MOST_READ}
    rows = connection.execute(text(TEXTS[kind].format(newest=newest)), values).all()
    candidates = [Candidate(row_id=row_id, title=title, text=words) for row_id, title, words in rows]
    if not candidates:
        return Matching(best=(), total=0, more=False)
    candidates.sort(key=lambda one: one.row_id, reverse=True)
    shown = candidates[:MOST_RANKED]
    best = ranks(shown, _weighted(connection, kind, terms), kind)
    return Matching(
        best=tuple(best[: _top(query)]),
        total=len(shown),
        more=len(candidates) > MOST_RANKED,
    )


def _weighted(connection: Connection, kind: SearchedKind, terms: Terms) -> list[Weighted]:
    of_rows = connection.scalar(text(EVERY.format(kind=kind))) or 0
    return [
        Weighted(term=term, rows=min(_frequency(connection, kind, term), of_rows), of_rows=of_rows)
        for term in terms.wanted
    ]


def _frequency(connection: Connection, kind: SearchedKind, term: Term) -> int:
    if term.beginning:
        # To count a few rows of a beginning, FTS5 would read all rows of all its words once more.
        return MOST_COUNTED
    values = {"match": _fts5(kind, Terms(wanted=(term,), unwanted=()), None), "most": MOST_COUNTED}
    return connection.scalar(text(FREQUENCY.format(kind=kind)), values) or 0


def _ranked_by_postgresql(connection: Connection, kind: SearchedKind, terms: Terms, query: Query) -> Matching:
    where, values = _conditions(kind, query, is_sqlite=False)
    joined = ROWS[kind].replace("CROSS JOIN", "JOIN").format(id="w.id") if where else ""
    statement = TSVECTOR.format(kind=kind, joined=joined, also="".join(f" AND {one}" for one in where))
    values |= {"most": MOST_RANKED + 1, "top": _top(query), **_tsqueries(connection, terms)}
    rows = connection.execute(text(statement), values).all()
    number = rows[0].number if rows else 0
    return Matching(best=_best(rows), total=min(number, MOST_RANKED), more=number > MOST_RANKED)


def _top(query: Query) -> int:
    """So many are needed of each kind."""
    return MOST_RANKED if query.count_facets else query.offset + query.limit


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
    sources = {f"source{number}": storable(name) for number, name in enumerate(query.sources)}
    asked = {
        f"{author} = :author": ("author", storable(query.author) if query.author is not None else None),
        f"{day}{bytewise} >= :since": ("since", query.since and query.since.isoformat()),
        f"{day}{bytewise} <= :until": ("until", query.until and query.until.isoformat()),
    }
    given = {condition: value for condition, value in asked.items() if value[1] is not None}
    one_of = [f"a.source IN ({', '.join(f':{name}' for name in sources)})"] if sources else []
    return [*one_of, *given], dict(given.values()) | sources


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
