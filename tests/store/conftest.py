"""The same tests on both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest.store import Store
from tests.kit.databases import newest_sqlite


def pytest_itemcollected(item: pytest.Item) -> None:
    """What has many cases, and a property's examples, run on PostgreSQL in ``make long``."""
    parameters = getattr(item, "callspec", None)
    on_postgresql = parameters is not None and parameters.params.get("url") == "postgresql"
    has_many = hasattr(getattr(item, "obj", None), "hypothesis") or item.get_closest_marker("many_cases")
    if on_postgresql and has_many:
        item.add_marker("long")


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
