"""The first source's own schedules: they are in the wheel, and they are what their comments say."""

import subprocess
import sys
import tomllib
import zipfile
from datetime import timedelta
from importlib import resources
from pathlib import Path

import pytest

from schedules.schedule import Schedule
from schedules.schedule_file import schedules_of

ROOT = Path(__file__).parents[2]


def text() -> str:
    return resources.files("schedules").joinpath("rantburg.toml").read_text("utf-8")


def by_id(written: str) -> dict[str, Schedule]:
    return {one.id: one for one in schedules_of(tomllib.loads(written), "rantburg")}


def test_what_is_declared() -> None:
    found = by_id(text())
    assert {name: one.kind for name, one in found.items()} == {
        "hourly": "harvest",
        "monthly-verify": "verify",
    }
    hourly = found["hourly"]
    assert hourly.when.shortest_gap == timedelta(hours=1)
    assert (hourly.recent, hourly.full, hourly.catch_up, hourly.jitter) == (None, False, "latest", 300)


def test_the_backfill_that_is_commented_out_would_do() -> None:
    _, _, commented = text().rpartition("#\n# [[schedule]]\n")
    lines = [line.removeprefix("# ") for line in commented.splitlines()]
    found = by_id("\n".join([text(), "[[schedule]]", *lines]))
    assert found["years-before"].kind == "backfill"
    assert len(found) == 3


@pytest.mark.parametrize(("key", "default"), [("catch_up", "latest"), ("horizon", "1d"), ("lease", "10m")])
def test_the_defaults_that_the_comments_tell(key: str, default: str) -> None:
    assert f'"{default}"' in next(line for line in text().splitlines() if line.startswith(f"#   {key} "))
    plain = '[[schedule]]\nid = "a"\nkind = "harvest"\nevery = "6h"\n'
    assert by_id(plain) == by_id(f'{plain}{key} = "{default}"\n')


def test_it_is_in_the_wheel(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert zipfile.ZipFile(wheel).read("schedules/rantburg.toml").decode() == text()
