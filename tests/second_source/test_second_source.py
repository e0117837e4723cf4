"""A source that is none of ours: scaffolded, installed, checked and harvested as a third party would."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest.jobs.packs.scaffold import new_source
from tests.second_source.harbour_site import HarbourSite

ROOT = Path(__file__).parents[2]
DAY = "2026-01-05"
LAST = b"</ol>\n</article>"
ANOTHER = b'<li id="c9003"><b>Quince</b> <time datetime="2026-01-06T07:00">7:00</time><p>Too loud.</p></li>\n'

Ran = subprocess.CompletedProcess[str]
Run = Callable[..., Ran]


def completed(command: list[object], folder: Path, **more: str) -> Ran:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("COV_")}
    return subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=environment | more,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scaffold as it stands, and a folder ``site`` beside it in which it is installed."""
    desk = tmp_path_factory.mktemp("third-party")
    folder = new_source("harbour", base_url="https://harbour.example/", output=desk)
    options = ("--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check")
    command = [sys.executable, "-m", "pip", "install", *options, "--target", desk / "site", folder]
    ran = completed(command, desk)
    assert ran.returncode == 0, ran.stderr
    return folder


def paths(pack: Path) -> str:
    return os.pathsep.join((str(pack.parent / "site"), str(ROOT)))


@pytest.fixture
def thresher(pack: Path, tmp_path: Path) -> Run:
    """The program with the pack installed, and a database and an archive of its own."""

    def run(*arguments: object) -> Ran:
        return completed(
            [sys.executable, "-c", "from ingest.cli.main import main; main()", *arguments],
            tmp_path,
            PYTHONPATH=paths(pack),
            THRESHER_DATABASE=str(tmp_path / "held.sqlite3"),
            THRESHER_ARCHIVE=str(tmp_path / "archive"),
            THRESHER_CONTACT="tests@localhost",
            XDG_CONFIG_HOME=str(tmp_path),
            XDG_DATA_HOME=str(tmp_path),
        )

    return run


@pytest.fixture
def page(pack: Path) -> Path:
    return pack / "fixtures" / "harbour" / "first-day" / "page.html"


@pytest.fixture
def site(page: Path) -> Iterator[HarbourSite]:
    with HarbourSite({DAY: page.read_bytes()}) as site:
        yield site


@pytest.mark.long
def test_the_tests_of_the_scaffold_pass_as_they_stand(pack: Path) -> None:
    ran = completed(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], pack, PYTHONPATH=paths(pack)
    )
    assert ran.returncode == 0, ran.stdout
    assert " passed" in ran.stdout


@pytest.mark.long
def test_its_pages_are_parsed_and_its_fixtures_checked(thresher: Run, pack: Path, page: Path) -> None:
    url = f"https://harbour.example/?day={DAY}"
    parsed = thresher("parse", page, "--source", "harbour", "--url", url)
    assert parsed.returncode == 0, parsed.stderr
    assert json.loads(parsed.stdout) == json.loads((page.parent / "answer.json").read_text("utf-8"))
    checked = thresher("fixture", "check", "--fixtures", pack / "fixtures")
    assert (checked.returncode, checked.stdout) == (0, "1 of 1 fixtures are as accepted\n"), checked.stderr


@pytest.mark.long
def test_a_whole_harvest_of_it(thresher: Run, site: HarbourSite, tmp_path: Path) -> None:
    command = ("harvest", "harbour", "--date", DAY, "--base-url", site.url, "--delay", 0, "--json")
    first = thresher(*command)
    assert first.returncode == 0, first.stderr
    report = json.loads(first.stdout)
    assert (report["articles"]["new"], report["comments"]["new"], report["requests"]) == (2, 2, 1)
    site.pages[DAY] = grown(site.pages[DAY])
    again = json.loads(thresher(*command).stdout)
    assert (again["exit_code"], again["comments"]["new"], again["comments"]["unmodified"]) == (0, 1, 2)
    assert site.asked.count(f"/?day={DAY}") == 2
    verified = thresher("verify", "harbour", "--since", DAY, "--until", DAY, "--json")
    assert json.loads(verified.stdout)["held"] == {"articles": 2, "comments": 3}
    shown = thresher("show", "101", "--source", "harbour", "--json")
    assert [one["author"] for one in json.loads(shown.stdout)["comments"]] == ["Ludo", "Osier", "Quince"]
    healthy = json.loads(thresher("health", "harbour", "--json").stdout)
    assert [one["parser"] for one in healthy["parsers"]] == ["harbour.day"]
    added = thresher("fixture", "add", "2", "--name", "three-comments", "--fixtures", tmp_path / "cases")
    assert added.returncode == 0, added.stderr
    assert (tmp_path / "cases" / "harbour" / "three-comments" / "page.html").read_bytes() == site.pages[DAY]


@pytest.mark.long
def test_a_day_it_does_not_have_fails_and_is_said(thresher: Run, site: HarbourSite) -> None:
    ran = thresher("harvest", "harbour", "--date", "2026-01-04", "--base-url", site.url, "--delay", 0)
    assert ran.returncode == 1
    assert "the site answered 404" in " ".join(ran.stderr.split())


@pytest.mark.long
def test_a_site_that_counts_nothing_is_unproven(
    thresher: Run, pack: Path, site: HarbourSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = pack.parent / "site" / "thresher_harbour" / "day_page.py"
    before = code.read_text("utf-8")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    command = ("harvest", "harbour", "--date", DAY, "--base-url", site.url, "--delay", 0)
    try:
        code.write_text(before.replace("    read=read,\n", "    read=read,\n    counted=False,\n"), "utf-8")
        report = json.loads(thresher(*command, "--json").stdout)
        assert (report["exit_code"], report["unproven"], report["comments"]["new"]) == (0, 1, 2)
        site.pages[DAY] = without_last(site.pages[DAY])
        assert thresher(*command).returncode == 0
        assert thresher(*command, "--strict").returncode == 1
        verified = thresher("verify", "harbour", "--json")
        assert (verified.returncode, json.loads(verified.stdout)["unproven_days"]) == (0, [DAY])
    finally:
        code.write_text(before, "utf-8")


def without_last(body: bytes) -> bytes:
    """The day without its last comment."""
    start = body.index(b'<li id="c9002">')
    return body[:start] + body[body.index(LAST, start) :]


def grown(body: bytes) -> bytes:
    """The day with one comment more, in its thread, its contents and its counters."""
    more = body.replace(LAST, ANOTHER + LAST, 1).replace(b'#c9002">2 comments', b'#c9003">3 comments', 1)
    return more.replace(b'id="comments">2', b'id="comments">3', 1)
