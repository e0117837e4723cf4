"""``make faults``: every test of the plan at its full size, and the table. Rows may be named: ``T59 T61``."""

import sys

import pytest

from tests.faults.plan import rows


def main(names: list[str]) -> int:
    """pytest's exit code."""
    chosen = [row for row in rows() if not names or row.name in names]
    nodes = dict.fromkeys(node for row in chosen for node in row.nodes)
    return pytest.main(["-p", "tests.faults.plugin", "-q", "-p", "no:randomly", *nodes])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
