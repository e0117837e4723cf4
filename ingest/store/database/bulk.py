"""Many rows into a table at once; the only place that speaks COPY to PostgreSQL's driver."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, insert
from sqlalchemy.exc import DBAPIError

from ingest.store.database.types import AS_TEXT, HexDigest, HtmlText, html_values

PART = 500
"""So many rows are in memory at once."""

Values = Sequence[Any]
"""A row: a value for each column of its table, in the order of the columns."""


def insert_rows(connection: Connection, table: Table, rows: Iterable[Values]) -> int:
    """Inserts new rows, and says how many; memory stays as it is, however many there are.

    Text is stored as it is: it has to be ``storable``.
    """
    if connection.dialect.name == "postgresql":
        return _copy(connection, table, rows)
    names = table.columns.keys()
    number = 0
    for part in _parts(rows):
        values = [dict(zip(names, row, strict=True)) for row in part]
        if "html" in table.c:
            values = [html_values(row) for row in values]
        connection.execute(insert(table), values)
        number += len(part)
    return number


def _copy(connection: Connection, table: Table, rows: Iterable[Values]) -> int:
    driver: Any = connection.connection.driver_connection
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(one.name) for one in table.columns)
    statement = f"COPY {quote(table.name)} ({columns}) FROM STDIN"
    number, stored = 0, _stored_form(connection, table)
    with _as_of_a_statement(connection, statement), driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(stored(row))
            number += 1
    return number


def _stored_form(connection: Connection, table: Table) -> Callable[[Values], Values]:
    """What the driver is given for a row, where SQLAlchemy does not stand between."""
    places = {name: place for place, name in enumerate(table.columns.keys())}
    dialect = connection.dialect
    converted = [
        (places[one.name], one.type.bind_processor(dialect))
        for one in table.columns
        if isinstance(one.type, HexDigest | HtmlText)
    ]
    if not converted:
        return lambda row: row
    html, text = places["html"], places["text"]

    def stored(row: Values) -> Values:
        values = list(row)
        if values[html] == values[text]:
            values[html] = AS_TEXT
        for place, convert in converted:
            values[place] = convert(values[place]) if convert is not None else values[place]
        return values

    return stored


@contextmanager
def _as_of_a_statement(connection: Connection, statement: str) -> Iterator[None]:
    """Turns the driver's own errors into those that every other statement raises."""
    dialect = connection.dialect
    driver: Any = dialect.dbapi
    try:
        yield
    except driver.Error as error:
        lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            statement,
            None,
            error,
            driver.Error,
            hide_parameters=True,
            connection_invalidated=lost,
            dialect=dialect,
        ) from error


def _parts(rows: Iterable[Values]) -> Iterator[list[Values]]:
    left = iter(rows)
    while part := list(islice(left, PART)):
        yield part
