"""``thresher source new``: what is written is whole, in the house's style, and nowhere it should not be."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ingest.jobs.packs import conformance
from ingest.jobs.packs.scaffold import TEMPLATES, new_source
from tests.cli.conftest import Call

ROOT = Path(__file__).parents[2]
URL = "https://harbour.example/forum"


def test_a_distribution_is_written(call: Call, tmp_path: Path) -> None:
    called = call("source", "new", "harbour", "--base-url", URL, "--output", tmp_path)
    folder = tmp_path / "thresher-harbour"
    assert (called.code, called.out) == (0, f"{folder}\n")
    assert f"pip install -e {folder}" in called.err.replace("\n", "")
    written = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    assert written == {
        "README.md",
        "pyproject.toml",
        "fixtures/harbour/first-day/answer.json",
        "fixtures/harbour/first-day/meta.json",
        "fixtures/harbour/first-day/page.html",
        "tests/test_pack.py",
        "thresher_harbour/__init__.py",
        "thresher_harbour/day_page.py",
        "thresher_harbour/urls.py",
    }
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"] == {"thresher.sources": {"harbour": "thresher_harbour:SOURCE"}}


def test_the_folder_is_told_as_json(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    called = call("source", "new", "harbour", "--base-url", URL, "--json")
    assert called.json == {"source": "harbour", "folder": "thresher-harbour"}
    assert Path("thresher-harbour/README.md").is_file()


@pytest.mark.parametrize("name", ["q", "a_very_long_name_that_still_may_be_one4"])
def test_what_is_written_is_in_the_style_of_the_house(tmp_path: Path, name: str) -> None:
    folder = new_source(name, base_url=URL, output=tmp_path)
    rules = ["--no-cache", "--config", str(ROOT / "pyproject.toml")]
    for check in (["check", *rules, "--ignore", "S101"], ["format", "--check", *rules]):
        command = [Path(sys.executable).with_name("ruff"), *check, folder]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout
    for file in folder.rglob("*"):
        if file.is_file():
            text = file.read_text("utf-8")
            assert len(text.splitlines()) <= 250
            assert "$" not in text.replace("$ ", "")


def test_the_address_and_the_name_stand_where_they_belong(tmp_path: Path) -> None:
    folder = new_source("harbour", base_url="http://127.0.0.1:8000", output=tmp_path / "new")
    tree = ast.parse((folder / "thresher_harbour" / "urls.py").read_text("utf-8"))
    said = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    assert said == {"BASE_URL": "http://127.0.0.1:8000/", "HOSTS": ("127.0.0.1",), "SECTION": 1}


@pytest.mark.parametrize(
    "name", ["", "Harbour", "1harbour", "_h", "har-bour", "../x", "a.b", "a\nb", "x" * 41, "ä"]
)
def test_what_is_no_name_is_refused(call: Call, tmp_path: Path, name: str) -> None:
    called = call("source", "new", name, "--base-url", URL, "--output", tmp_path / "out")
    assert (called.code, called.out) == (2, "")
    assert "is no source's name" in " ".join(called.err.split())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "harbour.example",
        "ftp://harbour.example/",
        'https://harbour.example/"',
        "https://harbour.example/?a=b",
        "https://me@harbour.example/",
        "https://harbour.example/\n",
        "https:///forum/",
    ],
)
def test_what_is_no_root_is_refused(call: Call, tmp_path: Path, url: str) -> None:
    called = call("source", "new", "harbour", "--base-url", url, "--output", tmp_path / "out")
    assert (called.code, called.out) == (2, "")
    assert "is no site's root" in " ".join(called.err.split())
    assert not (tmp_path / "out").exists()


def test_a_name_that_is_taken_and_a_folder_that_is_there_are_refused(call: Call, tmp_path: Path) -> None:
    called = call("source", "new", "rantburg", "--base-url", URL, "--output", tmp_path)
    assert (called.code, called.err) == (2, "thresher: there is a source named rantburg already\n")
    kept = tmp_path / "thresher-harbour" / "mine"
    kept.parent.mkdir()
    kept.write_text("mine")
    called = call("source", "new", "harbour", "--base-url", URL, "--output", tmp_path)
    assert (called.code, "is there already" in called.err) == (2, True)
    assert [file.name for file in kept.parent.iterdir()] == ["mine"]


def test_a_folder_that_cannot_be_made(call: Call, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    called = call("source", "new", "harbour", "--base-url", URL, "--output", tmp_path / "file" / "in")
    assert (called.code, "cannot be written" in " ".join(called.err.split())) == (2, True)


def test_every_template_is_one() -> None:
    assert {file.suffix for file in TEMPLATES.rglob("*") if file.is_file()} == {".tmpl"}


@pytest.mark.long
def test_a_check_names_what_every_source_keeps(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = call("source", "check", "rantburg")
    assert (kept.code, "BROKEN" in kept.out) == (0, False)
    assert [line.split()[0] for line in kept.out.splitlines()][1:4] == ["pure", "same-answer", "addresses"]
    named = call("source", "check", "rantburg", "--json").json
    assert (named["kept"], named["source"], len(named["checks"])) == (True, "rantburg", 9)
    assert {tuple(one) for one in named["checks"]} == {("check", "tried", "problems", "unseen")}
    assert call("source", "check", "harbour").code == 2
    monkeypatch.setitem(
        conformance.__dict__, "CHECKS", {"pure": lambda source, sample: iter((None, "it calls now"))}
    )
    broken = call("source", "check", "rantburg")
    assert (broken.code, "BROKEN" in broken.out, "it calls now" in broken.out) == (1, True, True)
