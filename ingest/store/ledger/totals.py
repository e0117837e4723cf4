"""How many rows are held of each source, counted in indexes alone: no text is read for it."""

from collections import defaultdict
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, Connection, Select, cast, func, select, union

from ingest.store.database.schema import articles, comments, pages, runs

NAMED_BY = (articles.c.source, pages.c.source, runs.c.source)
"""Where a source stands of which anything is known; each is the first column of an index."""


class Held(NamedTuple):
    """How many rows the site still showed, and how many it showed no longer."""

    live: int
    vanished: int


HeldBySource = defaultdict[str, Held]


def sources(connection: Connection) -> frozenset[str]:
    """The sources of which anything is known. Each is looked up in an index, however many rows it has."""
    every = union(*(select(_distinct(column)) for column in NAMED_BY))
    return frozenset(name for name in connection.scalars(every) if name is not None)


def article_totals(connection: Connection) -> HeldBySource:
    """How many articles are live, and how many vanished, by source."""
    return _totals(connection, *_articles())


def comment_totals(connection: Connection) -> HeldBySource:
    """The same of their comments."""
    return _totals(connection, *_comments(by_thread=connection.dialect.name == "postgresql"))


def _distinct(column: Column[Any]) -> Any:
    """The values of an indexed column, from each to the next one: neither database skips by itself."""
    first = select(func.min(column).label("value")).cte(f"{column.table.name}_names", recursive=True)
    following = select(func.min(column)).where(column > first.c.value).scalar_subquery()
    return first.union_all(select(following).where(first.c.value.is_not(None))).c.value


@cache
def _articles() -> tuple[Select[Any], Select[Any]]:
    every = select(articles.c.source, func.count().label("number")).group_by(articles.c.source)
    return every, every.where(articles.c.vanished_at.is_not(None))


@cache
def _comments(*, by_thread: bool) -> tuple[Select[Any], Select[Any]]:
    every = select(articles.c.source, func.count().label("number")).group_by(articles.c.source)
    every = every.join_from(comments, articles)
    gone = every.where(comments.c.vanished_at.is_not(None))
    return (_thread_by_thread() if by_thread else every), gone


def _thread_by_thread() -> Select[Any]:
    """PostgreSQL looks up the article of each comment else, by three processes that then work for one."""
    size = (
        select(comments.c.article_id, func.count().label("size")).group_by(comments.c.article_id).subquery()
    )
    found = select(articles.c.source, cast(func.sum(size.c.size), BigInteger).label("number"))
    return found.join(size, size.c.article_id == articles.c.id).group_by(articles.c.source)


def _totals(connection: Connection, every: Select[Any], gone: Select[Any]) -> HeldBySource:
    vanished = {row.source: row.number for row in connection.execute(gone)}
    found: HeldBySource = defaultdict(lambda: Held(live=0, vanished=0))
    for row in connection.execute(every):
        left = vanished.get(row.source, 0)
        found[row.source] = Held(live=row.number - left, vanished=left)
    return found
