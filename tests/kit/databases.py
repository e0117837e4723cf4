"""Databases that are made once and copied: to migrate one costs more than most tests do."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, text

from ingest.store import Store
from ingest.store.database import sqlite

_numbers = count()


@cache
def newest_sqlite() -> bytes:
    """A database at the newest revision that holds nothing, as it is on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "newest.db"
        Store.open(str(path)).close()
        return path.read_bytes()


@contextmanager
def compiling_once() -> Iterator[None]:
    """The SQLite files of one process share the statements that SQLAlchemy compiled: a test opens several."""
    create, first = sqlite.create_engine, sqlite.create_engine("sqlite://")
    first.connect().close()  # the dialect asks the driver what it can

    def sharing(*where: Any, **how: Any) -> Engine:
        engine = create(*where, **how)
        engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite, "create_engine", sharing)
        yield


@contextmanager
def _on(server: str) -> Iterator[Connection]:
    engine = create_engine(server.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection
    engine.dispose()


def created(server: str, template: str) -> str:
    """The name of a new database on the server, a copy of the template's files."""
    name = f"test_{next(_numbers)}"
    with _on(server) as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
    return name


def url_of(server: str, name: str) -> str:
    """The URL of a database of the server."""
    return server.replace("/postgres?", f"/{name}?")


def making(server: str, template: str) -> Iterator[Callable[[], str]]:
    """Makes databases, and drops them in the end: hundreds of them took a minute to remove."""
    made: list[str] = []

    def make() -> str:
        made.append(created(server, template))
        return url_of(server, made[-1])

    yield make
    if made:
        with _on(server) as connection:
            for name in made:
                connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
