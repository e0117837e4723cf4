"""``thresher db``: the database's schema."""

import click

from ingest.cli.output.clock import ahead_json, ahead_words
from ingest.cli.session import Session, json_option, pass_session
from ingest.errors import ConfigurationError
from ingest.records.json_output import instant


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


@db.command()
@click.option("--dry-run", is_flag=True, help="Change nothing; report what is later than now.")
@click.option("--force", is_flag=True, help="Also where all that is stored is later than now.")
@json_option
@pass_session
def redate(session: Session, *, dry_run: bool, force: bool) -> None:
    """Mend moments later than now, which a clock that was ahead entered: each is moved to just before now.

    Their order stays. The records in the archive keep their dates; the index has the mended ones.
    """
    now = session.clock.now()
    with session.reading() if dry_run else session.store(make=False) as store:
        found = store.moments.ahead(now=now)
        changed = {} if dry_run else store.moments.redate(now=now, forced=force)
    if changed is None:
        raise ConfigurationError(
            f"the clock says {instant(now)}, and all runs are far later: set it, or --force"
        )
    if session.as_json:
        later = ahead_json(found)
        session.print_json({"now": instant(now), "dry_run": dry_run, "ahead": later, "changed": changed})
        return
    session.out.print(ahead_words(found, now) if found is not None else "no capture or run is later than now")
    for name, number in changed.items():
        session.out.print(f"{name}  {number}", markup=False)
