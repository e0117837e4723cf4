"""``--source PATTERN``: several sources by one name, as a shell does it with files."""

import math
from collections.abc import Sequence
from fnmatch import fnmatchcase
from itertools import chain

import click

from ingest.cli.session import SOURCE, Session, SourceType
from ingest.records.chosen import SourceSettings
from parsers.registry import sources
from parsers.source import Source

SIGNS = frozenset("*?[")


class PatternType(click.ParamType[tuple[Source, ...]]):
    """The sources whose names match; the error for a pattern of none lists the known ones."""

    name = "pattern"
    shell_complete = SourceType.shell_complete

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Source, ...]:
        pattern = str(value)
        # A plain name has the error of a name: which sources there are.
        if not SIGNS & set(pattern):
            return (SOURCE.convert(value, param, ctx),)
        found = tuple(source for source in sources() if fnmatchcase(source.name, pattern))
        if not found:
            known = ", ".join(source.name for source in sources())
            self.fail(f"no source is named like {pattern!r}; known: {known}", param, ctx)
        return found


PATTERNS = click.option(
    "--source",
    "patterns",
    type=PatternType(),
    multiple=True,
    metavar="PATTERN",
    help="Every source whose name matches, such as 'blog-*'; may be given again.",
)


def named_by(given: Sequence[Source | None], patterns: Sequence[tuple[Source, ...]]) -> tuple[Source, ...]:
    """Each source once, in the order in which it was named first; None is an argument that was left out."""
    named = chain(given, *patterns)
    return tuple(dict.fromkeys(source for source in named if source is not None))


def names_of(patterns: Sequence[tuple[Source, ...]]) -> tuple[str, ...]:
    """The names of the sources, each once; none if no pattern was given."""
    return tuple(source.name for source in named_by((), patterns))


def require_some(given: Sequence[Source], patterns: Sequence[tuple[Source, ...]]) -> tuple[Source, ...]:
    """The same; UsageError if none is named."""
    found = named_by(given, patterns)
    if not found:
        raise click.UsageError("name a SOURCE, or several by --source PATTERN")
    return found


def source_options(
    session: Session, found: Sequence[Source], *, base_url: str | None, delay: float | None
) -> list[tuple[Source, SourceSettings]]:
    """Each source with its settings, over which the options come; refuses what cannot be asked."""
    # What asks a site is imported by the commands that do: others name sources by a pattern, too.
    from ingest.pipeline.workspace import check_scope

    if base_url is not None and len(found) > 1:
        raise click.UsageError("--base-url is one source's: name the others' in the TOML")
    # click's range lets it pass: nan is neither below nor above a bound.
    if delay is not None and math.isnan(delay):
        raise click.UsageError("--delay: nan is not a number of seconds")
    options = [
        (source, session.settings.source(source.name, base_url=base_url, delay=delay)) for source in found
    ]
    for source, chosen in options:
        check_scope(source, chosen)
    return options
