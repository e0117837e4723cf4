"""Files as they come: revisits of other files, torn ones, ones that are none; runs that fail."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from ingest.archive import payload_sha1
from ingest.archive.warc.records import revisit_member
from ingest.errors import Busy, ConfigurationError, StoreUnusable
from ingest.jobs.reparse import batches
from ingest.pipeline.capture_rows import index_row
from ingest.pipeline.rebuild import Rebuilder
from ingest.records.capture import Capture
from ingest.store import Store
from tests.archive.warcs import capture, writing
from tests.jobs.reparse.again import whole
from tests.jobs.reparse.elsewhere import OWN, Desk, member, write
from tests.kit import rows
from tests.kit.marks import long
from tests.kit.rig import busy_day
from tests.site.render import encoded, section_page

FIRST = f"{OWN}?D=04/14/2018&HC=1&SO="
SECOND = f"{OWN}?D=04/14/2018&HC=2&SO="


def page(section: int) -> Capture:
    body = encoded(section_page(busy_day(), section))
    return capture(body, url=f"{OWN}?D=04/14/2018&HC={section}&SO=")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk")


def revisit(folder: Path, first: Capture, *, hours: int) -> bytes:
    """The record of a later capture with the same body."""
    with writing(folder) as writer:
        row = index_row(first, writer.append(first), source="rantburg", run_id=None, url=first.url)
    later = replace(first, captured_at=first.captured_at + timedelta(hours=hours))
    return revisit_member(later, replace(row, record_id=None), warcinfo_id="<urn:x>").data


@pytest.mark.long
def test_a_revisit_of_what_another_file_holds_is_read_in_any_order(tmp_path: Path) -> None:
    (tmp_path / "later.warc.gz").write_bytes(
        revisit(tmp_path / "a", page(1), hours=1) + revisit(tmp_path / "b", page(2), hours=1)
    )
    paths = [
        write(tmp_path / "first.warc", [page(1)]),
        write(tmp_path / "second.warc.gz", [page(2)]),
        tmp_path / "later.warc.gz",
    ]
    digests = set()
    for number, order in enumerate(permutations(paths)):
        desk = Desk(tmp_path / f"desk-{number}")
        report = desk.warc(*order)
        assert (report.looked, report.parsed, desk.damaged) == (4, 4, [])
        rows.execute(desk.url, "DELETE FROM runs")
        digests.add(rows.digest(desk.url))
    assert len(digests) == 1
    assert {row["payload_sha1"] for row in rows.table(desk.url, "captures")} == {
        payload_sha1(page(1).wire_body),
        payload_sha1(page(2).wire_body),
    }


def test_a_revisit_of_what_we_hold_ourselves_is_read(tmp_path: Path, desk: Desk) -> None:
    desk.warc(write(tmp_path / "first.warc", [page(1)]))
    (tmp_path / "later.warc.gz").write_bytes(revisit(tmp_path / "a", page(1), hours=1))
    report = desk.warc(tmp_path / "later.warc.gz")
    assert (report.parsed, desk.damaged) == (1, [])
    assert len(rows.table(desk.url, "captures")) == 2


def record(kind: str, at: str, block: bytes, **headers: str) -> bytes:
    lines = [
        "WARC/1.1",
        f"WARC-Type: {kind}",
        f"WARC-Record-ID: <urn:theirs:{kind}>",
        f"WARC-Target-URI: {page(1).url}",
        f"WARC-Date: {at}",
        "Content-Type: application/http;msgtype=response",
        *(f"WARC-{key.replace('_', '-')}: {value}" for key, value in headers.items()),
        f"Content-Length: {len(block)}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"Refers_To": "<urn:theirs:response>"}, True),
        pytest.param({"Refers_To": "<urn:theirs:other>"}, False, marks=pytest.mark.long),
        pytest.param({"Refers_To_Date": "2018-04-15T10:00:00Z"}, True, marks=pytest.mark.long),
        ({"Refers_To_Date": "2018-04-15T10:00:00Z", "Payload_Digest": "sha1:" + "A" * 32}, False),
        pytest.param({"Refers_To_Date": "2018-04-15T10:00:01Z"}, False, marks=pytest.mark.long),
    ],
)
def test_a_revisit_names_what_an_earlier_call_brought_in(
    tmp_path: Path, desk: Desk, headers: dict[str, str], found: bool
) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page(1).wire_body
    (tmp_path / "first.warc").write_bytes(record("response", "2018-04-15T10:00:00Z", answer))
    (tmp_path / "later.warc").write_bytes(record("revisit", "2018-04-16T10:00:00Z", b"", **headers))
    assert desk.warc(tmp_path / "first.warc").parsed == 1
    assert desk.warc(tmp_path / "later.warc").parsed == found
    assert len(desk.damaged) == 1 - found


def test_a_revisit_of_what_nobody_holds_is_told_once(tmp_path: Path, desk: Desk) -> None:
    (tmp_path / "later.warc.gz").write_bytes(revisit(tmp_path / "a", page(1), hours=1) + member(page(2)))
    report = desk.warc(tmp_path / "later.warc.gz")
    assert report.parsed == 1
    assert desk.damaged == [
        "later.warc.gz at 0: a revisit of a response that neither the files nor the archive hold"
    ]


def test_damage_is_told_and_the_rest_is_loaded(tmp_path: Path, desk: Desk) -> None:
    late = replace(page(2), captured_at=page(2).captured_at + timedelta(days=40_000))
    both = gzip.decompress(member(late)) + gzip.decompress(member(page(3)))
    good = member(page(1))
    (tmp_path / "torn.warc.gz").write_bytes(good + gzip.compress(both) + member(page(4))[:-9])
    report = desk.warc(tmp_path / "torn.warc.gz")
    assert (report.parsed, report.exit_code) == (3, 0)
    # What is torn is read as far as it goes, and proves nothing.
    assert sorted(row["framed"] for row in rows.table(desk.url, "captures")) == [False, True, True]
    future, torn = desk.damaged
    assert future == f"torn.warc.gz at {len(good)}: its WARC-Date lies in the future"
    assert torn.startswith(f"torn.warc.gz at {len(good) + len(gzip.compress(both))}: ")


NO_WARC = {
    "text": lambda path: path.write_text("no WARC file\n" * 50),
    "empty": lambda path: path.write_bytes(b""),
    "gzip of text": lambda path: path.write_bytes(gzip.compress(b"no WARC file\n" * 50)),
    "torn in its first record": lambda path: path.write_bytes(member(page(1))[:400]),
    "a folder": lambda path: path.mkdir(),
}


@pytest.mark.parametrize("kind", NO_WARC)
def test_a_file_that_is_no_warc_stops_all_before_anything_is_written(
    tmp_path: Path, desk: Desk, kind: str
) -> None:
    make: Callable[[Path], object] = NO_WARC[kind]
    make(tmp_path / "odd.warc.gz")
    good = write(tmp_path / "good.warc.gz", [page(1)])
    with pytest.raises(ConfigurationError, match=r"odd\.warc\.gz is no WARC file"):
        desk.warc(good, tmp_path / "odd.warc.gz")
    assert rows.table(desk.url, "runs") == []
    assert not desk.archive.exists()


def test_a_file_that_changes_under_the_reader_costs_its_pages(tmp_path: Path, desk: Desk) -> None:
    path = write(tmp_path / "a.warc", [page(1), page(2), page(3)])

    def change() -> None:
        data = path.read_bytes().replace(f"URI: {FIRST}".encode(), f"URI: {SECOND}".encode())
        path.write_bytes(data[:-50])

    report = desk.warc(path, found=change)
    assert (report.looked, report.parsed, report.unreadable, report.exit_code) == (3, 1, 2, 1)
    assert [row["url"] for row in rows.table(desk.url, "captures")] == [SECOND]


@pytest.mark.parametrize("diff", [*long(True), False])
def test_what_cannot_be_parsed_is_put_aside_and_comes_back(tmp_path: Path, desk: Desk, diff: bool) -> None:
    path = write(tmp_path / "a.warc.gz", [capture(b"a wall", url=FIRST), page(2)])
    report = desk.warc(path, diff=diff)
    assert (report.parsed, report.quarantined, report.exit_code) == (1, 1, 1)
    (failure,) = report.failures
    assert (failure.url, failure.error_kind) == (FIRST, "PageUnrecognised")
    with Store.open(desk.url) as store:
        put_aside = store.captures.quarantined("rantburg")
    assert [one.failure.error for one in put_aside] == ([] if diff else [failure.error])
    errors = {row["url"]: row["error"] for row in rows.table(desk.url, "captures")}
    assert errors == ({} if diff else {FIRST: failure.error, SECOND: None})
    if not diff:
        assert desk.warc(path).quarantined == 1
        with Store.open(desk.url) as store:
            (again,) = store.captures.quarantined("rantburg")
        assert again.attempts == 2


@pytest.mark.long
@pytest.mark.parametrize("diff", [True, False])
def test_a_page_that_was_taken_out_of_the_archive_stays_out(tmp_path: Path, desk: Desk, diff: bool) -> None:
    path = write(tmp_path / "a.warc.gz", [page(1), page(2)])
    desk.warc(path)
    rows.execute(desk.url, "UPDATE captures SET error = 'redacted: it was asked for' WHERE id = 1")
    before = whole(desk.url)
    report = desk.warc(path, diff=diff)
    assert (report.looked, report.parsed, report.exit_code) == (1, 1, 0)
    assert whole(desk.url) == before


@pytest.mark.long
def test_small_batches_and_many_failures(tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "PAGES_AT_ONCE", 2)
    monkeypatch.setattr(batches, "FAILURES", 1)
    walls = [capture(b"a wall", url=f"{FIRST}&n={number}") for number in range(3)]
    report = desk.warc(write(tmp_path / "a.warc.gz", [*walls, page(1), page(2)]))
    assert (report.looked, report.parsed, report.quarantined, len(report.failures)) == (5, 2, 3, 1)
    assert len(rows.table(desk.url, "quarantine")) == 3


def test_a_bug_costs_one_page(
    tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    load_as_ever = Rebuilder.load

    def load(*what: Any) -> Any:
        loaded = load_as_ever(*what)
        if loaded.capture_id == 1:
            raise ZeroDivisionError("a bug")
        return loaded

    monkeypatch.setattr(Rebuilder, "load", load)
    report = desk.warc(write(tmp_path / "a.warc", [page(1), page(2), page(3)]))
    assert (report.parsed, report.quarantined) == (2, 1)
    assert [one.error for one in report.failures] == ["a bug"]
    assert "a bug in thresher failed" in caplog.text


@pytest.mark.long
def test_a_database_that_fails_ends_the_run(
    tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*_: object) -> None:
        raise StoreUnusable("the disk is full")

    path = write(tmp_path / "a.warc", [page(1)])
    with monkeypatch.context() as broken:
        broken.setattr(Rebuilder, "load", load)
        with pytest.raises(StoreUnusable, match="the disk is full"):
            desk.warc(path)
    (ran,) = rows.table(desk.url, "runs")
    assert (ran["outcome"], ran["error"]) == ("failed", "the disk is full")
    # The next run finds the page in the archive, where it was put before the database was asked.
    report = desk.warc(path)
    assert (report.looked, report.parsed) == (1, 1)
    assert len(rows.table(desk.url, "captures")) == 1
    assert len(rows.held(desk.url)) == 3


def test_a_run_that_is_interrupted_says_so(
    tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Rebuilder, "load", load)
    with pytest.raises(KeyboardInterrupt):
        desk.warc(write(tmp_path / "a.warc", [page(1)]))
    assert rows.table(desk.url, "runs")[0]["error"] == "broken off"


def test_a_source_that_is_held_is_refused(tmp_path: Path, desk: Desk) -> None:
    path = write(tmp_path / "a.warc", [page(1)])
    with Store.open(desk.url) as store, store.lock("rantburg"), pytest.raises(Busy):
        desk.warc(path)
    assert not desk.archive.exists()
