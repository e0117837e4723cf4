"""Every import contract is kept by the house as it stands, and broken by a line that it is there to stop."""

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("ingest", "parsers", "schedules")

BREACHES = {
    "rooms": ("parsers/times.py", "import schedules.windows"),
    "inside-parsers": ("parsers/records.py", "import parsers.page"),
    "inside-schedules": ("schedules/windows.py", "import schedules.plan"),
    "inside-ingest": ("ingest/errors.py", "import ingest.pipeline"),
    "inside-watch": ("ingest/watch/due.py", "import ingest.watch.jobs"),
    "packs": ("parsers/sources/second/__init__.py", "import parsers.sources.rantburg"),
    "cycles": ("parsers/sources/rantburg/zone.py", "import parsers.sources.rantburg.blocks"),
    "pure": ("schedules/plan.py", "import pathlib"),
    "door-httpx": ("ingest/pipeline.py", "import httpx"),
    "door-sqlalchemy": ("ingest/pipeline.py", "import sqlalchemy"),
    "door-selectolax": ("parsers/text.py", "import selectolax"),
    "door-encodings": ("parsers/source.py", "import chardet"),
    "door-fastwarc": ("ingest/pipeline.py", "import fastwarc"),
    "door-protego": ("ingest/fetch/client.py", "import protego"),
    "door-click": ("ingest/harvest.py", "import click"),
    "door-apscheduler": ("ingest/harvest.py", "import apscheduler"),
    "door-prometheus": ("ingest/harvest.py", "import prometheus_client"),
    "door-filelock": ("ingest/harvest.py", "import filelock"),
    "door-starlette": ("ingest/harvest.py", "import starlette"),
    "deciders": ("ingest/verify.py", "import ingest.clock"),
}
DRAWERS = {
    "inside-parsers": "parsers/drawer.py",
    "inside-schedules": "schedules/drawer.py",
    "inside-ingest": "ingest/drawer.py",
    "inside-watch": "ingest/watch/drawer.py",
}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the rooms and their contracts that may be broken."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def lint(house: Path, contract: str) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--contract", contract]
    environment = os.environ | {"PYTHONPATH": str(house)}
    return subprocess.run(command, cwd=house, env=environment, capture_output=True, text=True, check=False)


def contracts() -> set[str]:
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter")
    return {section.rpartition(":")[2] for section in config.sections() if ":contract:" in section}


def test_every_contract_has_its_breach() -> None:
    assert contracts() == set(BREACHES)


@pytest.mark.parametrize("contract", BREACHES)
def test_a_breach_is_seen(house: Path, contract: str) -> None:
    file, line = BREACHES[contract]
    (house / file).parent.mkdir(exist_ok=True)
    with (house / file).open("a") as module:
        module.write(f"\n{line}\n")

    result = lint(house, contract)

    assert result.returncode == 1, result.stdout + result.stderr
    assert "1 broken" in result.stdout


@pytest.mark.parametrize("contract", DRAWERS)
def test_a_module_without_a_place_is_seen(house: Path, contract: str) -> None:
    (house / DRAWERS[contract]).write_text("")

    result = lint(house, contract)

    assert result.returncode == 1, result.stdout + result.stderr
    assert "drawer" in result.stdout


def test_the_house_keeps_every_contract() -> None:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
