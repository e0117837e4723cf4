"""What is made is its owner's alone, whatever the umask; what is there keeps its rights."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Call


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def rights(*paths: Path) -> dict[str, str]:
    return {path.name: oct(path.stat().st_mode & 0o777) for path in paths}


def test_all_that_a_harvest_makes_is_its_owners_alone(
    harvest: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "new" / "deeper"
    monkeypatch.setenv("THRESHER_DATABASE", str(home / "data" / "held.sqlite3"))
    monkeypatch.setenv("THRESHER_ARCHIVE", str(home / "pages" / "archive"))
    assert harvest().code == 0
    made = [home.parent, *home.parent.rglob("*")]
    names = {path.name for path in made}
    assert {"archive", "held.sqlite3", "held.sqlite3.owners", "held.sqlite3.rantburg.lock"} <= names
    assert any(name.endswith(".warc.gz") for name in names)
    assert rights(*made) == {path.name: "0o700" if path.is_dir() else "0o600" for path in made}


@pytest.mark.parametrize("form", ["warc", "cdxj", pytest.param("wacz", marks=pytest.mark.long)])
def test_an_export_is_its_owners_alone_unless_its_folder_is_a_groups(
    harvest: Call, call: Call, tmp_path: Path, form: str
) -> None:
    assert harvest().code == 0
    for name, mode, right in (("new", None, "0o600"), ("plain", 0o755, "0o600"), ("groups", 0o2770, "0o660")):
        out = tmp_path / name
        if mode is not None:
            out.mkdir()
            out.chmod(mode)
        done = call("archive", "export", "--source", "rantburg", "--format", form, "--output", out)
        assert done.code == 0, done.err
        assert set(rights(*out.iterdir()).values()) == {right}
    assert rights(tmp_path / "new") == {"new": "0o700"}


@pytest.mark.long
@pytest.mark.parametrize(
    ("mode", "right"), [(0o770, "0o660"), (0o2750, "0o640"), (0o750, "0o600"), (0o777, "0o660")]
)
def test_a_new_file_of_an_archive_that_a_group_shares_is_the_groups(
    harvest: Call, tmp_path: Path, mode: int, right: str
) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    archive.chmod(mode)
    assert harvest().code == 0
    (warc,) = archive.rglob("*.warc.gz")
    assert rights(warc) == {warc.name: right}


@pytest.mark.long
def test_a_redacted_file_has_the_rights_of_the_one_before(harvest: Call, call: Call, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir(mode=0o750)
    assert harvest().code == 0
    (warc,) = archive.rglob("*.warc.gz")
    warc.chmod(0o640)
    redacted = call("archive", "redact", 1, "--reason", "asked for")
    assert redacted.code == 0, redacted.err
    (after,) = archive.rglob("*.warc.gz")
    assert after != warc
    assert rights(archive, after) == {"archive": "0o750", after.name: "0o640"}


def test_the_locks_of_a_database_that_a_group_shares_are_shared(harvest: Call, tmp_path: Path) -> None:
    database = tmp_path / "held.sqlite3"
    assert harvest().code == 0
    names = ("held.sqlite3.owners", "held.sqlite3.rantburg.lock", "guard")
    locks = [path for path in tmp_path.rglob("*") if path.name in names]
    assert set(rights(*locks).values()) == {"0o700", "0o600"}
    database.chmod(0o660)
    assert harvest().code == 0
    assert rights(database, *locks) == {
        "held.sqlite3": "0o660",
        "held.sqlite3.owners": "0o770",
        "held.sqlite3.rantburg.lock": "0o660",
        "guard": "0o660",
    }


@pytest.mark.long
def test_who_may_only_read_a_database_cannot_lock_it(harvest: Call, tmp_path: Path) -> None:
    assert harvest().code == 0
    (tmp_path / "held.sqlite3").chmod(0o644)
    assert harvest().code == 0
    assert rights(tmp_path / "held.sqlite3.rantburg.lock") == {"held.sqlite3.rantburg.lock": "0o600"}
