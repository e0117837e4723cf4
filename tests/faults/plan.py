"""The rows of the plan as README.md has them: what goes wrong, what is expected, which tests prove it."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = Path(__file__).with_name("README.md")
TEST = re.compile(r"`([\w/]+/test_\w+\.py)::(test_\w+)`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """``tests`` are (file below tests/, function); with none, ``proof`` says why."""

    name: str
    fault: str
    expected: str
    proof: str

    @property
    def tests(self) -> tuple[tuple[str, str], ...]:
        """The tests that prove it."""
        return tuple(TEST.findall(self.proof))

    @property
    def nodes(self) -> tuple[str, ...]:
        """The same as pytest names them."""
        return tuple(f"tests/{file}::{function}" for file, function in self.tests)


def rows() -> tuple[Row, ...]:
    """All of them, in the order of the file."""
    cells = (line.strip().strip("|").split(" | ") for line in README.read_text("utf-8").splitlines())
    return tuple(
        Row(name=name.strip(), fault=fault, expected=expected, proof=" | ".join(proof).strip())
        for name, fault, expected, *proof in (one for one in cells if len(one) > 3)
        if re.fullmatch(r"T\d\d", name.strip())
    )
