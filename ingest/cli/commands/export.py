"""``thresher export``: articles, comments or their versions as a file for other programs."""

from datetime import date
from pathlib import Path
from typing import cast, get_args

import click

from ingest.cli.part import of_a_file, part_of
from ingest.cli.session import Session, json_option, pass_session
from ingest.jobs.export.run import Export, Exported, Format, export
from ingest.records.extract import Extract
from parsers.source import Source

FORMATS = get_args(Format)


@click.command()
@click.argument("extract", metavar="[articles|comments|versions]", default="comments",
                type=click.Choice(get_args(Extract)))  # fmt: skip
@click.option("--format", "form", type=click.Choice(FORMATS), help="By default as FILE's name ends.")
@of_a_file("A new file.")
@json_option
@pass_session
def export_command(
    session: Session,
    *,
    extract: Extract,
    form: Format | None,
    out: Path,
    since: date | None,
    until: date | None,
    patterns: tuple[tuple[Source, ...], ...],
    overwrite: bool,
) -> None:
    """Write comments, or articles, or the earlier versions of both, to FILE; datapackage.json beside it.

    Example: thresher export comments --since 2018-03-01 --until 2018-03-31 --out march.parquet
    """
    part = part_of(patterns, since, until)
    chosen = form or _format_of(out)
    wanted = Export(
        extract=extract, part=part, target=out, form=chosen, at=session.clock.now(), overwrite=overwrite
    )
    with session.reading() as store:
        written = export(store, wanted)
    if session.as_json:
        session.print_json({"table": extract, "format": chosen, **_as_json(written)})
        return
    session.out.print(f"{written.rows} {extract}", markup=False)
    for path in (written.file, written.package):
        session.out.print(str(path), markup=False, soft_wrap=True)
    if not written.complete:
        session.say("not all days are complete: datapackage.json says which are, and thresher verify why")


def _format_of(out: Path) -> Format:
    for form in FORMATS:
        if out.suffix == f".{form}":
            return cast("Format", form)
    raise click.UsageError(f"--format is needed: {out.name} does not end in .{', .'.join(FORMATS)}")


def _as_json(written: Exported) -> dict[str, object]:
    return {
        "file": str(written.file),
        "rows": written.rows,
        "bytes": written.size,
        "sha256": written.digest,
        "datapackage": str(written.package),
        "complete": written.complete,
    }
