"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from parsers.records import storable

BigId = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits on both; SQLite hands out row numbers only for the exact type INTEGER PRIMARY KEY."""

OFFSET = len("+00:00")
ISO_LENGTH = len("2018-03-23T05:35:00.000000Z")


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


def _iso(instant: datetime) -> str:
    return f"{instant.isoformat(timespec='microseconds')[:-OFFSET]}Z"
