"""``thresher chart``: what is held as a picture, without a browser."""

from datetime import date
from pathlib import Path
from typing import get_args

import click

from ingest.cli.part import of_a_file, part_of
from ingest.cli.session import Session, json_option, pass_session
from ingest.jobs.export.chart_drawing import png, svg
from ingest.jobs.export.chart_numbers import Chart, numbers
from ingest.jobs.export.new_file import new_file, require_free
from parsers.source import Source

FORMATS = (".svg", ".png")


@click.command()
@click.argument("chart", metavar="comments|articles|coverage", type=click.Choice(get_args(Chart)))
@of_a_file("A new file, whose name ends in .svg or .png.")
@json_option
@pass_session
def chart_command(
    session: Session,
    *,
    chart: Chart,
    out: Path,
    since: date | None,
    until: date | None,
    patterns: tuple[tuple[Source, ...], ...],
    overwrite: bool,
) -> None:
    """Draw comments or articles over time, or which days are complete, to FILE; --json prints the numbers.

    Example: thresher chart comments --since 2018-01-01 --until 2018-12-31 --out comments.svg
    """
    part = part_of(patterns, since, until)
    if out.suffix not in FORMATS:
        raise click.UsageError(f"{out.name} does not end in .svg or .png")
    require_free(out, overwrite=overwrite)
    with session.reading() as store:
        found = numbers(store, chart, part)
    drawing = svg(found)
    data = png(drawing) if out.suffix == ".png" else drawing
    with new_file(out, overwrite=overwrite) as file:
        file.write(data)
    if session.as_json:
        session.print_json({"file": str(out), **found.as_json()})
    else:
        session.out.print(str(out), markup=False, soft_wrap=True)
