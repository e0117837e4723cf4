"""``thresher archive export --format wacz``: a package that the tool of the trade holds valid."""

import gzip
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.archive.warcs import passes_the_check, records
from tests.cli.conftest import Call
from tests.kit.rig import DAY
from tests.site.faults import instead
from tests.site.server import SiteServer

WACZ = Path(sys.executable).with_name("wacz")
EXPORT = ("archive", "export", "--source", "rantburg", "--format", "wacz", "--output")


def the_only_program(script: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on ``wacz`` is this script, or there is none; no worker can be started any more."""
    folder = tmp_path / "bin"
    folder.mkdir()
    if script is not None:
        (folder / "wacz").write_text(script)
        (folder / "wacz").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setenv("PATH", str(folder))


@pytest.mark.long
def test_a_package_holds_the_captures_an_index_and_the_pages(
    call: Call, harvest: Call, site: SiteServer, tmp_path: Path
) -> None:
    site.volatile = False
    harvest()
    harvest("--full")
    called = call(*EXPORT, tmp_path / "out", "--json")
    assert (called.code, called.json["captures"]) == (0, 10)
    (package,) = (Path(name) for name in called.json["files"])
    assert list((tmp_path / "out").iterdir()) == [package]
    valid = subprocess.run([WACZ, "validate", "-f", package], capture_output=True, text=True, check=False)
    assert (valid.returncode, "is valid" in valid.stdout) == (0, True), valid.stdout
    with ZipFile(package) as zipped:
        zipped.extractall(tmp_path / "unpacked")
    unpacked = tmp_path / "unpacked"
    (warc,) = (unpacked / "archive").iterdir()
    assert warc.name == f"{package.stem}.warc.gz"
    assert passes_the_check(warc)
    subprocess.run(["gzip", "-t", warc], check=True)
    kinds = [kind for kind, _, _ in records(warc)]
    assert (kinds.count("response"), kinds.count("revisit"), kinds.count("request")) == (6, 4, 10)
    index = gzip.decompress((unpacked / "indexes" / "index.cdx.gz").read_bytes()).splitlines()
    assert sum(b'"mime": "warc/revisit"' in line for line in index) == 4
    head, *pages = map(json.loads, (unpacked / "pages" / "pages.jsonl").read_text().splitlines())
    assert head["format"] == "json-pages-1.0"
    sections = {f"{site.url}?D={DAY:%m/%d/%Y}&HC={section}&SO=" for section in (1, 2, 3, 4, 6)}
    assert {page["url"] for page in pages} == sections
    stamps = {line.split(b" ")[1].decode() for line in index}
    assert {"".join(c for c in page["ts"] if c.isdecimal()) for page in pages} == stamps
    for resource in json.loads((unpacked / "datapackage.json").read_text())["resources"]:
        data = (unpacked / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_what_is_no_page_is_not_listed_as_one(
    call: Call, harvest: Call, site: SiteServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.faults = [instead("HC=6", body=b"gone", status=404)]
    assert harvest().code == 1
    # The list of pages instead of a package.
    the_only_program('#!/bin/sh\n/bin/cp "$3" "$6"\n', tmp_path, monkeypatch)
    assert call(*EXPORT, tmp_path / "pages.wacz").out.startswith("5 captures\n")
    _, *pages = (tmp_path / "pages.wacz").read_text().splitlines()
    assert [json.loads(page)["url"].partition("HC=")[2][0] for page in pages] == ["1", "2", "3", "4"]


@pytest.mark.usefixtures("made")
def test_the_extra_that_is_missing_is_named(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    the_only_program(None, tmp_path, monkeypatch)
    called = call(*EXPORT, tmp_path / "x.wacz")
    assert called.code == 2
    assert "pip install 'thresher[wacz]'" in called.err
    assert not (tmp_path / "x.wacz").exists()


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("#!/bin/sh\necho begun\necho no more room\nexit 1\n", "failed with exit code 1: no more room"),
        ("no program\n", "cannot be exported"),
    ],
    ids=["it fails", "it cannot be run"],
)
def test_a_package_that_cannot_be_made_leaves_nothing(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    the_only_program(script, tmp_path, monkeypatch)
    called = call(*EXPORT, tmp_path / "out" / "x.wacz")
    assert called.code == 3
    assert said in called.err
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.usefixtures("made")
def test_no_file_is_replaced(call: Call, tmp_path: Path) -> None:
    (tmp_path / "x.wacz").write_text("mine")
    called = call(*EXPORT, tmp_path / "x.wacz")
    assert (called.code, (tmp_path / "x.wacz").read_text()) == (3, "mine")
    assert "a file of this name is there already" in called.err
