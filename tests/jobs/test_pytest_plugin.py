"""The plugin of pytest: a pack that names its source has the checks among its tests, and no other run has."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUGIN = "ingest.jobs.packs.pytest_plugin"
CHECKS = 9
PLAIN = "def test_plain():\n    pass\n"


def run(folder: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    """Pytest in the folder, with no plugin but this one."""
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-p", PLUGIN, "-v", "-p", "no:cacheprovider", *more]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack's folder whose source is one of ours: what is tested needs no installation."""
    (tmp_path / "pyproject.toml").write_text(
        "[tool.pytest.ini_options]\n"
        'addopts = "--strict-config"\ntestpaths = ["tests"]\nfilterwarnings = ["error"]\n'
        'thresher_source = "rantburg"\nthresher_fixtures = "cases"\n'
    )
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_mine.py").write_text(PLAIN)
    (tmp_path / "cases").mkdir()
    case = next(iter(sorted((ROOT / "fixtures" / "rantburg").iterdir())))
    (tmp_path / "cases" / "rantburg").mkdir()
    (tmp_path / "cases" / "rantburg" / case.name).symlink_to(case)
    return tmp_path


@pytest.mark.long
def test_the_checks_are_among_the_tests_of_a_pack(pack: Path) -> None:
    whole = run(pack)
    assert whole.returncode == 0, whole.stdout
    assert "thresher::rantburg::pure PASSED" in whole.stdout
    assert "thresher::rantburg::follow-ends SKIPPED" in whole.stdout
    assert f"{CHECKS} passed, 1 skipped" in whole.stdout
    chosen = run(pack, "-k", "same-answer")
    assert (chosen.returncode, "1 passed" in chosen.stdout) == (0, True)
    # Whoever names a file wants its tests alone.
    assert " 1 passed" in run(pack, "tests/test_mine.py").stdout


@pytest.mark.long
def test_what_breaks_a_check_is_the_failure(pack: Path) -> None:
    broken = pack / "cases" / "rantburg" / "without-a-page"
    broken.mkdir()
    (broken / "meta.json").write_text("{}")
    failed = run(pack)
    assert failed.returncode == 1
    assert "is not a fixture: 0 files are named page" in failed.stdout


def test_a_run_without_a_source_loads_nothing_and_checks_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_plain.py").write_text(
        "import sys\n\ndef test_plain():\n"
        "    loaded = {name for name in sys.modules if name.split('.')[0] in {'ingest', 'parsers'}}\n"
        f"    assert loaded == {{'ingest', 'ingest.jobs', 'ingest.jobs.packs', '{PLUGIN}'}}\n"
    )
    plain = run(tmp_path)
    assert plain.returncode == 0, plain.stdout
    assert " 1 passed" in plain.stdout


def test_it_is_found_by_its_entry_point() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"thresher": PLUGIN}
    assert not [one for one in project["dependencies"] if one.startswith("pytest")]
