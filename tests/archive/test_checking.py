"""What ``archive verify`` sees of a file, and how digests are written."""

import gzip
import hashlib
import os
import socket
from base64 import b32encode, b64encode, urlsafe_b64encode
from pathlib import Path

import pytest

from ingest.archive.archive_file import files
from ingest.archive.check import check
from ingest.archive.export.cdxj import cdxj_line
from ingest.archive.reader import read_body
from ingest.archive.unindexed import Known, outline
from ingest.archive.warc.digests import agrees, payload_sha1
from ingest.archive.warc.http_message import payload_of
from ingest.archive.warc.place import Place
from ingest.archive.warc.stub import is_stub
from ingest.archive.warc.walk import walk
from ingest.errors import StoreUnusable
from tests.archive.test_walk import TAILS, record
from tests.archive.warcs import AT, broken_off, capture, writing


def test_a_file_that_is_written_to_is_not_looked_at(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        writer.append(capture())
        (path,) = files(tmp_path)
        told = check(path)
        assert (told.written, told.records, told.findings) == (True, 0, ())
    (path,) = files(tmp_path)
    told = check(path)
    assert (told.written, told.records, told.findings) == (False, 3, ())


def test_a_file_that_is_sealed_after_it_was_listed_is_looked_at(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        writer.append(capture())
        (path,) = files(tmp_path)
    told = check(path)
    assert (told.file, told.records, told.findings) == (path.name.removesuffix(".open"), 3, ())


def test_a_file_that_goes_after_it_was_listed_is_a_finding(tmp_path: Path) -> None:
    for name in ("gone.warc.gz", "gone.warc.gz.open"):
        told = check(tmp_path / name)
        assert (told.size, told.records) == (0, 0)
        assert ["cannot be read" in one.reason for one in told.findings] == [True]


def test_a_file_that_was_left_is_looked_at(tmp_path: Path) -> None:
    broken_off(tmp_path, captures=2)
    (path,) = files(tmp_path)
    assert path.name.endswith(".open")
    assert check(path).records == 5


@pytest.mark.parametrize("tail", TAILS)
def test_every_torn_tail_is_found(tmp_path: Path, tail: str) -> None:
    broken_off(tmp_path, captures=1)
    (path,) = files(tmp_path)
    data = path.read_bytes()
    last = data.rfind(b"\x1f\x8b\x08")
    path.write_bytes(TAILS[tail](data, last))
    ((finding),) = check(path).findings
    assert (finding.file, finding.offset) in {(path.name, last), (path.name, len(data))}


def test_a_record_too_large_to_check_is_told(tmp_path: Path) -> None:
    path = tmp_path / "large.warc"
    path.write_bytes(record(bytes(64 * 1024 * 1024 + 1)))
    (finding,) = check(path).findings
    assert "too large" in finding.reason


@pytest.mark.parametrize("name", ["sha1", "sha256", "md5"])
def test_digests_in_either_spelling(name: str) -> None:
    digest = hashlib.new(name, b"said").digest()
    based = [code(digest).decode() for code in (b32encode, b64encode, urlsafe_b64encode)]
    for written in (digest.hex(), digest.hex().upper(), *based, *(one.rstrip("=") for one in based)):
        assert agrees(f"{name}:{written}", b"said") is True
        assert agrees(f"{name.upper()}: {written}", b"unsaid") is False


def test_base64_is_not_read_whatever_its_capitals() -> None:
    written = b64encode(hashlib.sha1(b"said").digest()).decode()
    assert written.swapcase() != written
    assert agrees(f"sha1:{written.swapcase()}", b"said") is False


def test_only_files_are_the_archives(tmp_path: Path) -> None:
    broken_off(tmp_path, captures=1)
    (path,) = files(tmp_path)
    os.mkfifo(tmp_path / "pipe.warc.gz")
    (tmp_path / "folder.warc.gz").mkdir()
    (tmp_path / "nowhere.warc.gz").symlink_to(tmp_path / "gone")
    (tmp_path / "device.warc").symlink_to("/dev/null")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "socket.warc.gz"))
        assert files(tmp_path) == (path,)
    (tmp_path / "linked.warc.gz").symlink_to(path)
    assert [one.name for one in files(tmp_path)] == [path.name, "linked.warc.gz"]


def test_what_a_row_calls_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.warc.gz")
    place = Place(file="pipe.warc.gz", offset=0, length=10)
    with pytest.raises(StoreUnusable, match="no regular file"):
        read_body(tmp_path, place)
    assert not is_stub(tmp_path, place)


@pytest.mark.parametrize("gzipped", [True, False])
def test_lines_that_end_with_a_line_feed_alone_are_no_finding(tmp_path: Path, gzipped: bool) -> None:
    block = b"HTTP/1.1 200 OK\nContent-Type: text/html\n\nsaid"
    digest = b64encode(hashlib.sha1(block).digest())
    head = b"WARC/1.0\nWARC-Type: response\nWARC-Block-Digest: sha1:%b\nContent-Length: %d\n\n"
    one = head % (digest, len(block)) + block + b"\n\n"
    pack = gzip.compress if gzipped else bytes
    path = tmp_path / "other.warc.gz"
    path.write_bytes(pack(one) + pack(one))
    assert (check(path).records, check(path).findings) == (2, ())
    path.write_bytes(pack(one[:-1] + b"x") + pack(one))
    assert [finding.reason for finding in check(path).findings] == [
        "a record does not end with two blank lines"
    ]


def test_a_digest_nobody_knows() -> None:
    assert agrees("blake9:AAAA", b"said") is None
    assert agrees("nothing", b"said") is None
    assert payload_sha1(b"") == "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"


def test_a_payload_is_what_follows_the_head() -> None:
    assert payload_of(b"HTTP/1.1 200 OK\r\n\r\nsaid\r\n\r\nmore") == b"said\r\n\r\nmore"
    assert payload_of(b"HTTP/1.1 200 OK\n\nsaid") == b"said"
    assert payload_of(b"nothing") == b""


def test_an_index_line_of_what_is_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "odd.warc"
    path.write_bytes(record(b"no http", b"WARC-Target-URI: <http://h.example/>", kind=b"response"))
    (one,) = walk(path)
    line = cdxj_line(one, captured_at=AT, file="odd.warc", offset=0)
    assert line.startswith('example,h)/ 20180414160507 {"url": "http://h.example/", "mime": "unk", ')
    assert '"digest"' not in line


def written(folder: Path, count: int = 3) -> tuple[Path, list[Known]]:
    """A sealed file, and the places of its captures."""
    with writing(folder) as writer:
        places = [writer.append(capture(body=b"<p>%d</p>" % number)) for number in range(count)]
    (path,) = files(folder)
    return path, [Known(offset=place.offset, length=place.length) for place in places]


def test_a_file_is_outlined_by_its_rows_without_reading_their_records(tmp_path: Path) -> None:
    path, known = written(tmp_path)
    assert outline(path, known) == check(path)
    data = bytearray(path.read_bytes())
    data[known[1].offset + 40] ^= 1
    path.write_bytes(data)
    assert (check(path).records, outline(path, known).records) == (3, 7)


@pytest.mark.parametrize("indexed", [(), (0,), (1,), (2,), (0, 2)])
def test_what_has_no_row_is_counted_all_the_same(tmp_path: Path, indexed: tuple[int, ...]) -> None:
    path, known = written(tmp_path)
    assert outline(path, [known[number] for number in indexed]) == check(path)


@pytest.mark.parametrize("cut", [1, 500, 900])
def test_a_file_that_its_rows_do_not_make_up_is_read_as_a_whole(tmp_path: Path, cut: int) -> None:
    path, known = written(tmp_path)
    path.write_bytes(path.read_bytes()[:-cut])
    assert outline(path, known) == check(path)
    assert outline(path, known).findings != ()


def test_a_file_that_goes_while_it_is_outlined_is_a_finding(tmp_path: Path) -> None:
    path, known = written(tmp_path)
    path.unlink()
    assert outline(path, known).findings != ()
