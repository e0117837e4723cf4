"""Column types that mean the same on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    LargeBinary,
    String,
    Text,
    case,
    func,
    null,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from parsers.records import storable

BigId = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits on both; SQLite hands out row numbers only for the exact type INTEGER PRIMARY KEY."""

OFFSET = len("+00:00")
ISO_LENGTH = len("2018-03-23T05:35:00.000000Z")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MOMENTS_KEPT = 4096
"""The rows of a page share their sightings: most moments that are read were read just before."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware UTC in and out. On SQLite an ISO text of one length, so that its order is time's."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(ISO_LENGTH))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no zone: only aware instants are stored")
        instant = value if value.tzinfo is UTC else value.astimezone(UTC)
        return _iso(instant) if dialect.name == "sqlite" else instant

    def process_result_value(
        self,
        value: datetime | str | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> datetime | None:
        if value is None:
            return None
        instant = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return instant if instant.tzinfo is UTC else instant.astimezone(UTC)


class UtcMicroseconds(UtcDateTime):
    """The same in a third of the room: on SQLite an integer, the microseconds since 1970.

    Every row of an article, a comment or a version of one has several. A database of an older schema, which
    has texts, is read as well.
    """

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return super().load_dialect_impl(dialect)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        return _microseconds if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        return _moment if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


class HexDigest(TypeDecorator[str]):
    """A digest: lower-case hexadecimal digits in and out, half as many bytes in the database.

    A database of an older schema, which has the digits, is read as well.
    """

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(
        self,
        value: str | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> bytes | None:
        return None if value is None else bytes.fromhex(value)

    def process_result_value(
        self,
        value: bytes | str | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> str | None:
        return value if value is None or isinstance(value, str) else bytes(value).hex()


class CleanText(TypeDecorator[str]):
    """Text without the characters that a database refuses: see ``storable``."""

    impl = Text
    cache_ok = True

    def process_bind_param(
        self,
        value: str | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> str | None:
        return None if value is None else storable(value)


class AsText:
    """Stands for an HTML that is the very text of its row."""


AS_TEXT = AsText()
EMPTY = "<!---->"
"""Stands before an HTML that is empty where its text is not, and so before one that begins with it."""


class HtmlText(CleanText):
    """An HTML beside a column ``text``: null in the database where it is that text, '' where there is none.

    A question gives the whole HTML, or None. Who writes puts ``AS_TEXT`` for one that equals the text.
    """

    cache_ok = True

    def process_bind_param(
        self,
        value: str | AsText | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> str | None:
        if isinstance(value, AsText):
            return None
        if value is None:
            return ""
        return EMPTY + storable(value) if not value or value.startswith(EMPTY) else storable(value)

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """What is asked for in place of the column."""
        # SQLAlchemy promises any expression; of a question about a table it is the table's column.
        beside: Any = column
        begin, rest = func.substr(column, 1, len(EMPTY)), func.substr(column, len(EMPTY) + 1)
        is_none, is_empty = (func.length(column) == 0), (begin == EMPTY)
        return case(
            (column.is_(None), beside.table.c.text), (is_none, null()), (is_empty, rest), else_=column
        )


def html_values(values: dict[str, Any]) -> dict[str, Any]:
    """The same values of a row, with ``AS_TEXT`` for an HTML that is its text."""
    return values | {"html": AS_TEXT} if values["html"] == values["text"] else values


def _microseconds(value: datetime | None) -> int | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no zone: only aware instants are stored")
    return (value - EPOCH) // MICROSECOND


@lru_cache(maxsize=MOMENTS_KEPT)
def _moment(value: int | str | None) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, str):
        return datetime.fromisoformat(value).astimezone(UTC)
    return EPOCH + value * MICROSECOND


def _iso(instant: datetime) -> str:
    return f"{instant.isoformat(timespec='microseconds')[:-OFFSET]}Z"
