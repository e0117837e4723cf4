"""``thresher demo``: the main job on this machine alone."""

import asyncio
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from ingest.cli.output.tables import report_table
from ingest.cli.output.thread import print_thread
from ingest.cli.session import FOLDER, Session, json_option, pass_session
from ingest.jobs.harvest import Harvest, harvest
from ingest.jobs.packs.fixtures import default_folder, read_all
from ingest.jobs.packs.replay import Replay, fullest_day
from ingest.jobs.verify import Coverage, cover
from ingest.pipeline.workspace import Workspace
from ingest.records.outcome import Report
from ingest.settings import Settings, SourceSettings
from ingest.store import Store
from parsers.registry import source_named

SOURCE = "rantburg"
DELAY = 0.05
"""Seconds between requests: the site is this machine."""


@click.command()
@click.option("--fixtures", "root", type=FOLDER, default=default_folder, help="Folder of the fixtures.")
@click.option("--keep", type=FOLDER, help="Keep the database and the archive in this folder.")
@json_option
@pass_session
def demo(session: Session, root: Path, keep: Path | None) -> None:
    """Replay a day of stored pages on loopback, harvest it twice, and show the result."""
    source = source_named(SOURCE)
    day, sections = fullest_day(read_all(root), source)
    with (
        tempfile.TemporaryDirectory(prefix="thresher-demo-") as scratch,
        Replay(source, day, sections) as site,
    ):
        folder = keep or Path(scratch)
        settings = replace(
            session.settings, database=str(folder / "demo.sqlite3"), archive=folder / "archive"
        )
        session.say(f"{len(sections)} sections of {day} are replayed at {site.url}")
        with Store.open(settings.database) as store:
            reports = [_harvest(session, settings, store, site.url, day) for _ in range(2)]
            covered = cover(store, SOURCE, since=day, until=day, window=None)
            if session.as_json:
                _print_json(session, reports, covered)
            else:
                _print(session, store, reports, covered)
    if keep is not None:
        session.say(f"kept in {keep}: thresher --database {keep / 'demo.sqlite3'} status")
    click.get_current_context().exit(max(report.exit_code for report in reports))


def _harvest(session: Session, settings: Settings, store: Store, url: str, day: date) -> Report:
    return asyncio.run(
        harvest(
            Harvest(source=source_named(SOURCE), days=(day,)),
            Workspace(settings=settings, store=store, clock=session.clock),
            chosen=SourceSettings(base_url=url, delay=DELAY),
            progress=lambda _: None,
        )
    )


def _print(session: Session, store: Store, reports: list[Report], covered: Coverage) -> None:
    first, again = reports
    session.out.print(report_table(first))
    session.out.print("\nharvested again at once:")
    session.out.print(report_table(again))
    session.out.print("\nverified against the site's own counters:")
    for line in covered.sentences():
        session.out.print(line, markup=False)
    busiest = max(
        store.ledger.day_known(SOURCE, covered.pages[0].day).articles.values(),
        key=lambda article: article.comments,
    )
    found = store.articles.named(SOURCE, busiest.external_id)
    if found is not None:
        session.out.print(f"\nthresher show {busiest.external_id}:\n", markup=False)
        print_thread(session.out, found)


def _print_json(session: Session, reports: list[Report], covered: Coverage) -> None:
    session.print_json({"harvests": [report.as_json() for report in reports], "verify": covered.as_json()})
