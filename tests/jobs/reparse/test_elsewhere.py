"""Pages of others' files: their order makes no difference, and what is held is not lost by them."""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from ingest.jobs.reparse import batches
from ingest.pipeline.rebuild import Rebuilder
from ingest.records.capture import Capture
from tests.archive.warcs import passes_the_check
from tests.jobs.reparse.again import whole
from tests.jobs.reparse.elsewhere import Desk, captures_of, member, scattered, write
from tests.kit import rows
from tests.kit.rig import DAY, Rig

ORDERS = {"as they are": (0, 1, 2), "backwards": (2, 1, 0), "the middle first": (1, 2, 0)}


@pytest.fixture
def captures(rig: Rig) -> list[Capture]:
    return captures_of(rig)


@pytest.fixture
def files(captures: list[Capture], tmp_path: Path) -> list[Path]:
    return scattered(captures, tmp_path)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk")


def listing(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def archived(desk: Desk) -> list[Path]:
    return sorted(desk.archive.iterdir())


@pytest.mark.long
def test_the_order_of_the_files_makes_no_difference(files: list[Path], rig: Rig, tmp_path: Path) -> None:
    digests = set()
    for number, order in enumerate(ORDERS.values()):
        desk = Desk(tmp_path / f"desk-{number}")
        report = desk.warc(*(files[place] for place in order), workers=1 + number % 2)
        assert (report.looked, report.parsed, report.exit_code, desk.damaged) == (20, 20, 0, [])
        assert desk_says(desk) == rig_says(rig)
        rows.execute(desk.url, "DELETE FROM runs")
        digests.add(rows.digest(desk.url))
    assert len(digests) == 1


def desk_says(desk: Desk) -> tuple[Any, ...]:
    return rows.held(desk.url), sorted(rows.versions(desk.url)), rows.vanished(desk.url), states(desk.url)


def rig_says(rig: Rig) -> tuple[Any, ...]:
    return rig.held, sorted(rows.versions(rig.url)), rows.vanished(rig.url), states(rig.url)


def states(url: str) -> dict[int, str]:
    return {row["section"]: row["state"] for row in rows.table(url, "pages")}


def test_what_is_taken_in_lies_in_our_archive(files: list[Path], desk: Desk) -> None:
    desk.warc(*files)
    (path,) = archived(desk)
    assert passes_the_check(path)
    captures = rows.table(desk.url, "captures")
    assert {row["warc_file"] for row in captures} == {path.name}
    assert [row["captured_at"] for row in captures] == sorted(row["captured_at"] for row in captures)
    (ran,) = rows.table(desk.url, "runs")
    assert (ran["command"], ran["outcome"]) == ("reparse --warc", "complete")
    assert {row["run_id"] for row in rows.table(desk.url, "parser_health")} == {ran["id"]}


@pytest.mark.long
def test_a_second_time_nothing_changes(files: list[Path], desk: Desk) -> None:
    first = desk.warc(*files)
    assert first.articles.new > 0
    before, archive = whole(desk.url), listing(desk.archive)
    for diff in (True, False):
        again = desk.warc(*files, diff=diff)
        assert (again.looked, again.parsed, again.fields) == (20, 20, ())
        assert again.articles.new == again.articles.modified == again.comments.modified == 0
        assert whole(desk.url) == before
        assert listing(desk.archive) == archive


@pytest.mark.long
def test_a_run_that_was_broken_off_is_made_whole_by_the_next(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = Desk(tmp_path / "undisturbed")
    undisturbed.warc(*files)
    rows.execute(undisturbed.url, "DELETE FROM runs")
    monkeypatch.setattr(batches, "PAGES_AT_ONCE", 3)
    for number in (0, 7, 18):
        desk = Desk(tmp_path / f"desk-{number}")
        loads = count()

        def load(
            *what: Any, loads: Iterator[int] = loads, last: int = number, load: Any = Rebuilder.load
        ) -> object:
            if next(loads) == last:
                raise KeyboardInterrupt
            return load(*what)

        with monkeypatch.context() as broken:
            broken.setattr(Rebuilder, "load", load)
            with pytest.raises(KeyboardInterrupt):
                desk.warc(*files)
        assert len(rows.table(desk.url, "captures")) == number // 3 * 3
        assert desk.warc(*reversed(files)).parsed == 20
        rows.execute(desk.url, "DELETE FROM runs")
        assert rows.digest(desk.url) == rows.digest(undisturbed.url)


@pytest.mark.long
def test_a_diff_tells_what_the_run_does_and_changes_nothing(files: list[Path], desk: Desk) -> None:
    told = desk.warc(*files, diff=True)
    assert not desk.archive.exists()
    for table in ("captures", "articles", "comments", "pages", "quarantine", "parser_health"):
        assert rows.table(desk.url, table) == []
    (ran,) = rows.table(desk.url, "runs")
    assert ran["command"] == "reparse --diff"
    done = desk.warc(*files)
    assert (told.diff, told.captures()) == (True, done.captures())
    assert told.articles == done.articles
    assert told.comments == done.comments
    assert [one.name for one in told.fields] == [one.name for one in done.fields]


@pytest.mark.long
def test_an_older_page_fills_only_what_is_missing(
    captures: list[Capture], desk: Desk, tmp_path: Path
) -> None:
    ordered = sorted(captures, key=lambda one: one.captured_at)
    desk.warc(write(tmp_path / "new.warc.gz", ordered[15:]))
    held, ledger = without_labels(desk), states(desk.url)
    rows.execute(desk.url, "UPDATE articles SET posted_by = NULL WHERE external_id = '510001'")
    report = desk.warc(write(tmp_path / "old.warc.gz", ordered[:15]))
    assert report.parsed == 15
    # A label that an edit took away is a gap too, which only the order of the captures could tell.
    assert {one.name for one in report.fields} == {"article.posted_by", "article.label"}
    assert without_labels(desk) == held
    assert states(desk.url) == ledger


def without_labels(desk: Desk) -> rows.Rows:
    return [{key: value for key, value in row.items() if key != "label"} for row in rows.held(desk.url)]


@pytest.mark.long
def test_what_is_held_is_parsed_again_and_put_right(files: list[Path], desk: Desk) -> None:
    desk.warc(*files)
    right, archive = rows.held(desk.url), listing(desk.archive)
    rows.misquote(desk.url, "4000003", "not what was said")
    wrong = whole(desk.url)
    told = desk.warc(*files, diff=True)
    assert whole(desk.url) == wrong
    done = desk.warc(*files)
    for report in (told, done):
        assert [(one.name, one.rows) for one in report.fields] == [("comment.text", 1)]
    assert rows.held(desk.url) == right
    assert listing(desk.archive) == archive


@pytest.mark.long
def test_a_response_that_several_files_hold_counts_once(
    captures: list[Capture], desk: Desk, tmp_path: Path
) -> None:
    first, *_ = captures
    record = gzip.decompress(member(first))
    cut = record.replace(b"WARC/1.1\r\n", b"WARC/1.1\r\nWARC-Truncated: length\r\n", 1)
    (tmp_path / "a.warc").write_bytes(cut + record)
    assert desk.warc(tmp_path / "a.warc", write(tmp_path / "b.warc.gz", [first, first])).looked == 1
    (row,) = rows.table(desk.url, "captures")
    assert row["framed"]


@pytest.mark.parametrize(
    ("wanted", "looked"),
    [
        pytest.param({"since": DAY}, 20, id="since", marks=pytest.mark.long),
        pytest.param({"until": DAY.replace(day=13)}, 0, id="until"),
        pytest.param({"diff": True, "sample": 4}, 4, id="sample"),
        pytest.param({"diff": True, "sample": 400}, 20, id="large sample", marks=pytest.mark.long),
    ],
)
def test_a_window_and_a_sample(files: list[Path], desk: Desk, wanted: dict[str, Any], looked: int) -> None:
    assert desk.warc(*files, **wanted).looked == looked


def test_answers_that_are_no_pages_are_left_alone(
    captures: list[Capture], desk: Desk, tmp_path: Path
) -> None:
    gone = replace(captures[0], status=404)
    other = replace(captures[1], url="http://other.example/")
    report = desk.warc(write(tmp_path / "a.warc", [gone, other, captures[2]]))
    assert (report.looked, desk.others, desk.damaged) == (1, 1, [])
    assert len(rows.table(desk.url, "captures")) == 1
