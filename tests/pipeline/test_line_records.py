"""What a harvest leaves behind beside the rows: records, provenance, and the same on either database."""

import gzip
import hashlib
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.archive import read_stored
from ingest.decide.changes.decide import decide
from ingest.store import Store
from parsers.registry import source_named
from tests.archive.warcs import passes_the_check, records
from tests.kit import rows
from tests.kit.postgres import server_or_skip
from tests.kit.rig import DAY, NOON, Rig
from tests.kit.visits import capture_row
from tests.site.faults import instead
from tests.site.model import delete_comment, edit_comment
from tests.site.pieces import Text
from tests.site.render import comments_text
from tests.site.server import SiteServer


@pytest.mark.long
def test_every_capture_reads_back_and_every_file_passes_the_check(rig: Rig, site: SiteServer) -> None:
    site.faults = [instead("HC=3", body=b"<p>Just a moment...</p>", status=403)]
    rig.harvest(DAY)
    site.gzip = False
    rig.harvest(DAY, full=True)
    files = sorted(rig.archive.iterdir())
    assert [file.suffixes[-2:] for file in files] == [[".warc", ".gz"]] * 2
    for file in files:
        assert passes_the_check(file)
        subprocess.run(["gzip", "-t", file], check=True)
    captures = rig.captures()
    assert len(captures) == 10
    with Store.open(rig.url) as store:
        for stored in store.captures.between():
            assert hashlib.sha256(read_stored(rig.archive, stored)).hexdigest() == stored.row.digest
    for row in captures:
        with (rig.archive / row["warc_file"]).open("rb") as file:
            file.seek(row["warc_offset"])
            member = gzip.decompress(file.read(row["warc_length"]))
        assert f"WARC-Target-URI: {row['url']}\r\n".encode() in member
        assert row["framed"]
    assert {row["status"] for row in captures} == {200, 403}
    (about,) = [body for kind, _, body in records(files[0]) if kind == "warcinfo"]
    assert b"robots: classic" in about
    assert b"contact: tests@localhost" in about


def test_every_row_names_the_capture_it_came_from(rig: Rig) -> None:
    rig.harvest(DAY)
    captures = {row["id"]: row for row in rig.captures()}
    for row in rows.table(rig.url, "articles"):
        capture = captures[row["capture_id"]]
        assert f"HC={row['section']}" in capture["url"]
        assert (capture["parser"], capture["revision"]) == (row["parser"], row["revision"])
        assert capture["kind"] == "section"
    for state in rows.table(rig.url, "pages"):
        if state["expected_articles"]:
            assert f"HC={state['section']}" in captures[state["capture_id"]]["url"]


def test_a_capture_that_nobody_could_read_has_no_parser(rig: Rig, site: SiteServer) -> None:
    site.faults = [instead("HC=", body=b"")]
    rig.harvest(DAY)
    # A second section may be readable where the first is not; where neither is, no third is asked for.
    assert len(rig.captures()) == 2
    for row in rig.captures():
        assert (row["parser"], row["kind"], row["encoding"]) == (None, None, None)
        assert "none of rantburg's" in row["error"]


def test_a_first_section_that_cannot_be_read_does_not_hide_the_others(rig: Rig, site: SiteServer) -> None:
    site.faults = [instead("HC=1", body=b"")]
    report = rig.harvest(DAY)
    assert report.exit_code == 1
    states = {outcome.section: outcome.state for outcome in report.outcomes}
    assert states.pop(1) == "failed"
    assert set(states.values()) == {"done"}


@pytest.mark.long
def test_a_thread_without_ids_takes_them_over(rig: Rig, site: SiteServer) -> None:
    day = site.days[DAY]
    article = next(one for one in day.of_section(1) if one.comments)
    source, before = source_named("rantburg"), NOON - timedelta(hours=5)
    url = source.url_of(source.address_of(f"comments.php?D={DAY}&ID={article.external_id}&HC=1"), site.url)
    rendition = comments_text(day, article.external_id).encode()
    page = source.parse(rendition, url=url, captured_at=before)
    assert {comment.external_id for comment in page.articles[0].comments} == {None}
    with Store.open(rig.url) as store, store.transaction() as transaction:
        held = transaction.held("rantburg", {article.external_id}, DAY)
        changes = decide(page, held, captured_at=before, complete=False)
        transaction.load(
            changes, transaction.captures.add(capture_row(source="rantburg", captured_at=before))
        )
    ids = {row["id"] for row in rows.table(rig.url, "comments")}
    assert rig.harvest(DAY).exit_code == 0
    assert rig.held == rig.shown
    assert ids <= {row["id"] for row in rows.table(rig.url, "comments") if row["external_id"]}


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    yield from server_or_skip()


def weeks_of_changes(rig: Rig, site: SiteServer) -> None:
    """A visit, an edit and a deletion, and two visits more."""
    site.put(site.days[DAY])
    day = site.days[DAY]
    said_on = next(one for one in day.of_section(2) if len(one.comments) > 1)
    first, last = said_on.comments[0].external_id, said_on.comments[-1].external_id
    assert rig.harvest(DAY).exit_code == 0
    site.change(DAY, lambda now: edit_comment(now, said_on.external_id, first, (Text("Another word."),)))
    site.change(DAY, lambda now: delete_comment(now, said_on.external_id, last))
    assert rig.harvest(DAY, full=True).exit_code == 0
    assert rig.harvest(DAY).exit_code == 0
    assert rig.held == rig.shown
    assert len(rows.versions(rig.url)) == 1
    site.put(day)


@pytest.mark.long
def test_on_postgresql_the_rows_are_the_same(server: str, site: SiteServer, tmp_path: Path) -> None:
    site.volatile = False
    on_sqlite = Rig(site, tmp_path)
    on_postgresql = Rig(site, tmp_path / "other", server)
    for rig in (on_sqlite, on_postgresql):
        weeks_of_changes(rig, site)
    assert rows.digest(on_sqlite.url) == rows.digest(on_postgresql.url)
