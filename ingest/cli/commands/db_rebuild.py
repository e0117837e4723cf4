"""``thresher db rebuild``: a database made anew from the archive alone."""

import os
from collections.abc import Iterator
from dataclasses import replace

import click

from ingest.cli.output.progress import advancing
from ingest.cli.output.tables import table
from ingest.cli.session import Session, json_option, pass_session
from ingest.jobs.rebuild.run import RebuildReport
from ingest.jobs.rebuild.run import rebuild as make_anew
from ingest.records.pages import SourceStatus
from ingest.settings import archive_named


@click.command()
@click.option("--archive", metavar="DIR", help="Folder, or s3://...  [default: the settings']")
@click.option("--database", metavar="URL", help="To make.  [default: that of the settings]")
@click.option(
    "--workers", type=click.IntRange(1, 256), metavar="N", help="Processes that parse.  [default: one a CPU]"
)
@json_option
@pass_session
def rebuild(session: Session, *, archive: str | None, database: str | None, workers: int | None) -> None:
    """Make a lost database anew from the archive's WARC files and nothing else.

    The database must hold nothing. Killed, the same command goes on where it ended; until then no other
    command opens the database. What was taken down (suppressed.jsonl beside the files) is left out. No
    request is sent. Exit code 1 if something of the archive could not be loaded: it is named.

    Example: thresher db rebuild --archive archive --database rebuilt.sqlite3
    """
    chosen = session.settings
    session.settings = replace(
        chosen,
        archive=archive_named(archive, chosen.spool) if archive else chosen.archive,
        database=database or chosen.database,
    )
    with session.rebuilding() as store, advancing(session, "rebuild", "captures") as progress:
        report = make_anew(
            session.workspace(store), workers=workers or os.cpu_count() or 1, progress=progress
        )
        status = store.runs.status(now=session.clock.now())
    if session.as_json:
        session.print_json({"database": store.address, **_as_json(report, status)})
    else:
        _print(session, report, status)
    click.get_current_context().exit(report.exit_code)


def _as_json(report: RebuildReport, status: tuple[SourceStatus, ...]) -> dict[str, object]:
    held = {one.source: one for one in status}
    return {
        "resumed": report.resumed,
        "files": report.files,
        "others": report.others,
        "open": report.open,
        "unknown_sources": report.unknown,
        "suppressed": report.suppressed,
        "scrubbed": report.unscrubbed is None,
        "sources": [
            {"source": one.source, **one.counts(), "damaged": one.damaged, **_held_json(held[one.source])}
            for one in report.sources
        ],
    }


def _held_json(one: SourceStatus) -> dict[str, object]:
    return {
        "articles": {"live": one.articles_live, "vanished": one.articles_vanished},
        "comments": {"live": one.comments_live, "vanished": one.comments_vanished},
        "pages": dict(sorted(one.pages.items())),
        "threads": dict(sorted(one.threads.items())),
    }


def _print(session: Session, report: RebuildReport, status: tuple[SourceStatus, ...]) -> None:
    counts = {one.source: one.counts() for one in report.sources}
    columns = ("source", "#loaded", "#unread", "#redacted", "#damaged", "#articles", "#comments", "pages")
    rows = [
        (
            one.source,
            *counts[one.source].values(),
            one.articles_live + one.articles_vanished,
            one.comments_live + one.comments_vanished,
            "  ".join(f"{state} {number}" for state, number in sorted(one.pages.items())),
        )
        for one in status
        if one.source in counts
    ]
    session.out.print(table(*columns, rows=rows))
    for line in _left_out(report):
        session.out.print(line, markup=False, soft_wrap=True)


def _left_out(report: RebuildReport) -> Iterator[str]:
    for one in report.sources:
        yield from one.damaged
    for name in report.others:
        yield f"{name}: thresher did not write this file: archive import takes it in"
    for name in report.open:
        yield f"{name}: a live process writes to this file: it is left out"
    for source, names in sorted(report.unknown.items()):
        yield f"{source} is no source that is configured: {len(names)} files are left out, from {names[0]}"
    if report.suppressed is None:
        lost = ", although something was redacted: what was taken down may be back"
        lost = lost if report.takedowns_lost else ""
        yield f"there is no suppressed.jsonl beside the archive's files{lost}"
    if report.unscrubbed is not None:
        yield f"the database's files may still hold words that were taken down ({report.unscrubbed})"
