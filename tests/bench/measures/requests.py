"""Requests for a day as cron makes them: a process a visit, robots.txt included."""

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import rmtree

from tests.bench.options import Options
from tests.bench.processes import THRESHER, cost_of
from tests.bench.rows import Row, Spread
from tests.bench.sites import FIRST, SITES, BenchSite


def measure(options: Options) -> Iterator[Row]:
    """Every site: the first visit of a day, one where nothing changed, and ones after k lists changed."""
    for made in SITES:
        yield from _of(made, options)


def _of(made: Callable[[int], BenchSite], options: Options) -> Iterator[Row]:
    site = made(1)
    folder = options.folder / "requests" / site.name
    rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with site.server:
        site.configure(folder)
        yield _visit(site, folder, "first visit of a day")
        yield _visit(site, folder, "nothing changed")
        for count in (1, 2, site.lists):
            site.alter(count)
            yield _visit(site, folder, f"new comments in {count} of {site.lists} threads or sections")
        yield _visit(site, folder, "nothing changed again")


def _visit(site: BenchSite, folder: Path, case: str) -> Row:
    before = len(_asked(site))
    where = ("--database", "held.sqlite3", "--archive", "archive", "--quiet")
    command = (THRESHER, *where, "harvest", site.source, "--date", FIRST.isoformat())
    cost = cost_of(command, folder)
    asked = _asked(site)[before:]
    robots = sum(path == "/robots.txt" for path in asked)
    return Row(
        measure="requests",
        case=f"{site.name}, {case}",
        who="thresher harvest",
        cpu=Spread.of([cost.cpu]),
        wall=Spread.of([cost.wall]),
        unit="visit",
        rounds=1,
        figures={"requests": len(asked), "of them robots.txt": robots},
    )


def _asked(site: BenchSite) -> list[str]:
    return [one if isinstance(one, str) else one.path for one in site.server.requests]
