"""``thresher archive``: the WARC files themselves."""

import os
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path

import click

from ingest.archive.archive_file import files
from ingest.archive.check import Finding
from ingest.archive.export.copy import export_cdxj, export_warc, index_path
from ingest.archive.export.wacz import export_wacz
from ingest.cli.commands.forget import exportable, redact_command
from ingest.cli.output.progress import advancing
from ingest.cli.output.tables import table
from ingest.cli.session import DAY, EXISTING_FILE, SOURCE, Session, json_option, pass_session, require_order
from ingest.jobs.adoption import adopt_each
from ingest.jobs.archive import FileHeld, captured_within, findings, held_within, listing, with_originals
from ingest.jobs.imports import FileImport, import_files
from ingest.jobs.imports.external_pages import FileSeen
from ingest.pipeline.workspace import about
from ingest.records.json_output import instant
from parsers.registry import sources
from parsers.source import Source

ROWS_AT_ONCE = 500
"""Of a table that may be very long."""
SUFFIXES = {"warc": ".warc.gz", "cdxj": ".cdxj", "wacz": ".wacz"}


@click.group()
def archive() -> None:
    """The archive: the stored responses as WARC files."""


archive.add_command(redact_command)


@archive.command()
@json_option
@pass_session
def verify(session: Session) -> None:
    """Read every record and every capture back; exit code 1 if anything is damaged.

    Example: thresher archive verify
    """
    folder = session.settings.archive
    # Of a database that was lost the archive says how much it has.
    with session.rehearsing() if files(folder) else session.reading() as store:
        looked, counted = len(files(folder)), store.captures.counted()
        found = findings(folder, store)
        if session.as_json:
            summary = {"files": looked, "captures": counted.captures, "redacted": counted.redacted}
            wrong = session.print_json_list(summary, "findings", map(_finding_json, found))
        else:
            wrong, unindexed = _print_findings(session, found)
            gone = f" ({counted.redacted} redacted)" if counted.redacted else ""
            more = f", {unindexed} without a row" if unindexed else ""
            session.out.print(f"{looked} files, {counted.captures} captures{gone}{more}, {wrong} findings")
    click.get_current_context().exit(1 if wrong else 0)


def _print_findings(session: Session, found: Iterator[Finding]) -> tuple[int, int]:
    """How many there were, and captures without a row; there may be one a capture: few are held at once."""
    wrong = unindexed = 0
    while some := list(islice(found, ROWS_AT_ONCE)):
        wrong += len(some)
        unindexed += sum(one.unindexed for one in some)
        rows = [(one.file, one.offset, one.reason) for one in some]
        session.out.print(table("file", "#offset", "what is wrong", rows=rows))
    return wrong, unindexed


@archive.command()
@click.argument("source", type=SOURCE, required=False)
@json_option
@pass_session
def adopt(session: Session, source: Source | None) -> None:
    """Load the captures in our own files that the database lacks: it is older than the archive, or lost.

    Exit code 1 if some of it could not be read.

    Example: thresher archive adopt rantburg
    """
    with session.store() as store:
        wanted = [source] if source is not None else sources()
        adoptions = list(adopt_each(wanted, session.workspace(store)))
    if session.as_json:
        session.print_json({"sources": [{"source": each.source, **each.counts()} for each in adoptions]})
    else:
        columns = ("source", "#adopted", "#unread", "#known", "#bytes cut", "#damaged")
        rows = [(each.source, *each.counts().values()) for each in adoptions]
        session.out.print(table(*columns, rows=rows))
    for reason in (reason for each in adoptions for reason in each.damaged):
        session.say(reason)
    click.get_current_context().exit(max((each.exit_code for each in adoptions), default=0))


@archive.command("list")
@click.argument("source", type=SOURCE, required=False)
@click.option("--since", type=DAY, help="The first day of capture.")
@click.option("--until", type=DAY, help="The last day of capture.")
@json_option
@pass_session
def list_command(session: Session, source: Source | None, since: date | None, until: date | None) -> None:
    """List the files, and how many captures of SOURCE and of the window each has.

    Example: thresher archive list rantburg --since 2018-03-01
    """
    require_order(since, until)
    with session.reading() as store:
        held = held_within(store, source, since, until)
        found = list(listing(session.settings.archive, store, held))
    if session.as_json:
        session.print_json({"files": [_file_json(one) for one in found]})
        return
    rows = [
        (
            one.checked.file,
            f"{one.checked.size:,}",
            one.checked.records,
            one.captures,
            " ".join(one.sources),
            instant(one.first) if one.first else "",
            instant(one.last) if one.last else "",
        )
        for one in found
    ]
    session.out.print(table("file", "#bytes", "#records", "#captures", "source", "first", "last", rows=rows))


@archive.command()
@click.option("--source", type=SOURCE, required=True, help="Whose captures.")
@click.option("--since", type=DAY, help="The first day of capture.")
@click.option("--until", type=DAY, help="The last day of capture.")
@click.option("--output", type=click.Path(path_type=Path), required=True, help="A folder, or a new file.")
@click.option("--format", "form", type=click.Choice(list(SUFFIXES)), default="warc", show_default=True)
@json_option
@pass_session
def export(
    session: Session, *, source: Source, since: date | None, until: date | None, output: Path, form: str
) -> None:
    """Copy captures to a WARC file with an index or to a WACZ package, or write an index of the archive.

    Example: thresher archive export --source rantburg --output rantburg.warc.gz
    """
    require_order(since, until)
    folder, now = session.settings.archive, session.clock.now()
    name = f"THRESHER-EXPORT-{source.name}-{now:%Y%m%d%H%M%S}{SUFFIXES[form]}"
    target = output / name if _is_folder(output) else output
    said = about(source, session.settings)
    written = [target]
    with session.reading() as store:
        wanted = partial(captured_within, store, source, since, until)
        # An index copies no words.
        rows = with_originals(exportable(session, store, wanted, search_them=form != "cdxj"))
        if form == "cdxj":
            captures = export_cdxj(folder, rows, target)
        elif form == "wacz":
            captures = export_wacz(folder, rows, target, about=said, at=now)
        else:
            captures, _ = export_warc(folder, rows, target, about=said, at=now)
            written.append(index_path(target))
    if session.as_json:
        session.print_json({"captures": captures, "files": [str(path) for path in written]})
    else:
        session.out.print(f"{captures} captures", markup=False)
        for path in written:
            session.out.print(str(path), markup=False, soft_wrap=True)


@archive.command("import")
@click.argument("paths", metavar="FILE...", type=EXISTING_FILE, nargs=-1, required=True)
@json_option
@pass_session
def import_command(session: Session, paths: tuple[Path, ...]) -> None:
    """Take in what of other tools' WARC files a source knows; exit code 1 if some could not be read.

    Example: thresher archive import theirs.warc.gz --json
    """
    with session.store() as store, advancing(session, "archive import") as progress:
        workspace = session.workspace(store)
        imports = import_files(paths, workspace, workers=os.cpu_count() or 1, progress=progress)
    if session.as_json:
        session.print_json({"files": [each.as_json() for each in imports]})
    else:
        _print_imports(session, imports)
    click.get_current_context().exit(1 if any(each.unread or each.seen.damaged for each in imports) else 0)


def _print_imports(session: Session, imports: Sequence[FileImport]) -> None:
    columns = ("file", "#loaded", "#unread", "#known", "#others", "#damaged")
    session.out.print(table(*columns, rows=[_import_row(each) for each in imports]))
    for reason in (reason for each in imports for reason in each.seen.damaged):
        session.out.print(reason, markup=False, soft_wrap=True)
    for each in imports:
        session.out.print(_passed_over(each.seen), markup=False, soft_wrap=True)


def _is_folder(output: Path) -> bool:
    # "exports" need not be there yet; "rantburg.warc.gz" is a file's name.
    return output.is_dir() or output.suffix == ""


def _import_row(one: FileImport) -> tuple[object, ...]:
    return one.seen.file, one.loaded, one.unread, one.known, one.seen.others, len(one.seen.damaged)


def _passed_over(one: FileSeen) -> str:
    """How much of a file no page was read from, and why."""
    passed = one.seen.passed_over
    reasons = "  ".join(f"{name} {count}" for name, count in sorted(passed.items()))
    lost = f", {one.seen.lost_bytes:,} bytes are damaged" if one.seen.lost_bytes else ""
    return f"{one.file}: passed over {passed.total()} of {one.seen.records} records{lost}  {reasons}".rstrip()


def _finding_json(one: Finding) -> dict[str, object]:
    finding = {"file": one.file, "offset": one.offset, "reason": one.reason}
    return {**finding, "without_row": one.unindexed} if one.unindexed else finding


def _file_json(one: FileHeld) -> dict[str, object]:
    return {
        "file": one.checked.file,
        "bytes": one.checked.size,
        "records": one.checked.records,
        "captures": one.captures,
        "sources": list(one.sources),
        "first": instant(one.first) if one.first else None,
        "last": instant(one.last) if one.last else None,
    }
