"""The program's commands, imported."""

from collections.abc import Iterator

import click

from ingest.cli.later import Later


def loaded(group: click.Group) -> Iterator[tuple[str, click.Command]]:
    """Each of a group's commands by its name."""
    for name, command in group.commands.items():
        yield name, command.load() if isinstance(command, Later) else command
