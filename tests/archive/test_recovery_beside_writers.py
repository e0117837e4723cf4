"""Recovery beside living writers: between a folder's listing and the lock a file may change hands."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.archive import ArchiveWriter
from ingest.archive.recovery import left_open, recovering
from ingest.errors import StoreUnusable
from tests.archive.warcs import AT, broken_off, capture, passes_the_check, records, writing
from tests.kit.child import ended, program

ROOT = Path(__file__).parents[2]
NAME = "THRESHER-rantburg-20180414160507123-00001-1-host.warc.gz"


def before_the_next_lock(monkeypatch: pytest.MonkeyPatch, event: Callable[[], object]) -> None:
    """Let something happen between the opening of a file and its lock."""
    lock = fcntl.flock

    def late(descriptor: int, how: int) -> None:
        monkeypatch.setattr(fcntl, "flock", lock)
        event()
        lock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", late)


def test_a_file_that_its_owner_seals_meanwhile_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(tmp_path) as writer:
        writer.append(capture())
        (path,) = left_open(tmp_path, "rantburg")
        size = path.stat().st_size
        before_the_next_lock(monkeypatch, writer.close)
        with recovering(path, verified=lambda: size - 1) as found:
            assert found is None
    (sealed,) = tmp_path.iterdir()
    assert (sealed.name, sealed.stat().st_size) == (path.name.removesuffix(".open"), size)


def test_a_file_that_is_sealed_and_gone_before_it_is_opened_is_its_owner_s(tmp_path: Path) -> None:
    with recovering(tmp_path / f"{NAME}.open") as found:
        assert found is None


def test_a_file_is_locked_until_it_has_its_final_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename, seen = Path.rename, []

    def renamed(path: Path, target: Path) -> Path:
        with recovering(path) as found:
            seen.append(found)
        return rename(path, target)

    with writing(tmp_path) as writer:
        writer.append(capture())
        monkeypatch.setattr(Path, "rename", renamed)
    assert seen == [None]
    assert [path.suffix for path in tmp_path.iterdir()] == [".gz"]


def test_a_new_file_that_recovery_removes_before_its_lock_is_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    removed = []

    def recover() -> None:
        (path,) = left_open(tmp_path, "rantburg")
        with recovering(path) as found:
            removed.append(found)

    with writing(tmp_path) as writer:
        before_the_next_lock(monkeypatch, recover)
        writer.append(capture())
    assert removed == [None]
    (sealed,) = tmp_path.iterdir()
    assert [kind for kind, _, _ in records(sealed)] == ["warcinfo", "response", "request"]
    assert passes_the_check(sealed)


def test_another_file_in_its_place_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken_off(tmp_path, captures=1)
    (path,) = left_open(tmp_path, "rantburg")
    before, data = path.with_name("before"), b"another"

    def replace() -> None:
        path.rename(before)
        path.write_bytes(data)

    size = path.stat().st_size
    before_the_next_lock(monkeypatch, replace)
    with recovering(path, verified=lambda: size - 1) as found:
        assert found is None
    assert (before.stat().st_size, path.read_bytes()) == (size, data)


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_sealed_file_is_never_cut_by_a_link_to_it(
    tmp_path: Path, link: Callable[[Path, Path], None]
) -> None:
    sealed, alias = tmp_path / "elsewhere.warc.gz", tmp_path / f"{NAME}.open"
    sealed.write_bytes(b"not a record, and kept for it")
    link(sealed, alias)
    with recovering(alias) as found:
        assert found is None
    assert sealed.read_bytes() == b"not a record, and kept for it"
    assert alias.exists()


def test_what_is_no_open_file_is_never_cut(tmp_path: Path) -> None:
    (sealed := tmp_path / NAME).write_bytes(b"torn")
    with recovering(sealed) as found:
        assert found is None
    assert sealed.read_bytes() == b"torn"


def test_a_pipe_and_a_folder_of_that_name_are_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / f"{NAME}.open")
    (tmp_path / f"{NAME.replace('00001', '00002')}.open").mkdir()
    assert left_open(tmp_path, "rantburg") == ()
    for path in tmp_path.iterdir():
        with recovering(path) as found:
            assert found is None


def begun(folder: Path) -> ArchiveWriter:
    writer = ArchiveWriter(folder, source="rantburg", started_at=AT, about={})
    writer.append(capture())
    return writer


def removed(folder: Path) -> None:
    (path,) = left_open(folder, "rantburg")
    path.unlink()


def replaced(folder: Path) -> None:
    (path,) = left_open(folder, "rantburg")
    path.rename(folder / "moved")
    path.touch()


def moved_away(folder: Path) -> None:
    folder.rename(folder.with_name("moved"))
    folder.mkdir()


@pytest.mark.parametrize("lose", [removed, replaced, shutil.rmtree, moved_away])
def test_a_writer_whose_file_lost_its_name_acknowledges_nothing_more(
    tmp_path: Path, lose: Callable[[Path], None]
) -> None:
    folder = tmp_path / "archive"
    writer = begun(folder)
    lose(folder)
    with pytest.raises(StoreUnusable, match="was removed or replaced"):
        writer.append(capture())
    writer.leave()
    assert not list(folder.glob("*.gz"))


def test_a_file_that_lost_its_name_is_not_sealed(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    replaced(tmp_path)
    with pytest.raises(StoreUnusable, match="was removed or replaced"):
        writer.close()
    assert not list(tmp_path.glob("*.gz"))


WRITE = """
import sys
from pathlib import Path
from tests.archive.warcs import capture, writing
folder, told = Path(sys.argv[1]), 0
for number in range(int(sys.argv[2])):
    with writing(folder) as writer:
        writer._serial = number
        place = writer.append(capture())
        size = writer._file.end
    print(place.file, size, flush=True)
"""
RECOVER = """
import sys
from pathlib import Path
from ingest.archive import ArchiveWriter
from ingest.archive.recovery import left_open, recovering
while True:
    for path in left_open(Path(sys.argv[1]), "rantburg"):
        with recovering(path):
            pass
"""


@pytest.mark.long
@pytest.mark.parametrize("files", [150, pytest.param(5000, marks=pytest.mark.full)])
def test_no_file_of_a_living_writer_is_taken(tmp_path: Path, files: int) -> None:
    recoverer = program(RECOVER, tmp_path, tmp_path)
    try:
        code, out, wrong = ended(program(WRITE, tmp_path, tmp_path, files), within=1000)
    finally:
        recoverer.kill()
        failed = recoverer.communicate()[1]
    assert (code, wrong, failed) == (0, "", "")
    sealed = [line.split() for line in out.splitlines()]
    assert len(sealed) == files
    assert {(path.name, str(path.stat().st_size)) for path in tmp_path.iterdir()} == set(map(tuple, sealed))
