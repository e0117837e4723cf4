"""Asks SQLite's index of words, FTS5, for the last rows that match, and ranks them."""

from sqlalchemy import Connection, text

from ingest.records.search import Query, SearchedKind
from ingest.store.search.conditions import conditions_of
from ingest.store.search.narrowing import narrowed
from ingest.store.search.ranking import Candidate, Matching, Weighted, ranks
from ingest.store.search.words import Term, Terms, words_of

MOST_COUNTED = 5_000
"""A term is as rare as the number of rows that have it; more are not counted."""
MOST_COUNTED_OF_A_PHRASE = 500
"""To find one row of a phrase, many of its words are read."""
MOST_READ = 20_000
"""So many characters of a row are ranked by."""
MOST_NAMES = 8

NEWEST = """
SELECT {kind}_words.rowid FROM {before}{kind}_words{joined}
WHERE {kind}_words MATCH :match{also}
ORDER BY {in_order}{kind}_words.rowid DESC LIMIT :most
"""
"""The ids that match; it ends as soon as it has so many.

Within stretches they are sorted: there FTS5 finds the first row ten times as fast as the last.
"""

FREQUENCY = """
SELECT count(*) FROM (SELECT 1 FROM {kind}_words WHERE {kind}_words MATCH :match LIMIT :most)
"""
EVERY = "SELECT max(id) FROM {kind}s"
"""About so many rows there are."""
TEXTS: dict[SearchedKind, str] = {
    "article": "SELECT a.id, substr(a.title, 1, :read), substr(a.text, 1, :read), "
    "a.source, a.posted_by, CAST(a.date AS integer) FROM articles a WHERE a.id IN ({newest})",
    "comment": "SELECT c.id, '', substr(c.text, 1, :read), "
    "a.source, c.author, CAST(a.date AS integer) "
    "FROM comments c CROSS JOIN articles a ON a.id = c.article_id WHERE c.id IN ({newest})",
}
"""What is ranked; a date such as 2018-03-23 is cast to its year."""
ROWS: dict[SearchedKind, str] = {
    "article": " CROSS JOIN articles a ON a.id = article_words.rowid",
    "comment": " CROSS JOIN comments c ON c.id = comment_words.rowid"
    " CROSS JOIN articles a ON a.id = c.article_id",
}
"""SQLite keeps to the order of a CROSS JOIN: the words first."""


def ranked_by_sqlite(
    connection: Connection, kind: SearchedKind, terms: Terms, query: Query, *, most: int, top: int
) -> Matching:
    """The best ``top`` of the last ``most`` rows of one kind that match."""
    weighted = _weighted(connection, kind, terms)
    besides, before, author = conditions_of(kind, query, is_sqlite=True), "", query.author
    if besides.values and min(one.rows for one in weighted) >= MOST_COUNTED:
        # A beginning is made out anew for each stretch.
        in_stretches = not any(term.beginning for term in terms.wanted + terms.unwanted)
        narrow = narrowed(connection, kind, query, besides, in_stretches=in_stretches)
        if narrow is not None:
            # The words of a name may be as frequent: they are not asked for.
            besides, before, author = narrow.conditions, narrow.before, None
    newest = NEWEST.format(
        kind=kind,
        before=before,
        joined=ROWS[kind] if besides.values else "",
        also=besides.also,
        in_order="+" if before else "",
    )
    asked = {**besides.values, "match": _fts5(kind, terms, author), "most": most + 1, "read": MOST_READ}
    rows = connection.execute(text(TEXTS[kind].format(newest=newest)), asked).all()
    candidates = sorted(map(Candidate._make, rows), reverse=True)[:most]
    best = ranks(candidates, weighted, kind)
    return Matching(best=tuple(best[:top]), total=len(candidates), more=len(rows) > most)


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
    most = MOST_COUNTED if len(term.words) == 1 else MOST_COUNTED_OF_A_PHRASE
    values = {"match": _fts5(kind, Terms(wanted=(term,), unwanted=()), None), "most": most}
    return connection.scalar(text(FREQUENCY.format(kind=kind)), values) or 0


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
