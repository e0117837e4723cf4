"""Pages that cannot be parsed cost themselves: they are put aside, told, and come back once they parse."""

import resource
import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.pipeline.capture_rows import index_row
from ingest.pipeline.parse.limited_process import MEBIBYTE, WorkerLimits
from ingest.pipeline.rebuild import Rebuilder
from ingest.records.pages import Quarantined
from ingest.store import Store
from tests.archive.warcs import capture, writing
from tests.jobs.reparse.again import parse_again, whole
from tests.kit import rows
from tests.kit.rig import DAY, NOON, Rig, busy_day
from tests.site.faults import instead
from tests.site.invent import invented_day
from tests.site.render import encoded, section_page
from tests.site.server import SiteServer

LIMITS = WorkerLimits(seconds=3.0, memory=300 * MEBIBYTE)
PAGE = encoded(section_page(busy_day(), 1))
NESTED = b"".join(b"<b a%d><i a%d>" % (number, number) for number in range(1000))
CRAFTED = {
    "bold and italics that every paragraph opens anew": b"<p>" + NESTED + b"<p>x" * 1500,
    "divisions 100,000 deep": b"<div>" * 100_000,
    "lists 150,000 deep": b"<dl><dd>" * 150_000,
}


def url_of(section: int) -> str:
    return f"http://www.rantburg.com/?D=04/14/2018&HC={section}&SO="


def keep(rig: Rig, bodies: Mapping[str, bytes]) -> None:
    """Put captures into the archive and the index that nobody has read."""
    with Store.open(rig.url) as store, writing(rig.archive) as writer:
        for number, (url, body) in enumerate(bodies.items()):
            kept = capture(body, url=url, captured_at=NOON + timedelta(minutes=number))
            written = writer.append(kept)
            with store.transaction() as transaction:
                transaction.captures.add(index_row(kept, written, source="rantburg", run_id=None, url=url))


def quarantined(rig: Rig) -> tuple[Quarantined, ...]:
    with Store.open(rig.url) as store:
        return store.captures.quarantined("rantburg")


@pytest.fixture
def plain(site: SiteServer, tmp_path: Path) -> Rig:
    return Rig.ready(site, tmp_path)


@pytest.mark.long
def test_crafted_pages_end_in_quarantine_and_the_others_load(plain: Rig) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    whole_pages = {url_of(section): encoded(section_page(busy_day(), section)) for section in (1, 2, 3, 4, 6)}
    crafted = {
        f"{url_of(5)}&n={number}": PAGE.replace(b"</body>", more + b"</body>")
        for number, more in enumerate(CRAFTED.values())
    }
    keep(plain, crafted | whole_pages)
    report = parse_again(plain, workers=2, limits=LIMITS)
    assert (report.looked, report.parsed, report.quarantined) == (8, 5, 3)
    assert report.exit_code == 1
    assert plain.held == plain.shown
    assert {one.failure.url for one in quarantined(plain)} == set(crafted)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (after - before) * 1024 < 120 * MEBIBYTE


def test_a_page_that_fails_to_parse_is_put_aside_by_a_harvest(plain: Rig, site: SiteServer) -> None:
    site.faults = [instead("HC=2", body=encoded(section_page(busy_day(), 2)).replace(b"04/14/2018", b"-"))]
    assert plain.harvest(DAY).exit_code == 1
    (one,) = quarantined(plain)
    assert (one.attempts, one.failure.url) == (1, f"{site.url}?D=04/14/2018&HC=2&SO=")
    assert one.failure.error in {row["error"] for row in plain.captures()}


@pytest.mark.long
def test_an_answer_that_is_no_page_is_not_put_aside(plain: Rig, site: SiteServer) -> None:
    site.faults = [instead("HC=2", body=b"gone", status=404)]
    assert plain.harvest(DAY).exit_code == 1
    assert quarantined(plain) == ()


def broken(rig: Rig, capture_id: int) -> None:
    """Point a capture at another source's address, as an address that the pack did not know yet would."""
    rows.execute(
        rig.url, f"UPDATE captures SET url = 'http://elsewhere.example/nothing.php' WHERE id = {capture_id}"
    )


def mended(rig: Rig, capture_id: int, url: str) -> None:
    rows.execute(rig.url, f"UPDATE captures SET url = '{url}' WHERE id = {capture_id}")


@pytest.mark.long
def test_a_capture_leaves_quarantine_when_it_parses(rig: Rig) -> None:
    before, url = whole(rig.url), rig.captures()[6]["url"]
    broken(rig, 7)
    report = parse_again(rig, everything=True)
    assert (report.parsed, report.quarantined, report.run_outcome) == (19, 1, "incomplete")
    (one,) = quarantined(rig)
    assert (one.failure.capture_id, one.failure.error_kind, one.attempts) == (7, "AddressUnknown", 1)
    (told,) = report.failures
    assert told == one.failure

    assert parse_again(rig).quarantined == 1  # what failed is tried again, though no parser is newer
    (again,) = quarantined(rig)
    assert (again.quarantine_id, again.attempts) == (one.quarantine_id, 2)
    assert again.first_failed_at == one.failure.failed_at < again.failure.failed_at

    mended(rig, 7, url)
    assert parse_again(rig).parsed == 1
    assert quarantined(rig) == ()
    assert whole(rig.url) == before


@pytest.mark.long
def test_a_diff_puts_nothing_aside(rig: Rig) -> None:
    broken(rig, 7)
    before = whole(rig.url)
    report = parse_again(rig, everything=True, diff=True)
    assert (report.quarantined, report.exit_code) == (1, 1)
    assert whole(rig.url) == before
    assert quarantined(rig) == ()


def test_a_field_that_is_missing_is_named(plain: Rig) -> None:
    body = PAGE.replace(b"04/14/2018 ", b"02/30/2018 ")
    keep(plain, {url_of(1): body})
    assert parse_again(plain).quarantined == 1
    (one,) = quarantined(plain)
    assert one.failure.field is not None
    assert one.failure.field in one.failure.error


@pytest.mark.long
def test_a_section_that_failed_is_done_once_its_capture_parses(own_rig: Rig, site: SiteServer) -> None:
    day = invented_day(DAY.replace(day=15), articles={1: 2, 2: 2}, comments=8, first_article=600_000,
                       first_comment=6_000_000)  # fmt: skip
    site.put(day)
    page = encoded(section_page(day, 2))
    site.faults = [instead("D=04/15/2018&HC=2", body=page.replace(b"04/15/2018", b"-"))]
    own_rig.harvest(day.day)
    assert own_rig.page_states()[day.day, 2] == "failed"
    failed = own_rig.captures()[-1]
    site.faults = []
    keep_instead(own_rig, failed["id"], page)
    assert parse_again(own_rig).parsed == 1
    assert own_rig.page_states()[day.day, 2] == "done"
    assert own_rig.held == own_rig.shown
    own_rig.harvest(day.day)
    assert len(own_rig.asked) == 1


def keep_instead(rig: Rig, capture_id: int, body: bytes) -> None:
    """Let a capture's row name a record with another body: as if the parser had been mended."""
    with writing(rig.archive) as writer:
        written = writer.append(capture(body))
    rows.execute(
        rig.url,
        f"UPDATE captures SET warc_file = '{written.file}', warc_offset = {written.offset}, "
        f"warc_length = {written.length} WHERE id = {capture_id}",
    )


@pytest.mark.long
def test_a_damaged_archive_costs_its_captures_and_changes_no_row(rig: Rig) -> None:
    file = next(rig.archive.glob("*.gz"))
    file.write_bytes(b"")
    before = whole(rig.url)
    report = parse_again(rig, everything=True)
    assert report.unreadable > 0
    assert report.parsed + report.unreadable == 20
    assert report.exit_code == 1
    assert whole(rig.url) == before
    assert quarantined(rig) == ()
    shutil.rmtree(rig.archive)


def test_a_bug_while_loading_costs_one_page(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    load_as_ever = Rebuilder.load

    def load(*what: Any) -> Any:
        loaded = load_as_ever(*what)
        if loaded.capture_id == 7:
            raise ZeroDivisionError("a bug")
        return loaded

    before = {name: rows.table(rig.url, name) for name in ("articles", "comments", "pages")}
    # What was never read is for the writer to look at, even if nothing comes of it.
    rows.execute(rig.url, "UPDATE captures SET parser = NULL")
    monkeypatch.setattr(Rebuilder, "load", load)
    report = parse_again(rig, everything=True)
    assert (report.parsed, report.quarantined) == (19, 1)
    assert quarantined(rig)[0].failure.error_kind == "ZeroDivisionError"
    assert "a bug in thresher failed" in caplog.text
    assert {name: rows.table(rig.url, name) for name in before} == before
