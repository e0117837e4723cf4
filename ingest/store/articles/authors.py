"""The comments of an author, and the authors by name; what was taken down has no author any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, literal, select, tuple_

from ingest.store.database.engine import Connected
from ingest.store.database.schema import articles, comments

MONTH = len("2018-03")
LAST_CHARACTER = "\U0010ffff"
"""No name that begins with some letters comes behind these letters and this character."""

After = tuple[datetime, int]
"""The moment and the row id of the last comment that was shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorComment:
    """A comment, and the article that it stands below."""

    row_id: int
    source: str
    article: str
    title: str
    external_id: str | None
    number: int | None
    posted_at: datetime
    posted_local: str
    text: str
    vanished_at: datetime | None


class Authors:
    """Who wrote the comments, as of now; ``Store.authors`` is one."""

    def __init__(self, connected: Connected) -> None:
        self._connected = connected

    def beginning(self, letters: str, limit: int) -> Sequence[tuple[str, int]]:
        """The first names that begin with these letters, with their numbers of comments."""
        span = {"first": letters, "last": letters + LAST_CHARACTER, "limit": limit}
        with self._connected() as connection:
            return [(row.author, row.number) for row in connection.execute(_names_between(), span)]

    def busiest(self, limit: int) -> Sequence[tuple[str, int]]:
        """The names with the most comments, with these numbers."""
        with self._connected() as connection:
            return [(row.author, row.number) for row in connection.execute(_busiest(), {"limit": limit})]

    def months(self, author: str) -> dict[str, int]:
        """How many comments an author wrote in each month of the sites' clocks, such as ``2018-03``."""
        with self._connected() as connection:
            rows = connection.execute(_months(), {"author": author})
            return {row.month: row.number for row in rows}

    def comments(self, author: str, limit: int, before: After | None = None) -> tuple[AuthorComment, ...]:
        """An author's newest comments, or the newest of those before one of them; newest first."""
        wanted = _comments()
        if before is not None:
            place = (comments.c.posted_at, comments.c.id)
            values = (literal(value, column.type) for value, column in zip(before, place, strict=True))
            wanted = wanted.where(tuple_(*place) < tuple_(*values))
        with self._connected() as connection:
            rows = connection.execute(wanted, {"author": author, "limit": limit})
            return tuple(AuthorComment(**row._mapping) for row in rows)


@cache
def _names_between() -> Select[Any]:
    author = comments.c.author
    wanted = select(author, func.count().label("number")).group_by(author).order_by(author)
    return wanted.where(author >= bindparam("first"), author <= bindparam("last")).limit(bindparam("limit"))


@cache
def _busiest() -> Select[Any]:
    number = func.count().label("number")
    wanted = select(comments.c.author, number).where(comments.c.author.is_not(None))
    in_order = wanted.group_by(comments.c.author).order_by(number.desc(), comments.c.author)
    return in_order.limit(bindparam("limit"))


@cache
def _months() -> Select[Any]:
    month = func.substr(comments.c.posted_local, 1, MONTH).label("month")
    wanted = select(month, func.count().label("number")).where(comments.c.author == bindparam("author"))
    return wanted.group_by(month).order_by(month)


@cache
def _comments() -> Select[Any]:
    columns = ("external_id", "number", "posted_at", "posted_local", "text", "vanished_at")
    wanted = select(
        comments.c.id.label("row_id"),
        articles.c.source,
        articles.c.external_id.label("article"),
        articles.c.title,
        *(comments.c[name] for name in columns),
    ).join_from(comments, articles)
    wanted = wanted.where(comments.c.author == bindparam("author"))
    return wanted.order_by(comments.c.posted_at.desc(), comments.c.id.desc()).limit(bindparam("limit"))
