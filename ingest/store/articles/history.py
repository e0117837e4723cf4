"""What is held of articles, asked of the database: one with its versions, or the counts of a window."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from ingest.decide.changes.content import ArticleContent, CommentContent, ContentT
from ingest.decide.changes.model import FormerContent, StoredArticle, StoredRow
from ingest.errors import ConfigurationError
from ingest.records.extract import Part
from ingest.records.pages import Shortfall, Tally
from ingest.records.thread import ThreadArticle
from ingest.store.articles.as_of import threads
from ingest.store.articles.counts import shortfalls, tallies
from ingest.store.articles.current import article_content_of, comment_content_of, held_article, origin_of
from ingest.store.articles.of_day import ListedArticle, listed_articles
from ingest.store.database.engine import Connected
from ingest.store.database.schema import article_versions, articles, comment_versions, comments


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentHistory:
    """A comment and its earlier versions, oldest first."""

    row: StoredRow[CommentContent]
    versions: tuple[FormerContent[CommentContent], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleHistory:
    """An article, its earlier versions, and its comments, vanished ones included."""

    source: str
    article: StoredArticle
    versions: tuple[FormerContent[ArticleContent], ...]
    comments: tuple[CommentHistory, ...]


class Articles:
    """What is held as of now; ``Store.articles`` is one."""

    def __init__(self, connected: Connected) -> None:
        self._connected = connected

    def named(self, source: str | None, external_id: str) -> ArticleHistory | None:
        """An article with its comments and all versions; ConfigurationError if a source must be named."""
        with self._connected() as connection:
            wanted = select(articles.c.id, articles.c.source).where(articles.c.external_id == external_id)
            if source is not None:
                wanted = wanted.where(articles.c.source == source)
            found = connection.execute(wanted.order_by(articles.c.source)).all()
            if len(found) > 1:
                sources = ", ".join(row.source for row in found)
                raise ConfigurationError(f"article {external_id} is in several sources, name one: {sources}")
            return _stored(connection, found[0].source, found[0].id) if found else None

    def of_day(self, source: str, day: date) -> tuple[ListedArticle, ...]:
        """The articles that a day lists, by section, vanished ones included; those of other days last."""
        with self._connected() as connection:
            return listed_articles(connection, source, day)

    def threads(self, part: Part, moment: datetime | None = None) -> Iterator[ThreadArticle]:
        """Articles with their comments as of a moment, or of now, without what was taken down."""
        with self._connected() as connection:
            yield from threads(connection, part, moment)

    def tallies(
        self, source: str | None = None, since: date | None = None, until: date | None = None
    ) -> dict[tuple[str, date, int], Tally]:
        """What is held of a window, both days included, counted now: by source, day and section."""
        with self._connected() as connection:
            return tallies(connection, source, since, until)

    def shortfalls(
        self, source: str | None = None, since: date | None = None, until: date | None = None
    ) -> tuple[Shortfall, ...]:
        """The live articles of a window, both days included, whose threads differ from their headlines."""
        with self._connected() as connection:
            return shortfalls(connection, source, since, until)


def _stored(connection: Connection, source: str, row_id: int) -> ArticleHistory:
    article = held_article(connection, row_id)
    versions = _comment_versions(connection, row_id)
    return ArticleHistory(
        source=source,
        article=article,
        versions=_article_versions(connection, row_id),
        comments=tuple(
            CommentHistory(row=row, versions=tuple(versions[row.row_id])) for row in article.comments
        ),
    )


def _article_versions(connection: Connection, row_id: int) -> tuple[FormerContent[ArticleContent], ...]:
    mine = select(article_versions).where(article_versions.c.article_id == row_id)
    rows = connection.execute(mine.order_by(article_versions.c.valid_to, article_versions.c.id))
    return tuple(_former(row, row.article_id, article_content_of) for row in rows)


def _comment_versions(
    connection: Connection, article_row_id: int
) -> defaultdict[int, list[FormerContent[CommentContent]]]:
    mine = select(comment_versions).join_from(comment_versions, comments)
    mine = mine.where(comments.c.article_id == article_row_id)
    found: defaultdict[int, list[FormerContent[CommentContent]]] = defaultdict(list)
    for row in connection.execute(mine.order_by(comment_versions.c.valid_to, comment_versions.c.id)):
        found[row.comment_id].append(_former(row, row.comment_id, comment_content_of))
    return found


def _former(
    row: Row[Any], row_id: int, content_of: Callable[[Row[Any]], ContentT]
) -> FormerContent[ContentT]:
    return FormerContent(
        row_id=row_id,
        content=content_of(row),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        origin=origin_of(row),
    )
