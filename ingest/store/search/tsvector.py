"""Asks PostgreSQL's index of words, tsvectors below a GIN index, and lets it rank."""

from typing import Any

from sqlalchemy import Connection, text

from ingest.records.search import Query, SearchedKind
from ingest.store.search.conditions import conditions_of
from ingest.store.search.ranking import Matching, Ranked
from ingest.store.search.words import Term, Terms

NEWEST = """
WITH newest AS MATERIALIZED (
    SELECT w.id FROM {kind}_words w{joined}
    WHERE w.words @@ CAST(:asked AS tsquery){also}
    ORDER BY w.id DESC LIMIT :most
), counted AS (SELECT count(*) AS number, min(id) AS lowest FROM newest), best AS (
    SELECT w.id, ts_rank(w.words, CAST(:wanted AS tsquery)) AS rank, counted.number
    FROM newest JOIN {kind}_words w ON w.id = newest.id, counted
    WHERE counted.number < :most OR w.id > counted.lowest
    ORDER BY rank DESC, id DESC LIMIT :top
)
SELECT best.rank, best.id, a.source, {author}, CAST(extract(year FROM a.date) AS integer), best.number
FROM best{rows} ORDER BY best.rank DESC, best.id DESC
"""
AUTHOR: dict[SearchedKind, str] = {"article": "a.posted_by", "comment": "c.author"}
ROWS: dict[SearchedKind, str] = {
    "article": " JOIN articles a ON a.id = {words}.id",
    "comment": " JOIN comments c ON c.id = {words}.id JOIN articles a ON a.id = c.article_id",
}


def ranked_by_postgresql(
    connection: Connection, kind: SearchedKind, terms: Terms, query: Query, *, most: int, top: int
) -> Matching:
    """The best ``top`` of the last ``most`` rows of one kind that match."""
    besides = conditions_of(kind, query, is_sqlite=False)
    statement = NEWEST.format(
        kind=kind,
        joined=ROWS[kind].format(words="w") if besides.values else "",
        also=besides.also,
        rows=ROWS[kind].format(words="best"),
        author=AUTHOR[kind],
    )
    asked: dict[str, Any] = {**besides.values, "most": most + 1, "top": top, **_tsqueries(connection, terms)}
    rows = connection.execute(text(statement), asked).all()
    number = rows[0].number if rows else 0
    best = tuple(Ranked(float(rank), row_id, *facets) for rank, row_id, *facets, _ in rows)
    return Matching(best=best, total=min(number, most), more=number > most)


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
