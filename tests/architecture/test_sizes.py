"""No function is longer than a screen, and no module is too long to be read at once."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_FUNCTION = 40
LONGEST_MODULE = 300
LISTS = {"ingest/store/database/schema.py"}
"""Modules that are one list, and no longer to read for it."""


def modules() -> Iterator[str]:
    for room in ("ingest", "parsers", "schedules"):
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("room", ["ingest", "parsers", "schedules"])
def test_functions_and_modules_are_short(room: str) -> None:
    long: list[str] = []
    read = [name for name in modules() if name.startswith(f"{room}/")]
    assert read
    for name in read:
        source = (ROOT / name).read_text(encoding="utf-8")
        lines = source.count("\n")
        if lines > LONGEST_MODULE and name not in LISTS:
            long.append(f"{name} has {lines} lines")
        long += [f"{name}:{line} {function} has {size} lines" for function, line, size in functions(source)]
    assert long == []


def functions(source: str) -> Iterator[tuple[str, int, int]]:
    """Those that are too long: name, first line, number of lines."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            if size > LONGEST_FUNCTION:
                yield node.name, node.lineno, size


def test_a_long_function_is_found() -> None:
    body = "    pass\n" * LONGEST_FUNCTION
    assert list(functions(f"def short():\n{body[9:]}\nasync def long():\n{body}")) == [("long", 42, 41)]
