"""``thresher parse``: one stored page to JSON; no store, no network."""

from pathlib import Path

import click

from ingest.cli.session import EXISTING_FILE, SOURCE, Session, json_option, pass_session
from ingest.pipeline.parse.parse_input import of_file
from ingest.pipeline.parse.worker import Worker
from ingest.records.json_output import answer_of
from parsers.source import Source


@click.command("parse")
@click.argument("file", type=EXISTING_FILE)
@click.option("--source", type=SOURCE, required=True, help="The pack that knows the page.")
@click.option("--url", default="", help="The page's address.")
@click.option("--content-type", help="The Content-Type header that the page was served with.")
@click.option(
    "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="Another header of the answer."
)
@json_option
@pass_session
def parse_command(
    session: Session,
    *,
    file: Path,
    source: Source,
    url: str,
    content_type: str | None,
    headers: tuple[str, ...],
) -> None:
    """Parse a stored page and print it as JSON.

    Example: thresher parse --source rantburg page.html
    """
    given = _named(headers)
    content_type = content_type or given.get("content-type")
    page = of_file(file, source.name, url=url, content_type=content_type, headers=given)
    with Worker(may_fork=True) as worker:
        session.print_json(answer_of(worker.parse(page)))


def _named(headers: tuple[str, ...]) -> dict[str, str]:
    """The headers by their names in small letters, as ``X-WP-Total: 40`` gives one."""
    found: dict[str, str] = {}
    for header in headers:
        name, colon, value = header.partition(":")
        if not (name.strip() and colon):
            raise click.UsageError(f"--header: {header!r} is not a header such as 'X-WP-Total: 40'")
        # Of a repeated one the first counts, as of a capture's.
        found.setdefault(name.strip().lower(), value.strip())
    return found
