"""``thresher completion``: what a shell needs to complete the command line."""

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

PROGRAM, VARIABLE = "thresher", "_THRESHER_COMPLETE"


SCRIPTS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command("completion")
@click.argument("shell", type=click.Choice(list(SCRIPTS)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script by which SHELL completes commands, options and names of sources.

    Example: thresher completion fish > ~/.config/fish/completions/thresher.fish
    """
    click.echo(SCRIPTS[shell](context.find_root().command, {}, PROGRAM, VARIABLE).source())
