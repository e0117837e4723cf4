"""What a re-parse of a whole archive costs: ``python -m tests.bench.reparse_cost FOLDER``.

FOLDER is one that ``make_archive`` wrote; its pages are loaded first if they were not. Then, in turn and
several times over: a bare tree and a bare parse of every page, in one process; and ``thresher reparse --all``
that finds nothing to change, with one worker and with two, whole processes from start to end.

Printed are the CPU of a page and its ratio to the bare tree and to the bare parse, pages a second, the wall
of two workers beside that of one, and the most memory that all processes held together (their proportional
share of it). Nothing is asserted.
"""

import argparse
import multiprocessing
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from selectolax.lexbor import LexborHTMLParser

from ingest.archive import read_stored
from ingest.store import Store
from parsers.registry import source_named
from tests.bench.make_archive import SOURCE
from tests.bench.processes import THRESHER, cost_of
from tests.bench.rows import Cost

ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Bare:
    """Seconds of CPU that all pages take as bare trees, and as bare parses."""

    tree: float
    parse: float


def reparsed(folder: Path, *more: str) -> Cost:
    """A run of ``thresher reparse``, as an operator starts it."""
    where = ("--database", "held.sqlite3", "--archive", "archive", "--quiet")
    return cost_of([THRESHER, *where, "reparse", SOURCE, *more], folder, memory=True)


def bare(folder: Path) -> Bare:
    """Every page as a tree and as a parse, in a process of its own; reading the archive is not counted."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_bare, (folder,))


def _bare(folder: Path) -> Bare:
    parse = source_named(SOURCE).parse
    tree = full = 0.0
    with Store.open(str(folder / "held.sqlite3")) as store:
        stored = store.captures.between()
    for one in stored:
        body, row = read_stored(folder / "archive", one), one.row
        began = time.process_time()
        LexborHTMLParser(body)
        between = time.process_time()
        parse(body, url=row.url, captured_at=row.captured_at, content_type=row.content_type)
        tree += between - began
        full += time.process_time() - between
    return Bare(tree=tree, parse=full)


def loaded(description: str, rounds: int) -> tuple[Path, int, int]:
    """The folder that the options name, how many rounds, and its number of pages, all of them loaded."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument("folder", type=lambda name: Path(name).resolve())
    options.add_argument("--rounds", type=int, default=rounds)
    chosen = options.parse_args()
    with Store.open(str(chosen.folder / "held.sqlite3")) as store:
        stored = store.captures.between()
        pages, unread = len(stored), sum(one.row.parser is None for one in stored)
    if unread:
        first = reparsed(chosen.folder, "--workers", "2")
        print(f"first load of {unread} pages: {unread / first.wall:.0f} pages/s, {_each(first.cpu, unread)}")
    return chosen.folder, chosen.rounds, pages


def main() -> None:
    """Load what is not loaded, then measure."""
    folder, number_of_rounds, pages = loaded("Measure a whole re-parse.", ROUNDS)
    rounds = [
        (bare(folder), *(reparsed(folder, "--all", "--workers", number) for number in "12"))
        for _ in range(number_of_rounds)
    ]
    tree = median(plain.tree for plain, _, _ in rounds)
    parse = median(plain.parse for plain, _, _ in rounds)
    print(f"{pages} pages; bare tree {_each(tree, pages)}; bare parse {_each(parse, pages)}")
    for workers in (1, 2):
        runs = [one[workers] for one in rounds]
        to_tree = median(one[workers].cpu / one[0].tree for one in rounds)
        to_parse = median(one[workers].cpu / one[0].parse for one in rounds)
        print(
            f"workers {workers}: {pages / median(run.wall for run in runs):.0f} pages/s, "
            f"{_each(median(run.cpu for run in runs), pages)}: {to_tree:.2f} bare trees, "
            f"{to_parse:.2f} bare parses; at most {max(run.memory for run in runs) / 1e6:.1f} MB"
        )
    walls = median(two.wall / one.wall for _, one, two in rounds)
    print(f"wall of two workers: {walls:.2f} of that of one")


def _each(seconds: float, pages: int) -> str:
    return f"{seconds / pages * 1e3:.2f} ms of CPU a page"


if __name__ == "__main__":
    main()
