"""Packs of others that cannot be used: each is named once, and stops nothing but its own source."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ingest.store import Store
from tests.cli.test_cli_import_others import HEAD, record
from tests.kit.marks import long
from tests.parsers.bad_packs import COPY, PACKS, write_pack
from tests.site.invent import invented_day
from tests.site.render import encoded, section_page
from tests.site.server import SiteServer

THRESHER = Path(sys.executable).with_name("thresher")
DAY = date(2018, 3, 23)


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    for name, (code, _) in PACKS.items():
        write_pack(tmp_path / "packs", name, code)
    write_pack(tmp_path / "packs", "good", COPY + "SOURCE = replace(OURS, name='good')")
    return tmp_path / "packs"


@pytest.fixture
def site() -> Iterator[SiteServer]:
    with SiteServer([invented_day(DAY, articles={1: 2}, comments=3, first_article=510001)]) as server:
        yield server


def run(packs: Path, *words: str) -> subprocess.CompletedProcess[str]:
    home = packs.parent
    named = ["--database", str(home / "t.sqlite3"), "--archive", str(home / "archive")]
    if (config := home / "thresher.toml").exists():
        named += ["--config", str(config)]
    environment = os.environ | {"PYTHONPATH": str(packs), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(THRESHER), *named, *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=100)


def warnings(stderr: str) -> list[str]:
    """Each warning without its blanks: a console folds long lines, also within a word."""
    return "".join(stderr.split()).split("WARNING")


@pytest.mark.long
def test_another_source_is_harvested_and_each_bad_pack_is_named_once(packs: Path, site: SiteServer) -> None:
    (packs.parent / "thresher.toml").write_text(
        "[sources.absent]\ndelay = 3\n[sources.rantburg]\ndelay = 0\n"
    )

    result = run(packs, "--json", "harvest", "rantburg", "--date", str(DAY), "--base-url", site.url)

    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["articles"]["new"] == 2
    assert "Traceback" not in result.stderr
    for name, (_, reason) in PACKS.items():
        (words,) = (words for words in warnings(result.stderr) if f"thepack'{name}'" in words)
        assert "".join(reason.split()) in words
        assert "passedover" in words


@pytest.mark.long
def test_schedules_are_listed_although_a_bad_pack_has_some(packs: Path) -> None:
    Store.open(str(packs.parent / "t.sqlite3")).close()
    schedules = packs.parent / "schedules"
    schedules.mkdir()
    (schedules / "ends.toml").write_text('[[schedule]]\nid = "hourly"\nkind = "harvest"\nevery = "1h"\n')
    (packs.parent / "thresher.toml").write_text(f'schedules = "{schedules}"\n')

    result = run(packs, "--json", "schedule", "list")

    assert result.returncode == 0, result.stderr
    assert "rantburg" in result.stdout
    assert "ends" not in result.stdout


@pytest.mark.long
def test_doctor_reports_each_bad_pack(packs: Path) -> None:
    result = run(packs, "--quiet", "--json", "doctor", "--no-network")

    assert result.returncode == 1
    checks = {check["name"]: check for check in json.loads(result.stdout)["checks"]}
    assert checks["sources"]["words"] == "rantburg, good"
    for name, (_, reason) in PACKS.items():
        assert checks[f"pack {name}"]["finding"] == "failed"
        assert reason in checks[f"pack {name}"]["words"]


@pytest.mark.long
def test_only_the_source_of_a_bad_pack_cannot_be_run(packs: Path) -> None:
    result = run(packs, "harvest", "ends", "--date", str(DAY))

    assert result.returncode == 2
    assert (
        "the pack 'ends' (ends_pack:SOURCE) cannot be used: SystemExit: 0" in result.stderr.splitlines()[-1]
    )
    assert "Traceback" not in result.stderr


@pytest.mark.long
@pytest.mark.parametrize("entry", [*long("odd = no target at all", "odd = :"), "odd ="])
def test_entry_points_that_cannot_be_read_hide_no_other_pack(tmp_path: Path, entry: str) -> None:
    packs = tmp_path / "packs"
    write_pack(packs, "odd", "", entry)
    write_pack(packs, "good", COPY + "SOURCE = replace(OURS, name='good')")

    result = run(packs, "--json", "doctor", "--no-network")

    checks = {check["name"]: check for check in json.loads(result.stdout)["checks"]}
    assert checks["sources"]["words"] == "rantburg, good"
    assert checks["pack odd"]["finding"] == "failed"


@pytest.mark.long
@pytest.mark.parametrize(
    "entries",
    [
        b"[thresher.sources]\nno target\n",
        pytest.param(b"[x]\n=\nno = \xff\n", marks=pytest.mark.long),
        pytest.param(b"[a]\nb", marks=pytest.mark.long),
    ],
)
def test_a_file_of_entry_points_that_cannot_be_read_is_named_and_passed_over(
    tmp_path: Path, site: SiteServer, entries: bytes
) -> None:
    packs = tmp_path / "packs"
    write_pack(packs, "torn", "")
    (packs / "torn-1.dist-info" / "entry_points.txt").write_bytes(entries)
    write_pack(packs, "good", COPY + "SOURCE = replace(OURS, name='good')")
    (tmp_path / "thresher.toml").write_text("[sources.rantburg]\ndelay = 0\n")

    doctor = run(packs, "--json", "doctor", "--no-network")
    harvest = run(packs, "--json", "harvest", "rantburg", "--date", str(DAY), "--base-url", site.url)

    checks = {check["name"]: check for check in json.loads(doctor.stdout)["checks"]}
    assert checks["sources"]["words"] == "rantburg, good"
    assert checks["pack torn"]["finding"] == "failed"
    assert "torn-1.dist-info/entry_points.txt) cannot be used" in checks["pack torn"]["words"]
    assert harvest.returncode == 0, harvest.stderr
    assert json.loads(harvest.stdout)["articles"]["new"] == 2
    assert "Traceback" not in harvest.stderr
    assert len([words for words in warnings(harvest.stderr) if "thepack'torn'" in words]) == 1


@pytest.mark.long
def test_ctrl_c_while_a_pack_is_imported_ends_the_program(tmp_path: Path) -> None:
    write_pack(tmp_path / "packs", "slow", "raise KeyboardInterrupt")

    result = run(tmp_path / "packs", "schedule", "list")

    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].endswith("thresher: interrupted")


ODD = {
    "raises": ("raise RuntimeError('an odd address')", "RuntimeError: an odd address"),
    "exits": ("raise SystemExit(7)", "SystemExit: 7"),
    "knows": ("raise KeyError(url)", "KeyError: "),
}


@pytest.mark.parametrize("odd", long(*ODD))
def test_a_pack_that_fails_at_addresses_stops_no_import(odd: str, tmp_path: Path) -> None:
    code, reason = ODD[odd]
    fails = f"def address_of(url):\n    {code}\n"
    source = f"SOURCE = replace(OURS, name={odd!r}, address_of=address_of)"
    write_pack(tmp_path / "packs", odd, COPY + fails + source)
    page = encoded(section_page(invented_day(DAY, articles={1: 2}, comments=3, first_article=510001), 1))
    site = "http://www.rantburg.com"
    addresses = (f"{site}/about.html", f"{site}/?D=03/23/2018&HC=1&SO=", f"{site}/help.html")
    path = tmp_path / "of-others.warc"
    path.write_bytes(b"".join(record(url, HEAD + b"\r\n", page) for url in addresses))

    result = run(tmp_path / "packs", "archive", "import", str(path), "--json")

    assert result.returncode == 0, result.stderr
    (file,) = json.loads(result.stdout)["files"]
    assert (file["loaded"], file["others"]) == (1, 2)
    (words,) = (words for words in warnings(result.stderr) if f"thepack'{odd}'" in words)
    assert "".join(reason.split()) in words
