"""Asks PostgreSQL's index of words, tsvectors below a GIN index, and lets it rank."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, text

from ingest.records.search import Query, SearchedKind
from ingest.store.search.conditions import Conditions, conditions_of
from ingest.store.search.days import days_of
from ingest.store.search.ranking import Matching, Ranked
from ingest.store.search.ways import Estimate, Way, cheapest
from ingest.store.search.words import Term, Terms

NEWEST = """
SELECT w.id FROM {kind}_words w{joined}
WHERE w.words @@ CAST(:asked AS tsquery){also}
ORDER BY w.id DESC LIMIT :most
"""
LISTED = """
WITH listed AS MATERIALIZED ({listing})
SELECT w.id FROM listed JOIN {kind}_words w ON w.id = listed.id
WHERE w.words @@ CAST(:asked AS tsquery)
ORDER BY listed.id DESC LIMIT :most
"""
LISTING: dict[SearchedKind, str] = {
    "article": "SELECT a.id FROM articles a WHERE true{also}",
    "comment": "SELECT c.id FROM comments c{articles} WHERE true{also}",
}
BEST = """
WITH best AS MATERIALIZED (
    SELECT w.id, ts_rank(w.words, CAST(:wanted AS tsquery)) AS rank
    FROM {kind}_words w WHERE w.id = ANY(:ids) ORDER BY rank DESC, id DESC LIMIT :top
)
SELECT best.rank, best.id, a.source, {author}, CAST(extract(year FROM a.date) AS integer)
FROM best{rows} ORDER BY best.rank DESC, best.id DESC
"""
SURE = re.compile(r"'[^']+'( & !\(? ?'.+)?", re.DOTALL)
"""One whole word, and perhaps others that a row must not have."""
MANY = 1_000_000_000
AUTHOR: dict[SearchedKind, str] = {"article": "a.posted_by", "comment": "c.author"}
ROWS: dict[SearchedKind, str] = {
    "article": " JOIN articles a ON a.id = {words}.id",
    "comment": " JOIN comments c ON c.id = {words}.id JOIN articles a ON a.id = c.article_id",
}
LAST = "SELECT max(id) FROM {kind}_words"
WITH_WORDS = "EXPLAIN (FORMAT JSON) SELECT 1 FROM {kind}_words w WHERE w.words @@ CAST(:asked AS tsquery)"
FULFILLING = "EXPLAIN (FORMAT JSON) {listing}"

BY_INDEX = {"enable_indexscan": "off", "enable_seqscan": "off", "plan_cache_mode": "force_custom_plan"}
SWITCHES: dict[Way, dict[str, str]] = {
    "walk": {"enable_bitmapscan": "off", "enable_seqscan": "off"},
    "stretch": BY_INDEX,
    "index": BY_INDEX,
    "list": {"enable_hashjoin": "off", "enable_mergejoin": "off"},
    "planned": {},
}
"""What the planner may not do while the ids are asked for."""


def ranked_by_postgresql(
    connection: Connection, kind: SearchedKind, terms: Terms, query: Query, *, most: int, top: int
) -> Matching:
    """The best ``top`` of the last ``most`` rows of one kind that match."""
    asked = _tsqueries(connection, terms)
    ids = _newest(connection, kind, query, asked["asked"], most + 1)
    if not ids:
        return Matching(best=(), total=0, more=False)
    statement = BEST.format(kind=kind, rows=ROWS[kind].format(words="best"), author=AUTHOR[kind])
    ranked = {"wanted": asked["wanted"], "ids": list(ids[:most]), "top": top}
    rows = connection.execute(text(statement), ranked).all()
    best = tuple(Ranked(float(rank), *rest) for rank, *rest in rows)
    return Matching(best=best, total=min(len(ids), most), more=len(ids) > most)


def _newest(connection: Connection, kind: SearchedKind, query: Query, asked: str, most: int) -> Sequence[int]:
    """The ids of the last rows that match, the last one first."""
    besides = conditions_of(kind, query, is_sqlite=False)
    values: dict[str, Any] = {**besides.values, "asked": asked, "most": most}
    last = connection.scalar(text(LAST.format(kind=kind))) or 0
    estimate = Estimate(
        rows=last,
        with_words=_estimated(connection, WITH_WORDS.format(kind=kind), {"asked": asked}),
        fulfilling=_fulfilling(connection, kind, query) if besides.values else None,
        sure=SURE.fullmatch(asked) is not None,
        phrase="<" in asked,
    )
    plan = cheapest(kind, estimate, most)
    joined = ROWS[kind].format(words="w") if besides.values else ""
    every = NEWEST.format(kind=kind, joined=joined, also=besides.also)
    with _switched(connection, plan.way):
        if plan.way == "list":
            listed = LISTED.format(kind=kind, listing=_listing(kind, query, besides))
            return connection.scalars(text(listed), values | days_of(query)).all()
        if plan.way == "stretch":
            among = NEWEST.format(kind=kind, joined=joined, also=f"{besides.also} AND w.id > :before_all")
            found = connection.scalars(text(among), values | {"before_all": last - plan.ids}).all()
            if len(found) == most:
                return found
        return connection.scalars(text(every), values).all()


def _fulfilling(connection: Connection, kind: SearchedKind, query: Query) -> int:
    """About how many rows fulfil the conditions; the planner knows the days in UTC, not the site's own."""
    if kind == "article" and query.author is not None:
        # No index has them, and all rows would be read.
        return MANY
    of_names = replace(query, since=None, until=None) if kind == "comment" else query
    besides = conditions_of(kind, of_names, is_sqlite=False)
    listing = _listing(kind, query, besides)
    return _estimated(connection, FULFILLING.format(listing=listing), besides.values | days_of(query))


def _listing(kind: SearchedKind, query: Query, besides: Conditions) -> str:
    """Asks for the ids of rows that fulfil the conditions."""
    if kind == "article":
        return LISTING[kind].format(also=besides.also)
    days = " AND c.posted_at >= CAST(:after AS timestamptz)" if query.since is not None else ""
    days += " AND c.posted_at < CAST(:before AS timestamptz)" if query.until is not None else ""
    articles = " JOIN articles a ON a.id = c.article_id" if query.sources else ""
    return LISTING[kind].format(articles=articles, also=besides.also + days)


def _estimated(connection: Connection, statement: str, values: dict[str, Any]) -> int:
    plan = connection.scalar(text(statement), values)
    return int(plan[0]["Plan"]["Plan Rows"])


@contextmanager
def _switched(connection: Connection, way: Way) -> Iterator[None]:
    """Within it the planner is left no other way; no switch outlives the transaction."""
    for name, state in SWITCHES[way].items():
        connection.execute(text(f"SET LOCAL {name} TO {state}"))
    yield
    for name in SWITCHES[way]:
        connection.execute(text(f"SET LOCAL {name} TO DEFAULT"))


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
