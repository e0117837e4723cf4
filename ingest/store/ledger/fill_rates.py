"""How well each parser filled its fields, run by run."""

import json
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from ingest.decide.drift.fill_rates import Rates, RunRates
from ingest.store.database.schema import captures, parser_health, runs

NUMBERS = ("source", "kind", "parser", "revision", "pages", "articles", "comments")


def put_rates(connection: Connection, run_id: int, rates: Iterable[Rates]) -> None:
    """Enters what was counted in a run."""
    rows = [
        {"run_id": run_id, "filled": json.dumps(dict(one.filled), sort_keys=True)}
        | {name: getattr(one, name) for name in NUMBERS}
        for one in rates
    ]
    if rows:
        connection.execute(insert(parser_health), rows)


def newest_rates(connection: Connection, sources: Collection[str], limit: int) -> tuple[RunRates, ...]:
    """The newest ``limit`` runs of each source, or of these alone, and command, newest first."""
    # Ranks of runs, and not of rows: a run has a row for each parser.
    newest_first = func.dense_rank().over(
        partition_by=(parser_health.c.source, runs.c.command), order_by=parser_health.c.run_id.desc()
    )
    wanted = select(parser_health, runs.c.command, runs.c.started_at, newest_first.label("place")).join_from(
        parser_health, runs
    )
    if sources:
        wanted = wanted.where(parser_health.c.source.in_(sources))
    ranked = wanted.subquery()
    found = select(ranked).where(ranked.c.place <= limit).order_by(ranked.c.run_id.desc(), ranked.c.id)
    return tuple(_run_rates(row) for row in connection.execute(found))


def pages_read(
    connection: Connection, source: str, run_ids: Collection[int], *, kind: str, parser: str, limit: int
) -> tuple[tuple[int, str], ...]:
    """Id and URL of the newest captures of these runs that a parser read.

    A re-parse reads captures of other runs: where these runs have none, the newest of all are returned.
    """
    read = select(captures.c.id, captures.c.url).where(
        captures.c.source == source, captures.c.kind == kind, captures.c.parser == parser
    )
    newest = read.order_by(captures.c.captured_at.desc(), captures.c.id.desc()).limit(limit)
    of_runs = newest.where(captures.c.run_id.in_(sorted(run_ids)))
    found = connection.execute(of_runs).all() or connection.execute(newest).all()
    return tuple((row.id, row.url) for row in found)


def _run_rates(row: Row[Any]) -> RunRates:
    numbers = {name: row._mapping[name] for name in NUMBERS}
    return RunRates(
        run_id=row.run_id,
        command=row.command,
        started_at=row.started_at,
        rates=Rates(**numbers, filled=json.loads(row.filled)),
    )
