"""What every command needs: the settings, the clock, and where words and data go."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TextIO, TypeVar

import click
from rich.console import Console

from ingest.clock import Clock, SystemClock
from ingest.settings import Settings
from ingest.store import Store
from parsers.errors import SourceUnknown
from parsers.registry import source_named
from parsers.source import Source

WIDE = 200


@dataclass(slots=True)
class Session:
    """One call of the program. Data goes to stdout, words and progress to stderr."""

    settings: Settings
    as_json: bool = False
    quiet: bool = False
    clock: Clock = field(default_factory=SystemClock)
    out: Console = field(default_factory=lambda: _console(sys.stdout))
    err: Console = field(default_factory=lambda: _console(sys.stderr))

    def store(self, *, upgrade: bool = True) -> Store:
        """The database; a context manager."""
        return Store.open(self.settings.database, upgrade=upgrade)

    def say(self, words: str) -> None:
        """Words for the operator."""
        if not self.quiet:
            self.err.print(words, markup=False, soft_wrap=True)

    def print_json(self, value: Mapping[str, object]) -> None:
        """One JSON object on a line of its own. Nothing from outside can break the line or the terminal."""
        click.echo(json.dumps(value, ensure_ascii=not _is_utf8(sys.stdout.encoding)))


def _console(file: TextIO) -> Console:
    """Where there is no terminal there is no width to keep to."""
    return Console(file=file, highlight=False, width=None if file.isatty() else WIDE)


def _is_utf8(encoding: str | None) -> bool:
    return (encoding or "").lower().replace("-", "") == "utf8"


pass_session = click.make_pass_decorator(Session)

Command = TypeVar("Command", bound=Callable[..., object])


def json_option(command: Command) -> Command:
    """Lets ``--json`` stand behind the command as well as before it."""

    def remember(context: click.Context, _: click.Parameter, value: bool) -> None:
        if value and (session := context.find_object(Session)) is not None:
            session.as_json = True

    option = click.option(
        "--json", is_flag=True, expose_value=False, callback=remember, help="One JSON object."
    )
    return option(command)


class DayType(click.ParamType[date]):
    """A day as ``2018-03-23``, in the source's zone."""

    name = "day"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(str(value), "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            self.fail(f"{value!r} is not a day such as 2018-03-23", param, ctx)


class SourceType(click.ParamType[Source]):
    """A source by its name; an unknown name is told with the known ones."""

    name = "source"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Source:
        try:
            return value if isinstance(value, Source) else source_named(str(value))
        except SourceUnknown as error:
            self.fail(str(error), param, ctx)


DAY = DayType()
SOURCE = SourceType()
EXISTING_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
