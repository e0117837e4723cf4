"""The one table: ``python -m tests.bench [MEASURE...]``; ``make bench`` installs the peers, then runs it.

Everything is measured side by side in one run, in turn, and reported as ratios first. Nothing is asserted but
that all read the same.
"""

import argparse
import shutil
import sys
import time
from pathlib import Path

from tests.bench import machine, peer_environment, table
from tests.bench.measures import MEASURES
from tests.bench.options import Options
from tests.bench.processes import ROOT, Failed
from tests.bench.rows import Row


def main(arguments: list[str] | None = None) -> int:
    """1 if a measure could not be taken."""
    chosen = _parser().parse_args(arguments)
    options = Options(folder=chosen.folder.resolve(), quick=chosen.quick, rounds=chosen.rounds)
    options.folder.mkdir(parents=True, exist_ok=True)
    notes, rows, failed = machine.notes(), [], []
    if not peer_environment.are_installed():
        print(peer_environment.MISSING, file=sys.stderr)
    began = time.monotonic()
    for name in chosen.measures or MEASURES:
        print(f"{name}, after {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        try:
            rows += list(MEASURES[name](options))
        except Failed as error:
            failed.append(name)
            notes.append(f"{name} could not be measured: {str(error).splitlines()[0]}")
            print(error, file=sys.stderr)
    notes.append(
        f"measured in {time.monotonic() - began:.0f} s{', for a quick look' if chosen.quick else ''}"
    )
    _write(chosen, rows, notes)
    if not chosen.keep:
        shutil.rmtree(options.folder, ignore_errors=True)
    return 1 if failed else 0


def _write(chosen: argparse.Namespace, rows: list[Row], notes: list[str]) -> None:
    print(table.markdown(rows, notes))
    if chosen.markdown:
        chosen.markdown.write_text(table.document(rows, notes), "utf-8")
    if chosen.json:
        chosen.json.write_text(table.as_json(rows, notes), "utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="Measure thresher beside others."
    )
    parser.add_argument(
        "measures", nargs="*", metavar="MEASURE", help=f"{', '.join(MEASURES)}; all of them by default"
    )
    parser.add_argument("--quick", action="store_true", help="Few rounds and small sizes, for a look.")
    parser.add_argument("--rounds", type=int, help="So many rounds of every measure.")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".bench", help="Where archives and databases are made."
    )
    parser.add_argument("--keep", action="store_true", help="Leave them there.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="Write the table as JSON.")
    parser.add_argument(
        "--markdown", type=Path, metavar="FILE", help="Write the table as a page of Markdown."
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
