"""The Makefile's own installation, by several pips, from an index where everything has a newer release."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.setup.conftest import ROOT, make
from tests.setup.index import Index, canonical, locked_line, write_wheel
from tests.setup.machines import Machine, download, machines, python_with_pip

BACKEND = """
import zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    info = "project-1.0.dist-info"
    with zipfile.ZipFile(f"{folder}/project-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: project\\nVersion: 1.0\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return "project-1.0-py3-none-any.whl"
"""
PROJECT = """
[build-system]
requires = ["backend>=1"]
build-backend = "backend"

[project]
name = "project"
version = "1.0"
"""
NOT_LOCKED = {"pip", "setuptools", "thresher"}
"""What is there beside a user's lock: what venv brings, and the project itself."""
WINDOWS_ONLY = {"colorama"}

# A machine that is busy takes minutes for what a quiet one does in seconds.
pytestmark = pytest.mark.timeout(900)
each_machine = pytest.mark.parametrize("machine", machines(), ids=lambda machine: machine.name)
oldest_pip_at_once = pytest.mark.parametrize(
    "machine",
    [
        pytest.param(machine, marks=[] if number == 0 else pytest.mark.full)
        for number, machine in enumerate(machines())
    ],
    ids=lambda machine: machine.name,
)


def installed(checkout: Path) -> dict[str, str]:
    command = [checkout / ".venv/bin/python", "-m", "pip", "list", "--format", "json"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {canonical(found["name"]): found["version"] for found in json.loads(listed)}


def locked(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"(?m)^([\w.-]+)(?:\[.*\])?==([^\s;]+)", lock.read_text()))


@pytest.fixture
def small_project(tmp_path: Path) -> tuple[Path, Index]:
    """A project and its packages: `plugin` needs an extra, as pytest-cov needs `coverage[toml]`."""
    folder, index = tmp_path / "small", Index(tmp_path / "simple")
    folder.mkdir()
    backend = write_wheel(tmp_path, "backend", "1.0", files={"backend.py": BACKEND})
    user = [write_wheel(tmp_path, "reader", "1.0"), write_wheel(tmp_path, "drawer", "1.0")]
    extra = ["Provides-Extra: toml", 'Requires-Dist: reader; extra == "toml"']
    tools = [
        write_wheel(tmp_path, "coverer", "1.0", metadata=extra),
        write_wheel(tmp_path, "plugin", "1.0", metadata=["Requires-Dist: coverer[toml]>=0.9"]),
    ]
    for lock, wheels in {"": user, "-build": [backend], "-dev": [*user, *tools, backend]}.items():
        (folder / f"requirements{lock}.txt").write_text("".join(map(locked_line, wheels)))
    for wheel in [backend, *user, *tools]:
        index.add(wheel)
    index.offer_newer()
    (folder / "pyproject.toml").write_text(PROJECT)
    shutil.copy(ROOT / "Makefile", folder)
    return folder, index


@pytest.mark.long
@each_machine
def test_a_newer_release_is_never_chosen(
    machine: Machine, small_project: tuple[Path, Index], pip_wheels: Mapping[str, Path], tmp_path: Path
) -> None:
    folder, index = small_project
    python = python_with_pip(machine, pip_wheels[machine.pip], tmp_path)

    user = make(folder, "install", python=python, index=index.url)
    held = installed(folder)
    developer = make(folder, "setup", python=python, index=index.url)

    assert user.returncode == 0, user.stderr
    assert held.keys() - {"pip", "setuptools"} == {"reader", "drawer", "project"}
    assert developer.returncode == 0, developer.stderr
    names = ("reader", "drawer", "project", "coverer", "plugin", "backend")
    assert {name: installed(folder)[name] for name in names} == dict.fromkeys(names, "1.0")
    assert machine.pip in {installed(folder)["pip"], "newest"}


@pytest.mark.long
def test_a_changed_lock_is_installed_over_the_old_one(
    small_project: tuple[Path, Index], pip_wheels: Mapping[str, Path], tmp_path: Path
) -> None:
    folder, index = small_project
    python = python_with_pip(machines()[0], pip_wheels["23.2.1"], tmp_path)
    make(folder, "setup", python=python, index=index.url)
    wheel = write_wheel(tmp_path, "reader", "1.1")
    for lock in (folder / "requirements.txt", folder / "requirements-dev.txt"):
        lock.write_text(re.sub(r"reader.*\n", locked_line(wheel), lock.read_text()))
    index.add(wheel)

    pulled = make(folder, "install", python=python, index=index.url)
    after_user = installed(folder)
    developer = make(folder, "setup", python=python, index=index.url)
    again = make(folder, "setup", python=python, index=index.url)

    assert pulled.returncode == 0, pulled.stderr
    assert after_user["reader"] == "1.1"
    assert developer.returncode == 0, developer.stderr
    assert "requirements-dev.txt" in developer.stdout
    assert "pip" not in again.stdout


def own_index(folder: Path, python: Path, *locks: str) -> Index:
    """All that these locks of ours name, as released for that Python, and a newer release of each."""
    folder.mkdir()
    index = Index(folder / "simple")
    chosen = [f"--requirement={ROOT / lock}" for lock in locks]
    for file in download(folder / "files", "--require-hashes", *chosen, python=python):
        index.add(file)
    index.offer_newer()
    return index


@pytest.mark.long
@oldest_pip_at_once
def test_the_demo_runs_from_a_clone(
    machine: Machine, checkout: Path, pip_wheels: Mapping[str, Path], tmp_path: Path
) -> None:
    index = own_index(tmp_path / "own", machine.python, "requirements.txt", "requirements-build.txt")
    python = python_with_pip(machine, pip_wheels[machine.pip], tmp_path)

    demo = make(checkout, "demo", python=python, index=index.url)

    assert demo.returncode == 0, demo.stderr
    assert "articles  25 of 25" in demo.stdout
    assert "comments  60 of 60" in demo.stdout
    held = {name: version for name, version in installed(checkout).items() if name not in NOT_LOCKED}
    lock = locked(ROOT / "requirements.txt")
    assert held == {name: lock[name] for name in lock if name not in WINDOWS_ONLY}


@pytest.mark.full
@each_machine
def test_all_that_a_developer_needs_is_installed(
    machine: Machine, checkout: Path, pip_wheels: Mapping[str, Path], tmp_path: Path
) -> None:
    index = own_index(tmp_path / "own", machine.python, "requirements-dev.txt")
    python = python_with_pip(machine, pip_wheels[machine.pip], tmp_path)

    setup = make(checkout, "setup", python=python, index=index.url)

    assert setup.returncode == 0, setup.stderr
    held = {name: version for name, version in installed(checkout).items() if name not in {"pip", "thresher"}}
    lock = locked(ROOT / "requirements-dev.txt")
    assert held == {name: lock[name] for name in lock if name not in WINDOWS_ONLY}
