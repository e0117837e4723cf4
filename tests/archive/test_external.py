"""Files of other tools: warcio is the other tool, and what nobody should have written is made by hand."""

import gzip
import random
import zlib
from io import BytesIO
from pathlib import Path

import brotli
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from ingest.archive.external.external_page import ExternalPage
from ingest.archive.external.pages import read_pages
from ingest.archive.external.revisits import Repeated
from ingest.archive.warc.http_message import LARGEST_BODY, Answer
from ingest.errors import ArchiveDamaged
from tests.archive.test_walk import record
from tests.archive.warcs import AT, BODY, capture, writing

URL = "http://www.rantburg.com/?D=04/14/2018&HC=1&SO="
TYPE = ("Content-Type", "text/html; charset=utf-8")


def answered(*headers: tuple[str, str], status: str = "200 OK") -> StatusAndHeaders:
    return StatusAndHeaders(status, [TYPE, *headers], protocol="HTTP/1.1")


class Writer(WARCWriter):  # type: ignore[misc]
    """warcio's, but for the temporary files that it leaves to the garbage collector."""

    @classmethod
    def _create_temp_file(cls) -> BytesIO:
        return BytesIO()


@pytest.fixture(params=[True, False], ids=["gzip", "plain"])
def theirs(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """What warcio writes: a warcinfo, a request, a response, a revisit, a resource, an answer of 404."""
    path = tmp_path / ("theirs.warc.gz" if request.param else "theirs.warc")
    with path.open("wb") as file:
        writer = Writer(file, gzip=request.param)
        writer.write_record(writer.create_warcinfo_record("theirs.warc", {"software": "theirs"}))
        when = {"WARC-Date": "2018-04-14T16:05:07Z", "WARC-IP-Address": "192.0.2.9"}
        answer = writer.create_warc_record(
            URL, "response", payload=BytesIO(BODY), http_headers=answered(), warc_headers_dict=when
        )
        asked = StatusAndHeaders("GET / HTTP/1.1", [("Host", "www.rantburg.com")], is_http_request=True)
        request_record = writer.create_warc_record(URL, "request", http_headers=asked)
        writer.write_request_response_pair(request_record, answer)
        digest = answer.rec_headers.get_header("WARC-Payload-Digest")
        writer.write_record(
            writer.create_revisit_record(
                URL,
                digest=digest,
                refers_to_uri=URL,
                refers_to_date="2018-04-14T16:05:07Z",
                http_headers=answered(("X-Later", "yes")),
                warc_headers_dict={"WARC-Date": "2018-04-15T16:05:07Z"},
            )
        )
        writer.write_record(writer.create_warc_record("urn:it", "resource", payload=BytesIO(b"no page")))
        gone = answered(status="404 Not Found")
        writer.write_record(
            writer.create_warc_record(URL, "response", payload=BytesIO(b"?"), http_headers=gone)
        )
    return path


def test_a_file_by_warcio(theirs: Path) -> None:
    first, gone, again = read_pages(theirs)
    assert (first.url, first.status, first.body) == (URL, 200, BODY)
    assert (first.captured_at, first.ip) == (AT.replace(microsecond=0), "192.0.2.9")
    assert (first.content_type, first.whole, first.revisit) == ("text/html; charset=utf-8", True, False)
    assert (again.body, again.revisit, again.captured_at.day) == (BODY, True, 15)
    assert (gone.status, gone.body) == (404, b"?")


def test_a_file_of_our_own(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        place = writer.append(capture())
    (page,) = read_pages(tmp_path / place.file)
    assert (page.offset, page.end - page.offset) == (place.offset, place.length)
    assert page.record_id == place.record_id
    assert page.as_capture().wire_body == BODY


def written(tmp_path: Path, block: bytes, *more: bytes, kind: bytes = b"response") -> Path:
    path = tmp_path / "made.warc"
    named = (b"WARC-Target-URI: <" + URL.encode() + b">", b"WARC-Date: 2018-04-14T16:05:07Z")
    path.write_bytes(record(block, *(more or named), b"Content-Type: application/http", kind=kind))
    return path


def http(body: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join([b"HTTP/1.1 200 OK", *headers]) + b"\r\n\r\n" + body


def deflated_raw(data: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-15)
    return squeeze.compress(data) + squeeze.flush()


# Made once by the zstd program: "a page" in one frame.
ZSTD = bytes.fromhex("28b52ffd2006310000") + b"a page"


@pytest.mark.parametrize(
    ("coding", "wire", "body"),
    [
        (b"gzip", gzip.compress(BODY, mtime=0), BODY),
        (b"X-GZIP", gzip.compress(BODY, mtime=0), BODY),
        (b"deflate", zlib.compress(BODY), BODY),
        (b"deflate", deflated_raw(BODY), BODY),
        (b"br", brotli.compress(BODY), BODY),
        (b"zstd", ZSTD, b"a page"),
        (b"gzip, br", brotli.compress(gzip.compress(BODY, mtime=0)), BODY),
        (b"identity", BODY, BODY),
        (b"gzip", b"", b""),
    ],
)
def test_content_codings(tmp_path: Path, coding: bytes, wire: bytes, body: bytes) -> None:
    (page,) = read_pages(written(tmp_path, http(wire, b"Content-Encoding: " + coding)))
    assert page.body == body
    assert page.answer.wire_body == wire
    assert page.as_capture().header("content-encoding") == coding.decode()


@pytest.mark.parametrize("coding", [b"gzip", b"deflate", b"br", b"zstd", b"x-secret", b"gzip,gzip,gzip,gzip"])
def test_a_body_that_is_not_coded_as_it_says_is_kept_as_it_is(tmp_path: Path, coding: bytes) -> None:
    (page,) = read_pages(written(tmp_path, http(BODY, b"Content-Encoding: " + coding)))
    assert page.body == page.answer.wire_body == BODY
    assert page.as_capture().header("content-encoding") is None


def test_a_cut_gzip_body_is_kept_as_it_is(tmp_path: Path) -> None:
    cut = gzip.compress(BODY, mtime=0)[:-12]
    (page,) = read_pages(written(tmp_path, http(cut, b"Content-Encoding: gzip")))
    assert page.body == cut


@pytest.mark.parametrize(
    ("framed", "body", "whole"),
    [
        (b"3\r\na p\r\n3;x=y\r\nage\r\n0\r\n\r\n", b"a page", True),
        (b"3\r\na p\r\n3\r\nage\r\n", b"a page", False),
        (b"3\r\na p\r\nzz\r\n", b"a p", False),
        (b"9\r\na p", b"a p", False),
        (b"<html>a page", b"<html>a page", True),
        (b"\r\n", b"\r\n", True),
    ],
)
def test_chunks(tmp_path: Path, framed: bytes, body: bytes, whole: bool) -> None:
    (page,) = read_pages(written(tmp_path, http(framed, b"Transfer-Encoding: chunked")))
    assert (page.body, page.whole) == (body, whole)


@pytest.mark.parametrize(("length", "whole"), [(b"6", True), (b"7", False), (b"no", False)])
def test_an_answer_that_is_shorter_than_announced(tmp_path: Path, length: bytes, whole: bool) -> None:
    (page,) = read_pages(written(tmp_path, http(b"a page", b"Content-Length: " + length)))
    assert (page.body, page.whole) == (b"a page", whole)


def told(path: Path) -> tuple[list[ExternalPage], list[str]]:
    errors: list[ArchiveDamaged] = []
    pages = list(read_pages(path, damaged=errors.append))
    return pages, [str(error) for error in errors]


WHEN = b"WARC-Date: 2018-04-14T16:05:07Z"
WHERE = b"WARC-Target-URI: http://h.example/"


@pytest.mark.parametrize(
    ("block", "more", "said"),
    [
        (b"no http", (WHERE, WHEN), "no HTTP answer is in it"),
        (b"HTTP/1.1 2x0 OK\r\n\r\n", (WHERE, WHEN), "its status cannot be read"),
        (http(b""), (WHERE, b"WARC-Date: tomorrow"), "its WARC-Date cannot be read"),
        (http(b""), (WHERE, b"WARC-Date: 0001-01-01T00:00:00+05:00"), "its WARC-Date cannot be read"),
        (http(b""), (WHERE,), "its WARC-Date cannot be read"),
        (http(bytes(LARGEST_BODY + 1)), (WHERE, WHEN), "the body is larger than"),
        (
            http(gzip.compress(bytes(LARGEST_BODY + 1)), b"Content-Encoding: gzip"),
            (WHERE, WHEN),
            "the body is larger than",
        ),
        (
            http(brotli.compress(bytes(LARGEST_BODY + 1), quality=1), b"Content-Encoding: br"),
            (WHERE, WHEN),
            "the body is larger than",
        ),
    ],
)
def test_a_record_that_cannot_be_read_is_named_and_the_next_is_read(
    tmp_path: Path, block: bytes, more: tuple[bytes, ...], said: str
) -> None:
    path = written(tmp_path, block, *more)
    bad = path.read_bytes()
    path.write_bytes(bad + written(tmp_path, http(b"a page")).read_bytes())
    pages, errors = told(path)
    assert [page.body for page in pages] == [b"a page"]
    assert len(errors) == 1
    assert errors[0].startswith(f"made.warc at 0: {said}")
    with pytest.raises(ArchiveDamaged, match=r"made\.warc at 0"):
        list(read_pages(path))


def test_a_truncated_file_gives_what_is_whole(theirs: Path) -> None:
    theirs.write_bytes(theirs.read_bytes()[:-30])
    pages, errors = told(theirs)
    assert [page.status for page in pages] == [200, 404, 200]
    assert len(errors) == 1
    assert errors[0].startswith(theirs.name)


def test_other_kinds_are_passed_over(tmp_path: Path) -> None:
    for kind in (b"metadata", b"conversion", b"continuation", b"made-up"):
        assert told(written(tmp_path, http(BODY), kind=kind)) == ([], [])
    assert told(written(tmp_path, http(BODY), b"WARC-Target-URI: dns:h.example", WHEN)) == ([], [])


REVISIT = (WHERE, WHEN, b"WARC-Payload-Digest: sha1:AAAA")


def test_a_revisit_of_what_the_file_does_not_hold(tmp_path: Path) -> None:
    path = written(tmp_path, http(b""), *REVISIT, kind=b"revisit")
    pages, (error,) = told(path)
    assert pages == []
    assert "a revisit of a response that neither the files nor the archive hold" in error
    asked: list[tuple[str, str]] = []
    (tmp_path / "other").mkdir()
    (held,) = read_pages(written(tmp_path / "other", http(b"held")))

    def find_original(repeated: Repeated) -> Answer:
        asked.append((repeated.url, repeated.digest))
        return held.answer

    (page,) = read_pages(path, find_original=find_original)
    assert (page.body, asked) == (b"held", [("http://h.example/", "sha1:AAAA")])


@pytest.mark.parametrize("block", [b"", b"HTTP/1.1 304 Not Modified\r\n\r\n"])
def test_a_revisit_by_id_that_was_not_modified(tmp_path: Path, block: bytes) -> None:
    first = record(
        http(b"a page"), WHERE, WHEN, b"WARC-Record-ID: <urn:one>", b"Content-Type: application/http",
        kind=b"response",
    )  # fmt: skip
    again = record(block, WHERE, WHEN, b"WARC-Refers-To: <urn:one>", kind=b"revisit")
    path = tmp_path / "one.warc.gz"
    path.write_bytes(gzip.compress(record() + first + again))  # all in one member
    pages, errors = told(path)
    assert errors == []
    assert [(page.status, page.body) for page in pages] == [(200, b"a page")] * 2


def test_a_record_that_was_cut_by_its_maker(tmp_path: Path) -> None:
    (page,) = read_pages(written(tmp_path, http(BODY), WHERE, WHEN, b"WARC-Truncated: length"))
    assert not page.whole
    assert not page.as_capture().framed


@pytest.mark.long
def test_whatever_is_damaged_nothing_but_named_errors_comes_out(theirs: Path) -> None:
    data = theirs.read_bytes()
    chance = random.Random(4711)
    named = 0
    for _ in range(300):
        broken = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(broken))
            broken[at : at + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        theirs.write_bytes(broken)
        pages, errors = told(theirs)
        assert len(pages) <= 3
        assert all(error.startswith(f"{theirs.name} at ") for error in errors)
        named += bool(errors)
    assert named > 30
