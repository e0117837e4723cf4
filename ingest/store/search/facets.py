"""What rows that were found have in common: how many are of each kind, source, author and year."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, select

from ingest.records.search import Facets, SearchedKind
from ingest.store.database.schema import articles, comments


def facets_of(connection: Connection, matching: Iterable[tuple[float, SearchedKind, int]]) -> Facets:
    """Counts rows, which are given as rank, kind and id."""
    ids: dict[str, list[int]] = {"article": [], "comment": []}
    for _, kind, row_id in matching:
        ids[kind].append(row_id)
    rows = [row for kind, some in ids.items() if some for row in connection.execute(_rows(kind, some))]
    return Facets(
        kinds={kind: len(some) for kind, some in ids.items() if some},
        sources=Counter(row.source for row in rows),
        authors=Counter(row.author for row in rows if row.author),
        years=Counter(row.date.year for row in rows),
    )


def _rows(kind: str, ids: list[int]) -> Select[Any]:
    if kind == "article":
        wanted = select(articles.c.source, articles.c.date, articles.c.posted_by.label("author"))
        return wanted.where(articles.c.id.in_(ids))
    below = select(articles.c.source, articles.c.date, comments.c.author)
    below = below.join_from(comments, articles, comments.c.article_id == articles.c.id)
    return below.where(comments.c.id.in_(ids))
