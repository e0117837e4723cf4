"""``thresher verify``: is it all there? What is missing and why, as a calendar, and asked for again."""

import math
from datetime import date
from functools import partial

import click
from rich.text import Text

from ingest.cli.commands.accept_empty import run_accept
from ingest.cli.commands.repair import rehearse_repair, run_repair
from ingest.cli.output.clock import warned
from ingest.cli.output.coverage import print_calendar, print_coverage
from ingest.cli.session import DAY, SOURCE, Session, json_option, pass_session, require_order
from ingest.cli.source_patterns import PATTERNS, named_by
from ingest.jobs.repair import Repair
from ingest.jobs.verify import cover, window_of
from ingest.pipeline.workspace import check_scope
from parsers.source import Source


@click.command()
@click.argument("source", type=SOURCE, required=False)
@PATTERNS
@click.option("--since", type=DAY, help="The first day.")
@click.option("--until", type=DAY, help="The last day.")
@click.option(
    "--all", "everything", is_flag=True, help="List every page and every line, as JSON always does."
)
@click.option("--calendar", is_flag=True, help="Draw the years, a sign a day.")
@click.option(
    "--repair", "mend", is_flag=True, help="Fetch again the pages that are short or failed; then compare."
)
@click.option(
    "--accept-empty",
    "accepted",
    type=DAY,
    metavar="DAY",
    help="Confirm that the articles of a day that shows none are gone; then compare.",
)
@click.option(
    "--strict", is_flag=True, help="Exit code 1 also where the site does not say how much there is."
)
@click.option("--dry-run", is_flag=True, help="With --repair: fetch nothing; print what would be fetched.")
@click.option("--base-url", metavar="URL", help="With --repair: where the source's pages are.")
@click.option(
    "--delay", type=click.FloatRange(0, 3600), metavar="SECONDS", help="With --repair: between two requests."
)
@json_option
@pass_session
def verify(
    session: Session,
    *,
    source: Source | None,
    patterns: tuple[tuple[Source, ...], ...],
    since: date | None,
    until: date | None,
    everything: bool,
    calendar: bool,
    mend: bool,
    accepted: date | None,
    strict: bool,
    dry_run: bool,
    base_url: str | None,
    delay: float | None,
) -> None:
    """Compare what is stored with the site's own counters; exit code 1 if anything is short.

    Example: thresher verify rantburg --since 2018-03-01 --until 2018-03-31
    """
    require_order(since, until)
    _refuse_together(calendar=calendar, mend=mend, everything=everything)
    if not mend:
        _refuse_options_of_repair(dry_run=dry_run, base_url=base_url, delay=delay)
    found = named_by([source], patterns)
    only = found[0] if len(found) == 1 else None
    if accepted is not None:
        _accept(session, only, accepted, mend=mend)
        since, until = (since, until) if since or until else (accepted, accepted)
    if mend:
        wanted = Repair(source=_named(only), since=since, until=until)
        code = _repair(
            session, wanted, dry_run=dry_run, everything=everything, base_url=base_url, delay=delay
        )
    else:
        look = partial(_verify, session, calendar=calendar, everything=everything, strict=strict)
        code = max(look(each, since, until, named=len(found) > 1) for each in found or [None])
    click.get_current_context().exit(code)


def _refuse_together(*, calendar: bool, mend: bool, everything: bool) -> None:
    if calendar and (mend or everything):
        raise click.UsageError("--calendar goes with neither --repair nor --all")


def _refuse_options_of_repair(*, dry_run: bool, base_url: str | None, delay: float | None) -> None:
    if dry_run or base_url is not None or delay is not None:
        raise click.UsageError("--dry-run, --base-url and --delay go with --repair")


def _verify(
    session: Session,
    source: Source | None,
    since: date | None,
    until: date | None,
    *,
    calendar: bool,
    everything: bool,
    strict: bool,
    named: bool,
) -> int:
    name = source.name if source is not None else None
    with session.reading() as store:
        later = warned(session, store)
        covered = cover(store, name, since=since, until=until, window=window_of(since, until))
    if calendar:
        print_calendar(session, covered, name, since=since, until=until)
    elif session.as_json:
        of = {"source": name} if named else {}
        session.print_json(covered.as_json() | {"later_than_now": later} | of)
    else:
        if named:
            session.out.print(Text(f"{name}:"))
        print_coverage(session, covered, everything=everything)
    return 0 if covered.complete or (covered.seen_whole and not strict) else 1


def _accept(session: Session, source: Source | None, day: date, *, mend: bool) -> None:
    if mend:
        raise click.UsageError("--accept-empty does not go with --repair")
    run_accept(session, _named(source, "--accept-empty needs the SOURCE of the day"), day)


def _named(source: Source | None, otherwise: str = "--repair needs the SOURCE to ask") -> Source:
    if source is None:
        raise click.UsageError(otherwise)
    return source


def _repair(
    session: Session,
    wanted: Repair,
    *,
    dry_run: bool,
    everything: bool,
    base_url: str | None,
    delay: float | None,
) -> int:
    if delay is not None and math.isnan(delay):
        raise click.UsageError("--delay: nan is not a number of seconds")
    chosen = session.settings.source(wanted.source.name, base_url=base_url, delay=delay)
    check_scope(wanted.source, chosen)
    if dry_run:
        with session.reading() as store:
            return rehearse_repair(session, store, wanted, chosen, everything=everything)
    with session.store(make=False) as store:
        return run_repair(session, store, wanted, chosen, everything=everything)
