"""What ``archive verify`` sees of a file, and how digests are written."""

import hashlib
from base64 import b32encode
from pathlib import Path

import pytest

from ingest.archive.cdxj import cdxj_line
from ingest.archive.checking import check, files
from ingest.archive.digests import agrees, payload_sha1
from ingest.archive.http import payload_of
from ingest.archive.walk import walk
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
    for written in (digest.hex(), digest.hex().upper(), b32encode(digest).decode().rstrip("=")):
        assert agrees(f"{name}:{written}", b"said") is True
        assert agrees(f"{name.upper()}: {written}", b"unsaid") is False


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
