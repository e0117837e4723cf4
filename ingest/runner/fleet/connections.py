"""How the queue's own connections are made."""

from typing import Any

from ingest.errors import ConfigurationError
from ingest.store import Store

SCHEMA = "procrastinate"
"""The library's tables lie in a schema of their own, where no migration of ours looks."""
LOOK_THERE = f"SET search_path TO {SCHEMA}"
NEEDS_POSTGRESQL = 'workers and runner = "procrastinate" need a PostgreSQL database: name one with --database postgresql://...'


def require_postgresql(store: Store) -> str:
    """The address as libpq reads it.

    Raises:
        ConfigurationError: the database is no server's.
    """
    scheme, found, rest = (store.url or "").partition("://")
    if not (found and scheme.startswith("postgresql")):
        raise ConfigurationError(NEEDS_POSTGRESQL)
    return f"postgresql://{rest}"


def look_there(connection: Any) -> None:
    """Have a new connection of a pool see the library's schema."""
    connection.execute(LOOK_THERE)
    connection.commit()


async def look_there_async(connection: Any) -> None:
    """The same of a pool of an event loop."""
    await connection.execute(LOOK_THERE)
    # Else the setting would be taken back with the transaction that it was made in.
    if not connection.autocommit:
        await connection.commit()
