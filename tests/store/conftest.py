"""The same tests on both databases."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from ingest.store import Store
from tests.kit.databases import newest_sqlite

_numbers = count()


def _created(server: str, template: str) -> str:
    """The name of a new database on the server."""
    name = f"test_{next(_numbers)}"
    engine = create_engine(server.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    engine.dispose()
    return name


def _url(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture
def new_postgresql(server: str) -> Callable[[], str]:
    """Makes an empty database on the server, and returns its URL."""
    return lambda: _url(server, _created(server, "template1"))


@pytest.fixture(scope="session")
def newest_postgresql(server: str) -> Callable[[], str]:
    """Makes a database at the newest revision on the server, and returns its URL."""
    template = _created(server, "template1")
    Store.open(_url(server, template)).close()
    return lambda: _url(server, _created(server, template))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database that does not exist yet, or is empty; for a store one at the newest revision."""
    migrated = "store" in request.fixturenames
    if request.param == "sqlite":
        path = tmp_path / "held.db"
        if migrated:
            path.write_bytes(newest_sqlite())
        return f"sqlite:///{path}"
    make: Callable[[], str] = request.getfixturevalue("newest_postgresql" if migrated else "new_postgresql")
    return make()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url) as opened:
        yield opened
