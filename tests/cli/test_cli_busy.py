"""What cannot run while another run holds the source ends at once, with exit code 3, and changes nothing."""

import time
from pathlib import Path

import pytest

from ingest.store import Store
from tests.cli.conftest import Call
from tests.cli.test_cli_import_others import HEAD, PAGE, page, record
from tests.kit import rows
from tests.kit.marks import long
from tests.kit.rig import DAY

AT_ONCE = 5.0
"""Seconds; a command that waited for the lock would need more."""
COMMANDS = {
    "archive import": ("archive", "import", "others.warc"),
    "archive adopt": ("archive", "adopt", "rantburg"),
    "archive redact": ("archive", "redact", 1, "--reason", "asked for"),
    "forget": ("forget", "1", "--source", "rantburg", "--kind", "article", "--reason", "asked for"),
    "reparse": ("reparse", "rantburg", "--all"),
    "reparse --warc": ("reparse", "rantburg", "--warc", "others.warc"),
    "verify --repair": ("verify", "rantburg", "--repair"),
    "verify --accept-empty": ("verify", "rantburg", "--accept-empty", DAY),
    "harvest": ("harvest", "rantburg", "--date", DAY, "--base-url", "http://127.0.0.1:9/"),
}


@pytest.fixture
def held(harvest: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("others.warc").write_bytes(record(PAGE, HEAD + b"\r\n", page()))
    assert harvest().code == 0


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(
    "command", ["harvest", "reparse", *long(*sorted(COMMANDS.keys() - {"harvest", "reparse"}))]
)
def test_behind_another_runs_lock(command: str, call: Call, database: str) -> None:
    before = [rows.table(database, name) for name in ("articles", "comments", "captures", "pages")]
    files = sorted(Path("archive").rglob("*"))
    with Store.open(database) as other, other.lock("rantburg"):
        began = time.monotonic()
        called = call(*COMMANDS[command])
        seconds = time.monotonic() - began
    assert (called.code, "another run holds rantburg" in called.err) == (3, True), called.err
    assert seconds < AT_ONCE
    assert [rows.table(database, name) for name in ("articles", "comments", "captures", "pages")] == before
    assert sorted(Path("archive").rglob("*")) == files
