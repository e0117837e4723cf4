"""Rows as lines of JSON, and as CSV that no spreadsheet takes for formulas."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import BinaryIO

from ingest.records.extract import Column, Value

UNSEEN = re.compile("[\x80-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""What breaks a line for some readers, or turns its order on a screen: written as JSON's escapes."""
# "=1+1", "-2", "@SUM(A1)", also in the wide forms of Chinese and Japanese keyboards
FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""What a spreadsheet may take for a formula at the beginning of a cell, also behind our own apostrophe."""
LINE_END = "\r\n"

Row = Sequence[Value]


def write_json_lines(file: BinaryIO, columns: Sequence[Column], rows: Iterable[Row]) -> int:
    """An object a line, with every column; how many lines."""
    names = [column.name for column in columns]
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_iso).encode
    return _write(file, (_escaped(encode(dict(zip(names, row, strict=True)))) + "\n" for row in rows))


def write_csv(file: BinaryIO, columns: Sequence[Column], rows: Iterable[Row]) -> int:
    """By RFC 4180 in UTF-8: text in quotes, nothing at all for null; how many rows below the heading."""
    cells: list[Callable[[Value], str]] = [
        _text_cell if column.kind == "string" else _plain_cell for column in columns
    ]
    file.write((",".join(column.name for column in columns) + LINE_END).encode())
    lines = (",".join([cell(value) for cell, value in zip(cells, row, strict=True)]) for row in rows)
    return _write(file, (line + LINE_END for line in lines))


def harmless(text: str) -> str:
    """The text with an apostrophe before what may be a formula, and before what has such an apostrophe.

    >>> harmless("=1+1"), harmless("'=1"), harmless("1+1")
    ("'=1+1", "''=1", '1+1')
    """
    return f"'{text}" if FORMULA.match(text) else text


def _write(file: BinaryIO, lines: Iterator[str]) -> int:
    written = 0
    for line in lines:
        file.write(line.encode())
        written += 1
    return written


def _escaped(line: str) -> str:
    return line if line.isascii() else UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def _text_cell(value: Value) -> str:
    return "" if value is None else '"' + harmless(str(value)).replace('"', '""') + '"'


def _plain_cell(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else _iso(value) if isinstance(value, date) else str(value)


def _iso(value: object) -> str:
    """A day as ``2018-03-23``, an instant as ``2018-03-23T05:35:00Z``."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} is no value of a row")
