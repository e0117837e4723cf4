"""Pips, a checkout and an index: what an installation is tried with."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.setup.machines import PIPS, download

ROOT = Path(__file__).parents[2]
CHECKOUT = (
    "Makefile",
    "README.md",
    "LICENSE",
    "pyproject.toml",
    "ingest",
    "parsers",
    "schedules",
    "fixtures",
)


@pytest.fixture(scope="session")
def pip_wheels(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Each release of pip as a wheel."""
    folder = tmp_path_factory.mktemp("pips")
    wanted = {release: "pip" if release == "newest" else f"pip=={release}" for release in PIPS}
    return {release: download(folder / release, what)[0] for release, what in wanted.items()}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files of the project as a clone has them, in a folder of their own."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in [*CHECKOUT, *(path.name for path in ROOT.glob("requirements*.txt"))]:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, folder)
    return folder


def make(folder: Path, target: str, *, python: Path, index: str) -> subprocess.CompletedProcess[str]:
    """Run make with nothing but that index: no configuration, and no variable, of whoever runs the tests."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "MAKE", "COV_"))}
    environment = kept | {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": index}
    command = ["make", "-C", str(folder), target, f"PYTHON={python}"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
