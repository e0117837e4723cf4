"""Records one after the other: whole ones come out, and where the first that is not whole begins is told."""

import gzip
from pathlib import Path

import pytest

from ingest.archive.warc.walk import LARGEST_LINE, RawRecord, walk
from ingest.errors import ArchiveDamaged
from tests.archive.warcs import capture, writing


def record(block: bytes = b"said", *more: bytes, kind: bytes = b"resource") -> bytes:
    lines = [b"WARC/1.1", b"WARC-Type: " + kind, *more, b"Content-Length: " + str(len(block)).encode()]
    return b"\r\n".join(lines) + b"\r\n\r\n" + block + b"\r\n\r\n"


def walked(path: Path, **how: int) -> tuple[list[RawRecord], ArchiveDamaged | None]:
    found: list[RawRecord] = []
    try:
        found.extend(walk(path, **how))
    except ArchiveDamaged as error:
        return found, error
    return found, None


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    with writing(tmp_path) as writer:
        for _ in range(3):
            writer.append(capture())
    (path,) = tmp_path.iterdir()
    return path


def test_a_whole_file_comes_out_member_by_member(kept: Path) -> None:
    found, error = walked(kept)
    assert error is None
    assert [one.kind for one in found] == ["warcinfo", *["response", "request"] * 3]
    assert found[0].offset == 0
    assert [one.end for one in found[:-1]] == [one.offset for one in found[1:]]
    assert found[-1].end == kept.stat().st_size
    assert walked(kept, start=found[3].offset)[0] == found[3:]
    for one in found:
        raw = gzip.decompress(kept.read_bytes()[one.offset : one.end])
        assert one.block is not None
        assert raw.endswith(one.block + b"\r\n\r\n")


TAILS = {
    "cut in the middle": lambda data, last: data[: last + (len(data) - last) // 2],
    "only the checksum missing": lambda data, last: data[:-8],
    "three bytes of the next": lambda data, last: data + data[:3],
    "one byte of the next": lambda data, last: data + data[:1],
    "a hundred zeros": lambda data, last: data + bytes(100),
    "written on behind a torn member": lambda data, last: data[:-9] + data[last:],
    "a wrong checksum": lambda data, last: data[:-8] + bytes(4) + data[-4:],
}


@pytest.mark.parametrize("tail", TAILS)
def test_a_torn_tail_is_told_by_its_offset(kept: Path, tail: str) -> None:
    whole, _ = walked(kept)
    data, last = kept.read_bytes(), whole[-1].offset
    kept.write_bytes(TAILS[tail](data, last))
    found, error = walked(kept)
    torn_within = kept.read_bytes()[: len(data)] != data
    assert found == (whole[:-1] if torn_within else whole)
    assert error is not None
    assert (error.file, error.offset) == (kept.name, last if torn_within else len(data))


@pytest.mark.parametrize("cut", [1, 7, 50])
def test_a_torn_plain_file(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "plain.warc"
    path.write_bytes(record() + record(b"more"))
    whole, error = walked(path)
    assert error is None
    assert [(one.offset, one.end, one.block) for one in whole] == [
        (0, len(record()), b"said"),
        (len(record()), 2 * len(record()), b"more"),
    ]
    path.write_bytes(path.read_bytes()[:-cut])
    found, error = walked(path)
    assert found == whole[:1]
    assert error is not None
    assert error.offset == len(record())


def test_all_records_in_one_member(tmp_path: Path) -> None:
    path = tmp_path / "one.warc.gz"
    path.write_bytes(gzip.compress(record() * 3))
    found, error = walked(path)
    assert (len(found), error) == (3, None)
    assert {one.offset for one in found} == {0}
    assert found[-1].end == path.stat().st_size


def test_a_block_that_is_too_large_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "bomb.warc.gz"
    path.write_bytes(gzip.compress(record(bytes(3_000_000))) + gzip.compress(record()))
    found, error = walked(path, largest=1_000_000)
    assert ([one.block for one in found], error) == ([None, b"said"], None)


@pytest.mark.parametrize(
    "data",
    [
        b"nothing of the kind",
        b"GARC/1.1\r\n\r\n",
        b"WARC/1.1\r\nno colon here\r\n\r\n",
        b"WARC/1.1\r\nContent-Length: -4\r\n\r\n",
        b"WARC/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"WARC/1.1\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nsaid\r\n\r\n",
        b"WARC/1.1\r\nWARC-Type: response\r\n\r\n",
        b"WARC/1.1\r\nContent-Length: 4\r\n\r\nsaid....",
        b"WARC/1.1\r\nContent-Length: 400\r\n\r\nsaid",
        b"WARC/1.1\r\nX: " + b"x" * 3 * LARGEST_LINE + b"\r\n\r\n",
        b"WARC/1.1\r\n" + b"X: x\r\n" * 10_000 + b"\r\n",
        b"\x1f\x8bno gzip at all",
        bytes(40),
    ],
)
def test_garbage_is_told_and_nothing_comes_out(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "garbage.warc"
    path.write_bytes(data)
    found, error = walked(path)
    assert found == []
    assert error is not None
    assert str(error).startswith("garbage.warc at 0: ")


def test_a_header_over_two_lines_and_one_without_words(tmp_path: Path) -> None:
    path = tmp_path / "odd.warc"
    path.write_bytes(record(b"", b"X-Said: one", b"  and two", b"X-Empty:"))
    ((one,), error) = walked(path)
    assert error is None
    assert (one.header("x-said"), one.header("X-Empty"), one.header("X-None")) == ("one and two", "", None)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    _, error = walked(tmp_path / "gone.warc")
    assert error is not None
    assert "cannot be read" in str(error)


def test_an_empty_file_has_no_records(tmp_path: Path) -> None:
    (tmp_path / "empty.warc").touch()
    assert walked(tmp_path / "empty.warc") == ([], None)


def test_line_feeds_alone_end_a_record_too(tmp_path: Path) -> None:
    path = tmp_path / "plain.warc"
    path.write_bytes(record().removesuffix(b"\r\n\r\n") + b"\n\n" + record(b"more"))
    found, error = walked(path)
    assert ([one.block for one in found], error) == ([b"said", b"more"], None)
