"""``thresher console`` on a port of its own, until it is stopped."""

import re
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path
from signal import SIGTERM

import pytest
from click.testing import CliRunner, Result

from ingest.cli.commands import console as module
from ingest.cli.main import thresher
from tests.console.held import filled
from tests.runner.steer import steered


@pytest.fixture
def database(tmp_path: Path) -> str:
    held = filled(tmp_path)
    held.close()
    return str(held.path)


def run(database: str, *options: str) -> Result:
    with steered(SIGTERM):
        return CliRunner().invoke(thresher, ["--database", database, "console", "--port", "0", *options])


def test_it_is_served_to_this_machine_until_it_is_stopped(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    say = module._say

    def and_ask(session: object, host: str, names: tuple[str, ...], port: int, token: str | None) -> None:
        def ask() -> None:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
                asked.append(answer.read().decode())

        asking = threading.Thread(target=ask)
        asking.start()
        asking.join()
        say(session, host, names, port, token)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_say", and_ask)
    result = run(database)
    assert result.exit_code == 0, result.output
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\n", result.stderr)
    assert "<h1>Overview</h1>" in asked[0]


def test_beyond_loopback_there_is_a_token(database: str) -> None:
    result = run(database, "--host", "127.0.0.2", "--name", "archive.example")
    assert result.exit_code == 0, result.output
    assert re.fullmatch(r"http://archive\.example:\d+/\ntoken: [\w-]{40,}\n", result.stderr)
    own = run(database, "--token", "sixteen-letters!")
    assert "token: sixteen-letters!\n" in own.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--host", "0.0.0.0"], "needs a --name"),
        (["--token", "short"], "fewer than 16 characters"),
        (["--port", "70000"], "70000"),
    ],
)
def test_what_is_not_safe_is_refused(database: str, options: list[str], words: str) -> None:
    result = run(database, *options)
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_host_of_ipv6_has_brackets() -> None:
    assert "[::1]" in module._names("::1", ())
    assert module._names("0.0.0.0", ("Archive.Example",)) == {"127.0.0.1", "localhost", "archive.example"}


def test_without_its_packages_it_says_what_installs_them(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ingest.console.application", None)
    result = CliRunner().invoke(thresher, ["--database", database, "console"])
    assert "pip install 'thresher[console]'" in str(result.exception)


def test_without_a_database_there_is_nothing_to_show(tmp_path: Path) -> None:
    result = CliRunner().invoke(thresher, ["--database", str(tmp_path / "none.sqlite3"), "console"])
    assert type(result.exception).__name__ == "DatabaseMissing"
