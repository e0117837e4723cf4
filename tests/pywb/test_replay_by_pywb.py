"""What was harvested, replayed by pywb: the bytes that the site sent, at every time that they were fetched.

site --harvest--> archive --export--> WARC, CDXJ, WACZ --pywb--> the same bytes again
"""

import http.client
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ingest.archive.export.copy import export_cdxj, export_warc
from ingest.archive.export.wacz import export_wacz
from ingest.archive.warc.records import response_member, revisit_member, warcinfo_member
from ingest.jobs.archive import with_originals
from ingest.store import Store
from tests.archive.test_revisits import row_of
from tests.archive.warcs import AT, BODY, capture, passes_the_check, writing
from tests.kit.rig import DAY, Rig, busy_day
from tests.site.server import SiteServer

BIN = Path(__file__).parents[2] / ".venv-pywb" / "bin"
GZIP = (("Accept-Encoding", "gzip"),)
SECTIONS = (1, 2, 3, 4, 6)
ABOUT = {"software": "thresher", "format": "WARC File Format 1.1"}
READY = 60.0
"""Seconds that pywb may take until it answers."""

pytestmark = [
    pytest.mark.replay,
    pytest.mark.skipif(not (BIN / "wayback").exists(), reason="`make pywb` makes its environment"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a site sent: on the wire, and decoded."""

    url: str
    at: datetime
    wire: bytes
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A harvested site: what it sent at each visit, its archive, and the copy of that with its index."""

    sent: tuple[Sent, ...]
    archive: Path
    index: Path
    copy: Path
    copy_index: Path
    package: Path


def visit(rig: Rig, site: SiteServer) -> list[Sent]:
    """Fetch every section; what the site sends is asked of it once more, by the side of the line."""
    assert rig.harvest(DAY, full=True).exit_code == 0
    paths = [f"/?D={DAY:%m/%d/%Y}&HC={section}&SO=" for section in SECTIONS]
    return [
        Sent(
            url=site.url.rstrip("/") + path,
            at=rig.clock.now(),
            wire=site.answer(path, GZIP).body,
            body=site.answer(path, ()).body,
        )
        for path in paths
    ]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A day harvested as it was, again unchanged, and again with every page another."""
    folder = tmp_path_factory.mktemp("kept")
    with SiteServer([busy_day()]) as site, pytest.MonkeyPatch.context() as patch:
        # As in tests/pipeline/conftest.py.
        patch.delattr(sys.modules["__main__"], "__file__", raising=False)
        patch.setattr(sys.modules["__main__"], "__spec__", None)
        site.volatile = False
        rig = Rig(site, folder)
        sent = visit(rig, site) + visit(rig, site)
        site.put(busy_day(number=1))
        sent += visit(rig, site)
    with Store.open(rig.url) as store:
        rows = tuple(with_originals(store.captures.between()))
    copy, index = folder / "copy" / "copy.warc.gz", folder / "archive.cdxj"
    export_warc(rig.archive, rows, copy, about=ABOUT, at=rig.clock.now())
    export_cdxj(rig.archive, rows, index)
    package = folder / "packed.wacz"
    export_wacz(rig.archive, rows, package, about=ABOUT, at=rig.clock.now())
    return Kept(
        sent=tuple(sent),
        archive=rig.archive,
        index=index,
        copy=copy,
        copy_index=copy.with_name("copy.cdxj"),
        package=package,
    )


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Sent, Sent]]:
    """A file with a page that came by TLS, and a later 304 to the same question."""
    folder = tmp_path_factory.mktemp("unchanged")
    first = capture(url="https://unchanged.example/a%20page?q=1", tls="1.3", cipher="TLS_AES_128_GCM_SHA256")
    later = AT + timedelta(days=1)
    with writing(folder / "first") as writer:
        row = row_of(first, writer.append(first))
    answer = capture(b"", url=first.url, status=304, reason="Not Modified", captured_at=later)
    path = folder / "unchanged.warc.gz"
    info = warcinfo_member(ABOUT, file=path.name, at=AT)
    members = (
        info,
        response_member(first, warcinfo_id=info.record_id),
        revisit_member(answer, row, warcinfo_id=info.record_id, profile="server-not-modified"),
    )
    path.write_bytes(b"".join(member.data for member in members))
    assert passes_the_check(path)
    sent = [Sent(url=first.url, at=at, wire=BODY, body=BODY) for at in (AT, later)]
    return path, (sent[0], sent[1])


def run(folder: Path, program: str, *arguments: object) -> bytes:
    command = [BIN / program, *map(str, arguments)]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout


COLLECTIONS = ("theirs", "copied", "archived", "packed")


@pytest.fixture(scope="module")
def wayback(
    kept: Kept, unchanged: tuple[Path, object], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    """pywb on a free port: the copy by its own index and by ours, the archive by ours, the package."""
    folder = tmp_path_factory.mktemp("pywb")
    for name in COLLECTIONS:
        run(folder, "wb-manager", "init", name)
    run(folder, "wb-manager", "add", "theirs", kept.copy, unchanged[0])
    run(folder, "wb-manager", "add", "--unpack-wacz", "packed", kept.package)
    for name, files, index in (
        ("copied", [kept.copy], kept.copy_index),
        ("archived", list(kept.archive.iterdir()), kept.index),
    ):
        for path in files:
            shutil.copy(path, folder / "collections" / name / "archive")
        shutil.copy(index, folder / "collections" / name / "indexes" / "index.cdxj")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [BIN / "wayback", "-b", "127.0.0.1", "-p", str(port)]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as server,
    ):
        try:
            wait_for(server, port)
            yield port
        finally:
            server.terminate()


def wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + READY
    while server.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("pywb does not answer")


def get(port: int, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def replays(port: int, collection: str, sent: Sent) -> None:
    """The page as it was sent, at its own time and no other."""
    path = f"/{collection}/{sent.at:%Y%m%d%H%M%S}id_/{sent.url}"
    answer, body = get(port, path)
    assert (answer.status, body) == (200, sent.body)
    assert parsedate_to_datetime(answer.headers["Memento-Datetime"]) == sent.at.replace(microsecond=0)
    assert urlsplit(answer.headers["Content-Location"]).path == urlsplit(path).path
    answer, body = get(port, path, **dict(GZIP))
    assert (answer.status, body) == (200, sent.wire)
    assert answer.headers["Content-Encoding"] == ("gzip" if sent.wire != sent.body else None)


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_every_page_is_replayed_byte_for_byte(kept: Kept, wayback: int, collection: str) -> None:
    assert b'"warc/revisit"' in kept.copy_index.read_bytes()
    assert len(kept.sent) == len({(sent.url, sent.at) for sent in kept.sent}) == 3 * len(SECTIONS)
    assert len({sent.body for sent in kept.sent}) == 2 * len(SECTIONS)
    for sent in kept.sent:
        replays(wayback, collection, sent)


def test_a_304_is_replayed_as_the_page_that_had_not_changed(
    unchanged: tuple[Path, tuple[Sent, Sent]], wayback: int
) -> None:
    for sent in unchanged[1]:
        replays(wayback, "theirs", sent)


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_every_capture_of_an_address_is_found(kept: Kept, wayback: int, collection: str) -> None:
    url = kept.sent[0].url
    _, body = get(wayback, f"/{collection}/cdx?output=json&url={url.replace('&', '%26')}")
    stamps = [json.loads(line)["timestamp"] for line in body.splitlines()]
    assert stamps == [f"{sent.at:%Y%m%d%H%M%S}" for sent in kept.sent if sent.url == url]


def test_the_index_is_the_one_that_the_indexer_makes(kept: Kept, tmp_path: Path) -> None:
    assert run(tmp_path, "cdxj-indexer", "--sort", kept.copy) == kept.copy_index.read_bytes()
    files = sorted(kept.archive.iterdir())
    assert run(tmp_path, "cdxj-indexer", "--sort", *files) == kept.index.read_bytes()
