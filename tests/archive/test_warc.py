"""The WARC files: what other tools of the trade say of them, and what comes back out of them."""

import gzip
import io
import random
import resource
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.archive import ArchiveWriter, Place, read_body
from ingest.archive.warc.records import request_member, response_member
from ingest.errors import StoreUnusable
from ingest.records.capture import Capture
from tests.archive.warcs import AT, BODY, capture, passes_the_check, records, writing


def test_a_file_is_what_others_take_for_one(tmp_path: Path) -> None:
    squeezed = gzip.compress(BODY)
    with writing(tmp_path) as writer:
        places = [writer.append(capture()) for _ in range(3)]
        zipped = capture(BODY, wire_body=squeezed, response_headers=((b"Content-Encoding", b"gzip"),))
        places.append(writer.append(zipped))
        places.append(writer.append(capture(b"", status=404, reason="", ip=None)))
    (file,) = tmp_path.iterdir()
    assert {place.file for place in places} == {file.name}
    assert passes_the_check(file)
    subprocess.run(["gzip", "-t", file], check=True)
    assert [kind for kind, _, _ in records(file)] == ["warcinfo", *["response", "request"] * 5]
    assert [read_body(tmp_path, place) for place in places] == [BODY] * 4 + [b""]


def test_the_check_sees_a_damaged_record(tmp_path: Path) -> None:
    response = response_member(capture(), warcinfo_id="<urn:x>").data
    forged = gzip.compress(gzip.decompress(response).replace(b"a day by", b"a boy by"))
    (tmp_path / "forged.warc.gz").write_bytes(forged)
    assert not passes_the_check(tmp_path / "forged.warc.gz")


def test_a_record_says_what_was_asked_and_when(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        writer.append(capture())
    (file,) = tmp_path.iterdir()
    (_, info, about), (_, response, body), (_, request, _) = records(file)
    assert b"software: thresher/0" in about
    assert info["WARC-Filename"] == file.name
    assert response["WARC-Target-URI"] == capture().url
    assert response["WARC-Date"] == "2018-04-14T16:05:07.123456Z"
    assert response["WARC-IP-Address"] == "192.0.2.7"
    assert request["WARC-Concurrent-To"] == response["WARC-Record-ID"]
    assert response["WARC-Warcinfo-ID"] == info["WARC-Record-ID"]
    assert body == BODY


def block_of(tmp_path: Path, one: Capture, *, which: int) -> bytes:
    members = (
        response_member(one, warcinfo_id="<urn:x>"),
        request_member(one, warcinfo_id="<urn:x>", concurrent_to="<urn:y>"),
    )
    raw = gzip.decompress(members[which].data)
    return raw.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://h.example/?D=04/14/2018&HC=1", b"/?D=04/14/2018&HC=1"),
        ("http://h.example?D=04/14/2018&HC=1", b"/?D=04/14/2018&HC=1"),
        ("http://h.example", b"/"),
        ("http://h.example/a/b.php", b"/a/b.php"),
    ],
)
def test_the_request_line_is_the_one_that_was_sent(tmp_path: Path, url: str, path: bytes) -> None:
    block = block_of(tmp_path, capture(url=url), which=1)
    assert block.startswith(b"GET " + path + b" HTTP/1.1\r\nHost: www.rantburg.com\r\n")


def test_the_transfer_coding_is_left_out_and_the_length_is_right(tmp_path: Path) -> None:
    block = block_of(tmp_path, capture(), which=0)
    assert b"Transfer-Encoding" not in block
    assert f"Content-Length: {len(BODY)}\r\n\r\n".encode() + BODY in block


def test_no_header_can_begin_another_line(tmp_path: Path) -> None:
    hostile = ((b"X-Said", b"one\r\nX-Made: up"), (b"Y", b"a\nb"))
    block = block_of(tmp_path, capture(response_headers=hostile, reason="so\r\nX-Made: up"), which=0)
    assert b"\nX-Made" not in block


@settings(max_examples=25, deadline=None)
@given(body=st.binary(max_size=3_000), zipped=st.booleans())
def test_any_body_comes_back_out(tmp_path_factory: pytest.TempPathFactory, body: bytes, zipped: bool) -> None:
    folder = tmp_path_factory.mktemp("warc")
    headers = ((b"Content-Encoding", b"gzip"),) if zipped else ()
    one = capture(body, wire_body=gzip.compress(body) if zipped else body, response_headers=headers)
    with writing(folder) as writer:
        places = [writer.append(one), writer.append(one)]
        assert read_body(folder, places[1]) == body  # while it is still written to
    assert [read_body(folder, place) for place in places] == [body, body]
    assert passes_the_check(folder / places[0].file)


def test_a_writer_that_was_given_nothing_makes_no_file(tmp_path: Path) -> None:
    with writing(tmp_path / "none"):
        pass
    assert not (tmp_path / "none").exists()


def test_a_file_of_the_same_name_is_never_overwritten(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        place = writer.append(capture())
    with (
        pytest.raises(StoreUnusable, match="a file of this name is there already"),
        writing(tmp_path) as again,
    ):
        again.append(capture(b"other"))
    assert read_body(tmp_path, place) == BODY


FULL_DISK = """
import resource, sys
from pathlib import Path
from ingest.errors import StoreUnusable
from tests.archive.warcs import capture, writing
import random
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
kept = 0
try:
    with writing(Path(sys.argv[1])) as writer:
        for number in range(50):
            writer.append(capture(random.Random(number).randbytes(5_000)))
            kept += 1
except StoreUnusable as error:
    assert "cannot be written" in str(error), error
print(kept)
"""


@pytest.mark.parametrize("most", [0, 100, 500, 6_000, 20_001])
def test_a_full_disk_leaves_whole_members(tmp_path: Path, most: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, tmp_path, str(most)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    files = list(tmp_path.iterdir())
    assert len(files) == (most > 300)
    for file in files:
        assert passes_the_check(file)
        kinds = [kind for kind, _, _ in records(file)]
        assert kinds.count("request") == int(done.stdout)


@pytest.mark.parametrize(("most", "files"), [(100, 0), (6_000, 1)])
def test_a_disk_that_is_full_for_a_while(tmp_path: Path, most: int, files: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        with writing(tmp_path) as writer:
            for _ in range(most // 4_500):
                writer.append(capture(random.Random(most).randbytes(2_000)))
            with pytest.raises(StoreUnusable, match="cannot be written"):
                writer.append(capture(random.Random(most).randbytes(9_000)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert len(list(tmp_path.iterdir())) == files


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(StoreUnusable, match=r"cannot be written: .*file"),
        writing(tmp_path / "file") as writer,
    ):
        writer.append(capture())


def test_a_file_that_cannot_be_renamed_is_named(tmp_path: Path) -> None:
    writer = ArchiveWriter(tmp_path, source="rantburg", started_at=AT, about={})
    place = writer.append(capture())
    (tmp_path / f"{place.file}.open").unlink()
    with pytest.raises(StoreUnusable, match="cannot be closed"):
        writer.close()
    writer.close()  # the second time there is nothing to do


def test_names_tell_when_and_by_whom(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        assert writer.append(capture()).file.startswith("THRESHER-rantburg-20180414160507123-")
    later = ArchiveWriter(tmp_path, source="rantburg", started_at=AT + timedelta(milliseconds=1), about={})
    with later:
        later.append(capture())
    assert len(list(tmp_path.iterdir())) == 2


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Path, Place]:
    with writing(tmp_path) as writer:
        place = writer.append(capture())
    return tmp_path, place


def test_a_place_in_another_folder_is_refused(kept: tuple[Path, Place]) -> None:
    folder, place = kept
    with pytest.raises(StoreUnusable, match="is no archive file's name"):
        read_body(folder / "below", replace(place, file=f"../{place.file}"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"file": "gone.warc.gz"}, "cannot be read"),
        ({"offset": 0}, "not whole|no response record|damaged"),
        ({"offset": 3}, "damaged"),
        ({"length": 40}, "not whole"),
        ({"offset": 10**9}, "not whole"),
    ],
)
def test_a_place_where_nothing_whole_lies(
    kept: tuple[Path, Place], change: dict[str, object], said: str
) -> None:
    folder, place = kept
    with pytest.raises(StoreUnusable, match=said):
        read_body(folder, replace(place, **change))  # type: ignore[arg-type]


def test_a_member_that_is_not_a_response(kept: tuple[Path, Place]) -> None:
    folder, place = kept
    size = (folder / place.file).stat().st_size
    request = replace(place, offset=place.offset + place.length, length=size - place.offset - place.length)
    with pytest.raises(StoreUnusable, match="no response record"):
        read_body(folder, request)


def test_a_member_that_is_too_large(kept: tuple[Path, Place]) -> None:
    folder, place = kept
    with pytest.raises(StoreUnusable, match="not whole"):
        read_body(folder, place, largest=100)


def test_a_member_whose_words_were_changed(kept: tuple[Path, Place]) -> None:
    folder, _ = kept
    response = response_member(capture(), warcinfo_id="<urn:x>").data
    forged = gzip.compress(gzip.decompress(response).replace(b"a day by", b"a boy by"))
    (folder / "forged.warc.gz").write_bytes(forged)
    with pytest.raises(StoreUnusable, match="digest is wrong"):
        read_body(folder, Place(file="forged.warc.gz", offset=0, length=len(forged)))


def test_every_member_stands_alone(kept: tuple[Path, Place]) -> None:
    folder, place = kept
    raw = (folder / place.file).read_bytes()[place.offset : place.offset + place.length]
    assert b"WARC-Type: response" in gzip.GzipFile(fileobj=io.BytesIO(raw)).read()
