"""The diary of runs, and the status that it and the tables give."""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, select, update

from ingest.records.pages import Cursor, RunOutcome, RunRow, SourceStatus, State
from ingest.store.database.schema import articles, comments, runs
from ingest.store.ledger.pages import page_counts


def begin_run(
    connection: Connection,
    *,
    command: str,
    source: str | None,
    started_at: datetime,
    version: str,
    host: str,
    pid: int,
) -> int:
    """Enters a run that has begun; its id."""
    values = {
        "command": command,
        "source": source,
        "started_at": started_at,
        "counts": "{}",
        "version": version,
        "host": host,
        "pid": pid,
    }
    return int(connection.execute(insert(runs).values(values).returning(runs.c.id)).scalar_one())


def end_run(
    connection: Connection,
    run_id: int,
    *,
    ended_at: datetime,
    outcome: RunOutcome,
    counts: Mapping[str, int],
    error: str | None,
) -> None:
    """Enters how a run ended."""
    end = {"ended_at": ended_at, "outcome": outcome, "counts": json.dumps(dict(counts)), "error": error}
    connection.execute(update(runs).where(runs.c.id == run_id).values(end))


def source_of(connection: Connection, run_id: int) -> str | None:
    """The source of a run."""
    return connection.scalar(select(runs.c.source).where(runs.c.id == run_id))


def put_report(
    connection: Connection, run_id: int, report: Mapping[str, object], cursor: Cursor | None
) -> None:
    """Keeps what a run has changed so far, and its cursor; None leaves the stored cursor as it is."""
    values = {"report": json.dumps(dict(report))}
    if cursor is not None:
        place = {"scope": cursor.scope, "at": cursor.captured_at.isoformat(), "id": cursor.capture_id}
        values["cursor"] = json.dumps(place)
    connection.execute(update(runs).where(runs.c.id == run_id).values(values))


def broken_off_at(connection: Connection, command: str, source: str, before: int) -> Cursor | None:
    """The cursor of the command's newest run before this one, if that run was broken off."""
    wanted = _newest_first().where(runs.c.command == command, runs.c.source == source, runs.c.id < before)
    row = connection.execute(wanted.limit(1)).first()
    if row is None or row.cursor is None or row.outcome in {"complete", "incomplete"}:
        return None
    place = json.loads(row.cursor)
    moment = datetime.fromisoformat(place["at"])
    return Cursor(scope=place["scope"], captured_at=moment, capture_id=place["id"])


def newest_runs(connection: Connection, limit: int) -> tuple[RunRow, ...]:
    """The newest runs, newest first."""
    return tuple(_run(row) for row in connection.execute(_newest_first().limit(limit)))


def open_run(connection: Connection, source: str) -> RunRow | None:
    """The newest run of a source that has not said how it ended."""
    wanted = _newest_first().where(runs.c.source == source, runs.c.ended_at.is_(None))
    row = connection.execute(wanted.limit(1)).first()
    return None if row is None else _run(row)


def status(connection: Connection, now: datetime) -> tuple[SourceStatus, ...]:
    """What is held of each source, by name."""
    article_counts = _presence(connection, select(articles.c.source, *_live_and_vanished(articles)))
    threads = select(articles.c.source, *_live_and_vanished(comments)).join_from(comments, articles)
    comment_counts = _presence(connection, threads)
    pages: defaultdict[str, dict[State, int]] = defaultdict(dict)
    for row in page_counts(connection):
        pages[row.source][row.state] = row.number
    ran = connection.scalars(select(runs.c.source).where(runs.c.source.is_not(None)).distinct())
    return tuple(
        SourceStatus(
            source=source,
            articles_live=article_counts[source][0],
            articles_vanished=article_counts[source][1],
            comments_live=comment_counts[source][0],
            comments_vanished=comment_counts[source][1],
            pages=pages[source],
            last_run=_last_run(connection, runs.c.source == source),
            last_success=_last_run(
                connection, runs.c.source == source, runs.c.outcome == "complete", runs.c.ended_at <= now
            ),
        )
        for source in sorted({*article_counts, *pages, *ran})
    )


def _live_and_vanished(table: Any) -> tuple[Any, Any]:
    return (
        (func.count() - func.count(table.c.vanished_at)).label("live"),
        func.count(table.c.vanished_at).label("vanished"),
    )


def _presence(connection: Connection, wanted: Select[Any]) -> defaultdict[str, tuple[int, int]]:
    rows = connection.execute(wanted.group_by(articles.c.source))
    return defaultdict(lambda: (0, 0), {row.source: (row.live, row.vanished) for row in rows})


def _last_run(connection: Connection, *conditions: ColumnElement[bool]) -> RunRow | None:
    row = connection.execute(_newest_first().where(*conditions).limit(1)).first()
    return None if row is None else _run(row)


def _newest_first() -> Select[Any]:
    # By id: a run that was begun under a clock that was ahead is not the newest for long.
    return select(runs).order_by(runs.c.id.desc())


def _run(row: Row[Any]) -> RunRow:
    return RunRow(
        run_id=row.id,
        command=row.command,
        source=row.source,
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
        counts=json.loads(row.counts),
        version=row.version,
        host=row.host,
        pid=row.pid,
        error=row.error,
        report=None if row.report is None else json.loads(row.report),
    )
