"""``thresher db``: the database's schema."""

import click

from ingest.cli.session import Session, json_option, pass_session


@click.group()
def db() -> None:
    """The database's schema."""


@db.command()
@json_option
@pass_session
def upgrade(session: Session) -> None:
    """Bring the database to this program's schema, making it if it is not there."""
    with session.store() as store:
        address, revision = store.address, store.revision()
    if session.as_json:
        session.print_json({"database": address, "revision": revision})
    else:
        session.out.print(f"{address} is at schema {revision}", markup=False, soft_wrap=True)
