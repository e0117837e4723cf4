"""The pages of fixtures go the way of a WARC file's pages, and change nothing once they are loaded."""

import json
import random
import shutil
from pathlib import Path

import pytest

from ingest.errors import ConfigurationError, StoreUnusable
from ingest.jobs.packs.fixtures import read_all
from tests.archive.warcs import capture
from tests.jobs.reparse.again import whole
from tests.jobs.reparse.elsewhere import Desk, write
from tests.kit import rows

FIXTURES = Path(__file__).parents[3] / "fixtures"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk")


def test_a_spool_that_cannot_be_written_is_told(
    tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Nowhere:
        def __init__(self, **_: object) -> None: ...
        def __enter__(self) -> str:
            return str(tmp_path / "nowhere")

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr("ingest.jobs.imports.warc_files.TemporaryDirectory", Nowhere)
    with pytest.raises(StoreUnusable, match="nowhere"):
        desk.fixtures(FIXTURES)


@pytest.mark.long
def test_fixtures_change_nothing_once_they_are_loaded(desk: Desk) -> None:
    cases = [one for one in read_all(FIXTURES) if one.url]
    first = desk.fixtures(FIXTURES)
    assert first.looked == len({(one.captured_at, one.url, one.body) for one in cases})
    assert first.looked == first.parsed + first.quarantined
    assert desk.others == 1  # the one without an address
    errors = {(one.url, one.body) for one in cases if "error" in json.dumps(one.accepted)[:10]}
    assert first.quarantined == len(errors)
    assert first.articles.new > 0
    before = whole(desk.url)
    told = desk.fixtures(FIXTURES, diff=True)
    assert whole(desk.url) == before
    again = desk.fixtures(FIXTURES)
    for report in (told, again):
        assert report.captures() == first.captures()
        assert report.fields == ()
        for counts in (report.articles, report.comments):
            assert (counts.new, counts.modified, counts.vanished, counts.returned) == (0, 0, 0, 0)
    held = ("articles", "comments", "article_versions", "comment_versions", "pages")
    after = {name: rows.table(desk.url, name) for name in held}
    desk.fixtures(FIXTURES, workers=2)
    assert {name: rows.table(desk.url, name) for name in held} == after


@pytest.mark.long
def test_fixtures_and_a_warc_file_of_their_pages_are_the_same(tmp_path: Path, desk: Desk) -> None:
    cases = [one for one in read_all(FIXTURES) if one.url and one.folder.name.startswith("demo-day")]
    root = tmp_path / "fixtures"
    for one in cases:
        shutil.copytree(one.folder, root / one.source / one.folder.name)
    captures = [
        capture(
            one.body,
            url=one.url,
            captured_at=one.captured_at,
            response_headers=((b"Content-Type", (one.content_type or "").encode()),),
        )
        for one in cases
    ]
    random.Random(4711).shuffle(captures)
    desk.fixtures(root)
    other = Desk(tmp_path / "other")
    other.warc(write(tmp_path / "demo.warc.gz", captures))
    assert rows.held(desk.url) == rows.held(other.url) != []
    rows.execute(desk.url, "DELETE FROM runs")
    rows.execute(other.url, "DELETE FROM runs")
    assert rows.digest(desk.url) == rows.digest(other.url)


def test_a_folder_without_fixtures_and_a_fixture_of_tomorrow(tmp_path: Path, desk: Desk) -> None:
    with pytest.raises(ConfigurationError, match="no fixtures below"):
        desk.fixtures(tmp_path)
    case = tmp_path / "fixtures" / "rantburg" / "of-tomorrow"
    shutil.copytree(FIXTURES / "rantburg" / "empty-title", case)
    meta = json.loads((case / "meta.json").read_text())
    (case / "meta.json").write_text(json.dumps(meta | {"captured_at": "2100-01-01T00:00:00"}))
    with pytest.raises(ConfigurationError, match="of-tomorrow: its captured_at is in the future"):
        desk.fixtures(tmp_path / "fixtures")
    assert rows.table(desk.url, "runs") == []
