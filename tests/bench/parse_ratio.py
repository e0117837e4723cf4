"""What a parsed page costs beside the bare tree of the same page: ``python -m tests.bench.parse_ratio``.

Both are timed page by page, one after the other, in this process, in CPU time; the garbage collector runs
as it always does. A page's cost is the median of the rounds. Pages are different days and sections of the
site's markup, and the sample beside the project if it is there. Nothing is asserted: a machine is no test.

Read ``own`` beside the ratio: the time a full parse spends outside the tree. Whether the C library hands the
tree's memory back to the system after each page is chance, and that alone makes a bare tree cost half or all
of what it can cost; ``faults`` tells (a few hundred a page, or none).
"""

import resource
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from statistics import mean, median
from time import process_time

from selectolax.lexbor import LexborHTMLParser

from parsers.registry import source_named
from tests.site.invent import invented_day
from tests.site.render import encoded, section_page

SAMPLE = Path(__file__).parents[3] / "shared" / "site" / "sample-section-page.html"
SAMPLE_URL = "http://www.rantburg.com/?D=03/23/2018&HC=1&SO="
CAPTURED_AT = datetime(2026, 1, 1, tzinfo=UTC)
ARTICLES = {1: 16, 2: 18, 3: 15, 4: 6, 6: 4}
COMMENTS = 215
DAYS = (date(2004, 2, 29), date(2011, 11, 6), date(2018, 3, 23), date(2024, 7, 1))
ROUNDS = 41

Cost = tuple[float, int]
"""Seconds of CPU, and page faults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """One page's costs in seconds of CPU."""

    name: str
    size: int
    bare: float
    full: float
    faults: float
    """Pages of memory that a bare tree had to ask the system for."""

    @property
    def own(self) -> float:
        """What the full parse costs beside the tree."""
        return self.full - self.bare

    @property
    def ratio(self) -> float:
        """How many bare trees the full parse costs."""
        return self.full / self.bare


def pages() -> Iterator[tuple[str, bytes, str]]:
    """A name, the bytes and the address of each page."""
    for place, day in enumerate(DAYS):
        made = invented_day(
            day,
            articles=ARTICLES,
            comments=COMMENTS + 10 * place,
            first_article=400_000 + 1_000 * place,
            first_comment=3_000_000 + 9_000 * place,
        )
        for section in (1, 2, 3):
            url = f"http://www.rantburg.com/?D={day:%m/%d/%Y}&HC={section}&SO="
            yield f"{day} section {section}", encoded(section_page(made, section)), url
    if SAMPLE.exists():
        yield "sample", SAMPLE.read_bytes(), SAMPLE_URL


def measure(rounds: int = ROUNDS) -> list[Timed]:
    """Every page's costs, bare and full interleaved."""
    parse = source_named("rantburg").parse
    held = list(pages())
    bare: list[list[Cost]] = [[] for _ in held]
    full: list[list[Cost]] = [[] for _ in held]
    for _ in range(rounds):
        for place, (_, body, url) in enumerate(held):
            bare[place].append(_cost(LexborHTMLParser, body))
            full[place].append(_cost(partial(parse, url=url, captured_at=CAPTURED_AT), body))
    return [
        Timed(
            name=name,
            size=len(body),
            bare=median(cost for cost, _ in one),
            full=median(cost for cost, _ in other),
            faults=median(faults for _, faults in one),
        )
        for (name, body, _), one, other in zip(held, bare, full, strict=True)
    ]


def _cost(call: Callable[[bytes], object], body: bytes) -> Cost:
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    begin = process_time()
    call(body)
    cost = process_time() - begin
    return cost, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults


def main() -> None:
    """Print a line a page, and the ratio of the sums."""
    timed = measure(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
    print(f"{'page':<24}{'kB':>6}{'faults':>8}{'bare us':>9}{'full us':>9}{'own us':>9}{'ratio':>7}")
    for page in timed:
        print(_line(page))
    print(
        _line(
            Timed(
                name="mean of all pages",
                size=round(mean(page.size for page in timed)),
                bare=mean(page.bare for page in timed),
                full=mean(page.full for page in timed),
                faults=mean(page.faults for page in timed),
            )
        )
    )


def _line(page: Timed) -> str:
    costs = "".join(f"{cost * 1e6:>9.0f}" for cost in (page.bare, page.full, page.own))
    return f"{page.name:<24}{page.size / 1000:>6.0f}{page.faults:>8.0f}{costs}{page.ratio:>7.2f}"


if __name__ == "__main__":
    main()
