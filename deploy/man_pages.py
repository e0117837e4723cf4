"""``make man``: a man page for each command, into a folder."""

import sys
from importlib.metadata import version
from pathlib import Path

import click
from click_man.core import write_man_pages

from ingest.cli.later import Later
from ingest.cli.main import thresher


def loaded(command: click.Command) -> click.Command:
    """The command with everything below it, which is imported here."""
    command = command.load() if isinstance(command, Later) else command
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            command.commands[name] = loaded(below)
    return command


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_man_pages("thresher", loaded(thresher), version=version("thresher"), target_dir=str(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
