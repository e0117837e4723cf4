"""``thresher watch`` and ``schedule list``: the scheduler in the foreground, and what it has before it."""

import asyncio
import logging
import multiprocessing
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from ingest.cli.output.browser import console_if_installed
from ingest.cli.output.tables import table
from ingest.cli.session import SOURCE, Session, json_option, pass_session
from ingest.cli.source_patterns import PATTERNS, named_by
from ingest.errors import ConfigurationError
from ingest.records.chosen import LAST_PORT
from ingest.records.json_output import instant
from ingest.runner.scheduler.schedule_files import timetable
from ingest.runner.scheduler.service import Watch
from ingest.runner.scheduler.source_scheduler import ActiveSchedules
from ingest.settings import load_settings
from ingest.store import ScheduleRun, Store
from parsers.registry import configure, source_named
from parsers.source import Source
from schedules.catch_up import next_starts
from schedules.schedule import Schedule

NEXT = 3
"""How many of the next starts are shown."""


@click.command()
@click.argument("sources", metavar="[SOURCE]...", type=SOURCE, nargs=-1)
@PATTERNS
@click.option(
    "--port",
    type=click.IntRange(0, LAST_PORT),
    metavar="N",
    help="Serve the console, /healthz and /metrics there, on 127.0.0.1; 0 takes a free port."
    "  [default: not at all]",
)
@pass_session
def watch(
    session: Session,
    *,
    sources: tuple[Source, ...],
    patterns: tuple[tuple[Source, ...], ...],
    port: int | None,
) -> None:
    """Run the schedules of all sources, or of some, until SIGTERM; SIGHUP reads the files again.

    Example: thresher watch --port 9464
    """
    sources = named_by(sources, patterns)
    active = _active_schedules(session, sources)
    if not active.schedules:
        raise ConfigurationError("nothing is scheduled: see thresher schedule list, and the README")
    with session.store() as store:
        watching = Watch(
            active,
            load=lambda: _reload(session, sources),
            store=store,
            clock=session.clock,
        )
        wanted = port if port is not None else session.settings.port
        with console_if_installed(session, store) if wanted is not None else nullcontext() as console:
            ended = asyncio.run(
                watching.run(
                    wanted,
                    lambda at: _ready(session, active, at, has_console=console is not None),
                    console=console,
                )
            )
        if not ended:
            _leave()


def _active_schedules(session: Session, sources: Sequence[Source]) -> ActiveSchedules:
    return ActiveSchedules(
        settings=session.settings, schedules=timetable(session.settings.schedules, sources)
    )


def _reload(session: Session, sources: Sequence[Source]) -> ActiveSchedules:
    given = click.get_current_context().find_root().params
    fresh = load_settings(
        database=given["database"],
        archive=given["archive"],
        config=given["config"],
    )
    configure(fresh.sites)
    # What is open stays open.
    kept = replace(fresh, database=session.settings.database, archive=session.settings.archive)
    return ActiveSchedules(settings=kept, schedules=timetable(fresh.schedules, sources))


def _ready(session: Session, active: ActiveSchedules, port: int | None, *, has_console: bool) -> None:
    for schedule in active.schedules:
        (start,) = next_starts(schedule, session.clock.now(), 1)
        session.say(f"{schedule.key}: {schedule.kind}, next {instant(start)}")
    if port is not None:
        also = f"; the console: http://127.0.0.1:{port}/" if has_console else ""
        session.say(f"http://127.0.0.1:{port}/healthz and /metrics{also}")


def _leave() -> None:
    """End now: a thread in the middle of a page would be waited for, and so would the process it asks."""
    for child in multiprocessing.active_children():
        child.kill()
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)


@click.group("schedule")
def schedule_group() -> None:
    """The jobs that run by schedule."""


@schedule_group.command("list")
@json_option
@pass_session
def list_schedules(session: Session) -> None:
    """List every schedule in force, its next starts and how its last run ended.

    Example: thresher schedule list
    """
    now = session.clock.now()
    with session.reading() as store:
        schedules = timetable(session.settings.schedules)
        found = [_json(schedule, _last(schedule, store), now) for schedule in schedules]
    if session.as_json:
        session.print_json({"schedules": found})
        return
    columns = ("schedule", "kind", "covers", "next (UTC)", "next (the source's zone)", "last")
    session.out.print(table(*columns, rows=[row for schedule in found for row in _rows(schedule)]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """A schedule's newest run; ``gone`` if its process ended before the run did."""

    run: ScheduleRun
    gone: bool

    @property
    def state(self) -> str:
        """Its state as it is printed: ``broken off`` where the process is gone."""
        return "broken off" if self.gone else self.run.state

    def as_json(self) -> dict[str, object]:
        """The fields that ``--json`` prints."""
        return {
            "scheduled_for": instant(self.run.scheduled_for),
            "state": self.state,
            "started_at": instant(self.run.started_at),
            "ended_at": instant(self.run.ended_at),
            "attempts": self.run.attempts,
            "run": self.run.run_id,
            "error": self.run.error,
        }


def _last(schedule: Schedule, store: Store) -> Last | None:
    run = store.claims.last(schedule.key)
    if run is None:
        return None
    return Last(run=run, gone=run.state == "running" and (run.owner is None or store.is_gone(run.owner)))


def _json(schedule: Schedule, last: Last | None, now: datetime) -> dict[str, Any]:
    starts = next_starts(schedule, now, NEXT)
    zone = ZoneInfo(source_named(schedule.source).zone)
    return {
        "id": schedule.id,
        "source": schedule.source,
        "kind": schedule.kind,
        "covers": _covers(schedule),
        "catch_up": schedule.catch_up,
        "next": [instant(start) for start in starts],
        "next_local": [start.astimezone(zone).isoformat(timespec="seconds") for start in starts],
        "last": last.as_json() if last is not None else None,
    }


def _rows(schedule: dict[str, Any]) -> list[tuple[object, ...]]:
    """A row for each of the next starts, the first of which has the other columns."""
    head = (f"{schedule['source']}/{schedule['id']}", schedule["kind"], schedule["covers"])
    (first, *others) = zip(schedule["next"], schedule["next_local"], strict=True)
    return [(*head, *first, _words(schedule["last"])), *(("", "", "", *start, "") for start in others)]


def _words(last: dict[str, Any] | None) -> str:
    if last is None:
        return "never"
    return " ".join(str(last[key]) for key in ("state", "scheduled_for", "error") if last[key])


def _covers(schedule: Schedule) -> str:
    """The days it is about, in words."""
    full = ", in full" if schedule.full else ""
    if schedule.kind == "harvest":
        return (f"the last {schedule.recent} days" if schedule.recent else "today and what is due") + full
    if schedule.kind == "backfill":
        until = schedule.until or "yesterday"
        return f"{schedule.since} to {until}, {schedule.order} first{full}"
    if schedule.since is None and schedule.until is None:
        return "all that is held"
    return f"{schedule.since or 'the first day'} to {schedule.until or 'the last'}"
