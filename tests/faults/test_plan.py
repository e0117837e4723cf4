"""The plan names every row once, and only tests that are there."""

import ast

from tests.faults.plan import ROOT, rows


def test_every_row_has_its_place() -> None:
    assert [row.name for row in rows()] == [f"T{number:02}" for number in range(1, 83)]


def test_every_test_that_is_named_is_there() -> None:
    named = {(file, function) for row in rows() for file, function in row.tests}
    missing = [f"{file}::{function}" for file, function in sorted(named) if function not in functions(file)]
    assert missing == []


def test_a_row_without_a_test_says_why() -> None:
    assert [row.name for row in rows() if not row.tests and len(row.proof) < 40] == []


def functions(file: str) -> set[str]:
    path = ROOT / "tests" / file
    if not path.exists():
        return set()
    found = ast.walk(ast.parse(path.read_text("utf-8")))
    return {node.name for node in found if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
