"""An archive in an S3-compatible store, on loopback: files get there whole and once, or not at all."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.archive import ArchiveWriter, Place, object_store, read_body
from ingest.archive.archive_file import ObjectFile, files, require_archive
from ingest.archive.check import check
from ingest.archive.object_store import BLOCK
from ingest.archive.recovery import left_open, recovering
from ingest.archive.spool import upload_sealed
from ingest.archive.suppressed import append_suppressed, read_suppressed
from ingest.archive.unindexed import own_files
from ingest.errors import ArchiveUnreachable, ConfigurationError, StoreUnusable
from ingest.records.archive_folder import ObjectFolder
from ingest.records.takedown import TakedownTarget, TakenDown
from ingest.settings import archive_named
from tests.archive.warcs import AT, BODY, capture
from tests.kit.objects import ObjectServer

NAME = "THRESHER-rantburg-20180414160507123-00001-00001-host.warc.gz"


def writer_of(folder: ObjectFolder, **more: int) -> ArchiveWriter:
    return ArchiveWriter(folder, source="rantburg", started_at=AT, about={"software": "thresher/0"}, **more)


def spooled(folder: ObjectFolder) -> list[str]:
    return sorted(path.name for path in folder.spool.glob("*"))


def sealed(folder: ObjectFolder, content: bytes = b"a file") -> Path:
    folder.spool.mkdir(exist_ok=True)
    path = folder.spool / NAME
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("named", "shown"),
    [
        ("s3://pages", "s3://pages"),
        ("s3://pages/", "s3://pages"),
        ("S3://pages/a/b c/", None),
        ("s3://my.pages-1/a/b c/", "s3://my.pages-1/a/b c"),
        ("s3://pages/ä", "s3://pages/ä"),
        *(
            (bad, None)
            for bad in ("s3:pages", "s3:/pages", "s3://", "s3://ab", "s3://pages//a", "gs://pages/a")
        ),
        *((bad, None) for bad in ("s3://pages/../a", "s3://pages/a?b", "s3://pages/a\nb", "file:///tmp/a")),
        ("s3://key:secret@pages/a", None),
    ],
)
def test_an_address_is_a_bucket_or_an_error_and_never_a_folder(
    named: str, shown: str | None, tmp_path: Path
) -> None:
    if shown is not None:
        found = archive_named(named, str(tmp_path))
        assert isinstance(found, ObjectFolder)
        assert str(found) == shown
        assert found.spool.parent == tmp_path
        return
    with pytest.raises(ConfigurationError) as refused:
        archive_named(named, str(tmp_path))
    assert "secret" not in str(refused.value)


def test_two_archives_have_two_spools_and_one_has_one(tmp_path: Path) -> None:
    spools = {
        found.spool
        for name in ("s3://pages/a", "s3://pages/b", "s3://pages/a/")
        if isinstance(found := archive_named(name, None), ObjectFolder)
    }
    assert len(spools) == 2


def test_a_folder_is_a_folder(tmp_path: Path) -> None:
    assert archive_named(f"{tmp_path}/a:b", None) == tmp_path / "a:b"


def test_without_the_extra_one_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'thresher\[s3\]'"):
        require_archive(ObjectFolder(bucket="pages", prefix="", spool=Path("spool")))


def test_a_sealed_file_is_an_object_and_its_records_are_read_by_ranges(
    in_bucket: ObjectFolder, s3: ObjectServer
) -> None:
    bodies = [BODY + bytes(index % 251 for index in range(size)) for size in (10, 100_000, 30)]
    with writer_of(in_bucket) as writer:
        places = [writer.append(capture(body)) for body in bodies]
        assert [name.endswith(".open") for name in spooled(in_bucket)] == [True]
        assert [read_body(in_bucket, place) for place in places] == bodies
        assert [path.name.endswith(".open") for path in files(in_bucket)] == [True]
    assert spooled(in_bucket) == []
    ((key, content),) = s3.objects(in_bucket.bucket).items()
    assert key == f"archive/one/{places[0].file}"
    s3.requests.clear()
    assert [read_body(in_bucket, place) for place in places] == bodies
    assert [each[0] for each in s3.requests] == ["GET"]
    assert s3.requests[0][2] == f"bytes=0-{BLOCK - 1}"
    (file,) = own_files(in_bucket, "rantburg")
    checked = check(file, [place.offset for place in places])
    assert (checked.size, checked.records, checked.findings, checked.unindexed) == (len(content), 7, (), 0)


@pytest.mark.long
def test_a_record_of_a_large_object_costs_no_more_than_its_blocks(
    in_bucket: ObjectFolder, s3: ObjectServer
) -> None:
    sealed(in_bucket, content=bytes(range(256)) * 4 * 5 * 1024)
    upload_sealed(in_bucket)
    s3.requests.clear()
    file = ObjectFile(in_bucket, NAME)
    assert file.read_at(3 * BLOCK - 2, 6) == b"\xfe\xff\x00\x01\x02\x03"
    assert file.read_at(5 * BLOCK - 1, 9) == b"\xff"
    with file.open("rb") as opened:
        assert opened.seek(-3, 2) == 5 * BLOCK - 3
        assert opened.read() == b"\xfd\xfe\xff"
        assert opened.read(1) == b""
    ranges = [each[2] for each in s3.requests if each[0] == "GET"]
    assert ranges == [f"bytes={index * BLOCK}-{(index + 1) * BLOCK - 1}" for index in (2, 3, 4, 5)]


@pytest.mark.long
def test_files_are_sealed_by_age_and_by_size(in_bucket: ObjectFolder, s3: ObjectServer) -> None:
    with writer_of(in_bucket, largest=100_000) as writer:
        for minutes in (0, 5, 9, 10):
            writer.append(capture(captured_at=AT + timedelta(minutes=minutes)))
        assert len(s3.objects(in_bucket.bucket)) == 1
        writer.append(capture(bytes(200_000), captured_at=AT + timedelta(minutes=11)))
        noise = b"".join(index.to_bytes(4) for index in range(60_000))
        writer.append(capture(noise, captured_at=AT + timedelta(minutes=12)))
        writer.append(capture(captured_at=AT + timedelta(minutes=13)))
        assert len(s3.objects(in_bucket.bucket)) == 2
    assert len(s3.objects(in_bucket.bucket)) == 3


@pytest.mark.long
def test_what_an_upload_left_is_finished_by_the_next(in_bucket: ObjectFolder, s3: ObjectServer) -> None:
    path = sealed(in_bucket)
    s3.faults = [lambda method, _: 503 if method == "PUT" else None]
    with pytest.raises(ArchiveUnreachable, match=f"{NAME} cannot be read or written: ServiceUnavailable"):
        upload_sealed(in_bucket)
    assert path.exists()
    assert s3.objects(in_bucket.bucket) == {}
    # The store has it, and the answer is lost: it is asked again, and says that there is one.
    s3.faults = []
    lost = 0

    def lose(method: str, _path: str) -> int | None:
        nonlocal lost
        lost += method == "PUT"
        return 0 if method == "PUT" and lost == 1 else None

    s3.after = lose
    assert upload_sealed(in_bucket) == 1
    assert lost == 2
    assert spooled(in_bucket) == []
    assert list(s3.objects(in_bucket.bucket).values()) == [b"a file"]
    # Killed before it was removed here.
    sealed(in_bucket)
    assert upload_sealed(in_bucket) == 1
    assert spooled(in_bucket) == []


@pytest.mark.long
@pytest.mark.parametrize("digest_known", [True, False])
def test_another_file_of_the_name_is_never_written_over(
    digest_known: bool, in_bucket: ObjectFolder, s3: ObjectServer
) -> None:
    sealed(in_bucket)
    if digest_known:
        object_store.put_new(in_bucket, NAME, b"A FILE")
    else:
        s3.client.put_object(Bucket=in_bucket.bucket, Key=in_bucket.key(NAME), Body=b"A FILE")
    with pytest.raises(StoreUnusable, match="is there with other content"):
        upload_sealed(in_bucket)
    assert spooled(in_bucket) == [NAME]
    assert list(s3.objects(in_bucket.bucket).values()) == [b"A FILE"]
    s3.client.put_object(Bucket=in_bucket.bucket, Key=in_bucket.key(NAME), Body=b"a file")
    assert upload_sealed(in_bucket) == 1


@pytest.mark.long
def test_what_a_killed_run_left_open_is_sealed_and_uploaded(
    in_bucket: ObjectFolder, s3: ObjectServer
) -> None:
    writer = writer_of(in_bucket)
    place = writer.append(capture())
    writer.leave()
    (path,) = left_open(in_bucket, "rantburg")
    with path.open("ab") as file:
        file.write(b"\x1f\x8b torn")
    with recovering(path) as left:
        assert left is not None
    assert upload_sealed(in_bucket) == 1
    assert spooled(in_bucket) == []
    assert read_body(in_bucket, place) == BODY


@pytest.mark.long
def test_names_that_no_file_of_ours_has_are_passed_over(
    in_bucket: ObjectFolder,
    s3: ObjectServer,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "5")  # an answer of the store
    sealed(in_bucket)
    upload_sealed(in_bucket)
    hostile = ("../out.warc.gz", "a?versionId=1.warc.gz", "\x1b[2J.warc.gz", "..", ".warc.gz")
    for name in (*hostile, "below/a.warc.gz", "", "other.txt"):
        s3.client.put_object(Bucket=in_bucket.bucket, Key=f"archive/one/{name}", Body=b"x")
    s3.client.put_object(Bucket=in_bucket.bucket, Key="archive/one-more.warc.gz", Body=b"x")
    for number in range(12):
        s3.client.put_object(Bucket=in_bucket.bucket, Key=f"archive/one/{number:02}.warc.gz", Body=b"x")
    names = [path.name for path in files(in_bucket)]
    assert names == [*(f"{number:02}.warc.gz" for number in range(12)), NAME]
    assert caplog.text.count("is passed over") == len(hostile) - 1
    assert "\x1b" not in caplog.text


def test_takedowns_are_objects_of_their_own(
    in_bucket: ObjectFolder, s3: ObjectServer, tmp_path: Path
) -> None:
    assert read_suppressed(in_bucket) is None
    takedowns = [
        TakenDown(
            what=TakedownTarget(source="rantburg", article=str(number), comment=None),
            reason="law",
            suppressed_at=AT + timedelta(minutes=number),
        )
        for number in range(3)
    ]
    append_suppressed(in_bucket, reversed(takedowns))
    append_suppressed(in_bucket, takedowns[1:])
    assert read_suppressed(in_bucket) == tuple(takedowns)
    for key, content in s3.objects(in_bucket.bucket).items():
        (tmp_path / key.rpartition("/")[2]).write_bytes(content)
    assert read_suppressed(tmp_path) == tuple(takedowns)


@pytest.mark.long
@pytest.mark.parametrize("status", [403, 500, 0])
def test_a_store_that_fails_is_an_error_and_no_damage(
    status: int, in_bucket: ObjectFolder, s3: ObjectServer
) -> None:
    with writer_of(in_bucket) as writer:
        place = writer.append(capture())
    object_store.block.cache_clear()
    s3.faults = [lambda _method, _path: status]
    for read in (
        lambda: read_body(in_bucket, place),
        lambda: check(ObjectFile(in_bucket, place.file)),
        lambda: files(in_bucket),
        lambda: read_suppressed(in_bucket),
    ):
        with pytest.raises(ArchiveUnreachable, match=f"s3://{in_bucket.bucket}/archive/one"):
            read()


@pytest.mark.long
def test_what_is_not_there_is_told_from_what_cannot_be_asked(
    in_bucket: ObjectFolder, s3: ObjectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(file=NAME, offset=0, length=10)
    with pytest.raises(StoreUnusable, match="there is no such object"):
        read_body(in_bucket, place)
    assert not ObjectFile(in_bucket, NAME).is_file()
    missing = ObjectFolder(bucket="nowhere", prefix="", spool=in_bucket.spool)
    for ask in (require_archive, files, upload_sealed):
        sealed(missing)
        with pytest.raises(ArchiveUnreachable, match="bucket"):
            ask(missing)
