"""Files that a killed writer left: the whole is kept, the torn is cut."""

import subprocess
from pathlib import Path

import pytest

from ingest.archive.recovery import left_open, recovering
from ingest.errors import StoreUnusable
from tests.archive.test_walk import TAILS
from tests.archive.warcs import broken_off, capture, passes_the_check, records, writing
from tests.kit.child import kill, program


@pytest.fixture
def left(tmp_path: Path) -> Path:
    broken_off(tmp_path, captures=3)
    (path,) = left_open(tmp_path, "rantburg")
    return path


@pytest.mark.parametrize("tail", TAILS)
def test_a_torn_tail_is_cut_and_the_file_sealed(left: Path, tail: str) -> None:
    data = left.read_bytes()
    last = data.rfind(b"\x1f\x8b\x08")
    left.write_bytes(TAILS[tail](data, last))
    torn = len(left.read_bytes())
    with recovering(left) as found:
        assert found is not None
        assert left.exists()
    sealed = left.with_name(found.name)
    assert not left.exists()
    assert sealed.stat().st_size == torn - found.cut
    assert found.cut > 0
    assert passes_the_check(sealed)
    subprocess.run(["gzip", "-t", sealed], check=True)
    assert [kind for kind, _, _ in records(sealed)].count("response") == 3


def test_a_whole_file_loses_nothing(left: Path) -> None:
    size = left.stat().st_size
    with recovering(left) as found:
        assert found is not None
        assert found.cut == 0
    assert left.with_name(found.name).stat().st_size == size


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b\x08torn", b"nothing"])
def test_a_file_with_nothing_whole_is_removed(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "THRESHER-rantburg-20180414160507123-00001-1-host.warc.gz.open"
    path.write_bytes(content)
    with recovering(path) as found:
        assert found is None
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_written_to_is_left_alone(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        writer.append(capture())
        (path,) = left_open(tmp_path, "rantburg")
        with recovering(path) as found:
            assert found is None
        writer.append(capture())
    assert left_open(tmp_path, "rantburg") == ()


def test_another_source_s_files_are_not_ours(left: Path) -> None:
    assert left_open(left.parent, "rant") == ()
    assert left_open(left.parent / "none", "rantburg") == ()


def test_an_error_meanwhile_leaves_the_file_open(left: Path) -> None:
    with pytest.raises(KeyError), recovering(left):
        raise KeyError("the database")
    assert left.exists()


def test_what_the_disk_does_not_let_us_is_named(left: Path) -> None:
    left.with_name(left.name.removesuffix(".open")).touch()
    with pytest.raises(StoreUnusable, match="a sealed file of this name is there already"), recovering(left):
        pass


def test_no_row_leads_into_another_file_of_the_same_name(left: Path) -> None:
    left.with_name(left.name.removesuffix(".open")).touch()
    with pytest.raises(StoreUnusable), recovering(left):
        raise AssertionError("what is in it would get rows by the other file's name")


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.archive.warcs import capture, writing
with writing(Path(sys.argv[1])) as writer:
    for number in range(int(sys.argv[2])):
        writer.append(capture())
    print("there", flush=True)
    while True:
        writer.append(capture())
"""


@pytest.mark.parametrize("captures", [1, 20, 200])
def test_a_killed_writer_loses_no_capture_it_acknowledged(tmp_path: Path, captures: int) -> None:
    process = program(KILLED, tmp_path, tmp_path, captures)
    assert process.stdout is not None
    process.stdout.readline()
    kill(process)
    (path,) = left_open(tmp_path, "rantburg")
    with recovering(path) as found:
        assert found is not None
    sealed = tmp_path / found.name
    assert passes_the_check(sealed)
    subprocess.run(["gzip", "-t", sealed], check=True)
    assert [kind for kind, _, _ in records(sealed)].count("response") >= captures
