"""What a record tells of the connection: the version of HTTP, that of TLS, the cipher suite."""

import subprocess
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from ingest.archive import Borrowed
from ingest.archive.external.pages import read_pages
from ingest.archive.warc.records import response_member
from tests.archive.test_revisits import original, row_of
from tests.archive.warcs import AT, capture, passes_the_check, writing

SUITE = "TLS_AES_256_GCM_SHA384"
SECURED = capture(url="https://www.example.org/", tls="1.3", cipher=SUITE)


def told(path: Path) -> list[tuple[str, list[str], str | None]]:
    """Kind, WARC-Protocol and WARC-Cipher-Suite of every record, as warcio reads them."""
    with path.open("rb") as file:
        return [
            (
                one.rec_type,
                [value for key, value in one.rec_headers.headers if key == "WARC-Protocol"],
                one.rec_headers.get_header("WARC-Cipher-Suite"),
            )
            for one in ArchiveIterator(file)
        ]


def test_every_record_of_an_exchange_tells_both_protocols(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        row = row_of(SECURED, writer.append(SECURED))
        writer.append(SECURED, original(row))
    (path,) = tmp_path.iterdir()
    assert passes_the_check(path)
    subprocess.run(["gzip", "-t", path], check=True)
    secured = (["http/1.1", "tls/1.3"], SUITE)
    kinds = ["response", "request", "revisit", "request"]
    assert told(path) == [("warcinfo", [], None), *((kind, *secured) for kind in kinds)]


@pytest.mark.parametrize(
    ("version", "protocols"),
    [
        ("HTTP/1.1", ["http/1.1"]),
        ("HTTP/1.0", ["http/1.0"]),
        ("HTTP/2", ["h2"]),
        ("HTTP/2.0", ["h2"]),
        ("ICY", []),
    ],
)
def test_no_protocol_is_made_up(tmp_path: Path, version: str, protocols: list[str]) -> None:
    path = tmp_path / "one.warc.gz"
    path.write_bytes(response_member(capture(http_version=version), warcinfo_id="<urn:x>").data)
    assert told(path) == [("response", protocols, None)]


def test_a_copy_tells_what_the_record_told_that_it_is_of(tmp_path: Path) -> None:
    with writing(tmp_path / "theirs") as writer:
        for one in (SECURED, capture()):
            writer.append(one)
    (theirs,) = (tmp_path / "theirs").iterdir()
    with writing(tmp_path / "ours") as writer:
        for page in read_pages(theirs):
            writer.copy(page.as_capture(), Borrowed(file=theirs.name, copied_at=AT))
    (ours,) = (tmp_path / "ours").iterdir()
    responses = [one for one in told(ours) if one[0] == "response"]
    assert responses == [("response", ["http/1.1", "tls/1.3"], SUITE), ("response", ["http/1.1"], None)]
    assert passes_the_check(ours)
