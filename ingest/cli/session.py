"""What every command needs: the settings, the clock, and where words and data go."""

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeVar

import click
from click.shell_completion import CompletionItem

from ingest.cli.plain_text import safe
from ingest.clock import Clock, SystemClock
from ingest.errors import ConfigurationError, DatabaseMissing
from ingest.settings import Settings, load_settings
from parsers.errors import SourceUnknown
from parsers.registry import source_named, sources
from parsers.source import Source

if TYPE_CHECKING:
    from rich.console import Console

    from ingest.fetch.waits import Waits
    from ingest.pipeline.stop import Stop
    from ingest.pipeline.workspace import Workspace
    from ingest.store import Store

# A pipe has no width: rich would wrap lines at 80 columns, and a program reads lines.
WIDE = 200
# All but printable ASCII: looked at one by one, for most text has none.
UNUSUAL = re.compile(r"[^ -~]")


@dataclass
class Session:
    """One call of the program. Data goes to stdout, words and progress to stderr."""

    settings: Settings
    as_json: bool = False
    quiet: bool = False
    clock: Clock = field(default_factory=SystemClock)

    # The database, the network and what writes on terminals are imported by the commands that use them.
    @cached_property
    def out(self) -> "Console":
        """Where data goes that is no JSON."""
        return _console(sys.stdout)

    @cached_property
    def err(self) -> "Console":
        """Where words and progress go."""
        return _console(sys.stderr)

    @cached_property
    def waits(self) -> "Waits":
        """What the command's runs wait for."""
        from ingest.fetch.waits import Waits

        return Waits(self.clock)

    def store(self, *, upgrade: bool = True, make: bool = True) -> "Store":
        """The database of a command that writes; a context manager. One in memory would end with it."""
        from ingest.store import Store

        return Store.open(self._lasting(), upgrade=upgrade, make=make)

    def rebuilding(self) -> "Store":
        """The database of a rebuild: a new one, or what another rebuild has left unfinished."""
        from ingest.store import Store

        return Store.rebuild(self._lasting())

    def workspace(self, store: "Store", stop: "Stop | None" = None) -> "Workspace":
        """What a run is started with."""
        from ingest.pipeline.workspace import Workspace

        return Workspace(settings=self.settings, store=store, clock=self.clock, stop=stop, waits=self.waits)

    def reading(self) -> "Store":
        """The database of a command that only reads: nothing is made, and nothing upgraded."""
        from ingest.store import Store

        return Store.read(self.settings.database)

    def rehearsing(self) -> "Store":
        """The same for what has an answer without a database too: then of an empty one, in memory."""
        from ingest.store import Store

        try:
            return self.reading()
        except DatabaseMissing as error:
            self.say(f"{error}: taken for an empty one")
            return Store.open("sqlite://")

    def _lasting(self) -> str:
        from ingest.store.database.address import is_in_memory, read_url

        if is_in_memory(read_url(self.settings.database)):
            raise ConfigurationError("a database in memory ends with the command: name a file or a server")
        return self.settings.database

    def say(self, words: str) -> None:
        """Words for the operator."""
        if not self.quiet:
            self.err.print(safe(words), soft_wrap=True)

    def print_json(self, value: Mapping[str, object]) -> None:
        """One JSON object on a line of its own. Nothing from outside can break the line or the terminal."""
        _write(_shown(value) + "\n")

    def print_json_list(
        self, before: Mapping[str, object], name: str, values: Iterable[Mapping[str, object]]
    ) -> int:
        """One JSON object whose last key is a list that may be very long; how many values it has."""
        number = 0
        _write(_shown(before).removesuffix("}") + f", {_shown(name)}: [")
        for number, value in enumerate(values, 1):
            _write((", " if number > 1 else "") + _shown(value))
        _write("]}\n")
        return number


def _shown(value: object) -> str:
    return UNUSUAL.sub(_escaped, json.dumps(value, ensure_ascii=not _is_utf8(sys.stdout.encoding)))


def _write(text: str) -> None:
    sys.stdout.write(text)
    # Whoever reads lines of JSON gets each when it is there.
    sys.stdout.flush()


def _console(file: TextIO) -> "Console":
    """Where there is no terminal there is no width to keep to."""
    from rich.console import Console

    return Console(file=file, highlight=False, width=None if file.isatty() else WIDE)


def _escaped(character: re.Match[str]) -> str:
    # json leaves U+009B as it is, which begins a terminal's escape code as ESC [ does, and U+2028.
    return character[0] if character[0].isprintable() else json.dumps(character[0])[1:-1]


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
            day = datetime.strptime(str(value), "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            day = date.max
        if day == date.max:  # the end of a window is a day later
            self.fail(f"{value!r} is not a day such as 2018-03-23", param, ctx)
        return day


class SourceType(click.ParamType[Source]):
    """A source by its name; the error for an unknown name lists the known ones."""

    name = "source"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Source:
        try:
            return value if isinstance(value, Source) else source_named(str(value))
        except SourceUnknown as error:
            self.fail(str(error), param, ctx)

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """The names that begin so, the operator's own sites among them."""
        try:
            config = ctx.find_root().params.get("config")
            own = load_settings(database=None, archive=None, config=config).sites
        except ConfigurationError:
            own = ()  # a shell that completes a line is no place for it
        names = {source.name for source in sources()} | {site.name for site in own}
        return [CompletionItem(name) for name in sorted(names) if name.startswith(incomplete)]


DAY = DayType()
SOURCE = SourceType()
EXISTING_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


def require_order(since: date | None, until: date | None) -> None:
    """Refuse a window that ends before it begins."""
    if since is not None and until is not None and until < since:
        raise click.UsageError(f"--until {until} is before --since {since}")
