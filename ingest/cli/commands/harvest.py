"""``thresher harvest``: one visit to a source; what goes into cron."""

import asyncio
from collections.abc import Mapping
from datetime import date

import click
from rich.text import Text

from ingest.cli.output.clock import warned
from ingest.cli.output.progress import following
from ingest.cli.output.queued import WAIT, queue_orders
from ingest.cli.output.rehearsal import print_rehearsal
from ingest.cli.output.tables import report_table
from ingest.cli.session import DAY, SOURCE, Session, json_option, pass_session
from ingest.cli.source_patterns import PATTERNS, require_some, source_options
from ingest.clock import asking, heard
from ingest.errors import CouldNotRun
from ingest.jobs.harvest import Harvest, harvest, harvest_each
from ingest.jobs.rehearsal import rehearse
from ingest.jobs.visits import OnOutcome
from ingest.pipeline.stop import Stop
from ingest.records.chosen import SourceSettings
from ingest.records.outcome import Report
from ingest.runner.fleet.door import is_queued
from ingest.runner.fleet.wishes import of_harvest
from ingest.store import Store
from parsers.source import Source

COULD_NOT_RUN = 3
Wanted = Mapping[Harvest, SourceSettings]


@click.command("harvest")
@click.argument("sources", metavar="SOURCE...", type=SOURCE, nargs=-1)
@PATTERNS
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
    sources: tuple[Source, ...],
    patterns: tuple[tuple[Source, ...], ...],
    days: tuple[date, ...],
    recent: int | None,
    full: bool,
    strict: bool,
    dry_run: bool,
    base_url: str | None,
    delay: float | None,
    wait: bool,
) -> None:
    """Visit each SOURCE once: today, and what the recrawl policy says is due; several sources at once.

    Example: thresher harvest rantburg --recent 3
    """
    if days and recent is not None:
        raise click.UsageError("--date and --recent exclude one another")
    found = require_some(sources, patterns)
    options = source_options(session, found, base_url=base_url, delay=delay)
    wanted = {
        Harvest(source=source, days=days, recent=recent, full=full): chosen for source, chosen in options
    }
    # The command ends before the work does: its exit code cannot say it.
    if strict and is_queued(session.settings) and not dry_run:
        raise click.UsageError('--strict is of a result: it goes with runner = "local"')
    if dry_run:
        code = _rehearse(session, wanted)
    elif is_queued(session.settings):
        code = queue_orders(session, [of_harvest(*one) for one in wanted.items()], wait=wait)
    else:
        code = _harvest(session, wanted, strict=strict)
    click.get_current_context().exit(code)


def _rehearse(session: Session, wanted: Wanted) -> int:
    with session.rehearsing() as store:
        for one, chosen in wanted.items():
            steps = rehearse(one, session.workspace(store), chosen=chosen)
            print_rehearsal(session, one, chosen, steps)
    return 0


def _harvest(session: Session, wanted: Wanted, *, strict: bool) -> int:
    names = [one.source.name for one in wanted]
    title = f"harvest {names[0] if len(names) == 1 else f'of {len(names)} sources'}"
    with session.store() as store, following(session, title) as progress:
        later = warned(session, store)
        reports = asyncio.run(_harvested(session, store, wanted, progress))
    return max(_report(session, report, later, named=len(names) > 1, strict=strict) for report in reports)


async def _harvested(
    session: Session, store: Store, wanted: Wanted, progress: OnOutcome
) -> list[Report | CouldNotRun]:
    if len(wanted) == 1:
        ((one, chosen),) = wanted.items()
        work = harvest(one, session.workspace(store), chosen=chosen, progress=progress)
        return [await heard(work)]
    stop = Stop()
    with asking(stop.ask):
        return await harvest_each(wanted, session.workspace(store, stop), progress=progress)


def _report(
    session: Session,
    report: Report | CouldNotRun,
    later: dict[str, object] | None,
    *,
    named: bool,
    strict: bool,
) -> int:
    if isinstance(report, CouldNotRun):
        session.say(f"thresher: {report}")
        return COULD_NOT_RUN
    if session.as_json:
        session.print_json(report.as_json() | {"later_than_now": later})
    else:
        if named:
            session.out.print(Text(f"{report.source}:"))
        session.out.print(report_table(report))
    unproven = strict and report.sums.unproven and report.exit_code == 0
    return 1 if unproven else report.exit_code
