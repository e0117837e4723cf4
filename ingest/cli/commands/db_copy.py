"""``thresher db copy``: the whole database into another one."""

import click

from ingest.cli.output.progress import advancing
from ingest.cli.session import Session, json_option, pass_session
from ingest.jobs.database_copy import DatabaseCopy, copy_database


@click.command("copy")
@click.option(
    "--to", "url", metavar="URL", required=True, help="The new database: PostgreSQL or a SQLite file."
)
@json_option
@pass_session
def copy_command(session: Session, *, url: str) -> int:
    """Copy the whole database into another one: from SQLite to PostgreSQL, back, or to the same kind.

    URL is an empty database, or what a copy that was broken off has made: then it is taken up there. Nobody
    writes to either meanwhile. At the end the rows of both are compared; until they are equal no
    command opens the new database. Exit code 1: they are not equal.

    Example: thresher db copy --to postgresql://thresher@db.example.org/thresher
    """
    with (
        session.store(upgrade=False, make=False) as store,
        advancing(session, "copy and compare", "rows") as progress,
    ):
        copy = copy_database(store, url, clock=session.clock, on_progress=progress)
    if session.as_json:
        session.print_json(copy.as_json())
    else:
        session.out.print(_words(copy), markup=False, soft_wrap=True)
    return 1 if copy.differing else 0


def _words(copy: DatabaseCopy) -> str:
    if copy.differing:
        return (
            f"{copy.target} differs from {copy.origin} in {', '.join(copy.differing)}: remove that database, "
            "and begin anew"
        )
    before = f", {copy.copied} of them now" if copy.resumed else ""
    return f"{copy.target} has all {copy.rows} rows of {copy.origin}{before}; both have the same digests"
