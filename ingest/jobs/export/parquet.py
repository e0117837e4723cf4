"""Rows as Parquet. The only door of pyarrow, which the extra ``parquet`` brings."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from ingest.errors import ConfigurationError
from ingest.records.extract import Column, Kind, Value

ROWS_AT_ONCE = 10_000
CHARACTERS_AT_ONCE = 8_000_000
"""A group of rows is written when it has so many rows, or so much text: that much is in memory."""

Row = Sequence[Value]


def write_parquet(file: BinaryIO, columns: Sequence[Column], rows: Iterable[Row]) -> int:
    """Typed columns, instants with the zone UTC, compressed by Zstandard; how many rows.

    Raises:
        ConfigurationError: the extra is not installed.
    """
    arrow, parquet = _pyarrow()
    schema = arrow.schema(
        [
            arrow.field(column.name, _type(arrow, column.kind), nullable=not column.required)
            for column in columns
        ]
    )
    written = 0
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for group in _groups(rows):
            arrays = [
                arrow.array(values, type=field.type)
                for values, field in zip(zip(*group, strict=True), schema, strict=True)
            ]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema))
            written += len(group)
    return written


def _pyarrow() -> tuple[Any, Any]:
    try:
        # Loaded only by the export that writes with it: it is an extra, and takes 40 MB.
        import pyarrow  # noqa: PLC0415
        import pyarrow.parquet  # noqa: PLC0415
    except ImportError as exc:
        raise ConfigurationError("pyarrow is not installed: pip install 'thresher[parquet]'") from exc
    return pyarrow, pyarrow.parquet


def _type(arrow: Any, kind: Kind) -> Any:
    types = {
        "string": arrow.string(),
        "integer": arrow.int64(),
        "boolean": arrow.bool_(),
        "date": arrow.date32(),
        "datetime": arrow.timestamp("us", tz="UTC"),
    }
    return types[kind]


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    group: list[Row] = []
    characters = 0
    for row in rows:
        group.append(row)
        characters += sum([len(value) for value in row if isinstance(value, str)])
        if len(group) >= ROWS_AT_ONCE or characters >= CHARACTERS_AT_ONCE:
            yield group
            group, characters = [], 0
    if group:
        yield group
