"""What a page costs where little is held and where much is: ``python -m tests.bench.growth SMALL LARGE``.

Both are folders that ``make_archive`` wrote, with their pages loaded (``reparse_cost`` does that). In each,
in turn and several times over, pages that are held are read again and found unchanged, and pages of new days
are loaded, in a transaction that is rolled back. Printed are the CPU of a page and the ratios. Nothing is
asserted.
"""

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from time import process_time

from ingest.clock import SystemClock
from ingest.jobs.reparse.selection import Reparse, wanted_captures
from ingest.jobs.reparse.worker import Asked, Reading, Unchanged
from ingest.pipeline.load import load_newest
from ingest.records.pages import CaptureRow, StoredCapture
from ingest.store import Store
from parsers.records import ParsedPage
from parsers.registry import source_named
from tests.bench.make_archive import SOURCE, capture_of, pages, row_of

ROUNDS = 7
PAGES = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Seconds of CPU for a held page that is read again, and for a new one."""

    again: float
    new: float


class Place:
    """One folder, its store open; ``seconds`` is what a cost is measured by."""

    def __init__(
        self, folder: Path, url: str | None = None, *, seconds: Callable[[], float] = process_time
    ) -> None:
        self.store = Store.open(url or str(folder / "held.sqlite3"))
        self._seconds = seconds
        self._folder = folder / "archive"
        wanted = Reparse(source=source_named(SOURCE), everything=True)
        self._held = list(islice(wanted_captures(self.store, wanted), PAGES))

    @property
    def comments(self) -> int:
        """How many are held."""
        return sum(one.comments_live for one in self.store.runs.status(now=SystemClock().now()))

    def costs(self, new: Iterable[tuple[ParsedPage, CaptureRow]]) -> Costs:
        """Once through all pages."""
        return Costs(again=self._again(self._held), new=self._new(list(new)))

    def _again(self, held: list[StoredCapture]) -> float:
        reading = Reading(self._folder, self.store.url)
        reading(Asked(stored=held[0], as_of=0))
        began = self._seconds()
        said = [reading(Asked(stored=stored, as_of=1)) for stored in held]
        cost = self._seconds() - began
        if not all(isinstance(one, Unchanged) for one in said):
            raise SystemExit(f"{self._folder}: not every page is loaded")
        return cost / len(held)

    def _new(self, new: list[tuple[ParsedPage, CaptureRow]]) -> float:
        with self.store.rehearsal() as transaction:
            began = self._seconds()
            for page, row in new:
                load_newest(transaction, page, row)
            return (self._seconds() - began) / len(new)


def new_pages() -> list[tuple[ParsedPage, CaptureRow]]:
    """Pages of days that no archive has."""
    found = []
    for number, made in enumerate(pages(PAGES, later=PAGES)):
        capture = capture_of(made)
        page = source_named(SOURCE).parse(capture.body, url=capture.url, captured_at=capture.captured_at)
        found.append((page, row_of(capture, "new.warc.gz", offset=number, length=1)))
    return found


def main() -> None:
    """Measure both in turn."""
    options = argparse.ArgumentParser(description="Measure a page's cost at two sizes.")
    options.add_argument("small", type=Path)
    options.add_argument("large", type=Path)
    chosen = options.parse_args()
    compare([Place(chosen.small), Place(chosen.large)])


def compare(places: Sequence[Place]) -> None:
    """Measure the small one and the large one in turn, and print both and the ratios."""
    new = new_pages()
    rounds = [[place.costs(new) for place in places] for _ in range(ROUNDS)]
    for number, place in enumerate(places):
        again = median(one[number].again for one in rounds)
        loaded = median(one[number].new for one in rounds)
        print(f"{place.comments} comments: {again * 1e3:.2f} ms again, {loaded * 1e3:.2f} ms new, a page")
    again = median(large.again / small.again for small, large in rounds)
    loaded = median(large.new / small.new for small, large in rounds)
    print(f"ratio {again:.2f} again, {loaded:.2f} new")


if __name__ == "__main__":
    main()
