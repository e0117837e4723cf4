"""For all tests: what ``make test``, ``make long`` and ``make full`` run, and a PostgreSQL server."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from ingest.records.archive_folder import ObjectFolder
from ingest.store import Store
from tests.kit import child
from tests.kit.databases import compiling_once, created, making, url_of
from tests.kit.postgres import server_or_skip

if TYPE_CHECKING:
    from tests.kit.objects import ObjectServer

# An example that is slow once, on a machine that does other things as well, is no fault.
settings.register_profile("thresher", deadline=None)
settings.load_profile("thresher")


def pytest_itemcollected(item: pytest.Item) -> None:
    """What is ``full`` is ``long`` as well, so that ``not long`` leaves out both."""
    if item.get_closest_marker("full") is not None:
        item.add_marker("long")


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    with compiling_once():
        yield


@pytest.fixture(autouse=True)
def _no_child_left() -> Iterator[None]:
    yield
    child.kill_the_rest()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a server of our own."""
    yield from server_or_skip()


@pytest.fixture
def new_postgresql(server: str) -> Iterator[Callable[[], str]]:
    """Makes an empty database on the server, and returns its URL."""
    yield from making(server, "template1")


@pytest.fixture(scope="session")
def newest_template(server: str) -> str:
    """The name of a database at the newest revision."""
    name = created(server, "template1")
    Store.open(url_of(server, name)).close()
    return name


@pytest.fixture
def newest_postgresql(server: str, newest_template: str) -> Iterator[Callable[[], str]]:
    """Makes a database at the newest revision on the server, and returns its URL."""
    yield from making(server, newest_template)


@pytest.fixture(scope="session")
def s3_started() -> "Iterator[ObjectServer]":
    """A store of objects; one a session, for moto takes seconds to be imported."""
    from tests.kit.objects import ObjectServer

    with ObjectServer() as server:
        yield server


@pytest.fixture
def s3(s3_started: "ObjectServer", monkeypatch: pytest.MonkeyPatch) -> "ObjectServer":
    """The same without faults; its address and keys are in the environment."""
    for name, value in s3_started.environment.items():
        monkeypatch.setenv(name, value)
    s3_started.heal()
    return s3_started


_numbers = itertools.count(1)


@pytest.fixture
def bucket(s3: "ObjectServer") -> str:
    """The name of an empty bucket."""
    name = f"pages-{next(_numbers)}"
    s3.make_bucket(name)
    return name


@pytest.fixture
def in_bucket(bucket: str, tmp_path: Path) -> ObjectFolder:
    """An archive in an empty bucket, with a spool of the test's own."""
    return ObjectFolder(bucket=bucket, prefix="archive/one", spool=tmp_path / "spool")
