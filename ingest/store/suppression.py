"""Takes an article or a comment down for good: its words go, its id stays so that it cannot come back.

The row remains, emptied of its words: it goes on telling whether the site still shows it, so that
the counts still come out. Its versions are deleted. Captures in the archive are not touched.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from ingest.store.schema import article_versions, articles, comment_versions, comments, suppressed

EMPTY_COMMENT = {"text": "", "html": None, "content_digest": ""}
EMPTY_ARTICLE = {
    **EMPTY_COMMENT,
    "text_original": None,
    "title": "",
    "link": None,
    "outlet": None,
    "label": None,
}


def suppress(
    connection: Connection, source: str, article: str, comment: str | None, *, reason: str, when: datetime
) -> None:
    """Takes down one comment, or with ``comment=None`` the whole article; once is enough."""
    key = {"source": source, "article_external_id": article, "comment_external_id": comment}
    same = [suppressed.c[name].is_not_distinct_from(value) for name, value in key.items()]
    if connection.scalar(select(suppressed.c.id).where(*same)) is None:
        connection.execute(insert(suppressed).values(**key, reason=reason, suppressed_at=when))
    _empty(connection, source, article, comment)


def _empty(connection: Connection, source: str, article: str, comment: str | None) -> None:
    here = (articles.c.source == source) & (articles.c.external_id == article)
    row = select(articles.c.id).where(here).scalar_subquery()
    thread: ColumnElement[bool] = comments.c.article_id == row
    if comment is None:
        connection.execute(delete(article_versions).where(article_versions.c.article_id == row))
        connection.execute(update(articles).where(here).values(EMPTY_ARTICLE))
    else:
        thread &= comments.c.external_id == comment
    emptied = select(comments.c.id).where(thread)
    connection.execute(delete(comment_versions).where(comment_versions.c.comment_id.in_(emptied)))
    connection.execute(update(comments).where(thread).values(EMPTY_COMMENT))
