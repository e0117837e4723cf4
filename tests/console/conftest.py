"""The console on a database that is filled, and asked without a network."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ingest.console.application import Console
from ingest.settings import Settings
from ingest.store import Store
from tests.console.browser import Browser
from tests.console.held import HOUR, NOON, Held, filled
from tests.kit.fakes import FakeClock


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    with closing(filled(tmp_path)) as held:
        yield held


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON + 3 * HOUR)


@pytest.fixture
def settings(held: Held, tmp_path: Path) -> Settings:
    return Settings(database=str(held.path), archive=tmp_path / "archive", contact="tests@localhost")


@pytest.fixture
def console(settings: Settings, clock: FakeClock) -> Iterator[Console]:
    with Store.read(settings.database) as store, closing(Console(settings, store, clock)) as console:
        yield console


@pytest.fixture
def browser(console: Console) -> Browser:
    return Browser(console)
