"""``thresher export``: the options, what is printed, and what is refused."""

import json
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.kit.rig import COMMENTS, DAY
from tests.site.server import SiteServer


def test_a_harvested_day_is_taken_away(call: Call, harvest: Call, site: SiteServer, tmp_path: Path) -> None:
    harvest()
    out = tmp_path / "out" / "day.parquet"
    window = ("--source", "rantburg", "--since", DAY, "--until", DAY)
    called = call("export", "articles", "--out", out, *window, "--json")
    assert called.code == 0, called.err
    said = called.json
    assert (said["table"], said["format"], said["rows"], said["complete"]) == ("articles", "parquet", 9, True)
    assert said["file"] == str(out)
    assert said["bytes"] == out.stat().st_size
    package = json.loads(Path(said["datapackage"]).read_text())
    assert package["resources"][0]["hash"] == f"sha256:{said['sha256']}"
    standing = package["resources"][0]["thresher"]["completeness"]
    assert standing["expected"] == standing["held"] == {"articles": 9, "comments": COMMENTS}
    assert standing["sources"]["rantburg"]["days"]["complete"] == 1
    called = call("export", "--out", out.with_suffix(".csv"))
    assert (called.code, called.err) == (0, "")
    assert called.out.splitlines() == [
        f"{COMMENTS} comments",
        str(out.with_suffix(".csv")),
        str(out.with_name("datapackage.json")),
    ]
    called = call(
        "export", "versions", "--out", out.with_name("v"), "--format", "jsonl", "--since", "2018-01-01"
    )
    assert (called.code, called.out.splitlines()[0]) == (0, "0 versions")


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--out", "x.txt"), "--format is needed: x.txt does not end in .jsonl, .csv, .parquet"),
        (("--out", "there.csv"), "there.csv is there already: --overwrite replaces it"),
        (("runs", "--out", "x.csv"), "'runs' is not one of 'articles', 'comments', 'versions'"),
        (("--out", "x.csv", "--since", "2018-02-01", "--until", "2018-01-01"), "is before --since"),
        (("--out", "."), "is a directory"),
        ((), "Missing option '--out'"),
    ],
)
def test_what_is_refused_is_named(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.csv").write_text("mine")
    called = call("export", *words)
    assert called.code == 2
    assert said in called.err
    assert not list(tmp_path.glob("x*"))
    assert Path("there.csv").read_text() == "mine"


@pytest.mark.usefixtures("made")
def test_an_incomplete_window_is_said_and_no_error(call: Call, tmp_path: Path) -> None:
    called = call("export", "--out", tmp_path / "x.csv", "--since", DAY, "--until", DAY)
    assert called.code == 0
    assert "not all days are complete" in called.err
    again = call("export", "--out", tmp_path / "x.csv", "--overwrite")
    assert again.code == 0


@pytest.mark.usefixtures("made")
def test_the_extra_that_is_missing_is_a_usage_error(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    called = call("export", "--out", tmp_path / "x.parquet")
    assert called.code == 2
    assert "pip install 'thresher[parquet]'" in called.err
