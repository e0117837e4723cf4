"""``thresher quarantine``: kept pages that could not be parsed, and once more through today's parsers."""

from itertools import groupby

import click

from ingest.cli.commands.reparse import reparse_kept
from ingest.cli.output.queued import WAIT, queue_reparses
from ingest.cli.output.tables import table
from ingest.cli.session import SOURCE, Session, json_option, pass_session
from ingest.errors import ConfigurationError
from ingest.jobs.reparse import Reparse, failure_json
from ingest.records.json_output import instant
from ingest.records.pages import Quarantined
from ingest.runner.fleet.door import is_queued
from parsers.registry import source_named
from parsers.source import Source


@click.group()
def quarantine() -> None:
    """Kept pages that could not be parsed."""


@quarantine.command("list")
@click.argument("source", type=SOURCE, required=False)
@json_option
@pass_session
def list_command(session: Session, source: Source | None) -> None:
    """The pages, the first to fail first.

    Example: thresher quarantine list rantburg
    """
    with session.reading() as store:
        found = store.captures.quarantined(source.name if source is not None else None)
    if session.as_json:
        session.print_json({"quarantine": [_json(one) for one in found]})
        return
    rows = [
        (
            one.quarantine_id,
            one.failure.source,
            one.failure.capture_id,
            one.attempts,
            instant(one.failure.failed_at),
            one.failure.field,
            one.failure.error,
        )
        for one in found
    ]
    columns = ("#id", "source", "#capture", "#attempts", "last", "field", "error")
    session.out.print(table(*columns, rows=rows))


@quarantine.command()
@click.argument("quarantine_id", metavar="ID", type=int)
@json_option
@pass_session
def show(session: Session, quarantine_id: int) -> None:
    """One page: its address, its capture and why it could not be parsed.

    Example: thresher quarantine show 3
    """
    (found,) = _found(session, quarantine_id)
    if session.as_json:
        session.print_json(_json(found))
        return
    session.out.print(table("", "", rows=_json(found).items()))


@quarantine.command()
@click.argument("quarantine_id", metavar="[ID]", type=int, required=False)
@WAIT
@json_option
@pass_session
def retry(session: Session, quarantine_id: int | None, *, wait: bool) -> None:
    """Parse one page, or all of them, again.

    Example: thresher quarantine retry 3
    """
    # groupby joins neighbours alone.
    ordered = sorted(_found(session, quarantine_id), key=lambda one: one.failure.source)
    wishes = [
        Reparse(source=source_named(name), only=frozenset(one.failure.capture_id for one in several))
        for name, several in groupby(ordered, key=lambda one: one.failure.source)
    ]
    if is_queued(session.settings) and wishes:
        click.get_current_context().exit(queue_reparses(session, wishes, wait=wait))
    reparse_kept(session, wishes, None)


def _found(session: Session, quarantine_id: int | None) -> tuple[Quarantined, ...]:
    with session.reading() as store:
        found = store.captures.quarantined(None, quarantine_id)
    if quarantine_id is not None and not found:
        raise ConfigurationError(f"nothing in quarantine has the id {quarantine_id}")
    return found


def _json(one: Quarantined) -> dict[str, object]:
    return {
        "id": one.quarantine_id,
        **failure_json(one.failure),
        "attempts": one.attempts,
        "first_failed_at": instant(one.first_failed_at),
    }
