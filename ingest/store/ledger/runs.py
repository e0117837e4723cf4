"""The diary of runs, and the status that it and the tables give."""

import json
import os
import platform
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, func, insert, select, update

from ingest.decide.drift.fill_rates import Rates, RunRates
from ingest.records.pages import Cursor, RunOutcome, RunRow, SourceStatus, State
from ingest.store.database.engine import reading
from ingest.store.database.retrying import transacted
from ingest.store.database.schema import captures, runs
from ingest.store.ledger.fill_rates import newest_rates, pages_read, put_rates
from ingest.store.ledger.pages import page_counts, thread_counts
from ingest.store.ledger.totals import article_totals, comment_totals, sources

Unquoted = Callable[[Connection, str | None, str | None], str | None]
"""An error of a source without what it may quote of words that were taken down."""


class Runs:
    """The diary of runs; ``Store.runs`` is one."""

    def __init__(self, engine: Engine, unquoted: Unquoted) -> None:
        self._engine = engine
        self._unquoted = unquoted

    def begin(self, command: str, source: str | None, started_at: datetime) -> int:
        """Enters a run with this program's version, host and process; its id."""
        values = {
            "command": command,
            "source": source,
            "started_at": started_at,
            "counts": "{}",
            "version": version("thresher"),
            "host": platform.node(),
            "pid": os.getpid(),
        }
        entry = insert(runs).values(values).returning(runs.c.id)
        return transacted(self._engine, lambda connection: int(connection.execute(entry).scalar_one()))

    def end(
        self,
        run_id: int,
        ended_at: datetime,
        outcome: RunOutcome,
        counts: Mapping[str, int],
        error: str | None = None,
    ) -> None:
        """Enters how a run ended and what it counted."""
        this = runs.c.id == run_id
        values = {"ended_at": ended_at, "outcome": outcome, "counts": json.dumps(dict(counts))}

        def end(connection: Connection) -> None:
            source = connection.scalar(select(runs.c.source).where(this))
            kept = self._unquoted(connection, source, error)
            connection.execute(update(runs).where(this).values({**values, "error": kept}))

        transacted(self._engine, end)

    def newest(self, limit: int = 20) -> tuple[RunRow, ...]:
        """The newest runs, newest first."""
        with reading(self._engine) as connection:
            return tuple(_run(row) for row in connection.execute(_newest_first().limit(limit)))

    def reported(self, limit: int) -> tuple[RunRow, ...]:
        """The newest runs that keep a report of what they changed, newest first."""
        with reading(self._engine) as connection:
            wanted = _newest_first().where(runs.c.report.is_not(None)).limit(limit)
            return tuple(_run(row) for row in connection.execute(wanted))

    def commands(self) -> frozenset[str]:
        """The commands that were ever run."""
        with reading(self._engine) as connection:
            return frozenset(connection.scalars(select(runs.c.command).distinct()))

    def unfinished(self, source: str) -> RunRow | None:
        """The newest run of a source without an outcome."""
        with reading(self._engine) as connection:
            wanted = _newest_first().where(runs.c.source == source, runs.c.ended_at.is_(None))
            row = connection.execute(wanted.limit(1)).first()
            return None if row is None else _run(row)

    def broken_off_at(self, command: str, source: str, before: int) -> Cursor | None:
        """The cursor of the command's newest run before ``before``, if that run was broken off."""
        with reading(self._engine) as connection:
            wanted = _newest_first().where(
                runs.c.command == command, runs.c.source == source, runs.c.id < before
            )
            row = connection.execute(wanted.limit(1)).first()
            if row is None or row.cursor is None or row.outcome in {"complete", "incomplete"}:
                return None
            place = json.loads(row.cursor)
            moment = datetime.fromisoformat(place["at"])
            return Cursor(scope=place["scope"], captured_at=moment, capture_id=place["id"])

    def sources(self) -> tuple[str, ...]:
        """The sources of which anything is known, by name."""
        with reading(self._engine) as connection:
            return tuple(sorted(sources(connection)))

    def status(self, *, now: datetime) -> tuple[SourceStatus, ...]:
        """What is held of each source, by name, and how its runs went; none succeeds after now."""
        with reading(self._engine) as connection:
            held, below = article_totals(connection), comment_totals(connection)
            pages = _by_source(page_counts(connection))
            of_threads = _by_source(thread_counts(connection))
            return tuple(
                SourceStatus(
                    source=source,
                    articles_live=held[source].live,
                    articles_vanished=held[source].vanished,
                    comments_live=below[source].live,
                    comments_vanished=below[source].vanished,
                    pages=pages[source],
                    threads=of_threads[source],
                    last_run=_last_run(connection, runs.c.source == source),
                    last_success=_last_run(
                        connection,
                        runs.c.source == source,
                        runs.c.outcome == "complete",
                        runs.c.ended_at <= now,
                    ),
                )
                for source in sorted(sources(connection))
            )

    def captured_since(self, moment: datetime) -> int:
        """How many responses were kept since then."""
        with reading(self._engine) as connection:
            wanted = select(func.count()).where(captures.c.captured_at >= moment)
            return int(connection.execute(wanted).scalar_one())

    def put_rates(self, run_id: int, rates: Iterable[Rates]) -> None:
        """Enters how well the parsers filled their fields in a run."""
        every = tuple(rates)
        transacted(self._engine, lambda connection: put_rates(connection, run_id, every))

    def rates(self, sources: Collection[str] = (), limit: int = 21) -> tuple[RunRates, ...]:
        """The same of the newest ``limit`` runs of each source, or of these alone, and command."""
        with reading(self._engine) as connection:
            return newest_rates(connection, sources, limit)

    def pages_read(
        self, source: str, run_ids: Collection[int], *, kind: str, parser: str, limit: int
    ) -> tuple[tuple[int, str], ...]:
        """Id and URL of the newest captures of these runs that a parser read; of all, if they have none."""
        with reading(self._engine) as connection:
            return pages_read(connection, source, run_ids, kind=kind, parser=parser, limit=limit)


def put_report(
    connection: Connection, run_id: int, report: Mapping[str, object], cursor: Cursor | None
) -> None:
    """Keeps what a run has changed so far, and its cursor; None leaves the stored cursor as it is."""
    values = {"report": json.dumps(dict(report))}
    if cursor is not None:
        place = {"scope": cursor.scope, "at": cursor.captured_at.isoformat(), "id": cursor.capture_id}
        values["cursor"] = json.dumps(place)
    connection.execute(update(runs).where(runs.c.id == run_id).values(values))


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


def _by_source(rows: Iterable[Row[Any]]) -> defaultdict[str, dict[State, int]]:
    counted: defaultdict[str, dict[State, int]] = defaultdict(dict)
    for row in rows:
        counted[row.source][row.state] = row.number
    return counted
