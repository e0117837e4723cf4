"""``thresher status``, ``show`` and ``runs``: what is stored, and which runs stored it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import get_args

import click

from ingest.cli.output.clock import warned
from ingest.cli.output.fleet import print_fleet
from ingest.cli.output.recent import Recent, recent_days, recent_json, spark
from ingest.cli.output.tables import table
from ingest.cli.output.thread import print_thread, thread_json
from ingest.cli.session import SOURCE, Session, json_option, pass_session
from ingest.cli.source_patterns import PATTERNS, names_of
from ingest.errors import ConfigurationError
from ingest.records.json_output import instant
from ingest.records.pages import RunRow, SourceStatus, State
from ingest.runner.fleet.door import fleet_state
from parsers.source import Source


@click.command()
@PATTERNS
@json_option
@pass_session
def status(session: Session, patterns: tuple[tuple[Source, ...], ...]) -> None:
    """Show what is stored of each source, the states of its pages, and its last run.

    Example: thresher status --json
    """
    names = names_of(patterns)
    with session.reading() as store:
        every = store.runs.status(now=session.clock.now())
        sources = [each for each in every if not names or each.source in names]
        address, revision = store.address, store.revision()
        later = warned(session, store)
        lately = recent_days(store, session.clock.now())
        fleet = fleet_state(session.settings, store, session.clock)
    if session.as_json:
        found: dict[str, object] = {
            "database": address,
            "revision": revision,
            "sources": [
                _status_json(each) | {"recent": recent_json(lately, each.source)} for each in sources
            ],
            "later_than_now": later,
            "fleet": fleet.as_json() if fleet is not None else None,
        }
        session.print_json(found)
        return
    session.say(f"database {address}, schema {revision}")
    _print(session, sources, lately)
    if fleet is not None:
        print_fleet(session, fleet)


def _print(session: Session, sources: Iterable[SourceStatus], lately: Recent) -> None:
    # Where nobody looks, the columns stay as they are.
    drawn = session.out.is_terminal and not session.out.options.ascii_only
    rows = [
        (
            each.source,
            each.articles_live,
            each.comments_live,
            each.articles_vanished + each.comments_vanished,
            _states(each.pages),
            _states(each.threads) or "-",
            _run_words(each.last_run),
            *([spark(lately.comments(each.source))] if drawn else []),
        )
        for each in sources
    ]
    columns = ("source", "#articles", "#comments", "#vanished", "pages", "threads", "last run")
    session.out.print(table(*columns, *(["comments of 30 days"] if drawn else []), rows=rows))


def _states(counts: Mapping[State, int]) -> str:
    return "  ".join(f"{state} {counts[state]}" for state in get_args(State) if counts.get(state))


def _run_words(run: RunRow | None) -> str:
    if run is None:
        return "never"
    return f"{run.command} {instant(run.started_at)} {run.outcome or 'unfinished'}"


def _status_json(status: SourceStatus) -> dict[str, object]:
    return {
        "source": status.source,
        "articles": {"live": status.articles_live, "vanished": status.articles_vanished},
        "comments": {"live": status.comments_live, "vanished": status.comments_vanished},
        "pages": dict(status.pages),
        # Only of sources whose threads have pages of their own: the others' answer is as it was.
        **({"threads": dict(status.threads)} if status.threads else {}),
        "last_run": _run_json(status.last_run) if status.last_run is not None else None,
        "last_success": _run_json(status.last_success) if status.last_success is not None else None,
    }


@click.command()
@click.argument("external_id", metavar="ID")
@click.option("--source", type=SOURCE, help="Needed only if two sources have the id.")
@json_option
@pass_session
def show(session: Session, external_id: str, source: Source | None) -> None:
    """Print an article and its thread with all their versions.

    Example: thresher show 510001 --source rantburg
    """
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
    """List the newest runs and how they ended.

    Example: thresher runs --json
    """
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
