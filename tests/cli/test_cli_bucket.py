"""An archive in a bucket by the command line: what refuses it does so before anything is written."""

from pathlib import Path

import pytest

from tests.cli.conftest import Call

PLACES = ("s3://pages/archive", "s3:pages", "gs://pages/archive")


@pytest.mark.parametrize(
    "words", [("backup", "--out", "copy"), ("archive", "redact", "1", "--reason", "law")], ids=" ".join
)
def test_a_command_that_needs_a_folder_says_so_and_makes_nothing(
    words: tuple[str, ...], call: Call, made: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    called = call("--archive", "s3://pages/archive", *words)
    assert called.code == 2
    assert "needs an archive in a folder, and" in called.err
    assert "s3://pages/archive" in called.err
    new = {path.name for path in set(tmp_path.iterdir()) - before}
    assert {name for name in new if not name.startswith("held.sqlite3")} == set()


@pytest.mark.parametrize("place", PLACES[1:])
def test_an_address_of_another_kind_is_an_error_and_no_folder(
    place: str, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    called = call("--archive", place, "status")
    assert called.code == 2
    assert "neither a folder nor of the form s3://bucket/prefix" in called.err
    assert not list(tmp_path.glob("*:*"))
