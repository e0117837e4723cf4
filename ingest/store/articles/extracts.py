"""All rows of a table, for people: with the site's ids in place of ours, in one order on every database.

The order is made of what the site says alone, text compared by its bytes, so that two databases that hold the
same give the same rows. One statement is read as it is answered: no more than ``ROWS_AT_ONCE`` of them are in
memory, and all are of one moment, however much is written meanwhile.

What was taken down is in none of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Date,
    Integer,
    Label,
    Row,
    Select,
    Table,
    bindparam,
    case,
    exists,
    literal,
    select,
)

from ingest.records.extract import Column, Extract, Kind, Part, Value
from ingest.store.database.engine import Connected
from ingest.store.database.schema import (
    article_versions,
    articles,
    captures,
    comment_versions,
    comments,
    suppressed,
)
from ingest.store.database.types import CleanText, UtcDateTime

ROWS_AT_ONCE = 500
OF_ARTICLE = (
    "date", "section", "section_name", "category", "title", "link", "outlet", "posted_by", "posted_at",
    "posted_local", "label", "text", "text_original", "html",
)  # fmt: skip
OF_COMMENT = ("number", "position", "author", "posted_at", "posted_local", "text", "html")
SEEN = ("first_seen_at", "last_seen_at", "vanished_at")
VALID = ("valid_from", "valid_to")
PARSED = ("parser", "revision")
MADE = ("of", "vanished")
"""What is no column of a table, and never null."""
KINDS: tuple[tuple[type[Any], Kind], ...] = (
    (CleanText, "string"),
    (UtcDateTime, "datetime"),
    (Date, "date"),
    (Boolean, "boolean"),
    (Integer, "integer"),
)
BY_ARTICLE = (articles.c.source, articles.c.date, articles.c.external_id)
BY_COMMENT = (comments.c.posted_at, comments.c.external_id, comments.c.number, comments.c.author)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A statement without its limits and order, and what it is ordered by."""

    statement: Select[Any]
    order: tuple[ColumnElement[Any], ...]


class Extracts:
    """Every row of a table, as it is held now; ``Store.extracts`` is one."""

    def __init__(self, connected: Connected) -> None:
        self._connected = connected

    def columns(self, extract: Extract) -> tuple[Column, ...]:
        """The columns of a row, in its order."""
        return _columns(extract)

    def rows(self, extract: Extract, part: Part) -> Iterator[tuple[Value, ...]]:
        """The rows, each as long as ``columns``."""
        names = [column.name for column in _columns(extract)]
        with self._connected() as connection:
            for question in QUESTIONS[extract]():
                here = {field.name: place for place, field in enumerate(question.statement.selected_columns)}
                places = [here.get(name) for name in names]
                for row in answered(connection, question, part):
                    yield tuple([None if place is None else row[place] for place in places])


def answered(connection: Connection, question: Question, part: Part) -> Iterator[Row[Any]]:
    """The rows of a part, in the question's order, as they are read."""
    # PostgreSQL compares text as its database was made to; by its "C" as SQLite does: by bytes.
    in_bytes = connection.dialect.name == "postgresql"
    order = [
        (key.collate("C") if in_bytes and isinstance(key.type, CleanText) else key.asc()).nulls_first()
        for key in question.order
    ]
    conditions: dict[str, ColumnElement[bool]] = {
        "sources": articles.c.source.in_(bindparam("sources", expanding=True)),
        "since": articles.c.date >= bindparam("since"),
        "until": articles.c.date <= bindparam("until"),
    }
    limits = {name: value for name in conditions if (value := getattr(part, name))}
    statement = question.statement.where(*(conditions[name] for name in limits)).order_by(*order)
    streaming = {"yield_per": ROWS_AT_ONCE}
    with connection.execute(statement, limits, execution_options=streaming) as rows:
        yield from rows


@cache
def _columns(extract: Extract) -> tuple[Column, ...]:
    """Those of all statements: one that each of them has, and leaves null in no row, is required."""
    statements = [question.statement for question in QUESTIONS[extract]()]
    fields = {field.name: field for statement in statements for field in statement.selected_columns}
    never_null = [set(map(_name, filter(_is_required, one.selected_columns))) for one in statements]
    required = set.intersection(*never_null)
    return tuple(
        Column(name=name, kind=_kind(field), required=name in required) for name, field in fields.items()
    )


def _name(field: ColumnElement[Any]) -> str:
    return str(field.name)


def _is_required(field: ColumnElement[Any]) -> bool:
    column = field.element if isinstance(field, Label) else field
    return not getattr(column, "nullable", _name(field) not in MADE)


def _kind(field: ColumnElement[Any]) -> Kind:
    return next(kind for of, kind in KINDS if isinstance(field.type, of))


def _articles() -> tuple[Question, ...]:
    fields = (
        articles.c.source,
        articles.c.external_id,
        *_named(articles, *OF_ARTICLE, "views", "claimed_comments", "claimed_at", *SEEN),
        articles.c.vanished_at.is_not(None).label("vanished"),
        *_origin(articles),
    )
    rows = select(*fields).join_from(articles, captures, captures.c.id == articles.c.capture_id)
    return (Question(statement=rows.where(article_stands()), order=BY_ARTICLE),)


def _comments() -> tuple[Question, ...]:
    fields = (
        *_of_article(),
        comments.c.external_id,
        _parent(),
        *_named(comments, *OF_COMMENT, *SEEN),
        comments.c.vanished_at.is_not(None).label("vanished"),
        *_origin(comments),
    )
    rows = select(*fields).join_from(articles, comments, comments.c.article_id == articles.c.id)
    rows = rows.join(captures, captures.c.id == comments.c.capture_id)
    order = (*BY_ARTICLE, *BY_COMMENT, comments.c.content_digest, comments.c.first_seen_at)
    return (Question(statement=rows.where(article_stands(), comment_stands()), order=order),)


def _versions() -> tuple[Question, ...]:
    """Those of articles, then those of comments; a column that the others have is null."""
    former = article_versions
    of_articles = select(
        literal("article", CleanText).label("of"),
        *_of_article(),
        literal(None, CleanText).label("comment_external_id"),
        *_named(former, *VALID, *OF_ARTICLE, *PARSED),
    ).join_from(articles, former, former.c.article_id == articles.c.id)
    once = comment_versions
    of_comments = select(
        literal("comment", CleanText).label("of"),
        *_of_article(),
        comments.c.external_id.label("comment_external_id"),
        *_named(once, *VALID, *OF_COMMENT, *PARSED),
    ).join_from(articles, comments, comments.c.article_id == articles.c.id)
    of_comments = of_comments.join(once, once.c.comment_id == comments.c.id)
    return (
        Question(
            statement=of_articles.where(article_stands()),
            order=(*BY_ARTICLE, *_named(former, "valid_to", "valid_from", "title", "text")),
        ),
        Question(
            statement=of_comments.where(article_stands(), comment_stands()),
            order=(*BY_ARTICLE, *BY_COMMENT, *_named(once, "valid_to", "valid_from", "author", "text")),
        ),
    )


QUESTIONS: dict[Extract, Callable[[], tuple[Question, ...]]] = {
    "articles": cache(_articles),
    "comments": cache(_comments),
    "versions": cache(_versions),
}


def _of_article() -> tuple[ColumnElement[Any], ...]:
    return (
        articles.c.source,
        articles.c.external_id.label("article_external_id"),
        articles.c.date.label("article_date"),
    )


def _named(table: Table, *names: str) -> tuple[ColumnElement[Any], ...]:
    return tuple(table.c[name] for name in names)


def _origin(table: Table) -> tuple[ColumnElement[Any], ...]:
    """The page that said so, and what read it."""
    page = (
        captures.c.url.label("capture_url"),
        captures.c.captured_at,
        captures.c.digest.label("page_digest"),
    )
    return (*page, *_named(table, *PARSED))


def _parent() -> ColumnElement[Any]:
    """What a comment replies to, unless that was taken down: its id is not given either."""
    parent = comments.c.parent_external_id
    return case((_taken_down(parent), None), else_=parent).label("parent_external_id")


def article_stands() -> ColumnElement[bool]:
    """Whether the article of a row was not taken down."""
    return ~_suppressed(suppressed.c.comment_external_id.is_(None))


def comment_stands() -> ColumnElement[bool]:
    """Whether the comment of a row, with its article beside it, was not taken down by itself."""
    # A row without an id that shows the same comment was emptied with it.
    return (comments.c.content_digest != "") & ~_taken_down(comments.c.external_id)


def _taken_down(comment: ColumnElement[Any]) -> ColumnElement[bool]:
    return _suppressed(suppressed.c.comment_external_id == comment)


def _suppressed(what: ColumnElement[bool]) -> ColumnElement[bool]:
    of_article = (
        suppressed.c.source == articles.c.source,
        suppressed.c.article_external_id == articles.c.external_id,
    )
    return exists().where(*of_article, what)
