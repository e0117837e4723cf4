"""What others' files have wrong with them: the untidy is read, the damaged named and passed over."""

import gzip
import io
import os
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastwarc.stream_io import Lz4Writer, ZstdWriter

from ingest.archive.external.addresses import read_address
from ingest.archive.external.containers import require_readable
from ingest.archive.external.dates import read_date
from ingest.archive.external.external_page import ExternalPage, RecordCounts
from ingest.archive.external.pages import ExternalReader
from ingest.archive.warc.digests import agrees, same_spelling
from ingest.archive.warc.http_message import payload_of, read_answer
from ingest.errors import ArchiveDamaged, ConfigurationError

SITE = "http://h.example/"


def record(
    body: bytes, *, version: bytes = b"WARC/1.0", end: bytes = b"\r\n\r\n", length: int | None = None
) -> bytes:
    """A response; ``end`` is what follows its block."""
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
    lines = [
        version,
        b"WARC-Type: response",
        b"WARC-Target-URI: " + SITE.encode() + body[:1],
        b"WARC-Date: 2018-04-14T16:05:07Z",
        b"Content-Type: application/http;msgtype=response",
        b"Content-Length: " + str(len(block) if length is None else length).encode(),
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + block + end


def arc(body: bytes, url: bytes = b"http://h.example/a b", fields: bytes = b"text/html") -> bytes:
    block = b"HTTP/1.0 200 OK\nContent-Type: text/html\n\n" + body
    line = b"%b 192.0.2.1 20010203040506 %b %d\n" % (url, fields, len(block))
    return line + block + b"\n"


ARC_HEAD = b"filedesc://one.arc 0.0.0.0 20010203040506 text/plain 75\n"
ARC_INFO = b"1 0 Somebody\nURL IP-address Archive-date Content-type Archive-length\n"
ARC_INFO += b" " * (75 - len(ARC_INFO))


def read(path: Path) -> tuple[list[ExternalPage], list[ArchiveDamaged], RecordCounts]:
    errors: list[ArchiveDamaged] = []
    seen = RecordCounts()
    reader = ExternalReader()
    pages = list(reader.pages(path, damaged=errors.append, seen=seen))
    pages += reader.revisits([path], damaged=lambda _, error: errors.append(error))
    return pages, errors, seen


def bodies(path: Path) -> list[bytes]:
    pages, errors, _ = read(path)
    assert [str(error) for error in errors] == []
    return [page.body for page in pages]


def zstd(data: bytes) -> bytes:
    sink = io.BytesIO()
    writer = ZstdWriter(sink)
    writer.write(data)
    writer.finish()
    writer.flush()
    return sink.getvalue()


def lz4(data: bytes) -> bytes:
    sink = io.BytesIO()
    writer = Lz4Writer(sink)
    writer.write(data)
    writer.finish()
    writer.flush()
    return sink.getvalue()


def wacz(data: bytes, name: str = "archive/data.warc.gz", how: int = zipfile.ZIP_STORED) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", how) as package:
        package.writestr("indexes/index.cdx.gz", b"no archive")
        package.writestr(name, data)
    return sink.getvalue()


def blocks(data: bytes) -> bytes:
    """Gzip members of a fixed size, which records go across."""
    return b"".join(gzip.compress(data[at : at + 100]) for at in range(0, len(data), 100))


def members(*parts: bytes) -> bytes:
    return b"".join(gzip.compress(part, mtime=0) for part in parts)


def wrong(length: bytes) -> bytes:
    return A.replace(b"Content-Length: 50", length)


A, B, C = record(b"a page"), record(b"b page"), record(b"c page")
UNTIDY = {
    "one blank line": record(b"a page", end=b"\r\n") + B,
    "no blank line": record(b"a page", end=b"") + B,
    "three blank lines": record(b"a page", end=b"\r\n\r\n\r\n") + B,
    "a byte order mark": b"\xef\xbb\xbf" + A + B,
    "line feeds alone": (A + B).replace(b"\r\nWARC", b"\nWARC").replace(b"WARC/1.0\r\n", b"WARC/1.0\n"),
    "version 0.17": record(b"a page", version=b"WARC/0.17") + record(b"b page", version=b"WARC/0.18"),
    "two equal lengths": A.replace(b"Content-Length: 50", b"Content-Length: 50\r\nContent-Length: 50") + B,
    "angle brackets": A.replace(SITE.encode() + b"a", b"<" + SITE.encode() + b"a>") + B,
    "a type in angle brackets": A.replace(b"application/http;", b"<application/http>;")
    + B.replace(b"application/http;msgtype=response", b"<application/http;msgtype=response>"),
    "types in capitals": A.replace(b"WARC-Type: response", b"warc-type: RESPONSE") + B,
    "padding": A + B + bytes(5000),
    "padding behind a member": gzip.compress(A) + gzip.compress(B) + bytes(70_000),
    "a member that is shorter than its record": gzip.compress(record(b"a page", length=4000))
    + gzip.compress(B),
    "members of one size": blocks(A + B),
    "all in one member": gzip.compress(A + B),
    "plain behind gzip": gzip.compress(A) + B,
    "gzip behind plain": A + gzip.compress(B),
    "no status text": A.replace(b"200 OK", b"200").replace(b"Length: 50", b"Length: 47") + B,
    "a line that is no header": A.replace(b"WARC-Type", b"nonsense\r\nWARC-Type") + B,
    "zstd": zstd(A) + zstd(B),
    "LZ4": lz4(A) + lz4(B),
    "WACZ": wacz(gzip.compress(A) + gzip.compress(B)),
    "WACZ of a plain file": wacz(A + B, "archive/x.warc", zipfile.ZIP_DEFLATED),
    "WACZ with a wild name": wacz(A + B, "../../etc/x.warc"),
    "ARC": ARC_HEAD + ARC_INFO + arc(b"a page") + arc(b"b page"),
    "ARC in members": gzip.compress(ARC_HEAD + ARC_INFO + b"\n")
    + gzip.compress(arc(b"a page"))
    + gzip.compress(arc(b"b page")),
    "ARC of version 2": arc(b"a page", fields=b"text/html 200 AB12 - 1234 one.arc") + arc(b"b page"),
}


@pytest.mark.parametrize(("date", "month"), [(b"2001", 1), (b"200102", 2), (b"20010203", 2)])
def test_the_date_of_an_arc_record_may_be_short(tmp_path: Path, date: bytes, month: int) -> None:
    path = tmp_path / "one.arc"
    path.write_bytes(ARC_HEAD + ARC_INFO + arc(b"a page").replace(b"20010203040506", date))
    ((page,), faults, _) = read(path)
    assert (faults, page.captured_at.year, page.captured_at.month) == ([], 2001, month)


@pytest.mark.parametrize("kind", UNTIDY)
def test_the_untidy_is_read_in_silence(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "odd"
    path.write_bytes(UNTIDY[kind])
    require_readable(path)
    assert bodies(path) == [b"a page", b"b page"]


def test_the_address_and_the_date_of_an_arc_record(tmp_path: Path) -> None:
    path = tmp_path / "one.arc"
    path.write_bytes(ARC_HEAD + ARC_INFO + arc(b"a page"))
    ((page,), _, seen) = read(path)
    assert (page.url, page.ip) == ("http://h.example/a%20b", "192.0.2.1")
    assert page.captured_at == datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert dict(seen.kinds) == {"warcinfo": 1, "response": 1}


def torn(member: bytes) -> bytes:
    broken = bytearray(member)
    broken[len(broken) // 2 : len(broken) // 2 + 8] = bytes(8)
    return bytes(broken)


NO_ARC = b"http://h.example/ no record\n"
DAMAGED: dict[str, tuple[bytes, int, bytes]] = {
    "garbage between records": (A + b"garbage\n" + C, len(A), b"a page"),
    "garbage before the first": (b"<html>\n" + A + C, 0, b"a page"),
    "a torn member": (members(A) + torn(members(B + B)) + members(C), len(members(A)), b"a page"),
    "garbage between members": (members(A) + b"garbage" * 20_000 + members(C), len(members(A)), b"a page"),
    "a length that takes in the next record": (record(b"a page", length=600) + C, 0, b"a page"),
    "no length": (wrong(b"X: y") + C, 0, b"a page"),
    "two lengths": (wrong(b"Content-Length: 50\r\nContent-Length: 7") + C, 0, b"a page"),
    "a length that is too short": (record(b"a page", length=47) + C, len(A) - 7, b"a p"),
    "an ARC line that is none": (arc(b"a page") + NO_ARC + arc(b"c page"), len(arc(b"a page")), b"a page"),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_the_damaged_is_named_once_and_the_next_record_is_read(tmp_path: Path, kind: str) -> None:
    data, offset, first = DAMAGED[kind]
    path = tmp_path / "broken.warc"
    path.write_bytes(data)
    pages, (error,), _ = read(path)
    assert (error.file, error.offset) == ("broken.warc", offset)
    assert [page.body for page in pages] == [first, b"c page"]
    for page in pages:
        if page.alone:
            errors: list[ArchiveDamaged] = []
            again = next(ExternalReader().pages(path, start=page.offset, damaged=errors.append))
            assert (again.offset, again.body) == (page.offset, page.body)


def test_a_file_that_is_cut_gives_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "broken.warc"
    path.write_bytes(C + A[:-9])
    pages, (error,), _ = read(path)
    assert [(page.body, page.whole) for page in pages] == [(b"c page", True), (b"a", False)]
    assert (error.offset, "5 bytes" in str(error)) == (len(C), True)


def test_a_wrong_checksum_costs_no_page_but_its_proof(tmp_path: Path) -> None:
    path = tmp_path / "broken.warc.gz"
    member = gzip.compress(A)
    path.write_bytes(member[:-8] + bytes(8) + gzip.compress(B))
    pages, (error,), _ = read(path)
    assert [(page.body, page.whole) for page in pages] == [(b"a page", False), (b"b page", True)]
    assert error.offset == 0


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2018", "2018-01-01T00:00:00+00:00"),
        ("2018-04", "2018-04-01T00:00:00+00:00"),
        ("2018-04-14", "2018-04-14T00:00:00+00:00"),
        ("2018-04-14T16:05Z", "2018-04-14T16:05:00+00:00"),
        ("2018-04-14T16:05:07", "2018-04-14T16:05:07+00:00"),
        ("2018-04-14T16:05:07.5Z", "2018-04-14T16:05:07.500000+00:00"),
        ("2018-04-14T16:05:07.123456789Z", "2018-04-14T16:05:07.123456+00:00"),
        ("2018-04-14T16:05:07+0200", "2018-04-14T14:05:07+00:00"),
        ("2018-04-14T23:59:60Z", "2018-04-14T23:59:59+00:00"),
        ("20180414160507", "2018-04-14T16:05:07+00:00"),
        ("2008-10-294T05:21:46-0700", "2008-10-20T12:21:46+00:00"),
        ("2018-13-14T16:05:07Z", None),
        ("0001-01-01T00:00:00+05:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates(text: str, moment: str | None) -> None:
    found = read_date(text)
    assert (found.isoformat() if found is not None else None) == moment


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("<http://h.example/a>", "http://h.example/a"),
        ("HTTP://H.EXAMPLE/A?B=C#d", "http://h.example/A?B=C"),
        ("http://me:secret@h.example:80/", "http://h.example/"),
        ("https://me@h.example:8443/", "https://h.example:8443/"),
        ("http://h.example/a b", "http://h.example/a%20b"),
        ("dns:h.example", "dns:h.example"),
        ("http://[", "http://["),
        ("", ""),
    ],
)
def test_addresses(text: str, url: str) -> None:
    assert read_address(text) == url


@pytest.mark.parametrize(
    "label",
    [
        "sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N",
        "SHA-1:vl2mmho4yxukfwv63yhtwsbm3gxksq2n",
        "sha1:aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d",
        "sha1:qvTGHdzF6KLavt4PO0gs2a6pQ00=",
    ],
)
def test_a_digest_however_it_is_spelled(label: str) -> None:
    assert agrees(label, b"hello")
    assert same_spelling(label) == "sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N"


@pytest.mark.parametrize("label", ["sha1:AAAA", "crc:12", "sha1:" + "!" * 32, "sha1:" + "z" * 40])
def test_what_is_no_digest_is_left_as_it_is(label: str) -> None:
    assert same_spelling(label) == label
    assert not agrees(label, b"hello")


def test_a_head_of_line_feeds_ends_before_an_empty_line_of_its_body() -> None:
    block = b"HTTP/1.1 200 OK\nContent-Type: text/html\n\none: two\n\r\n\r\nthree"
    assert read_answer(block).body == payload_of(block) == b"one: two\n\r\n\r\nthree"


TWO = members(b"one ", b"two")


@pytest.mark.parametrize("wire", [TWO, TWO + b"\n", TWO + bytes(9), TWO + b"\x1f\x8bgarbage"])
def test_a_body_of_several_gzip_members(wire: bytes) -> None:
    answer = read_answer(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + wire)
    assert (answer.body, answer.wire_body) == (b"one two", wire)


@pytest.mark.parametrize(
    ("framed", "body"),
    [
        (b"4\r\none two\r\n5\r\nthree\r\n0\r\n\r\n", b"one twothree"),
        (b"f\r\none\r\n5\r\nthree\r\n0\r\n\r\n", b"onethree"),
        (b"3\r\none\r\n0\r\nX-Trailer: yes\r\n\r\n", b"one"),
    ],
)
def test_wrong_chunks_and_trailers(framed: bytes, body: bytes) -> None:
    answer = read_answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + framed)
    assert (answer.body, answer.whole) == (body, b"Trailer" in framed)


REFUSED: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "an empty gzip": lambda path: path.write_bytes(gzip.compress(b"")),
    "a zip without a WARC file": lambda path: path.write_bytes(wacz(b"", "data/archive/test.txt")),
    "half a zip": lambda path: path.write_bytes(wacz(A)[:200]),
    "a pipe": os.mkfifo,
    "nothing": lambda path: None,
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_can_hold_no_record_is_refused(tmp_path: Path, kind: str) -> None:
    REFUSED[kind](tmp_path / "odd")
    with pytest.raises(ConfigurationError, match="odd "):
        require_readable(tmp_path / "odd")


def test_a_package_that_expands_too_far_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bomb.wacz"
    path.write_bytes(wacz(bytes(80 * 1024 * 1024), "archive/x.warc", zipfile.ZIP_DEFLATED))
    pages, (error,), _ = read(path)
    assert pages == []
    assert error.file == "bomb.wacz/archive/x.warc"
    assert "it is packed too small to be read" in str(error)


@pytest.mark.parametrize("how", [zstd, lz4, wacz])
def test_crafted_packages_are_named(tmp_path: Path, how: Callable[[bytes], bytes]) -> None:
    whole = how(A + B * 50 + C)
    path = tmp_path / "odd"
    for place in range(4, len(whole), 7):
        path.write_bytes(whole[:place] + b"\xff\xfe" + whole[place + 2 :])
        _, errors, _ = read(path)
        assert all("odd" in str(error) for error in errors)
        path.write_bytes(whole[:place])
        pages, errors, _ = read(path)
        # An LZ4 frame may lack its end mark alone.
        assert errors or len(pages) == 52


def test_an_entry_without_a_name_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "odd.wacz"
    # zipfile cuts a name at its first NUL.
    path.write_bytes(wacz(members(A, B)).replace(b"indexes/index.cdx.gz", b"\0ndexes/index.cdx.gz"))
    require_readable(path)
    assert bodies(path) == [b"a page", b"b page"]


def test_a_name_that_is_no_utf8(tmp_path: Path) -> None:
    path = Path(f"{tmp_path}/\udcff.warc")
    path.write_bytes(A)
    ((page,), _, _) = read(path)
    assert page.file == "\\xff.warc"
