"""A database with rows in every table, and empty ones to copy it into."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, CheckConstraint, Column, Connection, Date, Integer, LargeBinary, Table, insert

from ingest.store.database.schema import metadata
from ingest.store.database.types import CleanText, HexDigest, UtcDateTime
from tests.kit import rows
from tests.kit.databases import newest_sqlite

IDS = (1, 2, 5, 6, 40, 41)
"""With gaps, as deleted rows leave them."""
TEXTS = ("", "plain", "naïve \u202e\u2028", "tab\tand\\N\nline\r", "x" * 70_000, '"quoted", \U0001f600')
SETTLED = {"counts": "{}", "command": "harvest"}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def origin(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database that has six rows in every table."""
    url = empty(request, request.param, tmp_path / "origin.db", migrated=True)
    with rows.Connected(url) as connection, connection.begin():
        fill(connection)
    return url


@pytest.fixture(params=["postgresql", pytest.param("sqlite", marks=pytest.mark.long)])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database that is not there, or has no table."""
    return empty(request, request.param, tmp_path / "target.db", migrated=False)


@pytest.fixture
def file(tmp_path: Path) -> str:
    """The URL of a SQLite database that is not there."""
    return f"sqlite:///{tmp_path / 'file.db'}"


def empty(request: pytest.FixtureRequest, kind: str, path: Path, *, migrated: bool) -> str:
    if kind == "postgresql":
        name = "newest_postgresql" if migrated else "new_postgresql"
        make: Callable[[], str] = request.getfixturevalue(name)
        return make()
    if migrated:
        path.write_bytes(newest_sqlite())
    return f"sqlite:///{path}"


def fill(connection: Connection) -> None:
    for table in metadata.sorted_tables:
        made = [
            {one.name: value(table, one, number) for one in table.columns if one.name != "id"} | {"id": row}
            for number, row in enumerate(IDS)
        ]
        connection.execute(insert(table), made)


def value(table: Table, column: Column[Any], number: int) -> Any:
    """Of the nth row: another in each row, and nothing where nothing may be."""
    of_itself = any(key.column.table is table for key in column.foreign_keys)
    if column.foreign_keys and not (of_itself and number == 0):
        return IDS[number - 1] if of_itself else IDS[-1 - number]
    if column.nullable and number % 3 == 0:
        return None
    if isinstance(column.type, HexDigest):
        return f"{number:064x}"
    if isinstance(column.type, UtcDateTime):
        return datetime(2021, 5, 4, 12, 0, 0, number, tzinfo=UTC) + timedelta(days=number)
    return text(table, column, number) if isinstance(column.type, CleanText) else plain(column, number)


def text(table: Table, column: Column[Any], number: int) -> str:
    allowed = [str(one.sqltext) for one in table.constraints if isinstance(one, CheckConstraint)]
    if column.name == "state" and allowed:
        return allowed[0].split("'")[1]
    if column.name == "source":
        return f"source-{number}"  # its lock is a file of that name
    return SETTLED.get(column.name) or f"{number} {TEXTS[number]}"


def plain(column: Column[Any], number: int) -> Any:
    if isinstance(column.type, Date):
        return date(2021, 5, 1 + number)
    if isinstance(column.type, Boolean):
        return bool(number % 2)
    if isinstance(column.type, LargeBinary):
        return bytes(range(number))
    return number if isinstance(column.type, Integer) else 2**40 + number
