"""The command line with every command imported, for those who print all of it."""

import click

from ingest.cli.later import Later
from ingest.cli.main import thresher


def loaded(command: click.Command) -> click.Command:
    """The command with everything below it, which is imported here."""
    command = command.load() if isinstance(command, Later) else command
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            command.commands[name] = loaded(below)
    return command


program = loaded(thresher)
