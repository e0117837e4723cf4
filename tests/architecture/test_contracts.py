"""Every import contract is kept by the house as it stands, and broken by a line that it is there to stop."""

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("ingest", "parsers", "schedules")
CONTRACT = "importlinter:contract:"

BREACHES = {
    "rooms": ("parsers/times.py", "import schedules.windows"),
    "packs": ("parsers/sources/second/__init__.py", "import parsers.sources.rantburg"),
    "engines": ("parsers/engines/xenforo/addresses.py", "import parsers.engines.discourse.addresses"),
    "cycles": ("parsers/sources/rantburg/zone.py", "import parsers.sources.rantburg.blocks"),
    "pure": ("schedules/plan.py", "import pathlib"),
    "door-httpx": ("ingest/pipeline/page.py", "import httpx"),
    "door-sqlalchemy": ("ingest/pipeline/page.py", "import sqlalchemy"),
    "door-msgspec": ("parsers/urls.py", "import msgspec"),
    "door-selectolax": ("parsers/text.py", "import selectolax"),
    "door-encodings": ("parsers/source.py", "import chardet"),
    "door-fastwarc": ("ingest/pipeline/page.py", "import fastwarc"),
    "door-protego": ("ingest/fetch/client.py", "import protego"),
    "door-click": ("ingest/jobs/harvest.py", "import click"),
    "door-apscheduler": ("ingest/jobs/harvest.py", "import apscheduler"),
    "door-resvg": ("ingest/jobs/harvest.py", "import resvg_py"),
    "door-pandas": ("ingest/jobs/harvest.py", "import pandas"),
    "door-pygal": ("ingest/jobs/harvest.py", "import pygal"),
    "door-pyarrow": ("ingest/store/store.py", "import pyarrow"),
    "door-prometheus": ("ingest/jobs/harvest.py", "import prometheus_client"),
    "door-filelock": ("ingest/jobs/harvest.py", "import filelock"),
    "door-pytest": ("ingest/jobs/harvest.py", "import pytest"),
    "door-procrastinate": ("ingest/jobs/harvest.py", "import procrastinate"),
    "door-starlette": ("ingest/jobs/harvest.py", "import starlette"),
    "door-s3": ("ingest/archive/spool.py", "import s3fs"),
    "door-console": ("ingest/jobs/harvest.py", "import jinja2"),
    "deciders": ("ingest/decide/completeness/counters.py", "import ingest.clock"),
}
"""What each contract is there to stop; the layers within a room are breached by their lowest module."""


def contracts() -> dict[str, configparser.SectionProxy]:
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter")
    sections = [name for name in config.sections() if name.startswith(CONTRACT)]
    return {name.removeprefix(CONTRACT): config[name] for name in sections}


def layered() -> dict[str, tuple[str, list[str]]]:
    """The container of each contract within a room, and its layers from the highest to the lowest."""
    return {
        name: (contract["containers"].strip(), contract["layers"].split("\n")[1:])
        for name, contract in contracts().items()
        if "containers" in contract
    }


def highest(container: str, layers: list[str]) -> str:
    return f"{container}.{re.split('[|:]', layers[0])[0].strip()}"


def lowest(container: str, layers: list[str]) -> str:
    return f"{container}.{re.split('[|:]', layers[-1])[-1].strip()}"


def file_of(house: Path, name: str) -> Path:
    path = house / name.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def add(file: Path, line: str) -> None:
    file.parent.mkdir(exist_ok=True)
    with file.open("a") as written:
        written.write(f"\n{line}\n")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the rooms and their contracts that may be broken."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def lint(house: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    environment = os.environ | {"PYTHONPATH": str(house)}
    return subprocess.run(command, cwd=house, env=environment, capture_output=True, text=True, check=False)


def broken(output: str) -> set[str]:
    return set(re.findall(r"^(.*) BROKEN(?: \(.*\))?$", output, re.MULTILINE))


def test_every_contract_has_its_breach() -> None:
    assert contracts().keys() == BREACHES.keys() | layered().keys()


def test_every_breach_is_seen(house: Path) -> None:
    for file, line in BREACHES.values():
        add(house / file, line)
    for container, layers in layered().values():
        add(file_of(house, lowest(container, layers)), f"import {highest(container, layers)}")
    result = lint(house)
    assert result.returncode == 1, result.stdout + result.stderr
    assert broken(result.stdout) == {contract["name"] for contract in contracts().values()}


def test_a_module_without_a_place_is_seen_in_every_room(house: Path) -> None:
    for container, _ in layered().values():
        (house / container.replace(".", "/") / "drawer.py").write_text("")
    result = lint(house)
    assert result.returncode == 1, result.stdout + result.stderr
    assert broken(result.stdout) == {contracts()[name]["name"] for name in layered()}


def test_the_house_keeps_every_contract() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_room_of_ingest_is_a_drawer() -> None:
    loose = {path.stem for path in (ROOT / "ingest").glob("*.py")}
    assert loose == {"__init__", "settings", "clock", "logs", "errors"}
