"""``thresher source``: a source of one's own."""

from pathlib import Path

import click

from ingest.cli.session import FOLDER, Session, json_option, pass_session
from ingest.jobs.packs.scaffold import new_source


@click.group()
def source() -> None:
    """Sources of other distributions."""


@source.command()
@click.argument("name")
@click.option("--base-url", required=True, metavar="URL", help="The site's root.")
@click.option("--output", type=FOLDER, default=".", show_default=True, help="The folder it is put into.")
@json_option
@pass_session
def new(session: Session, name: str, base_url: str, output: Path) -> None:
    """Write a distribution with a pack for the source NAME, its entry point, a fixture and tests."""
    folder = new_source(name, base_url=base_url, output=output)
    if session.as_json:
        session.print_json({"source": name, "folder": str(folder)})
    else:
        session.out.print(str(folder), markup=False, soft_wrap=True)
    session.say(
        f"next: pip install -e {folder}, then: thresher fixture check --fixtures {folder / 'fixtures'}"
    )
