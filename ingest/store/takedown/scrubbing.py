"""Words that were taken down and stand elsewhere than in their rows: reports, errors, freed pages.

An error may quote what could not be read. Of a capture that holds what was taken down it goes as a whole; so
does that of a run, a scheduled time and an order, which name no capture. All others of the source lose what
they quote.
"""

import json
import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, Table, select, update
from sqlalchemy.exc import OperationalError

from ingest.records.pages import REDACTED
from ingest.records.takedown import TakedownTarget
from ingest.store.database.parameters import SOURCE
from ingest.store.database.schema import (
    article_versions,
    articles,
    captures,
    comment_versions,
    comments,
    orders,
    pages,
    quarantine,
    runs,
    schedule_runs,
    suppressed,
)
from ingest.store.database.upsert import in_parts
from ingest.store.search.matching import INDEXES

WITHOUT_WORDS = "its words were taken down"
WITH_WORDS = (
    articles,
    article_versions,
    comments,
    comment_versions,
    captures,
    pages,
    quarantine,
    runs,
    schedule_runs,
    orders,
)
BUSY_TIMEOUT_MS = 5_000
"""How long to wait for another process that reads the database."""

# article.posted_at cannot be 'yesterday by Olga' (https://...)
QUOTED = re.compile(r"""['"].*['"]""", re.DOTALL)
"""From the first sign to the last: what is quoted may hold such signs itself (it\\'s "so")."""

# parsing the page failed: ValueError: yesterday by Olga
OF_A_BUG = re.compile(r"((?<=failed: )\w+|\b[A-Z]\w*(?:Error|Exception|Warning)): .*", re.DOTALL)
"""What any library says when a page is too much for it."""

AT_ONCE = 1_000

Report = dict[str, Any]


def forget_reports(connection: Connection, what: TakedownTarget, capture_ids: Collection[int]) -> None:
    """Takes the samples of it out of the runs' reports, and what errors quote of these captures."""
    kept = select(runs.c.id, runs.c.report).where(runs.c.source == what.source, runs.c.report.is_not(None))
    for row in connection.execute(kept).all():
        report = json.loads(row.report)
        _leave_out(report, what, capture_ids)
        scrubbed = json.dumps(unquoted_report(connection, report))
        if scrubbed != row.report:
            connection.execute(update(runs).where(runs.c.id == row.id).values(report=scrubbed))


def forget_errors(connection: Connection, source: str, capture_ids: Collection[int]) -> None:
    """What could not be parsed is often quoted: the kind of the error is enough to know it again."""
    for some in in_parts(sorted(capture_ids)):
        _blank(connection, captures, captures.c.id.in_(some), "error")
        _blank(connection, quarantine, quarantine.c.capture_id.in_(some), "error")
        _blank(connection, pages, pages.c.capture_id.in_(some) & (pages.c.state == "failed"), "last_error")
    for table in (runs, schedule_runs, orders):
        _blank(connection, table, table.c.source == source, "error")
    for table, column in ((captures, "error"), (quarantine, "error"), (pages, "last_error")):
        _unquote(connection, table, source, column)


def unquoted(connection: Connection, source: str | None, error: str | None) -> str | None:
    """The error without what it quotes, if anything of the source was taken down: it could be that."""
    if error is None or connection.scalar(_any_of(), {"source": source}) is None:
        return error
    return without_quotes(error)


@cache
def _any_of() -> Select[Any]:
    return select(suppressed.c.id).where(suppressed.c.source == SOURCE).limit(1)


def without_quotes(error: str) -> str:
    """The error without what it may quote of a page; what an operator gave as a reason stays."""
    if error.startswith(REDACTED):
        return error
    return OF_A_BUG.sub(r"\1: …", QUOTED.sub("'…'", error))


def unquoted_report(connection: Connection, report: Mapping[str, Any]) -> dict[str, Any]:
    """The same for the failures of a run's report."""
    kept = dict(report)
    if failures := kept.get("failures"):
        kept["failures"] = [
            {**one, "error": unquoted(connection, one["source"], one["error"])} for one in failures
        ]
    return kept


def scrub(engine: Engine) -> str | None:
    """Rewrites the tables, so that no freed page keeps old words; why that could not be done, or None.

    PostgreSQL's own log and any backup are beyond reach.
    """
    if engine.dialect.name == "postgresql":
        return _scrub_postgresql(engine)
    with engine.connect() as connection:
        # No transaction may be open: the driver is asked by itself, which begins none.
        driver: Any = connection.connection.driver_connection
        # VACUUM needs the database alone: it waits for a little while, and then is named as not done.
        (timeout,) = driver.execute("PRAGMA busy_timeout").fetchone()
        driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}").close()
        try:
            for index in INDEXES:
                # A word that is taken out of the index stays in it until its parts are merged.
                driver.execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')").close()  # noqa: S608 - a name of ours
            driver.execute("VACUUM").close()
            (busy, *_) = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except driver_error(engine) as error:
            return str(error)
        finally:
            driver.execute(f"PRAGMA busy_timeout={timeout}").close()
    return "another process reads the database" if busy else None


def driver_error(engine: Engine) -> type[Exception]:
    """What the driver raises if the database is locked, or the disk is full."""
    error: type[Exception] = engine.dialect.loaded_dbapi.OperationalError
    return error


def _scrub_postgresql(engine: Engine) -> str | None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"SET lock_timeout = {BUSY_TIMEOUT_MS}")
        try:
            for name in (*(table.name for table in WITH_WORDS), *INDEXES):
                connection.exec_driver_sql(f"VACUUM FULL {name}")
        except OperationalError as error:
            return str(error.orig)
        finally:
            connection.exec_driver_sql("RESET lock_timeout")
    return None


def _blank(connection: Connection, table: Table, which: ColumnElement[bool], column: str) -> None:
    stands = table.c[column]
    # An operator's own reason is no word of a page.
    is_quoting = stands.is_not(None) & ~stands.startswith(REDACTED, autoescape=True)
    connection.execute(update(table).where(which, is_quoting).values({column: WITHOUT_WORDS}))


def _unquote(connection: Connection, table: Table, source: str, column: str) -> None:
    # By lots: errors of years need not be in memory together.
    after = 0
    errors = select(table.c.id, table.c[column]).where(table.c.source == source, table.c[column].is_not(None))
    while some := connection.execute(
        errors.where(table.c.id > after).order_by(table.c.id).limit(AT_ONCE)
    ).all():
        for row_id, error in some:
            if (left := without_quotes(error)) != error:
                connection.execute(update(table).where(table.c.id == row_id).values({column: left}))
        after = some[-1][0]


def _leave_out(report: Report, what: TakedownTarget, capture_ids: Collection[int]) -> None:
    for change in report.get("fields", ()):
        change["samples"] = [one for one in change["samples"] if not _is_of(one, what)]
    for failure in report.get("failures", ()):
        if failure["capture_id"] in capture_ids:
            failure["error"] = WITHOUT_WORDS


def _is_of(sample: Report, what: TakedownTarget) -> bool:
    # "#3" is a comment that had no id then: which one it was nobody knows any more.
    comment = sample["comment"] or ""
    mine = what.comment is None or comment == what.comment or comment.startswith("#")
    return sample["article"] == what.article and mine
