"""Asks PostgreSQL's index of words, tsvectors below a GIN index, and lets it rank."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from ingest.records.search import Query, SearchedKind
from ingest.store.search.conditions import conditions_of
from ingest.store.search.days import BEFORE, BEHIND
from ingest.store.search.ranking import Matching, Ranked
from ingest.store.search.spans import FEW, MOST_AT_ONCE, Sample, Span, sampled, spans
from ingest.store.search.tokens import IN_STRETCH, of_days, of_names, of_stretches
from ingest.store.search.words import Term, Terms

NEWEST = """
SELECT w.id FROM {kind}_words w{joined}
WHERE w.words @@ CAST(:asked AS tsquery){also}
ORDER BY w.id DESC LIMIT :most
"""
ALSO = " AND w.words @@ CAST(:{name} AS tsquery)"
AMONG = " AND w.id >= :first AND w.id < :behind"
OF_IDS = " AND w.id = ANY(:ids)"
BEST = """
WITH best AS MATERIALIZED (
    SELECT w.id, ts_rank(w.words, CAST(:wanted AS tsquery)) AS rank
    FROM {kind}_words w WHERE w.id = ANY(:ids) ORDER BY rank DESC, id DESC LIMIT :top
)
SELECT best.rank, best.id, a.source, {author}, CAST(extract(year FROM a.date) AS integer)
FROM best{rows} ORDER BY best.rank DESC, best.id DESC
"""
AUTHOR: dict[SearchedKind, str] = {"article": "a.posted_by", "comment": "c.author"}
ROWS: dict[SearchedKind, str] = {
    "article": " JOIN articles a ON a.id = {words}.id",
    "comment": " JOIN comments c ON c.id = {words}.id JOIN articles a ON a.id = c.article_id",
}
LAST = "SELECT max(id) FROM {kind}_words"
DAYS: dict[SearchedKind, str] = {
    "comment": "SELECT CAST(min(posted_at) AS date), CAST(max(posted_at) AS date) FROM comments",
    "article": """
WITH RECURSIVE known (name) AS (
    SELECT min(source) FROM articles UNION ALL
    SELECT (SELECT min(source) FROM articles WHERE source > known.name)
    FROM known WHERE known.name IS NOT NULL
)
SELECT min((SELECT min(date) FROM articles WHERE source = known.name)),
    max((SELECT max(date) FROM articles WHERE source = known.name)) FROM known
""",
}
"""The first and the last day, read in indexes alone."""
ESTIMATED = (
    "EXPLAIN (FORMAT JSON) SELECT 1 FROM {kind}_words w WHERE w.words @@ CAST(:asked AS tsquery){also}"
)
SURE = re.compile(r"'[^']+'")
"""One whole word: of how many rows have it, the planner knows enough."""
LOOKED_AT: dict[SearchedKind, int] = {"article": 250, "comment": 1_000}
"""Rows that are compared one by one; the words of an article are unpacked before, which takes longer."""

BY_WORDS = {"enable_indexscan": "off", "enable_seqscan": "off", "plan_cache_mode": "force_custom_plan"}
BY_IDS = {"enable_bitmapscan": "off", "enable_seqscan": "off"}
"""What the planner may not do while rows are asked for: it takes a comparison of words with a text to be as
cheap as one of numbers, and so reads hundreds of times too many rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as SQL: the words, what the index knows besides, and what is compared row by row."""

    kind: SearchedKind
    values: Mapping[str, Any]
    tokens: str
    compared: str = ""
    joined: str = ""

    def ids(self, connection: Connection, more: str = "", **values: Any) -> Sequence[int]:
        """The ids of the last rows that match, the last one first."""
        also = self.tokens + more + self.compared
        statement = NEWEST.format(kind=self.kind, joined=self.joined, also=also)
        return connection.scalars(text(statement), {**self.values, **values}).all()

    def estimated(self, connection: Connection) -> int:
        """About how many rows match."""
        statement = ESTIMATED.format(kind=self.kind, also=self.tokens)
        return int(connection.scalar(text(statement), self.values)[0]["Plan"]["Plan Rows"])


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


def _newest(connection: Connection, kind: SearchedKind, query: Query, words: str, most: int) -> Sequence[int]:
    """The ids of the last rows that match, the last one first."""
    asked = _asked(connection, kind, query, {"asked": words, "most": most})
    estimated = asked.estimated(connection)
    if estimated <= FEW:
        with _switched(connection, BY_WORDS):
            return asked.ids(connection)
    last = connection.scalar(text(LAST.format(kind=kind))) or 1
    if SURE.fullmatch(words) and not asked.tokens and not asked.compared:
        sample = Sample(rows=last, part=estimated / last, last=last)
    else:
        sample = _sample(connection, asked, last)
    if sample.is_dense(phrase="<" in words):
        with _switched(connection, BY_IDS):
            return asked.ids(connection)
    found: list[int] = []
    with _switched(connection, BY_WORDS):
        for span in spans(sample):
            found += _within(connection, asked, span, most - len(found))
            if len(found) >= most:
                break
    return found


def _sample(connection: Connection, asked: Asked, last: int) -> Sample:
    ids = sampled(last, LOOKED_AT[asked.kind])
    with _switched(connection, BY_IDS):
        hits = asked.ids(connection, OF_IDS, ids=ids, most=len(ids))
    return Sample.of(hits, last, len(ids))


def _within(connection: Connection, asked: Asked, span: Span, most: int) -> Sequence[int]:
    low, high = span
    if high - low > MOST_AT_ONCE:
        return asked.ids(connection, AMONG, first=low * IN_STRETCH, behind=high * IN_STRETCH, most=most)
    stretches = of_stretches(low, high)
    return asked.ids(connection, ALSO.format(name="stretches"), stretches=stretches, most=most)


def _asked(connection: Connection, kind: SearchedKind, query: Query, values: Mapping[str, Any]) -> Asked:
    must = {f"name{number}": one for number, one in enumerate(of_names(query))}
    if query.since is None and query.until is None:
        tokens = "".join(ALSO.format(name=name) for name in must)
        return Asked(kind=kind, values={**values, **must}, tokens=tokens)
    if (days := of_days(query, *_days_held(connection, kind))) is not None:
        must["days"] = days
    # The names are in the index whole, but a day may be one of a month.
    besides = conditions_of(kind, replace(query, author=None, sources=()), is_sqlite=False)
    return Asked(
        kind=kind,
        values={**values, **must, **besides.values},
        tokens="".join(ALSO.format(name=name) for name in must),
        compared=besides.also,
        joined=ROWS[kind].format(words="w"),
    )


def _days_held(connection: Connection, kind: SearchedKind) -> tuple[date, date]:
    """Between which days the rows are, as their sites' clocks have them."""
    first, last = connection.execute(text(DAYS[kind])).one()
    if first is None:
        return date.min, date.min
    return _moved(first, -BEHIND), _moved(last, BEFORE)


def _moved(day: date, days: int) -> date:
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


@contextmanager
def _switched(connection: Connection, switches: Mapping[str, str]) -> Iterator[None]:
    """Within it the planner is left no other way; no switch outlives the transaction."""
    for name, state in switches.items():
        connection.execute(text(f"SET LOCAL {name} TO {state}"))
    yield
    for name in switches:
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
