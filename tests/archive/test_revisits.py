"""Payloads that are held already, and what other tools say of their revisits."""

import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.archive import ArchiveWriter, Written, place_of, read_body, read_stored
from ingest.archive.warc.records import revisit_member
from ingest.errors import StoreUnusable
from ingest.pipeline.capture_rows import index_row
from ingest.records.capture import Capture
from ingest.records.pages import CaptureRow, Original, StoredCapture
from tests.archive.warcs import AT, BODY, broken_off, capture, passes_the_check, records, writing

URL = capture().url


def row_of(one: Capture, written: Written) -> CaptureRow:
    return index_row(one, written, source="rantburg", run_id=None, url=one.url)


def original(row: CaptureRow, *, revisits: int = 0) -> Original:
    return Original(capture_id=7, row=row, revisits=revisits)


def test_a_payload_that_is_held_becomes_a_revisit_of_its_original(tmp_path: Path) -> None:
    first, later = capture(), capture(captured_at=AT + timedelta(minutes=5), reason="Fine")
    with writing(tmp_path) as writer:
        row = row_of(first, writer.append(first))
        again = writer.append(later, original(row))
    assert (again.refers_to, row.refers_to) == (7, None)
    assert again.payload_sha1 == row.payload_sha1
    (file,) = tmp_path.iterdir()
    assert passes_the_check(file)
    subprocess.run(["gzip", "-t", file], check=True)
    found = records(file)
    assert [kind for kind, _, _ in found] == ["warcinfo", "response", "request", "revisit", "request"]
    (_, response, _), (_, revisit, body) = found[1], found[3]
    assert revisit["WARC-Profile"].endswith("/1.1/revisit/identical-payload-digest")
    assert revisit["WARC-Refers-To"] == response["WARC-Record-ID"]
    assert revisit["WARC-Refers-To-Target-URI"] == URL
    assert revisit["WARC-Refers-To-Date"] == response["WARC-Date"]
    assert revisit["WARC-Payload-Digest"] == response["WARC-Payload-Digest"]
    assert body == b""
    stored = StoredCapture(capture_id=8, row=row_of(later, again), original=row)
    assert read_stored(tmp_path, stored) == BODY
    with pytest.raises(StoreUnusable, match="no response record"):
        read_body(tmp_path, place_of(stored.row))
    with pytest.raises(StoreUnusable, match="repeats capture 7, which is gone"):
        read_stored(tmp_path, replace(stored, original=None))


@pytest.mark.parametrize(
    "why", ["first of a file", "the fiftieth", "another payload", "another coding", "the file is gone"]
)
def test_a_full_response_is_written_all_the_same(tmp_path: Path, why: str) -> None:
    with writing(tmp_path) as writer:
        row = row_of(capture(), writer.append(capture()))
        if why != "first of a file":
            held = original(
                replace(row, warc_file="gone.warc.gz") if why == "the file is gone" else row,
                revisits=49 if why == "the fiftieth" else 48,
            )
            body = b"other" if why == "another payload" else BODY
            one = replace(capture(body), body=b"read otherwise" if why == "another coding" else body)
            assert writer.append(one, held).refers_to is None
            return
    later = ArchiveWriter(tmp_path, source="rantburg", started_at=AT + timedelta(days=1), about={})
    with later:
        assert later.append(capture(), original(row)).refers_to is None
        assert later.append(capture(), original(row)).refers_to == 7


def test_not_modified_has_an_empty_block(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        row = row_of(capture(), writer.append(capture()))
    unchanged = capture(b"", status=304, reason="Not Modified")
    member = revisit_member(unchanged, row, warcinfo_id="<urn:x>", profile="server-not-modified")
    path = tmp_path / "304.warc.gz"
    path.write_bytes(member.data)
    assert passes_the_check(path)
    ((kind, headers, body),) = records(path)
    assert (kind, body, headers["Content-Length"]) == ("revisit", b"", "0")
    assert headers["WARC-Profile"].endswith("server-not-modified")
    assert headers["WARC-Refers-To-Target-URI"] == URL


def test_an_original_without_an_id_is_named_by_address_and_date(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        row = replace(row_of(capture(), writer.append(capture())), record_id=None)
        writer.append(capture(), original(row))
    (file,) = tmp_path.iterdir()
    revisit = records(file)[3][1]
    assert "WARC-Refers-To" not in revisit
    assert revisit["WARC-Refers-To-Date"]


def test_a_capture_that_a_redirect_brought_is_never_an_original(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        written = writer.append(capture())
    row = index_row(capture(), written, source="rantburg", run_id=None, url="http://asked.example/")
    assert row.payload_sha1 is None
    assert row_of(capture(b""), written).payload_sha1 is None


def test_a_run_that_breaks_off_leaves_its_file_open(tmp_path: Path) -> None:
    broken_off(tmp_path, captures=1)
    (file,) = tmp_path.iterdir()
    assert file.name.endswith(".open")
