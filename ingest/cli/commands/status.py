"""``thresher status``, ``show`` and ``runs``: what is stored, and which runs stored it."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import get_args

import click

from ingest.cli.output.clock import warned
from ingest.cli.output.tables import table
from ingest.cli.output.thread import print_thread, thread_json
from ingest.cli.session import SOURCE, Session, json_option, pass_session
from ingest.errors import ConfigurationError
from ingest.records.json_output import instant
from ingest.records.pages import RunRow, SourceStatus, State
from parsers.source import Source


@click.command()
@json_option
@pass_session
def status(session: Session) -> None:
    """What is held of each source, how its pages stand, and how its last run went."""
    with session.reading() as store:
        sources = store.runs.status(now=session.clock.now())
        address, revision = store.address, store.revision()
        later = warned(session, store)
    if session.as_json:
        found: dict[str, object] = {
            "database": address,
            "revision": revision,
            "sources": [_status_json(one) for one in sources],
            "later_than_now": later,
        }
        session.print_json(found)
        return
    session.say(f"database {address}, schema {revision}")
    rows = [
        (
            one.source,
            one.articles_live,
            one.comments_live,
            one.articles_vanished + one.comments_vanished,
            "  ".join(f"{state} {one.pages[state]}" for state in get_args(State) if one.pages.get(state)),
            _run_words(one.last_run),
        )
        for one in sources
    ]
    columns = ("source", "#articles", "#comments", "#vanished", "pages", "last run")
    session.out.print(table(*columns, rows=rows))


def _run_words(run: RunRow | None) -> str:
    if run is None:
        return "never"
    return f"{run.command} {instant(run.started_at)} {run.outcome or 'unfinished'}"


def _status_json(one: SourceStatus) -> dict[str, object]:
    return {
        "source": one.source,
        "articles": {"live": one.articles_live, "vanished": one.articles_vanished},
        "comments": {"live": one.comments_live, "vanished": one.comments_vanished},
        "pages": dict(one.pages),
        "last_run": _run_json(one.last_run) if one.last_run is not None else None,
        "last_success": _run_json(one.last_success) if one.last_success is not None else None,
    }


@click.command()
@click.argument("external_id", metavar="ID")
@click.option("--source", type=SOURCE, help="Needed only if two sources have the id.")
@json_option
@pass_session
def show(session: Session, external_id: str, source: Source | None) -> None:
    """Print an article and its thread with all their versions."""
    with session.reading() as store:
        found = store.articles.named(source.name if source is not None else None, external_id)
    if found is None:
        raise ConfigurationError(f"no article {external_id} is held")
    if session.as_json:
        session.print_json(thread_json(found))
    else:
        print_thread(session.out, found)


@click.command()
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@json_option
@pass_session
def runs(session: Session, limit: int) -> None:
    """The newest runs and how they ended."""
    with session.reading() as store:
        found = store.runs.newest(limit)
    if session.as_json:
        session.print_json({"runs": [{**_run_json(run), "report": run.report} for run in found]})
        return
    rows = [
        (
            run.run_id,
            run.command,
            run.source,
            instant(run.started_at),
            _lasted(run.started_at, run.ended_at),
            run.outcome or "unfinished",
            "  ".join(f"{key} {value}" for key, value in run.counts.items() if value),
            run.error,
        )
        for run in found
    ]
    session.out.print(
        table("#run", "command", "source", "started", "#took", "outcome", "counts", "error", rows=rows)
    )


def _lasted(started: datetime, ended: datetime | None) -> str:
    return f"{(ended - started).total_seconds():.1f} s" if ended is not None else ""


def _run_json(run: RunRow) -> dict[str, object]:
    columns = asdict(replace(run, counts=dict(run.counts), report=None))
    del columns["report"]
    return columns | {"started_at": instant(run.started_at), "ended_at": instant(run.ended_at)}
