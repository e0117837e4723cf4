"""The program, called in this process: ``call("harvest", ...)`` gives its exit code, stdout and stderr."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import ingest.pipeline.opening
from ingest.cli.main import main
from ingest.clock import SystemClock
from parsers.registry import configure
from tests.kit.databases import newest_sqlite
from tests.kit.rig import DAY, busy_day
from tests.kit.workers import kept_worker
from tests.site.server import SiteServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """How a call of the program ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object on stdout."""
        (line,) = self.out.splitlines()
        return json.loads(line)


Call = Callable[..., Called]


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("THRESHER_DATABASE", str(tmp_path / "held.sqlite3"))
    monkeypatch.setenv("THRESHER_ARCHIVE", str(tmp_path / "archive"))
    monkeypatch.setenv("THRESHER_CONTACT", "tests@localhost")
    # A spawned process imports its parent's main module anew: half a second of pytest for each worker.
    monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    monkeypatch.setattr(ingest.pipeline.opening, "Worker", kept_worker)
    yield
    # The program makes sources of its settings, and ends; here the process goes on.
    configure(())


@pytest.fixture
def database(tmp_path: Path) -> str:
    return str(tmp_path / "held.sqlite3")


@pytest.fixture
def made(database: str) -> None:
    """A database that holds nothing yet."""
    Path(database).write_bytes(newest_sqlite())


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    def call(*arguments: object) -> Called:
        monkeypatch.setattr(sys, "argv", ["thresher", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Called(code=ended.value.code, out=out, err=err)

    return call


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The program's waits, which are over at once."""
    waits: list[float] = []

    async def sleep(_: object, seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(SystemClock, "sleep", sleep)
    return waits


@pytest.fixture
def site() -> Iterator[SiteServer]:
    with SiteServer([busy_day()]) as site:
        yield site


@pytest.fixture
def harvest(call: Call, site: SiteServer) -> Call:
    """Harvests the site's day."""

    def harvest(*more: object) -> Called:
        there = ("--date", DAY, "--base-url", site.url, "--delay", 0)
        return call("harvest", "rantburg", *there, *more)

    return harvest


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    """The file that is read where no --config is given."""
    path = tmp_path / "config" / "thresher" / "thresher.toml"
    path.parent.mkdir(parents=True)
    return path


def on_loopback(site: SiteServer) -> str:
    return f'[sources.rantburg]\nbase_url = "{site.url}"\ndelay = 0\n'
