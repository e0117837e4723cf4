"""``thresher harvest``: one visit to a source; what goes into cron."""

import asyncio
import math
from datetime import date

import click

from ingest.cli.output.clock import warned
from ingest.cli.output.progress import following
from ingest.cli.output.queued import WAIT, queue_orders
from ingest.cli.output.rehearsal import print_rehearsal
from ingest.cli.output.tables import report_table
from ingest.cli.session import DAY, SOURCE, Session, json_option, pass_session
from ingest.clock import heard
from ingest.jobs.harvest import Harvest, harvest
from ingest.jobs.rehearsal import rehearse
from ingest.pipeline.workspace import check_scope
from ingest.runner.fleet.door import is_queued
from ingest.runner.fleet.wishes import of_harvest
from ingest.settings import SourceSettings
from parsers.source import Source


@click.command("harvest")
@click.argument("source", type=SOURCE)
@click.option("--date", "days", type=DAY, multiple=True, help="A day to visit; may be given again.")
@click.option("--recent", type=click.IntRange(1, 36500), metavar="N", help="The last N days, today included.")
@click.option("--full", is_flag=True, help="Fetch every section, whatever the catalogue says.")
@click.option(
    "--strict", is_flag=True, help="Exit code 1 also where the site does not say how much there is."
)
@click.option("--dry-run", is_flag=True, help="Fetch nothing; print the requests it would make, and why.")
@click.option("--base-url", metavar="URL", help="Where the source's pages are, instead of its own host.")
@click.option("--delay", type=click.FloatRange(0, 3600), metavar="SECONDS", help="Between two requests.")
@WAIT
@json_option
@pass_session
def harvest_command(
    session: Session,
    *,
    source: Source,
    days: tuple[date, ...],
    recent: int | None,
    full: bool,
    strict: bool,
    dry_run: bool,
    base_url: str | None,
    delay: float | None,
    wait: bool,
) -> None:
    """Visit SOURCE once: today, and what the recrawl policy says is due.

    Example: thresher harvest rantburg --recent 3
    """
    if days and recent is not None:
        raise click.UsageError("--date and --recent exclude one another")
    if delay is not None and math.isnan(delay):
        raise click.UsageError("--delay: nan is not a number of seconds")
    wanted = Harvest(source=source, days=days, recent=recent, full=full)
    chosen = session.settings.source(source.name, base_url=base_url, delay=delay)
    check_scope(source, chosen)
    if dry_run:
        with session.rehearsing() as store:
            print_rehearsal(
                session, wanted, chosen, rehearse(wanted, session.workspace(store), chosen=chosen)
            )
        return
    if is_queued(session.settings):
        if strict:
            raise click.UsageError('--strict is of a result: it goes with runner = "local"')
        code = queue_orders(session, [of_harvest(wanted, chosen)], wait=wait)
    else:
        code = _harvest(session, wanted, chosen, strict=strict)
    click.get_current_context().exit(code)


def _harvest(session: Session, wanted: Harvest, chosen: SourceSettings, *, strict: bool) -> int:
    with session.store() as store, following(session, f"harvest {wanted.source.name}") as progress:
        later = warned(session, store)
        report = asyncio.run(
            heard(harvest(wanted, session.workspace(store), chosen=chosen, progress=progress))
        )
    if session.as_json:
        session.print_json(report.as_json() | {"later_than_now": later})
    else:
        session.out.print(report_table(report))
    unproven = strict and report.unproven and report.exit_code == 0
    return 1 if unproven else report.exit_code
