"""The library's own tables: made from its own files, and brought to the release that is installed.

It does not note its release in the database, so the schema's comment holds the name of the last of its
migrations that was run. A release brings some that go before the new workers and some that go after the old
ones; here they are run together: stop all workers before a release that changes the tables.
"""

from pathlib import Path
from typing import Any

from procrastinate import SyncPsycopgConnector
from procrastinate.schema import SchemaManager

from ingest.errors import StoreUnusable
from ingest.runner.fleet.connections import SCHEMA

LOCK = 0x7468726573717565
FOUND = f"""
SELECT obj_description(oid, 'pg_namespace') AS at FROM pg_namespace WHERE nspname = '{SCHEMA}'
"""  # noqa: S608 - a constant


def prepare(connector: SyncPsycopgConnector) -> None:
    """Make the tables, or bring them to the installed release: wholly or not at all.

    Raises:
        StoreUnusable: they are of a newer release, or somebody else's.
    """
    known = migrations()
    newest = known[-1].stem
    # Without the lock: as a rule there is nothing to do.
    if _found(connector) == newest:
        return
    connector.execute_query_one(f"SELECT pg_advisory_lock({LOCK})")
    try:
        rows = connector.execute_query_all(FOUND)
        script = _script(known, rows)
        if script is not None:
            done = f"COMMENT ON SCHEMA {SCHEMA} IS '{newest}';"
            # The library formats its statements: a percent sign of its own files has to be doubled.
            statements = "\n".join((script, done)).replace("%", "%%")
            # One string without parameters is one transaction.
            connector.execute_query(statements)
    finally:
        connector.execute_query_one(f"SELECT pg_advisory_unlock({LOCK})")


def is_there(connector: SyncPsycopgConnector) -> bool:
    """Whether the tables are there, of whatever release."""
    return bool(connector.execute_query_all(FOUND))


def _found(connector: SyncPsycopgConnector) -> str | None:
    rows = connector.execute_query_all(FOUND)
    return str(rows[0]["at"]) if rows else None


def _script(known: list[Path], rows: list[dict[str, Any]]) -> str | None:
    if not rows:
        return f"CREATE SCHEMA {SCHEMA}; SET LOCAL search_path TO {SCHEMA};\n{SchemaManager.get_schema()}"
    names = [path.stem for path in known]
    at = rows[0]["at"]
    if at not in names:
        raise StoreUnusable(
            f"the schema {SCHEMA} of the database is at {at!r}, which the installed procrastinate "
            f"does not know (its newest is {names[-1]}): install the release that the other machines have"
        )
    later = known[names.index(at) + 1 :]
    return "\n".join(path.read_text("utf-8") for path in later) if later else None


def migrations() -> list[Path]:
    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
