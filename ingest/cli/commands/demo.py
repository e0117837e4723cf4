"""``thresher demo``: the main job on this machine alone."""

import asyncio
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import click

from ingest.cli.output.tables import report_table
from ingest.cli.output.thread import print_thread
from ingest.cli.session import FOLDER, Session, json_option, pass_session
from ingest.jobs.harvest import Harvest, harvest
from ingest.jobs.packs.fixtures import default_folder, read_all
from ingest.jobs.packs.replay import Replay, fullest_day, replies_in, replies_of_day
from ingest.jobs.verify import Coverage, cover
from ingest.pipeline.workspace import Workspace
from ingest.records.chosen import SourceSettings
from ingest.records.json_output import Json
from ingest.records.outcome import Report
from ingest.settings import Settings
from ingest.store import Store
from parsers.registry import configure, configured, source_named
from parsers.source import Site

SOURCE = "rantburg"
SECOND = Site(name="harbour", engine="wordpress", base_url="", zone="Europe/Berlin")
SECOND_DAY = date(2024, 5, 1)
DELAY = 0.05
"""Seconds between requests: the site is this machine."""

MOST_PRINTED = 20
"""Comments of a thread that a screen has room for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """The work on one source: two harvests of a day, and what is held after them."""

    source: str
    reports: tuple[Report, ...]
    covered: Coverage

    def as_json(self) -> Json:
        return {
            "harvests": [report.as_json() for report in self.reports],
            "verify": self.covered.as_json(),
        }


@click.command()
@click.option("--fixtures", "root", type=FOLDER, default=default_folder, help="Folder of the fixtures.")
@click.option("--keep", type=FOLDER, help="Keep the database and the archive in this folder.")
@json_option
@pass_session
def demo(session: Session, root: Path, keep: Path | None) -> None:
    """Replay stored pages of two sites on loopback, harvest a day of each twice, and show the result.

    Example: thresher demo --keep demo
    """
    with tempfile.TemporaryDirectory(prefix="thresher-demo-") as scratch:
        folder = keep or Path(scratch)
        settings = replace(
            session.settings, database=str(folder / "demo.sqlite3"), archive=folder / "archive"
        )
        shown = _show(session, settings, root)
    if session.as_json:
        first, second = shown
        session.print_json({**first.as_json(), "second": {"source": second.source, **second.as_json()}})
    _say_where(session, keep)
    click.get_current_context().exit(max(report.exit_code for one in shown for report in one.reports))


def _say_where(session: Session, keep: Path | None) -> None:
    """Where the database is, and how it is shown in a browser."""
    if keep is None:
        session.say(
            "Nothing is kept. To look at it in a browser: thresher demo --keep demo, and as it then says"
        )
        return
    held = shlex.join(["--database", str(keep / "demo.sqlite3"), "--archive", str(keep / "archive")])
    session.say(f"kept in {keep}: thresher {held} status")
    session.say(f"in a browser: thresher {held} console")


def _show(session: Session, settings: Settings, root: Path) -> tuple[_Shown, _Shown]:
    source = source_named(SOURCE)
    day, sections = fullest_day(read_all(root), source)
    answers = replies_in(root / "demo" / f"{SECOND.name}.jsonl")
    with Store.open(settings.database) as store:
        workspace = Workspace(settings=settings, store=store, clock=session.clock)
        with Replay(replies_of_day(source, day, sections)) as site:
            session.say(f"{len(sections)} sections of {day} are replayed at {site.url}")
            first = _shown(session, workspace, site.url, Harvest(source=source, days=(day,)))
        with Replay(answers) as site, _source_at(site.url):
            session.say(f"a blog of WordPress, {SECOND_DAY}, is replayed at {site.url}")
            wanted = Harvest(source=source_named(SECOND.name), days=(SECOND_DAY,))
            second = _shown(session, workspace, site.url, wanted)
    return first, second


@contextmanager
def _source_at(url: str) -> Iterator[None]:
    """The second site as a source, as four lines of settings would make it."""
    before = configured()
    others = (site for site in before if site.name != SECOND.name)
    configure((*others, replace(SECOND, base_url=url)))
    try:
        yield
    finally:
        configure(before)


def _shown(session: Session, workspace: Workspace, url: str, wanted: Harvest) -> _Shown:
    source, (day,) = wanted.source.name, wanted.days
    reports = tuple(_harvested(workspace, url, wanted) for _ in range(2))
    covered = cover(workspace.store, source, since=day, until=day, window=None)
    shown = _Shown(source=source, reports=reports, covered=covered)
    if not session.as_json:
        _print(session, workspace.store, shown)
    return shown


def _harvested(workspace: Workspace, url: str, wanted: Harvest) -> Report:
    chosen = SourceSettings(base_url=url, delay=DELAY)
    return asyncio.run(harvest(wanted, workspace, chosen=chosen, progress=lambda _: None))


def _print(session: Session, store: Store, shown: _Shown) -> None:
    first, again = shown.reports
    session.out.print(report_table(first))
    session.out.print("\nharvested again at once:")
    session.out.print(report_table(again))
    session.out.print("\nverified against the site's own counters:")
    for line in shown.covered.sentences():
        session.out.print(line, markup=False)
    articles = store.ledger.day_known(shown.source, shown.covered.pages[0].day).articles.values()
    # A thread that a screen has room for, if the busiest is too long.
    shortest = min((one for one in articles if one.comments), key=lambda article: article.comments)
    busiest = max(articles, key=lambda article: article.comments)
    chosen = busiest if busiest.comments <= MOST_PRINTED else shortest
    found = store.articles.named(shown.source, chosen.external_id)
    if found is not None:
        session.out.print(f"\nthresher show {chosen.external_id}:\n", markup=False)
        print_thread(session.out, found)
        session.out.print()
