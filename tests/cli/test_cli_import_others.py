"""``archive import`` of odd files: what is kept, what is refused, and our own files from a mirror."""

import gzip
import json
import os
import shutil
from pathlib import Path

import pytest

from ingest.archive.external.pages import read_pages
from tests.archive.warcs import AT
from tests.cli.conftest import Call
from tests.kit import rows
from tests.kit.marks import long
from tests.kit.rig import busy_day
from tests.site.render import encoded, section_page

SITE = "www.rantburg.com"
PAGE = f"http://{SITE}/?D=04/14/2018&HC=1&SO="


def page() -> bytes:
    return encoded(section_page(busy_day(), 1))


def record(
    url: str, head: bytes, body: bytes, *, kind: str = "response", of: str = "application/http"
) -> bytes:
    block = head + body
    lines = [
        "WARC/1.0",
        f"WARC-Type: {kind}",
        f"WARC-Target-URI: {url}",
        f"WARC-Date: {AT:%Y-%m-%dT%H:%M:%SZ}",
        f"Content-Type: {of}",
        f"Content-Length: {len(block)}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


TWO = gzip.compress(page()[:99]) + gzip.compress(page()[99:])
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "archive"


def imported(call: Call, *paths: Path) -> dict[str, object]:
    called = call("archive", "import", *paths, "--json")
    (told,) = called.json["files"]
    assert list(told)[:6] == ["file", "loaded", "unread", "known", "others", "damaged"]
    return {**told, "code": called.code}


def test_nothing_of_somebodys_credentials_is_kept(
    call: Call, tmp_path: Path, archive: Path, database: str
) -> None:
    path = tmp_path / "odd.warc"
    path.write_bytes(record(PAGE.replace("http://www", "HTTP://me:s3cret@WWW"), HEAD + b"\r\n", page()))
    assert imported(call, path)["loaded"] == 1
    assert [row["url"] for row in rows.table(database, "captures")] == [PAGE]
    stored = [gzip.decompress(one.read_bytes()) for one in archive.glob("*.gz")]
    assert stored
    assert not any(b"s3cret" in one for one in stored)


@pytest.mark.parametrize(
    "data",
    [
        record(PAGE, HEAD + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(page()) + b"\n"),
        *long(
            record(PAGE, HEAD + b"Content-Encoding: gzip\r\n\r\n", TWO),
            record(PAGE, (HEAD + b"\r\n").replace(b"\r", b""), page()),
            record(PAGE, b"", page(), kind="resource", of="text/html"),
        ),
        record(PAGE, b"", page(), kind="resource", of="text/html").replace(b"\r\n", b"\n"),
    ],
    ids=["trailing bytes", "two members", "line feeds", "a resource", "a resource with line feeds"],
)
def test_what_is_odd_is_loaded_once_and_reads_back(
    call: Call, tmp_path: Path, database: str, data: bytes
) -> None:
    path = tmp_path / "odd.warc"
    path.write_bytes(data)
    first = imported(call, path)
    assert (first["code"], first["loaded"], first["damaged"]) == (0, 1, [])
    held = rows.held(database)
    assert held
    again = imported(call, path)
    assert (again["loaded"], again["known"], rows.held(database)) == (0, 1, held)
    assert call("archive", "verify").code == 0


def test_a_strangers_odd_records_are_counted_and_not_damaged(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "odd.warc"
    strange = "http://h.example/"
    path.write_bytes(
        record(strange + "x" * 90_000, HEAD + b"\r\n", b"")
        + record(strange, b"no HTTP", b"")
        + record(strange, b"", b"", kind="revisit")
        + record("dns:h.example", b"", b"192.0.2.1", of="text/dns")
        + record(strange, HEAD + b"\r\n", b"").replace(b"WARC-Date: 20", b"WARC-Date: never ")
        + record(strange, b"", b"", kind="request")
        + record(PAGE, HEAD + b"\r\n", page())
    )
    told = imported(call, path)
    assert (told["code"], told["damaged"], told["loaded"], told["records"]) == (0, [], 1, 7)
    assert told["passed_over"] == {"no HTTP": 1, "other addresses": 4, "request": 1}
    assert "passed over 6 of 7 records" in call("archive", "import", path).out


@pytest.mark.parametrize("kind", ["empty", "pipe"])
def test_what_is_no_archive_is_refused_before_anything_is_loaded(
    call: Call, tmp_path: Path, archive: Path, kind: str
) -> None:
    good, odd = tmp_path / "good.warc", tmp_path / "odd.warc"
    good.write_bytes(record(PAGE, HEAD + b"\r\n", page()))
    odd.touch() if kind == "empty" else os.mkfifo(odd)
    called = call("archive", "import", good, odd)
    assert called.code == 2
    assert "odd.warc" in called.err
    assert not archive.exists()


def test_a_page_in_two_files_is_taken_in_once_and_an_error_is_kept(
    call: Call, tmp_path: Path, database: str
) -> None:
    one, two = tmp_path / "one.warc", tmp_path / "two.warc"
    missing = record(
        PAGE.replace("04/14", "04/15"), HEAD.replace(b"200 OK", b"404 Not Found") + b"\r\n", b"-"
    )
    one.write_bytes(record(PAGE, HEAD + b"\r\n", page()))
    two.write_bytes(one.read_bytes() + missing)
    called = call("archive", "import", two, one, "--json")
    told = {file["file"]: (file["loaded"], file["unread"], file["known"]) for file in called.json["files"]}
    assert (called.code, told) == (1, {"two.warc": (0, 1, 1), "one.warc": (1, 0, 0)})
    statuses = {row["status"]: row["error"] for row in rows.table(database, "captures")}
    assert statuses[200] is None
    assert "404" in str(statuses[404])
    (run,) = rows.table(database, "runs")
    assert json.loads(str(run["counts"])) == {"loaded": 1, "unread": 1, "known": 0, "damaged": 0}
    assert json.loads(str(run["report"]))["command"] == "import"


def test_a_name_that_is_no_utf8(call: Call, tmp_path: Path) -> None:
    path = Path(f"{tmp_path}/\udcff.warc")
    path.write_bytes(record(PAGE, HEAD + b"\r\n", page()) + b"garbage\n")
    told = imported(call, path)
    assert (told["loaded"], told["file"]) == (1, "\\xff.warc")
    assert call("archive", "import", path).code == 1
    assert call("reparse", "rantburg", "--warc", path).code == 1


@pytest.fixture
def mirrored(harvest: Call, archive: Path, database: str, tmp_path: Path) -> tuple[rows.Rows, list[Path]]:
    """What a harvest of a mirror held, and its files; the database is lost."""
    assert harvest().code == 0
    held = rows.held(database)
    kept = shutil.copytree(archive, tmp_path / "kept")
    shutil.rmtree(archive)
    for path in Path(database).parent.glob(Path(database).name + "*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return held, sorted(kept.iterdir())


@pytest.mark.long
@pytest.mark.parametrize("way", ["import", "reparse"])
def test_a_lost_database_comes_back_from_files_of_a_mirror(
    call: Call, mirrored: tuple[rows.Rows, list[Path]], database: str, way: str
) -> None:
    held, paths = mirrored
    named = [item for path in paths for item in ("--warc", path)]
    command = ("archive", "import", *paths) if way == "import" else ("reparse", "rantburg", *named)
    called = call(*command, "--json")
    assert called.code == 0, called.err
    assert rows.held(database) == held
    addresses = {one.url for path in paths for one in read_pages(path) if one.status == 200}
    assert {row["url"] for row in rows.table(database, "captures") if row["status"] == 200} <= addresses
    assert call(*command, "--json").code == 0
    assert rows.held(database) == held


OTHERS = Path(__file__).parents[3] / "shared" / "cases" / "warc"


@pytest.mark.full
@pytest.mark.skipif(not OTHERS.is_dir(), reason=f"other people's files are not here: {OTHERS}")
def test_files_of_others_twice(call: Call, database: str) -> None:
    paths = [path for path in sorted(OTHERS.iterdir()) if "invalid" not in path.name]
    outcomes = [call("archive", "import", *paths, "--json") for _ in range(2)]
    first, second = [[json.loads(line) for line in one.out.splitlines()] for one in outcomes]
    assert first == second
    assert rows.table(database, "captures") == []
