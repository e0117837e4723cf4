"""The files with which it is installed as a service: checked by the programs that read them."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

from deploy.docs_site import SETTINGS
from tests.setup.conftest import ROOT

DEPLOY = ROOT / "deploy"
NOT_THERE = "is not executable: No such file or directory"


@pytest.mark.parametrize("unit", ["thresher.service", "thresher-worker.service"])
def test_systemd_accepts_the_unit(unit: str) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not on this machine")
    command = [analyze, "verify", "--man=no", DEPLOY / unit]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    # The program of the unit is not installed here, which is all that may be found.
    found = [line for line in done.stderr.splitlines() if unit in line]
    assert [line for line in found if NOT_THERE not in line] == []


@pytest.mark.long
@pytest.mark.timeout(900)
def test_docker_builds_the_image() -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "info"], capture_output=True, check=False).returncode:
        pytest.skip("no docker daemon answers on this machine")
    build = [docker, "build", "--quiet", "--file", DEPLOY / "Dockerfile", ROOT]
    image = subprocess.run(build, capture_output=True, text=True, check=True).stdout.strip()
    shown = subprocess.run(
        [docker, "run", "--rm", "--entrypoint", "thresher", image, "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.startswith("thresher")


def test_what_the_image_copies_is_there() -> None:
    """Without docker, too: the command of the image is one of ours, and its options are."""
    text = (DEPLOY / "Dockerfile").read_text()
    assert re.findall(r"(?m)^(?:ENTRYPOINT|CMD) (.*)$", text) == [
        '["thresher", "--config", "/etc/thresher/thresher.toml", "--verbose"]',
        '["watch", "--port", "9464"]',
    ]


@pytest.mark.long
def test_every_command_has_a_man_page(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "deploy.man_pages", tmp_path], cwd=ROOT, check=True)
    pages = {path.name for path in tmp_path.iterdir()}
    assert {"thresher.1", "thresher-harvest.1", "thresher-archive-list.1"} <= pages
    assert "thresher-harvest(1)" in (tmp_path / "thresher.1").read_text().replace("\\-", "-")
    assert "--full" in (tmp_path / "thresher-harvest.1").read_text().replace("\\-", "-")


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    command = [Path(sys.executable).parent / "mkdocs", "build", "--strict", "--site-dir", tmp_path]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made = ("commands", "settings", "schema", "json")
    commands, settings, schema, printed = ((tmp_path / f"{name}.html").read_text() for name in made)
    assert "thresher archive list" in commands
    assert "content_digest" in schema
    for key in ("outcomes[].reason", "calendar.rantburg.*", "rows[].marks[][]", "sources[].pages.done"):
        assert f"<code>{key}</code>" in printed
    for key in ("contact", "pages_per_visit", "forums", "stalled_after", "catch_up"):
        assert f"<code>{key}</code>" in settings


@pytest.mark.parametrize("model", SETTINGS.values())
def test_every_setting_says_what_it_is_for(model: type[BaseModel]) -> None:
    described = {key: field.description for key, field in model.model_fields.items()}
    assert all(described.values()), described
