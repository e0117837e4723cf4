"""Answers a question: the rows that match best, and what is shown of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from sqlalchemy import Connection, Row, Select, func, null, select

from ingest.errors import QueryInvalid
from ingest.records.search import MOST_ROWS, Found, FoundRow, Query, SearchedKind
from ingest.store.database.schema import articles, captures, comments
from ingest.store.search.excerpt import excerpt_of, marks_of
from ingest.store.search.facets import facets_of
from ingest.store.search.matching import ranked
from ingest.store.search.ranking import Matching
from ingest.store.search.words import Terms, terms_of

MOST_OF_A_TEXT = 50_000
"""So many characters of a text are looked through for its excerpt."""


def find(connection: Connection, query: Query) -> Found:
    """The rows that match, articles and comments among one another, the best first.

    Raises:
        QueryInvalid: nothing can be searched for by it.
    """
    terms = terms_of(query.words)
    if not (0 < query.limit <= MOST_ROWS and query.offset >= 0):
        raise QueryInvalid(f"a limit is 1 to {MOST_ROWS}, and an offset at least 0")
    kinds = get_args(SearchedKind) if query.only is None else (query.only,)
    answers = {kind: ranked(connection, kind, terms, query) for kind in kinds}
    shown = _best(answers)[query.offset : query.offset + query.limit]
    return Found(
        rows=tuple(_rows(connection, shown, terms)),
        total=sum(answer.total for answer in answers.values()),
        more=any(answer.more for answer in answers.values()),
        facets=facets_of(answers) if query.count_facets else None,
    )


def _best(answers: Mapping[SearchedKind, Matching]) -> list[tuple[float, SearchedKind, int]]:
    """The rows of all kinds, the best first: rank, kind and id.

    Of equal rows the one that was loaded last is first, and articles are before comments.
    """
    rows = [(row.rank, kind, row.row_id) for kind, answer in answers.items() for row in answer.best]
    return sorted(rows, key=lambda row: (-row[0], row[1], -row[2]))


def _rows(
    connection: Connection, shown: Sequence[tuple[float, SearchedKind, int]], terms: Terms
) -> Iterator[FoundRow]:
    held: dict[tuple[str, int], Row[Any]] = {}
    for kind in get_args(SearchedKind):
        if ids := [row_id for _, of, row_id in shown if of == kind]:
            rows = connection.execute(_articles(ids) if kind == "article" else _comments(ids))
            held |= {(kind, row.id): row for row in rows}
    for rank, kind, row_id in shown:
        if (row := held.get((kind, row_id))) is not None:
            yield _found(kind, row, rank, terms)


def _found(kind: SearchedKind, row: Row[Any], rank: float, terms: Terms) -> FoundRow:
    excerpt = excerpt_of(row.text, terms.wanted)
    return FoundRow(
        kind=kind,
        source=row.source,
        article=row.article,
        comment=row.comment,
        number=row.number,
        author=row.author,
        posted_at=row.posted_at,
        posted_local=row.posted_local,
        day=row.date,
        title=row.title,
        title_marks=marks_of(row.title, terms.wanted) if kind == "article" else (),
        excerpt=excerpt.text,
        marks=excerpt.marks,
        url=row.url,
        vanished=row.gone is not None,
        rank=rank,
    )


def _articles(ids: Sequence[int]) -> Select[Any]:
    return (
        select(
            articles.c.id,
            articles.c.source,
            articles.c.external_id.label("article"),
            null().label("comment"),
            null().label("number"),
            articles.c.posted_by.label("author"),
            articles.c.posted_at,
            articles.c.posted_local,
            articles.c.date,
            articles.c.title,
            func.substr(articles.c.text, 1, MOST_OF_A_TEXT).label("text"),
            captures.c.url,
            articles.c.vanished_at.label("gone"),
        )
        .join_from(articles, captures)
        .where(articles.c.id.in_(ids))
    )


def _comments(ids: Sequence[int]) -> Select[Any]:
    return (
        select(
            comments.c.id,
            articles.c.source,
            articles.c.external_id.label("article"),
            comments.c.external_id.label("comment"),
            comments.c.number,
            comments.c.author,
            comments.c.posted_at,
            comments.c.posted_local,
            articles.c.date,
            articles.c.title,
            func.substr(comments.c.text, 1, MOST_OF_A_TEXT).label("text"),
            captures.c.url,
            func.coalesce(comments.c.vanished_at, articles.c.vanished_at).label("gone"),
        )
        .join_from(comments, articles, comments.c.article_id == articles.c.id)
        .join(captures, comments.c.capture_id == captures.c.id)
        .where(comments.c.id.in_(ids))
    )
