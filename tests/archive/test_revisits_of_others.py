"""Revisits in others' files: their originals come later, in another file, or are held; else counted."""

import gzip
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.archive import payload_sha1
from ingest.archive.external.external_page import ExternalPage
from ingest.archive.external.pages import ExternalReader
from ingest.archive.external.revisits import Repeated
from ingest.archive.warc.http_message import Answer, read_answer
from ingest.errors import ArchiveDamaged

URL = "http://h.example/"


def written(kind: str, number: int, block: bytes, **headers: str) -> bytes:
    lines = [
        "WARC/1.1",
        f"WARC-Type: {kind}",
        f"WARC-Record-ID: <urn:{kind}:{number}>",
        f"WARC-Target-URI: {URL}{number}",
        f"WARC-Date: 2018-04-{14 + (kind == 'revisit')}T16:05:07Z",
        "Content-Type: application/http",
        *(f"WARC-{key.replace('_', '-')}: {value}" for key, value in headers.items()),
        f"Content-Length: {len(block)}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def body(number: int) -> bytes:
    return b"page %d" % number


def response(number: int, **headers: str) -> bytes:
    return written("response", number, b"HTTP/1.1 200 OK\r\n\r\n" + body(number), **headers)


def digest(number: int) -> str:
    return f"sha1:{payload_sha1(body(number))}"


def by_digest(number: int) -> bytes:
    return written("revisit", number, b"", Payload_Digest=digest(number))


def by_id(number: int) -> bytes:
    return written("revisit", number, b"", Refers_To=f"<urn:response:{number}>")


def by_date(number: int) -> bytes:
    target = {"Refers_To_Target_URI": f"{URL}{number}", "Refers_To_Date": "2018-04-14T16:05:07Z"}
    return written("revisit", number, b"", **target)


def read(
    *paths: Path, held: Callable[[Repeated], Answer | None] | None = None
) -> tuple[list[ExternalPage], list[str]]:
    errors: list[ArchiveDamaged] = []
    reader = ExternalReader(find_original=held)
    pages = [page for path in paths for page in reader.pages(path, damaged=errors.append)]
    pages += reader.revisits(paths, damaged=lambda _, error: errors.append(error))
    return [page for page in pages if page.revisit], [str(error) for error in errors]


@pytest.mark.parametrize("revisit", [by_digest, by_id, by_date])
@pytest.mark.parametrize("order", ["before", "behind", "in another file", "in an earlier file"])
def test_where_the_original_is(tmp_path: Path, revisit: Callable[[int], bytes], order: str) -> None:
    first, second = tmp_path / "one.warc", tmp_path / "two.warc.gz"
    parts = (
        [response(1), revisit(1)] if order in {"before", "in an earlier file"} else [revisit(1), response(1)]
    )
    if order.endswith("file"):
        first.write_bytes(parts[0])
        second.write_bytes(gzip.compress(parts[1]))
        paths = [first, second]
    else:
        first.write_bytes(b"".join(parts))
        paths = [first]
    (page,), errors = read(*paths)
    assert (page.body, page.captured_at.day, errors) == (body(1), 15, [])


def test_of_two_captures_of_one_second_the_digest_decides(tmp_path: Path) -> None:
    path = tmp_path / "one.warc"
    other = written("response", 1, b"HTTP/1.1 200 OK\r\n\r\nanother", Payload_Digest="sha1:" + "A" * 32)
    target = {"Refers_To_Target_URI": f"{URL}1", "Refers_To_Date": "2018-04-14T16:05:07Z"}
    again = written("revisit", 1, b"", Payload_Digest=digest(1), **target)
    path.write_bytes(other + again + response(1, Payload_Digest=digest(1)))
    (page,), errors = read(path)
    assert (page.body, errors) == (body(1), [])


def test_what_nobody_holds_is_named_once_a_file(tmp_path: Path) -> None:
    paths = [tmp_path / "one.warc", tmp_path / "two.warc"]
    paths[0].write_bytes(response(0) + b"".join(by_digest(number) for number in range(1, 9)))
    paths[1].write_bytes(by_digest(9))
    asked: list[Repeated] = []

    def held(repeated: Repeated) -> Answer | None:
        asked.append(repeated)
        return read_answer(b"HTTP/1.1 200 OK\r\n\r\nheld") if repeated.url == f"{URL}5" else None

    (page,), (first, second) = read(*paths, held=held)
    assert page.body == b"held"
    assert asked[0] == Repeated(url=f"{URL}1", digest=digest(1))
    assert first.startswith(f"one.warc at {len(response(0))}: 7 revisits of responses that neither")
    assert second == "two.warc at 0: a revisit of a response that neither the files nor the archive hold"


def test_an_original_that_is_no_http_is_none(tmp_path: Path) -> None:
    path = tmp_path / "one.warc"
    odd = written("response", 1, b"nothing", Payload_Digest=digest(1))
    path.write_bytes(odd + by_digest(1))
    pages, errors = read(path)
    assert (pages, len(errors)) == ([], 2)
    path.write_bytes(odd + by_digest(1) + response(1))
    (page,), errors = read(path)
    assert (page.body, len(errors)) == (body(1), 1)


def seconds(path: Path, number: int) -> float:
    path.write_bytes(gzip.compress(b"".join([*map(response, range(number)), *map(by_digest, range(number))])))
    started = time.process_time()
    pages, errors = read(path)
    assert (len(pages), errors) == (number, [])
    return time.process_time() - started


@pytest.mark.long
def test_revisits_in_one_gzip_member_cost_no_more_each_the_more_there_are(tmp_path: Path) -> None:
    path = tmp_path / "one.warc.gz"
    assert seconds(path, 1600) < 16 * max(seconds(path, 200), 0.02)
