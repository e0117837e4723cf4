"""``thresher parse``: exactly the answer on stdout, and nothing else."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ingest.jobs.packs.fixtures import Fixture, read_all
from tests.cli.conftest import Call
from tests.kit.marks import long

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT.parent / "shared" / "site"
FIXTURES = read_all(ROOT / "fixtures")


def arguments(case: Fixture) -> list[str]:
    (page,) = case.folder.glob("page.*")
    given = ["parse", str(page), "--source", case.source, "--url", case.url]
    return [*given, "--content-type", case.content_type] if case.content_type else given


@pytest.mark.parametrize("case", FIXTURES[::24], ids=lambda case: case.name)
def test_the_answer_of_a_fixture(call: Call, case: Fixture) -> None:
    called = call(*arguments(case))
    accepted = case.accepted
    assert isinstance(accepted, dict)
    if "error" in accepted:
        assert (called.code, called.out) == (1, "")
        assert called.err.startswith(f"thresher: {accepted['error']}: {accepted['field'] or ''}")
    else:
        assert (called.code, called.err) == (0, "")
        assert called.json == accepted


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the observed samples are not beside the project")
def test_the_answer_of_the_sample(call: Call) -> None:
    sample = SAMPLES / "sample-section-page.html"
    expected = json.loads((SAMPLES / "sample-section-page.json").read_text("utf-8"))
    told = call("parse", sample, "--source", "rantburg").json["articles"]
    assert [same_keys(article, wanted) for article, wanted in zip(told, expected, strict=True)] == expected


def same_keys(told: Any, wanted: Any) -> Any:
    """The told values of the wanted keys, all the way down."""
    if isinstance(wanted, dict):
        return {key: same_keys(told[key], inner) for key, inner in wanted.items()}
    if isinstance(wanted, list):
        return [same_keys(one, inner) for one, inner in zip(told, wanted, strict=True)]
    return told


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"file": "nowhere.html"}, "does not exist"),
        ({"file": "/"}, "is a directory"),
        ({"source": "nowhere"}, "no source is named 'nowhere'; known: rantburg"),
        ({"url": "nonsense"}, "'nonsense' is no page of rantburg that is harvested"),
        ({"url": "http://www.rantburg.com/rss.php"}, "is no page of rantburg"),
        ({"url": "http://[::1"}, "is no page of rantburg"),
    ],
)
def test_what_is_asked_for_wrongly(call: Call, tmp_path: Path, change: dict[str, str], said: str) -> None:
    (tmp_path / "page.html").write_text("<p>")
    asked = {"file": str(tmp_path / "page.html"), "source": "rantburg", "url": ""} | change
    called = call("parse", asked["file"], "--source", asked["source"], "--url", asked["url"])
    assert (called.code, called.out) == (2, "")
    assert said in called.err
    assert "Traceback" not in called.err


def test_a_page_that_is_none(call: Call, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(b"")
    called = call("parse", tmp_path / "page.html", "--source", "rantburg", "--json")
    assert (called.code, called.out) == (1, "")
    assert called.err == "thresher: PageUnrecognised: the page is none of rantburg's (no address)\n"


@pytest.mark.long
@pytest.mark.parametrize("encoding", [*long("utf-8"), "ascii"])
def test_stdout_is_json_in_any_encoding(encoding: str) -> None:
    case = next(case for case in FIXTURES if case.name.endswith("windows-1252-by-header"))
    done = subprocess.run(
        [Path(sys.executable).with_name("thresher"), *arguments(case)],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout.decode(encoding)) == case.accepted
    assert done.stdout.count(b"\n") == 1


def test_headers_say_how_a_page_is_encoded_and_the_first_of_a_name_counts(call: Call) -> None:
    case = next(one for one in FIXTURES if one.name == "rantburg/utf-8-by-header")
    (page,) = case.folder.glob("page.*")
    command = ("parse", page, "--source", "rantburg", "--url", case.url)
    given = (
        "--header",
        f"Content-Type: {case.content_type}",
        "--header",
        "Content-Type: text/html; charset=koi8-r",
    )
    assert call(*command, *given).json == case.accepted
    other = call(*command, "--content-type", "text/html; charset=koi8-r", *given)
    assert other.out != call(*command, *given).out
