"""``thresher db``: the database's schema."""

import json
from pathlib import Path

import click

from ingest.cli.commands.db_copy import copy_command
from ingest.cli.commands.db_rebuild import rebuild
from ingest.cli.output.clock import ahead_json, early_json, wrong_words
from ingest.cli.output.datasette import metadata_of
from ingest.cli.output.progress import advancing
from ingest.cli.session import Session, json_option, pass_session
from ingest.errors import ConfigurationError
from ingest.pipeline.takedowns import agree_on_takedowns
from ingest.records.json_output import instant
from ingest.runner.fleet.door import is_queued, open_fleet
from ingest.store.database.address import read_url, sqlite_file


@click.group()
def db() -> None:
    """The database's schema."""


db.add_command(copy_command)


@db.command()
@json_option
@pass_session
def upgrade(session: Session) -> None:
    """Bring the database to this program's schema, making it if it is not there.

    With runner = "procrastinate" in the settings the queue's own tables, too.

    Example: thresher db upgrade
    """
    with session.store() as store:
        if is_queued(session.settings):
            with open_fleet(session.settings, store, session.clock):
                session.say("the queue's tables are those of the installed procrastinate")
        address, revision = store.address, store.revision()
        for source in store.takedown.sources():
            agree_on_takedowns(source, session.workspace(store))
    if session.as_json:
        session.print_json({"database": address, "revision": revision})
    else:
        session.out.print(f"{address} is at schema {revision}", markup=False, soft_wrap=True)


@db.command()
@json_option
@pass_session
def reindex(session: Session) -> None:
    """Make the index of words that `search` asks anew, from the rows that are held.

    It is made in one transaction, and nobody else writes meanwhile: killed, it leaves the index as it was.

    Example: thresher db reindex
    """
    with session.store(make=False) as store, advancing(session, "index the words", "rows") as progress:
        session.say(f"this needs about {store.room_to_reindex() / 1_000_000:,.0f} MB of free disk")
        rows = store.reindex(progress)
    if session.as_json:
        session.print_json({"database": store.address, "rows": rows})
    else:
        session.out.print(f"{rows} articles and comments are indexed", markup=False)


@db.command("datasette-metadata")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Written to FILE instead of stdout."
)
@pass_session
def datasette_metadata(session: Session, *, out: Path | None) -> None:
    """Print what Datasette's option --metadata takes for this database: titles, facets, labels, queries.

    Example: thresher db datasette-metadata --out metadata.json
    """
    file = sqlite_file(read_url(session.settings.database))
    if file is None:
        raise ConfigurationError("Datasette reads SQLite files: this database is none")
    words = json.dumps(metadata_of(file), indent=2, ensure_ascii=True) + "\n"
    if out is None:
        click.echo(words, nl=False)
        return
    try:
        out.write_text(words, "utf-8")
    except OSError as error:
        raise ConfigurationError(f"{out} cannot be written: {error.strerror}") from error


@db.command()
@click.option("--dry-run", is_flag=True, help="Change nothing; report the moments that would be moved.")
@click.option("--force", is_flag=True, help="Also where all that is stored is later than now.")
@json_option
@pass_session
def redate(session: Session, *, dry_run: bool, force: bool) -> None:
    """Mend moments that a wrong clock entered: those later than now are moved to just before now.

    Those before 1996 are moved to just before the first that is right. Their order stays. The records in
    the archive keep their dates; the index has the mended ones.

    Example: thresher db redate --dry-run
    """
    now = session.clock.now()
    with session.reading() if dry_run else session.store(make=False) as store:
        later, early = store.moments.ahead(now=now), store.moments.early()
        found = wrong_words(later, early, now)
        if not session.as_json:
            session.out.print("\n".join(found) or "no capture or run is later than now, or of before 1996")
        changed = {} if dry_run else store.moments.redate(now=now, forced=force)
    if changed is None:
        raise ConfigurationError(
            f"the clock says {instant(now)}, and all runs are far later: set it, or --force"
        )
    if session.as_json:
        wrong = {"ahead": ahead_json(later), "before_1996": early_json(early)}
        session.print_json({"now": instant(now), "dry_run": dry_run, **wrong, "changed": changed})
        return
    for name, number in changed.items():
        session.out.print(f"{name}  {number}", markup=False)


db.add_command(rebuild)
