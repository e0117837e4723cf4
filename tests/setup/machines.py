"""The Pythons of this machine and the pips that can be had for them."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PIPS = ("23.0", "23.2.1", "newest")
MINORS = (11, 12, 13, 14)

# Older pips do not start on newer Pythons: 23.0 needs pkgutil.ImpImporter, which 3.12 removed.
TOO_OLD = {(12, "23.0"), (13, "23.0"), (14, "23.0"), (13, "23.2.1"), (14, "23.2.1")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One Python with one pip.

    `python` is the interpreter's path, and `pip` a release or "newest".
    """

    python: Path
    minor: int
    pip: str

    @property
    def name(self) -> str:
        return f"python3.{self.minor}-pip-{self.pip}"


def machines() -> tuple[Machine, ...]:
    """Every Python that this machine has, with every pip that starts on it; the oldest first."""
    return tuple(
        Machine(python=python, minor=minor, pip=pip)
        for minor, python in sorted(_pythons().items())
        for pip in PIPS
        if (minor, pip) not in TOO_OLD
    )


def _pythons() -> dict[int, Path]:
    found = {minor: path for minor in MINORS if (path := _python(minor)) is not None}
    # What runs this test has its own minor release, whether or not it is on PATH.
    return {sys.version_info.minor: Path(sys.executable)} | found


def _python(minor: int) -> Path | None:
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [*sorted(pyenv.glob(f"3.{minor}.*/bin/python3"), reverse=True)]
    if (on_path := shutil.which(f"python3.{minor}")) is not None:
        candidates.append(Path(on_path))
    return next((path for path in candidates if _has_venv(path)), None)


def _has_venv(python: Path) -> bool:
    command = [python, "-c", "import ensurepip, ssl, venv"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def download(folder: Path, *what: str, python: Path = Path(sys.executable)) -> list[Path]:
    """Fetch what suits that Python, by its pip and with the configuration of whoever runs the tests.

    Where the index is out of reach the test is skipped; but in CI that is a failure.
    """
    folder.mkdir(exist_ok=True)
    command = [python, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, *what]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        reason = f"pip download {' '.join(what)}: {result.stderr[-500:]}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return sorted(folder.iterdir())


def python_with_pip(machine: Machine, pip_wheel: Path, folder: Path) -> Path:
    """A command that behaves as `machine.python`, except that a venv it makes has that pip."""
    command = folder / "python3"
    command.write_text(
        "#!/bin/sh\n"
        "set -e\n"
        f'"{machine.python}" "$@"\n'
        f'"$3/bin/python" -m pip install --quiet --no-index "{pip_wheel}"\n'
    )
    command.chmod(0o755)
    return command
