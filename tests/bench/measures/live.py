"""A loopback site harvested by thresher, by a Scrapy spider and by a Crawlee crawler, the same rows.

All ask one page at a time with no wait between, read robots.txt, and commit each page durably. The peers
keep nothing but the rows; thresher also archives every answer, keeps versions and a ledger, and verifies
what the site claims. A page is a section or thread with 52 comments. Each run is a process from start to
end; that of one day is taken off that of many for what a page costs without the start.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from shutil import rmtree

from tests.bench import peer_environment
from tests.bench.options import Options
from tests.bench.processes import THRESHER, Failed, cost_of
from tests.bench.rows import Cost, Row, compared
from tests.bench.sites import FIRST, SITES, BenchSite, Held

PEERS = {"Scrapy": "tests.bench.peers.by_scrapy", "Crawlee": "tests.bench.peers.by_crawlee"}
PAGES_A_DAY = 5
OURS = (
    "SELECT a.external_id, c.external_id, c.author, c.text"
    " FROM comments c JOIN articles a ON a.id = c.article_id WHERE c.vanished_at IS NULL"
)
THEIRS = "SELECT article, external_id, author, text FROM comments"
KEEPS = {"thresher": "also archives, versions, verifies"}


def measure(options: Options) -> Iterator[Row]:
    """The first source and the three engines."""
    for made in SITES:
        yield from harvested(made, options)


def harvested(made: Callable[[int], BenchSite], options: Options, *, days: int = 0) -> Iterator[Row]:
    """Two rows for each: with the start, and without it."""
    many = days or (6 if options.quick else 20)
    short, full = made(1), made(many)
    folder = options.folder / "live" / full.name
    with short.server, full.server:
        rounds = [(_round(short, 1, folder), _round(full, many, folder)) for _ in range(options.times(5))]
        requests = {who: _requests(full, many, folder, who) for who in rounds[0][0]}
    pages, more = many * PAGES_A_DAY, (many - 1) * PAGES_A_DAY
    whole = [{who: cost.each(pages) for who, cost in big.items()} for _, big in rounds]
    steady = [{who: _difference(big[who], small[who]).each(more) for who in big} for small, big in rounds]
    figures = {who: {"requests": requests[who], "keeps": KEEPS.get(who, "rows alone")} for who in requests}
    beside = "Scrapy" if "Scrapy" in requests else "thresher"
    case = f"{full.name}, {pages} pages of 52 comments"
    for rows, name in ((whole, case), (steady, f"{full.name}, a page more")):
        for row in compared("live", name, rows, beside=beside, unit="page", figures=figures):
            speed = 1 / row.wall.middle if row.wall and row.wall.middle else 0
            yield replace(row, figures={"pages/s": speed, "rows": "right", **row.figures})


def contenders() -> list[str]:
    """Those that can be measured."""
    return ["thresher", *(PEERS if peer_environment.are_installed() else ())]


def _round(site: BenchSite, days: int, folder: Path) -> dict[str, Cost]:
    return {who: run(site, days, folder, who) for who in contenders()}


def _difference(big: Cost, small: Cost) -> Cost:
    return Cost(cpu=big.cpu - small.cpu, wall=big.wall - small.wall, memory=big.memory)


def _requests(site: BenchSite, days: int, folder: Path, who: str) -> int:
    before = len(site.server.requests)
    run(site, days, folder, who)
    return len(site.server.requests) - before


def run(site: BenchSite, days: int, folder: Path, who: str) -> Cost:
    """One harvest into an empty folder.

    Raises:
        Failed: it did not end well, or a comment is missing, wrong or too many.
    """
    rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    site.configure(folder)
    cost = cost_of(_command(site, days, who), folder, memory=True)
    held, truth = _held(folder / "held.sqlite3", OURS if who == "thresher" else THEIRS), site.truth()
    if held != truth:
        raise Failed(
            f"{who} on {site.name}: {len(truth - held)} comments missing, {len(held - truth)} wrong,"
            f" such as {sorted(truth ^ held)[:2]}"
        )
    return cost


def _command(site: BenchSite, days: int, who: str) -> list[str | Path]:
    if who == "thresher":
        last = FIRST + timedelta(days=days - 1)
        where = ("--database", "held.sqlite3", "--archive", "archive", "--quiet")
        return [THRESHER, *where, "backfill", site.source, "--since", f"{FIRST}", "--until", f"{last}"]
    given = (site.name, site.server.url, f"{FIRST}", str(days), "held.sqlite3")
    return [peer_environment.PYTHON, "-m", PEERS[who], *given]


def _held(file: Path, question: str) -> Held:
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute(question).fetchall()
    if len(set(rows)) != len(rows):
        raise Failed("a comment is held twice")
    return set(rows)
