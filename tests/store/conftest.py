"""The same tests on both databases."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from ingest.store import Store
from tests.kit.postgres import server_or_skip

_numbers = count()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    yield from server_or_skip()


@pytest.fixture
def new_postgresql(server: str) -> Callable[[], str]:
    """Makes an empty database on the server, and tells its URL."""

    def make() -> str:
        name = f"test_{next(_numbers)}"
        engine = create_engine(server.replace("postgresql:", "postgresql+psycopg:"))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return server.replace("/postgres?", f"/{name}?")

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database that does not exist yet, or is empty."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'held.db'}"
    make: Callable[[], str] = request.getfixturevalue("new_postgresql")
    return make()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url) as opened:
        yield opened
