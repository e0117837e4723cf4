"""The database for programs of others: ``open_store``. The only door of pandas.

with open_store("thresher.sqlite3") as store:
    store.articles(...) -> ThreadArticle with ThreadComment    store.frame("comments", ...) -> DataFrame
"""

import os
from collections.abc import Iterator
from dataclasses import astuple, fields
from datetime import UTC, date, datetime, time, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from ingest.errors import ConfigurationError
from ingest.records.extract import Part
from ingest.records.thread import ThreadArticle, ThreadComment
from ingest.settings import load_settings
from ingest.store import Store

if TYPE_CHECKING:
    from pandas import DataFrame

LAST = timedelta(days=1) - timedelta(microseconds=1)
OF_ARTICLE = tuple(one.name for one in fields(ThreadArticle) if one.name != "comments")
OF_COMMENT = (
    "source", "article_external_id", "article_date", *(one.name for one in fields(ThreadComment))
)  # fmt: skip
TYPES = {
    **dict.fromkeys(("posted_at", "first_seen_at", "vanished_at"), "datetime64[us, UTC]"),
    **dict.fromkeys(("section", "number", "position"), "Int64"),
    **dict.fromkeys(("date", "article_date"), "object"),
}
"""pandas' names for what is no text."""


class OpenStore:
    """A database that is only read; a context manager."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def close(self) -> None:
        """Give back every connection."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def articles(
        self,
        *,
        source: str | None = None,
        since: date | None = None,
        until: date | None = None,
        as_of: date | datetime | None = None,
    ) -> Iterator[ThreadArticle]:
        """Articles with their comments, by source and day; few are in memory at once.

        ``since`` and ``until`` are days of articles, both included. ``as_of`` shows what was seen by then in
        the words of then; a day means its end by UTC. Without it everything is as it is held now. What has
        vanished is there and says so; what was taken down is not.

        Raises:
            ValueError: ``as_of`` is an instant without a zone.
            StoreUnusable: the database fails.
        """
        named = (source,) if source is not None else ()
        part = Part(sources=named, since=since, until=until)
        return self._store.articles.threads(part, _moment(as_of))

    def frame(
        self,
        table: Literal["articles", "comments"] = "comments",
        *,
        source: str | None = None,
        since: date | None = None,
        until: date | None = None,
        as_of: date | datetime | None = None,
    ) -> "DataFrame":
        """The same as a DataFrame of pandas, a row an article or a comment; all of it is in memory.

        Instants are UTC, numbers may be missing. ConfigurationError if pandas is not installed.
        """
        try:
            import pandas  # noqa: PLC0415 - not ours to bring
        except ImportError as exc:
            raise ConfigurationError("pandas is not installed: pip install pandas") from exc
        found = self.articles(source=source, since=since, until=until, as_of=as_of)
        names = OF_ARTICLE if table == "articles" else OF_COMMENT
        rows = list(_articles(found) if table == "articles" else _comments(found))
        columns = zip(*rows, strict=True) if rows else ((),) * len(names)
        return pandas.DataFrame(
            {
                name: pandas.Series(list(values), dtype=TYPES.get(name, "string"))
                for name, values in zip(names, columns, strict=True)
            }
        )


def open_store(database: str | None = None) -> OpenStore:
    """Open a database to read it: a SQLite file or a URL; by default the one that the commands use.

    Raises:
        DatabaseMissing: there is no such file.
        SchemaOutdated: it is of an older thresher: run ``thresher db upgrade``.
        StoreUnusable: it cannot be read.
    """
    named = database or os.environ.get("THRESHER_DATABASE")
    return OpenStore(Store.read(load_settings(database=named, archive=None, config=None).database))


def _moment(as_of: date | datetime | None) -> datetime | None:
    if isinstance(as_of, datetime):
        if as_of.tzinfo is None:
            raise ValueError(f"{as_of!r} has no zone")
        return as_of
    # The day's last moment, so that what was seen on it counts.
    return datetime.combine(as_of, time.min, UTC) + LAST if as_of is not None else None


def _articles(found: Iterator[ThreadArticle]) -> Iterator[tuple[Any, ...]]:
    for article in found:
        yield tuple(getattr(article, name) for name in OF_ARTICLE)


def _comments(found: Iterator[ThreadArticle]) -> Iterator[tuple[Any, ...]]:
    for article in found:
        for comment in article.comments:
            yield (article.source, article.external_id, article.date, *astuple(comment))
