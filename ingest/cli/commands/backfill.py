"""``thresher backfill``: every day of a window; after an interruption the next run continues."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date

import click
from rich.text import Text

from ingest.cli.output.progress import advancing
from ingest.cli.output.queued import WAIT, queue_orders
from ingest.cli.output.tables import counts_line, table
from ingest.cli.session import DAY, SOURCE, Session, json_option, pass_session, require_order
from ingest.cli.source_patterns import PATTERNS, require_some, source_options
from ingest.clock import asking
from ingest.errors import CouldNotRun
from ingest.jobs.backfill import Backfill, Progress, backfill, planned
from ingest.pipeline.stop import Stop
from ingest.pipeline.workspace import delay_of
from ingest.records.backfill_report import BackfillReport
from ingest.records.json_output import instant
from ingest.runner.fleet.door import is_queued
from ingest.runner.fleet.wishes import of_backfill
from ingest.store import Store
from parsers.source import Source
from schedules.backfill import BackfillPlan
from schedules.windows import Window

COULD_NOT_RUN = 3


@click.command("backfill")
@click.argument("sources", metavar="SOURCE...", type=SOURCE, nargs=-1)
@PATTERNS
@click.option("--since", type=DAY, required=True, help="The first day.")
@click.option("--until", type=DAY, required=True, help="The last day; today is the harvest's.")
@click.option("--oldest-first", is_flag=True, help="Begin with the oldest day.  [default: with the newest]")
@click.option("--dry-run", is_flag=True, help="Fetch nothing; print the requests and hours it would take.")
@click.option("--base-url", metavar="URL", help="Where the source's pages are, instead of its own host.")
@click.option("--delay", type=click.FloatRange(0, 3600), metavar="SECONDS", help="Between two requests.")
@WAIT
@json_option
@pass_session
def backfill_command(
    session: Session,
    *,
    sources: tuple[Source, ...],
    patterns: tuple[tuple[Source, ...], ...],
    since: date,
    until: date,
    oldest_first: bool,
    dry_run: bool,
    base_url: str | None,
    delay: float | None,
    wait: bool,
) -> None:
    """Visit every day of a window that is not complete yet; started again, it continues where it stopped.

    Example: thresher backfill rantburg --since 2018-03-01 --until 2018-03-31
    """
    require_order(since, until)
    found = require_some(sources, patterns)
    wanted = [
        Backfill(
            source=source,
            chosen=chosen,
            window=Window.of(since, until),
            newest_first=not oldest_first,
        )
        for source, chosen in source_options(session, found, base_url=base_url, delay=delay)
    ]
    if is_queued(session.settings) and not dry_run:
        click.get_current_context().exit(
            queue_orders(session, [of_backfill(one) for one in wanted], wait=wait)
        )
    with session.rehearsing() if dry_run else session.store() as store:
        code = _rehearse(session, store, wanted) if dry_run else _run(session, store, wanted)
    click.get_current_context().exit(code)


def _rehearse(session: Session, store: Store, wanted: Sequence[Backfill]) -> int:
    for one in wanted:
        plan = planned(one, store, session.clock)
        delay = delay_of(one.source, one.chosen)
        if session.as_json:
            session.print_json(_as_json(one, plan, delay))
        else:
            for line in _lines(one, plan, delay):
                session.out.print(Text(line))
    return 0


def _as_json(wanted: Backfill, plan: BackfillPlan, delay: float) -> dict[str, object]:
    return {
        "command": "backfill",
        "source": wanted.source.name,
        "dry_run": True,
        "since": wanted.window.since.isoformat(),
        "until": wanted.window.until.isoformat(),
        "days": {
            "done": plan.done,
            "waiting": plan.waiting,
            "resting": plan.resting,
            "taken": plan.taken,
        },
        "again_at": instant(plan.again_at) if plan.again_at is not None else None,
        "requests_least": plan.requests_least,
        "requests_likely": plan.requests_likely,
        "delay": delay,
        "hours": round(_hours(plan, delay), 3),
    }


def _lines(wanted: Backfill, plan: BackfillPlan, delay: float) -> tuple[str, str]:
    days = f"{plan.waiting} days to visit, {plan.done} done, {plan.resting} resting, {plan.taken} taken"
    requests = f"{plan.requests_least} to {plan.requests_likely} requests, one every {delay:g} s"
    return f"{wanted.source.name}: {days}", f"{requests}: up to {_hours(plan, delay):.1f} hours"


def _hours(plan: BackfillPlan, delay: float) -> float:
    return plan.lasts(delay).total_seconds() / 3600


def _run(session: Session, store: Store, wanted: Sequence[Backfill]) -> int:
    with ExitStack() as opened:
        bars = {
            one.source.name: opened.enter_context(advancing(session, f"backfill {one.source.name}"))
            for one in wanted
        }

        def progress(source: Source, done: int, total: int) -> None:
            bars[source.name](done, total)

        reports = asyncio.run(_backfilled(session, store, wanted, progress))
    # Of several sources the worst: one that is short must not hide behind the others.
    return max(_report(session, report) for report in reports)


async def _backfilled(
    session: Session, store: Store, wanted: Sequence[Backfill], progress: Progress
) -> list[BackfillReport | CouldNotRun]:
    stop = Stop()
    with asking(stop.ask):
        return await backfill(wanted, session.workspace(store, stop), progress=progress)


def _report(session: Session, report: BackfillReport | CouldNotRun) -> int:
    """Print how one source's backfill ended, and return its exit code."""
    if isinstance(report, CouldNotRun):
        session.say(f"thresher: {report}")
        return COULD_NOT_RUN
    if session.as_json:
        session.print_json(report.as_json())
    else:
        _print(session, report)
    return report.exit_code


def _print(session: Session, report: BackfillReport) -> None:
    days = report.days
    if report.failures:
        rows = [(str(one.day), one.section, one.state, one.reason) for one in report.failures]
        session.out.print(table("day", "#section", "state", "why", rows=rows))
        session.out.print()
    session.out.print(Text(f"articles  {counts_line(report.articles)}"))
    session.out.print(Text(f"comments  {counts_line(report.comments)}"))
    session.out.print(
        Text(f"pages     {'  '.join(f'{state} {count}' for state, count in report.pages.items())}")
    )
    session.out.print(
        Text(
            f"days      done {days.done}  waiting {days.waiting}  resting {days.resting}  taken {days.taken}"
        )
    )
    if report.stopped:
        session.say(f"{report.source}: stopped; start it again to continue")
    elif days.again_at is not None:
        session.say(f"{report.source}: {days.resting} days rest, the first until {instant(days.again_at)}")
