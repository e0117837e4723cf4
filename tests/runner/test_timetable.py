"""Which schedules are in force: the package's, or the operator's."""

import re
from pathlib import Path

import pytest

from ingest.errors import ConfigurationError
from ingest.runner.scheduler.schedule_files import timetable
from ingest.settings import load_settings
from parsers.engines.sites import site_named
from parsers.registry import configure
from tests.kit.child import ROOT
from tests.runner.post import SOURCE

NIGHTLY = '[[schedule]]\nid = "nightly"\nkind = "harvest"\ncron = "5 4 * * *"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "schedules"
    folder.mkdir()
    return folder


def keys(folder: Path | None) -> list[str]:
    return [schedule.key for schedule in timetable(folder)]


def test_a_source_comes_with_schedules_of_its_own(folder: Path) -> None:
    assert keys(None) == keys(folder) == ["rantburg/hourly", "rantburg/monthly-verify"]
    assert timetable(None, [SOURCE]) == timetable(None)


def test_the_readmes_example_can_be_meant(folder: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "how-to.md").read_text("utf-8"), re.DOTALL)
    (example,) = [block for block in blocks if "[[schedule]]" in block]
    (folder / "rantburg.toml").write_text(example)
    assert [schedule.kind for schedule in timetable(folder)] == ["harvest", "backfill", "verify"]


def test_the_operators_file_stands_in_place_of_the_sources_own(folder: Path) -> None:
    (folder / "rantburg.toml").write_text(NIGHTLY)
    assert keys(folder) == ["rantburg/nightly"]
    (folder / "rantburg.toml").write_text("# nothing is to be done\n")
    assert keys(folder) == []


def test_default_toml_is_for_sources_that_bring_none(folder: Path) -> None:
    (folder / "default.toml").write_text(NIGHTLY)
    (folder / "rantburg.toml").write_text("# nothing is to be done\n")
    site = site_named("quay", engine="wordpress", base_url="http://127.0.0.1:1", zone="UTC")
    configure([site])
    try:
        assert keys(folder) == ["quay/nightly"]
        (folder / "quay.toml").write_text(NIGHTLY.replace("nightly", "own"))
        assert keys(folder) == ["quay/own"]
    finally:
        configure([])


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        pytest.param("elsewhere", NIGHTLY, "no source 'elsewhere'; known: rantburg", id="unknown-source"),
        pytest.param("rantburg", "[[schedule", "is not TOML", id="no-toml"),
        pytest.param("rantburg", "id = '\udcff'", "is not TOML", id="no-text"),
        pytest.param(
            "rantburg",
            NIGHTLY.replace("5 4", "5 24"),
            "schedule 'nightly' of rantburg: cron = '5 24 * * *'",
            id="a-value-that-cannot-be-meant",
        ),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_file(folder: Path, name: str, text: str, words: str) -> None:
    path = folder / f"{name}.toml"
    path.write_text(text, errors="surrogateescape")
    with pytest.raises(ConfigurationError) as told:
        timetable(folder)
    assert str(told.value).startswith(str(path))
    assert words in str(told.value)


def test_a_file_that_cannot_be_read_is_told(folder: Path) -> None:
    (folder / "rantburg.toml").mkdir()
    with pytest.raises(ConfigurationError, match=r"rantburg\.toml cannot be read: Is a directory"):
        timetable(folder)


def settings(config: Path, text: str) -> tuple[Path | None, int | None]:
    config.write_text(text)
    found = load_settings(database=None, archive=None, config=config)
    return found.schedules, found.port


def test_the_folder_is_the_one_that_is_named_or_lies_beside_the_settings(
    folder: Path, tmp_path: Path
) -> None:
    config = tmp_path / "thresher.toml"
    assert settings(config, "") == (folder, None)
    other = tmp_path / "other"
    other.mkdir()
    assert settings(config, f'schedules = "{other}"\n[watch]\nport = 9464\n') == (other, 9464)
    folder.rmdir()
    assert settings(config, "") == (None, None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('schedules = "nowhere/at/all"', "schedules is 'nowhere/at/all', which is no folder"),
        ("[watch]\nport = true", r"\[watch\]: port is True: it should be a valid integer"),
        ("[watch]\nport = 70000", r"\[watch\]: port is 70000: it should be less than or equal to 65535"),
        ("[watch]\nports = 1", r"\[watch\]: ports is 1: there is no such key .did you mean 'port'"),
        ("watch = 1", "watch is 1"),
    ],
    ids=["no-folder", "no-number", "no-port", "unknown-key", "no-table"],
)
def test_a_setting_that_cannot_be_meant_is_told(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        settings(tmp_path / "thresher.toml", text)
