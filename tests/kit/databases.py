"""A SQLite database that is made once and copied: to migrate one costs more than most tests do."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from ingest.store import Store
from ingest.store.database import sqlite


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
