"""The options of a command that writes a part of what is held to a file."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import click

from ingest.cli.session import DAY, Command, require_order
from ingest.cli.source_patterns import PATTERNS, names_of
from ingest.records.extract import Part
from parsers.source import Source


def of_a_file(about: str) -> Callable[[Command], Command]:
    """The options; ``about`` is said of the file."""
    file = click.Path(path_type=Path, dir_okay=False)
    options = (
        click.option("--out", type=file, required=True, metavar="FILE", help=about),
        click.option("--since", type=DAY, help="The first day of the articles."),
        click.option("--until", type=DAY, help="The last day of the articles."),
        PATTERNS,
        click.option("--overwrite", is_flag=True, help="Replace FILE if it is there."),
    )

    def with_options(command: Command) -> Command:
        # click lists the option last that was added first.
        for option in reversed(options):
            command = option(command)
        return command

    return with_options


def part_of(patterns: Sequence[tuple[Source, ...]], since: date | None, until: date | None) -> Part:
    """What is wanted; UsageError if the window ends before it begins."""
    require_order(since, until)
    return Part(sources=names_of(patterns), since=since, until=until)
