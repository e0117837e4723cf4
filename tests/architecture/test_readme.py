"""Every command that the README and docs/ show is run, in their order, against the paper site."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from signal import SIGTERM

import pytest
from click.testing import CliRunner

from ingest.archive.warc.records import response_member
from ingest.cli.main import thresher
from tests.archive.warcs import capture
from tests.kit.marks import long
from tests.runner.steer import steered
from tests.site.invent import invented_day
from tests.site.render import encoded, section_page
from tests.site.server import SiteServer

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
DAYS = (date(2018, 3, 22), date(2018, 3, 23))
CASE = Path("fixtures/rantburg/empty-title")
MAKE_TARGETS = {"demo", "test"}
TUTORIAL = "docs/tutorial.md"
PAGES = ["README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]


def commands(page: str) -> list[str]:
    lines = "".join(BLOCK.findall((ROOT / page).read_text("utf-8"))).splitlines()
    return [line.removeprefix("$ ") for line in lines]


@pytest.fixture
def site() -> Iterator[SiteServer]:
    days = [
        invented_day(day, articles={1: 2, 4: 1}, comments=4, first_article=510001 + 10 * number)
        for number, day in enumerate(DAYS)
    ]
    with SiteServer(days) as server:
        yield server


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: SiteServer) -> Path:
    """An empty folder with a page, a fixture and a configuration that names the paper site."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "config" / "thresher").mkdir(parents=True)
    (tmp_path / "config" / "thresher" / "thresher.toml").write_text(
        f'[sources.rantburg]\nbase_url = "{site.url}"\ndelay = 0\n'
    )
    (tmp_path / "page.html").write_bytes(encoded(section_page(site.days[DAYS[1]], 1)))
    found = capture(
        encoded(section_page(site.days[DAYS[0]], 4)), url="http://www.rantburg.com/?D=03/22/2018&HC=4&SO="
    )
    (tmp_path / "found.warc.gz").write_bytes(response_member(found, warcinfo_id="<urn:x>").data)
    for fixture in (CASE, Path("fixtures/demo")):
        shutil.copytree(ROOT / fixture, tmp_path / fixture)
    return tmp_path


def test_the_readme_names_targets_that_the_makefile_has() -> None:
    targets = {line.removeprefix("make ") for line in commands("README.md") if line.startswith("make ")}
    assert targets == MAKE_TARGETS
    for target in targets:
        assert f"\n{target}:" in (ROOT / "Makefile").read_text("utf-8")


@pytest.mark.parametrize("page", [TUTORIAL, *long(*(page for page in PAGES if page != TUTORIAL))])
def test_every_command_of_the_page_runs(desk: Path, page: str) -> None:
    # What a page shows builds on the harvest that the tutorial begins with.
    CliRunner().invoke(thresher, shlex.split("backfill rantburg --since 2018-03-22 --until 2018-03-23"))
    for line in commands(page):
        if not line.startswith("thresher "):
            continue
        # Nobody has to be spared: the address is the paper site's.
        words = shlex.split(line.replace("--delay 2", "--delay 0").replace("--port 9464", "--port 0"))[1:]
        words += ["--port", "0"] if "console" in words else []
        # It would go on for years: a signal stops it as soon as it listens.
        with steered(SIGTERM) if {"watch", "console"} & set(words) else nullcontext():
            result = CliRunner().invoke(thresher, words)
        assert result.exit_code == 0, f"{line}\n{result.output}"
    for line in commands(page):
        if line.startswith("python "):
            done = subprocess.run([sys.executable, *shlex.split(line)[1:]], check=True, capture_output=True)
            assert b"north quay" in done.stdout


def test_the_pages_show_commands() -> None:
    shown = [line for page in PAGES for line in commands(page)]
    assert len([line for line in shown if line.startswith("thresher ")]) > 50
