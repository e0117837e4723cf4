"""Every command either writes or reads; what reads makes nothing and needs no right to write."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest

from ingest.cli.main import thresher
from ingest.store import Store
from ingest.store.database import migrate
from tests.cli.conftest import Call
from tests.kit.commands import loaded
from tests.kit.marks import long
from tests.kit.rig import DAY

ROOT = Path(__file__).parents[2]
READS: Mapping[str, tuple[str, ...]] = {
    "status": (),
    "show": ("100",),
    "runs": (),
    "verify": (),
    "health": (),
    "quarantine list": (),
    "quarantine show": ("1",),
    "schedule list": (),
    "archive list": (),
    "archive verify": (),
    "archive export": ("--source", "rantburg", "--output", "made"),
    "search": ("boats",),
    "export": ("comments", "--out", "made.csv"),
    "chart": ("comments", "--out", "made.svg"),
}
"""What reads a database, with the least that it must be given."""
MAKES_A_FILE = {"archive export", "export", "chart"}
REFUSED: Mapping[str, tuple[str, ...]] = {
    "forget": ("100", "--reason", "asked"),
    "reparse": ("rantburg",),
    "quarantine retry": (),
    "archive redact": ("1", "--reason", "asked"),
    "fixture add": ("1", "--name", "one"),
    "db redate": (),
    "db reindex": (),
    "db copy": ("--to", "sqlite:///made.sqlite3"),
    "backup": ("--out", "made"),
}
"""What changes or takes that which is held, and has nothing to do where there is no database."""
REFUSED_OPTIONS = (
    ("forget", "--list"),
    ("reparse", "rantburg", "--diff"),
    ("archive", "redact", "--forgotten", "--dry-run"),
    ("verify", "rantburg", "--repair"),
    ("verify", "rantburg", "--repair", "--dry-run"),
    ("verify", "--calendar"),
)
WRITES = {
    "harvest",
    "backfill",
    "watch",
    "archive import",
    "archive adopt",
    "db upgrade",
    "db rebuild",
    "worker",
}
SERVES = {"console"}
"""What reads until it is interrupted."""
WITHOUT = {
    "demo",
    "parse",
    "fixture check",
    "fixture accept",
    "source new",
    "source add",
    "source list",
    "source check",
    "doctor",
    "completion",
    "db datasette-metadata",
}
"""What needs no database; doctor reports on it."""


def every_command(group: click.Group = thresher, before: str = "") -> Iterator[str]:
    for name, command in loaded(group):
        if isinstance(command, click.Group):
            yield from every_command(command, f"{before}{name} ")
        else:
            yield before + name


def held_in(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()} | {
        str(one.relative_to(folder)): b"" for one in folder.rglob("*") if one.is_dir()
    }


@pytest.fixture
def mistyped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with nothing in it, and a database and an archive that are named below it."""
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("THRESHER_DATABASE", str(folder / "data" / "hedl.sqlite3"))
    monkeypatch.setenv("THRESHER_ARCHIVE", str(folder / "arhcive"))
    return folder


def test_every_command_says_whether_it_reads_or_writes() -> None:
    known = [*READS, *REFUSED, *WRITES, *SERVES, *WITHOUT]
    assert sorted(every_command()) == sorted(known)


@pytest.mark.parametrize(
    "command",
    [*((*name.split(), *more) for name, more in (READS | REFUSED).items()), *REFUSED_OPTIONS],
    ids=" ".join,
)
def test_where_there_is_no_database_none_is_made(
    call: Call, mistyped: Path, command: tuple[str, ...]
) -> None:
    called = call(*command)
    assert called.code == 2, called.err
    assert "there is no database" in called.err
    assert "hedl.sqlite3" in called.err
    assert held_in(mistyped) == {}


@pytest.mark.parametrize(
    "command",
    [
        ("harvest", "rantbrug"),
        ("harvest", "rantburg", "--date", "2018-02-30"),
        ("harvest", "rantburg", "--date", DAY, "--recent", "2"),
        ("harvest", "rantburg", "--often"),
        ("harvest", "rantburg", "--delay", "nan"),
        ("harvest", "rantburg", "--base-url", "no address"),
        ("harvest", "rantburg", "--base-url", "ftp://127.0.0.1/"),
        ("backfill", "rantburg", "--since", "2018-03-01", "--until", "2018-02-01"),
        (
            "backfill",
            "rantburg",
            "--since",
            "2018-03-01",
            "--until",
            "2018-03-02",
            "--base-url",
            "http://[::1",
        ),
        ("verify", "rantburg", "--repair", "--base-url", "no address"),
    ],
    ids=lambda command: " ".join(map(str, command)),
)
def test_what_is_refused_makes_nothing(call: Call, mistyped: Path, command: tuple[object, ...]) -> None:
    assert call(*command).code == 2
    assert held_in(mistyped) == {}


def test_a_backfill_is_planned_without_a_database(call: Call, mistyped: Path) -> None:
    days = ("--since", "2018-03-01", "--until", "2018-03-02")
    called = call("backfill", "rantburg", *days, "--dry-run", "--json")
    assert (called.code, called.json["days"]["waiting"]) == (0, 2)
    assert "there is no database" in called.err
    assert held_in(mistyped) == {}


def test_doctor_makes_nothing(call: Call, mistyped: Path) -> None:
    found = {one["name"]: one for one in call("doctor", "--no-network", "--json").json["checks"]}
    assert found["database"]["finding"] == "warning"
    assert "there is no database" in found["database"]["words"]
    assert found["archive"]["finding"] == "ok"
    assert held_in(mistyped) == {}


def test_a_harvest_that_meets_a_lock_leaves_the_folder_as_it_was(
    call: Call, harvest: Call, database: str, tmp_path: Path
) -> None:
    harvest()
    with Store.open(database) as store, store.lock("rantburg"):
        before = sorted(held_in(tmp_path))
        assert harvest().code == 3
        assert sorted(held_in(tmp_path)) == before


@pytest.mark.parametrize("command", READS, ids=str)
def test_reading_upgrades_nothing(call: Call, database: str, command: str) -> None:
    Store.open(database).close()
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    before = Path(database).read_bytes()
    called = call(*command.split(), *READS[command])
    assert called.code == 2
    assert f"has schema 0001, this version needs {migrate.newest()}: run `thresher db upgrade`" in called.err
    assert Path(database).read_bytes() == before


def test_what_reads_changes_no_file(call: Call, harvest: Call, tmp_path: Path) -> None:
    harvest()
    before = held_in(tmp_path)
    for command, more in READS.items():
        if command not in MAKES_A_FILE:
            call(*command.split(), *more)
    assert held_in(tmp_path) == before


def test_what_reads_honours_mode_ro(call: Call, harvest: Call, database: str, tmp_path: Path) -> None:
    harvest()
    before = held_in(tmp_path)
    read_only = ("--database", f"sqlite:///{database}?mode=ro")
    assert call(*read_only, "verify").code == 0
    refused = call(*read_only, "harvest", "rantburg")
    assert (refused.code, "mode=ro" in refused.err) == (2, True)
    assert held_in(tmp_path) == before


@pytest.mark.parametrize(
    "address", [":memory:", "sqlite://", "sqlite:///:memory:", "sqlite:///x?mode=memory"]
)
def test_no_database_in_memory_is_written_to(call: Call, mistyped: Path, address: str) -> None:
    written = call("--database", address, "harvest", "rantburg")
    assert (written.code, "in memory" in written.err) == (2, True)
    read = call("--database", address, "status")
    assert (read.code, "there is no database" in read.err) == (2, True)
    assert held_in(mistyped) == {}


@pytest.fixture
def shelf(harvest: Call, database: str, tmp_path: Path) -> Iterator[Path]:
    """A database and its archive, in a folder that nobody may write to but its owner."""
    assert harvest().code == 0
    shelf = Path("/tmp") / f"thresher-shelf-{tmp_path.name}-{tmp_path.parent.name}"
    shelf.mkdir()
    shutil.copy(database, shelf / "held.sqlite3")
    shutil.copytree(tmp_path / "archive", shelf / "archive")
    for one in (shelf, *shelf.rglob("*")):
        one.chmod(0o555 if one.is_dir() else 0o444)
    yield shelf
    for one in (shelf, *shelf.rglob("*")):
        one.chmod(0o755)
    shutil.rmtree(shelf)


AS_NOBODY = """
import contextlib, io, os, sys
from ingest.cli.main import main
at = sys.argv.index("--")
call, warm_up = ["thresher", *sys.argv[at + 1 :]], ["thresher", *sys.argv[1:at]]
for sys.argv in (warm_up, call):
    if sys.argv is call:
        os.setgid(65534)
        os.setuid(65534)
    try:
        with contextlib.redirect_stdout(io.StringIO()) if sys.argv is warm_up else contextlib.nullcontext():
            main()
    except SystemExit as ended:
        if sys.argv is call:
            raise
"""
"""Nobody may not read root's Python: the first call, on another database, imports what the second needs."""


def as_nobody(shelf: Path, database: str, *command: str) -> subprocess.CompletedProcess[str]:
    held = ("--database", str(shelf / "held.sqlite3"), "--archive", str(shelf / "archive"))
    warm_up = ("--database", database, "--archive", str(Path(database).with_name("archive")))
    return subprocess.run(
        [sys.executable, "-c", AS_NOBODY, *warm_up, *command, "--", *held, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")


@pytest.mark.long
@needs_root
@pytest.mark.parametrize(
    "command", [*long("status", "runs", "verify", "health", "archive list"), "archive verify"]
)
def test_a_folder_that_cannot_be_written_is_read(shelf: Path, database: str, command: str) -> None:
    before = held_in(shelf)
    called = as_nobody(shelf, database, *command.split())
    assert called.returncode == 0, called.stderr
    assert held_in(shelf) == before


@pytest.mark.long
@needs_root
def test_a_log_that_cannot_be_merged_is_named_and_not_passed_over(shelf: Path, database: str) -> None:
    shelf.chmod(0o755)
    (shelf / "held.sqlite3-wal").write_bytes(b"\x37\x7f\x06\x82" + b"\x00" * 64)
    shelf.chmod(0o555)
    called = as_nobody(shelf, database, "status")
    assert called.returncode == 3
    assert "held.sqlite3-wal" in called.stderr
    assert "Traceback" not in called.stderr
