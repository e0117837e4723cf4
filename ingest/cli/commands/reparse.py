"""``thresher reparse``: kept pages through today's parsers, without a network."""

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import partial
from pathlib import Path

import click
from rich.text import Text

from ingest.cli.output.progress import advancing
from ingest.cli.output.queued import WAIT, queue_reparses
from ingest.cli.output.tables import counts_line, table
from ingest.cli.plain_text import safe
from ingest.cli.session import DAY, EXISTING_FILE, SOURCE, Session, json_option, pass_session, require_order
from ingest.cli.source_patterns import PATTERNS, named_by
from ingest.jobs.imports import Finder, reparse_entries
from ingest.jobs.reparse import Reparse, ReparseReport, Sample, reparse
from ingest.runner.fleet.door import is_queued
from parsers.registry import sources
from parsers.source import Source

WORKERS = click.IntRange(1, 256)


@click.command("reparse")
@click.argument("source", type=SOURCE, required=False)
@PATTERNS
@click.option("--since", type=DAY, help="The first day.")
@click.option("--until", type=DAY, help="The last day.")
@click.option("--all", "everything", is_flag=True, help="Every kept page, not only what is behind or failed.")
@click.option(
    "--revision", type=click.IntRange(1), metavar="N", help="Pages read by a parser's revision N or older."
)
@click.option("--diff", is_flag=True, help="Change nothing; print what would change. Never queued.")
@click.option("--sample", type=click.IntRange(1), metavar="N", help="With --diff: N captures of the window.")
@click.option("--workers", type=WORKERS, metavar="N", help="Processes that parse.  [default: one a CPU]")
@click.option(
    "--warc",
    "files",
    type=EXISTING_FILE,
    multiple=True,
    metavar="FILE",
    help="Every page of a WARC file, instead of kept pages; may be given again. Never queued.",
)
@click.option(
    "--fixtures",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Every page of the fixtures below a folder, instead of kept pages. Never queued.",
)
@WAIT
@json_option
@pass_session
def reparse_command(
    session: Session,
    *,
    source: Source | None,
    patterns: tuple[tuple[Source, ...], ...],
    since: date | None,
    until: date | None,
    everything: bool,
    revision: int | None,
    diff: bool,
    sample: int | None,
    workers: int | None,
    files: tuple[Path, ...],
    fixtures: Path | None,
    wait: bool,
) -> None:
    """Parse kept pages again: those that an older parser read, that failed, or were never read.

    --warc and --fixtures always parse every page, and each page keeps its date. What is not stored yet is
    taken in, as by "archive import".

    Example: thresher reparse rantburg --diff --sample 100
    """
    require_order(since, until)
    from_files = bool(files) or fixtures is not None
    if sample is not None and not diff:
        raise click.UsageError("--sample goes with --diff")
    _refuse_together(files, fixtures, revision, everything=everything)
    window = partial(Reparse, since=since, until=until, sample=sample)
    wish = partial(window, everything=everything, revision=revision, diff=diff)
    found = named_by([source], patterns)
    wishes = [wish(source=each) for each in found or sources()]
    if is_queued(session.settings) and not (from_files or diff):
        _refuse_workers(workers)
        click.get_current_context().exit(queue_reparses(session, wishes, wait=wait))
    if from_files:
        _reparse_files(session, wishes, workers, files, fixtures, named=bool(found))
    else:
        reparse_kept(session, wishes, workers)


def _refuse_workers(workers: int | None) -> None:
    if workers is not None:
        raise click.UsageError('--workers goes with runner = "local": see thresher worker')


def _refuse_together(
    files: tuple[Path, ...], fixtures: Path | None, revision: int | None, *, everything: bool
) -> None:
    if files and fixtures is not None:
        raise click.UsageError("--warc and --fixtures exclude one another")
    if revision is not None and (everything or files or fixtures is not None):
        raise click.UsageError("--revision chooses among kept pages: it goes without --all and files")


def _reparse_files(
    session: Session,
    wishes: Sequence[Reparse],
    workers: int | None,
    files: tuple[Path, ...],
    fixtures: Path | None,
    *,
    named: bool,
) -> None:
    changes = not any(wanted.diff for wanted in wishes)
    with (
        session.store(make=changes, upgrade=changes) as store,
        Finder.of(session.workspace(store)) as finder,
    ):
        found = finder.in_warc(files) if fixtures is None else finder.in_fixtures(fixtures)
        for reason in finder.damaged:
            session.err.print(safe(reason), soft_wrap=True)
        if finder.others:
            session.say(f"passed over, as no source knows their addresses: {finder.others} pages")
        there = {entry.source for entry in found}
        # A source that was not asked for by its name, and has no page here, is not locked for nothing.
        wishes = [wanted for wanted in wishes if named or wanted.source.name in there]
        run = partial(
            reparse_entries,
            found=found,
            workspace=session.workspace(store),
            command="reparse --warc" if fixtures is None else "reparse --fixtures",
        )
        code = _report_each(session, wishes, run, workers, finder)
    click.get_current_context().exit(max(code, int(bool(finder.damaged))))


def reparse_kept(session: Session, wishes: Sequence[Reparse], workers: int | None) -> None:
    """Parse on this machine, print each report, and exit with the worst code."""
    changes = not any(wanted.diff for wanted in wishes)
    with session.store(make=False, upgrade=changes) as store:
        code = _report_each(session, wishes, partial(reparse, workspace=session.workspace(store)), workers)
    click.get_current_context().exit(code)


def _report_each(
    session: Session,
    wishes: Iterable[Reparse],
    run: Callable[..., ReparseReport],
    workers: int | None,
    finder: Finder | None = None,
) -> int:
    """Run one source after the other and print each report at once; the worst exit code."""
    code = 0
    for wanted in wishes:
        with advancing(session, f"reparse {wanted.source.name}") as progress:
            report = run(wanted, workers=workers or os.cpu_count() or 1, progress=progress)
        _tell(session, report, finder)
        code = max(code, report.exit_code)
    return code


def _tell(session: Session, report: ReparseReport, finder: Finder | None = None) -> None:
    if session.as_json:
        files = {"files": [one.as_json() for one in finder.files.values()]} if finder and finder.files else {}
        session.print_json(report.as_json() | files)
        return
    _print(session, report)
    if finder is not None:
        taken_in = "would be taken in" if report.diff else "were taken in"
        known = report.looked - report.unreadable - report.taken_in
        session.out.print(Text(f"{report.taken_in} captures {taken_in}, {known} are known"))


def _print(session: Session, report: ReparseReport) -> None:
    if report.resumed:
        session.say(f"{report.source}: taken up where a run was broken off")
    if report.fields:
        rows = [
            row
            for change in report.fields
            for row in [(change.name, change.rows, "", ""), *(_sample(one) for one in change.samples)]
        ]
        session.out.print(table("field", "#rows", "", "before -> after", rows=rows))
        session.out.print()
    for failure in report.failures:
        session.out.print(f"capture {failure.capture_id}: {failure.error}", markup=False, soft_wrap=True)
    would = "would change" if report.diff else "changed"
    session.out.print(Text(f"articles  {counts_line(report.articles)}"))
    session.out.print(Text(f"comments  {counts_line(report.comments)}"))
    session.out.print(Text(f"captures  {'  '.join(f'{key} {n}' for key, n in report.captures().items())}"))
    rows_changed = sum(change.rows for change in report.fields)
    session.out.print(Text(f"{would}: {len(report.fields)} fields, {rows_changed} times"))


def _sample(one: Sample) -> tuple[object, ...]:
    where = one.article if one.comment is None else f"{one.article} comment {one.comment}"
    return ("", "", where, f"{_quoted(one.before)} -> {_quoted(one.after)}")


def _quoted(value: str | int | None) -> str:
    return "(none)" if value is None else repr(value)
