"""``make mutants``: small faults in decide, schedules and what the store writes, which tests must see."""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.session import MutantRunner, Verdict

ROOT = Path(__file__).parents[2]
STORE_TESTS = ("loading", "ledger", "threads", "places", "runs", "health_rows", "suppression", "leases")
ROOMS = {
    "decide": (("ingest/decide/**/*.py",), ("tests/decide", "tests/store/test_plain_day.py")),
    "schedules": (("schedules/*.py",), ("tests/schedules",)),
    "store": (
        (
            *(f"ingest/store/articles/{name}.py" for name in ("apply", "emptied", "places")),
            *("ingest/store/ledger/*.py", "ingest/store/database/upsert.py"),
        ),
        tuple(f"tests/store/test_{name}.py" for name in STORE_TESTS),
    ),
}
"""Each with what is mutated, and the tests that have to see it."""

QUIETLY = (
    *("-q", "-s", "-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider", "--no-header"),
    *("-m", "not long and not full and not replay", "-k", "not postgresql"),
)
MUST_BE_KILLED = 0.95
REASONS = Path(__file__).parent / "README.md"

Key = tuple[str, str, str, str]


def accepted() -> dict[Key, str]:
    """The mutants that change nothing, with the reason, from the table of the README."""
    rows = (line.split(" | ") for line in REASONS.read_text("utf-8").splitlines() if line.startswith("| `"))
    return {
        (path.strip("| `"), *(one.strip("`") for one in key)): why.strip("| ") for path, *key, why in rows
    }


def chosen(patterns: Iterable[str], only: str, every: int) -> list[Mutant]:
    """Each module's first mutant and every so many behind it."""
    files = sorted({path.relative_to(ROOT).as_posix() for one in patterns for path in ROOT.glob(one)})
    return [one for path in files if only in path for one in [*mutants_of(ROOT, path)][::every]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--every", type=int, default=6, help="run one mutant in so many of a module (1: all)")
    parser.add_argument("--only", default="", help="modules whose path has this text")
    parser.add_argument("room", choices=ROOMS)
    parser.add_argument("--seconds", type=float, default=30, help="what a mutant may take beside its tests")
    asked = parser.parse_args()
    reasons, verdicts = accepted(), []

    def report(verdict: Verdict) -> None:
        verdicts.append(verdict)
        one = verdict.mutant
        why = reasons.get(one.key) if verdict.state in {"survived", "not covered"} else None
        state = "accepted" if why else verdict.state
        print(
            f"{state:11} {one.path}:{one.line} {one.where}: {one.was} -> {one.becomes}", file=sys.__stdout__
        )
        print(f"{'':11}   {why or verdict.by}", file=sys.__stdout__, flush=True)

    patterns, tests = ROOMS[asked.room]
    mutants = chosen(patterns, asked.only, asked.every)
    runner = MutantRunner(ROOT, mutants, seconds=asked.seconds, report=report)
    with tempfile.TemporaryDirectory() as folder:
        if code := pytest.main([*QUIETLY, f"--basetemp={folder}/pytest", *tests], plugins=[runner]):
            return int(code)
    return summed_up(verdicts, reasons)


def summed_up(verdicts: list[Verdict], reasons: dict[Key, str]) -> int:
    """Print the figures; 1 if too few are killed of those that change anything."""
    counts = Counter(one.state for one in verdicts)
    killed = counts["killed"] + counts["timed out"]
    left = [
        one for one in verdicts if one.state in {"survived", "not covered"} and one.mutant.key not in reasons
    ]
    for one in left:
        mutant = one.mutant
        print(f"| `{mutant.path}` | `{mutant.where}` | `{mutant.was}` | `{mutant.becomes}` | ? |")
    share = killed / max(1, killed + len(left))
    print(f"{len(verdicts)} mutants: {killed} killed, {len(left)} alive ({share:.1%} killed),", end=" ")
    print(f"{len(verdicts) - killed - len(left)} change nothing")
    return int(share < MUST_BE_KILLED)


if __name__ == "__main__":
    sys.exit(main())
