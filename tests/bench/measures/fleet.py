"""What the queue adds to a page: a backfill in the command's own process beside the same by one worker.

Both on PostgreSQL, of the first source without a wait between two pages; a run of one day is taken off that
of many, so that neither pays for its start.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shutil import rmtree

from tests.bench.measures.live import PAGES_A_DAY
from tests.bench.options import Options
from tests.bench.processes import THRESHER, Failed, cost_of
from tests.bench.rows import Cost, Row, compared
from tests.bench.sites import FIRST, BenchSite, rantburg
from tests.kit import rows
from tests.kit.fleet import new_database
from tests.kit.postgres import binaries_or_skip, running_server

IN_PROCESS, WORKER = "in process", "one worker"
QUEUED = {"THRESHER_RUNNER": "procrastinate"}


def measure(options: Options) -> Iterator[Row]:
    """One row for each of the two."""
    many = 6 if options.quick else 40
    short, full = rantburg(1), rantburg(many)
    folder = options.folder / "fleet"
    found: list[dict[str, Cost]] = []
    with running_server(binaries_or_skip()) as server, short.server, full.server:
        for _ in range(options.times(3)):
            costs = {
                who: (_run(short, 1, server, folder, who), _run(full, many, server, folder, who))
                for who in (IN_PROCESS, WORKER)
            }
            found.append({who: _more(*pair).each((many - 1) * PAGES_A_DAY) for who, pair in costs.items()})
    case = f"PostgreSQL, {many * PAGES_A_DAY} pages, a page more"
    yield from compared("fleet", case, found, beside=IN_PROCESS, unit="page")


def _more(small: Cost, big: Cost) -> Cost:
    return Cost(cpu=big.cpu - small.cpu, wall=big.wall - small.wall)


def _run(site: BenchSite, days: int, server: str, folder: Path, who: str) -> Cost:
    rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    site.configure(folder)
    database = new_database(server)
    given = [THRESHER, "--database", database, "--archive", "archive", "--quiet"]
    cost_of([*given, "db", "upgrade"], folder, more=QUEUED)
    window = ["--since", f"{FIRST}", "--until", f"{FIRST + timedelta(days=days - 1)}"]
    backfill = [*given, "backfill", site.source, *window]
    if who == IN_PROCESS:
        cost = cost_of(backfill, folder)
    else:
        queued = cost_of(backfill, folder, more=QUEUED)
        worked = cost_of([*given, "worker", "--until-idle", "--queue", "fetch"], folder, more=QUEUED)
        cost = Cost(cpu=queued.cpu + worked.cpu, wall=queued.wall + worked.wall)
    held, truth = len(rows.table(database, "comments")), len(site.truth())
    if held != truth:
        raise Failed(f"{who}: {held} comments are held, and the site has {truth}")
    return cost
