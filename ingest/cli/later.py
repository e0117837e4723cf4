"""Commands that are imported when they are used: ``thresher --help`` and completion import none of them."""

from importlib import import_module

import click

COMMANDS = "ingest.cli.commands"


class Later(click.Command):
    """A command by its name and its line of ``--help``, and where it stands, as ``parse:parse_command``."""

    def __init__(self, name: str, where: str, line: str) -> None:
        super().__init__(name, help=line)
        self._where = where

    def load(self) -> click.Command:
        """The command itself."""
        from parsers.pack_failures import pass_over_unreadable

        # What a command imports may read the entry points of all distributions while it is imported.
        pass_over_unreadable()
        module, _, attribute = self._where.partition(":")
        command: click.Command = getattr(import_module(f"{COMMANDS}.{module}"), attribute)
        return command


class LazyGroup(click.Group):
    """A group whose commands may stand there as ``Later`` until one of them is called."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As every group's, and the command is imported."""
        # Only the command that was called is imported: all of them take most of a start.
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.load() if isinstance(command, Later) else command, rest
