"""What must not change, and what must come back: the same parser over the same captures."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import Busy, StoreUnusable
from ingest.jobs.reparse import batches, selection
from ingest.pipeline.parse import pool
from ingest.store import Store
from parsers.registry import source_named
from tests.jobs.reparse.again import parse_again, whole
from tests.kit import rows
from tests.kit.marks import long
from tests.kit.rig import DAY, Rig

COMMENT = "4000003"


@pytest.mark.parametrize("workers", [1, *long(2)])
def test_an_unchanged_parser_changes_no_row(rig: Rig, workers: int) -> None:
    before, asked = whole(rig.url), len(rig.site.requests)
    assert rows.versions(rig.url)
    assert rows.vanished(rig.url)
    report = parse_again(rig, everything=True, workers=workers)
    assert (report.looked, report.parsed, report.exit_code) == (20, 20, 0)
    assert report.fields == ()
    assert report.articles.new == report.articles.modified == report.articles.vanished == 0
    assert whole(rig.url) == before
    assert len(rig.site.requests) == asked


def test_nothing_is_behind_after_a_harvest(rig: Rig) -> None:
    assert parse_again(rig).looked == 0


@pytest.mark.long
def test_a_run_changes_no_row_in_small_batches_either(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "PAGES_AT_ONCE", 3)
    monkeypatch.setattr(selection, "AT_ONCE", 2)
    before = whole(rig.url)
    assert parse_again(rig, everything=True, workers=2).parsed == 20
    assert whole(rig.url) == before


def damage(url: str) -> None:
    rows.misquote(url, COMMENT, "not what was said")
    rows.execute(url, f"UPDATE comments SET author = NULL WHERE external_id = '{COMMENT}'")
    rows.execute(url, "UPDATE articles SET title = 'no such title', views = 1 WHERE external_id = '510003'")
    rows.execute(url, "DELETE FROM comments WHERE external_id = '4000006'")


DAMAGED = {"article.title": 1, "article.views": 1, "comment.author": 1, "comment.text": 1}


@pytest.mark.long
@pytest.mark.parametrize("workers", [1, *long(2)])
def test_damaged_rows_are_put_right(rig: Rig, workers: int) -> None:
    shown = rig.held
    assert shown == rig.shown
    damage(rig.url)
    damaged, asked = whole(rig.url), len(rig.site.requests)
    assert rig.held != shown

    health = rows.table(rig.url, "parser_health")
    told = parse_again(rig, everything=True, diff=True, workers=workers)
    assert whole(rig.url) == damaged
    assert rows.table(rig.url, "parser_health") == health
    assert {change.name: change.rows for change in told.fields} == DAMAGED
    (sample,) = next(change.samples for change in told.fields if change.name == "comment.text")
    assert (sample.comment, sample.before) == (COMMENT, "not what was said")
    assert told.comments.new == 1

    done = parse_again(rig, everything=True, workers=workers)
    assert {change.name: change.rows for change in done.fields} == DAMAGED
    assert rig.held == shown
    assert len(rig.site.requests) == asked
    assert parse_again(rig, everything=True).fields == ()


@pytest.mark.long
@pytest.mark.parametrize("diff", [False, True], ids=["real", "diff"])
def test_what_workers_pass_over_the_writer_would_have_passed_over(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, *, diff: bool
) -> None:
    """The same run twice: workers look whether a page changes anything, or hand each on to the writer."""
    monkeypatch.setattr(batches, "PAGES_AT_ONCE", 3)
    monkeypatch.setattr(pool, "AT_ONCE", 2)
    damage(rig.url)
    rows.execute(rig.url, "UPDATE comments SET last_seen_at = '2018-04-14T17:30:00.000000Z' WHERE id % 5 = 0")
    rows.execute(rig.url, "UPDATE pages SET held_comments = held_comments + 1 WHERE section = 2")
    rows.execute(rig.url, "UPDATE captures SET encoding = 'utf-16' WHERE id % 4 = 0")
    copy = rig.archive.parent / "copy.sqlite3"
    rows.execute(rig.url, f"VACUUM INTO '{copy}'")
    looked = parse_again(rig, everything=True, workers=2, diff=diff)
    quick = whole(rig.url)
    rig.clock.advance(-60)
    rig.url = str(copy)
    monkeypatch.setattr(Store, "url", None)
    handed = parse_again(rig, everything=True, workers=2, diff=diff)
    assert whole(rig.url) == quick
    told = {**looked.as_json(), "seconds": 0, "run": 0}
    assert told == {**handed.as_json(), "seconds": 0, "run": 0}
    assert looked.fields


@pytest.mark.long
def test_a_diff_in_small_batches_counts_a_row_once(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "PAGES_AT_ONCE", 1)
    damage(rig.url)
    told = parse_again(rig, everything=True, diff=True)
    assert {change.name: change.rows for change in told.fields} == DAMAGED
    assert told.comments.new == 1


@pytest.mark.long
def test_the_order_and_the_number_of_processes_make_no_difference(rig: Rig, tmp_path: Path) -> None:
    """The rows are thrown away and made anew from the captures, whose rows lie in any order."""
    rows.execute(rig.url, "UPDATE captures SET parser = NULL, revision = NULL, kind = NULL")
    for name in ("comment_versions", "article_versions", "comments", "pages", "articles"):
        rows.execute(rig.url, f"DELETE FROM {name}")
    digests = set()
    for number, workers in enumerate((1, 2, 2)):
        copied = tmp_path / f"copy-{number}.sqlite3"
        shutil.copy(rig.url, copied)
        if number == 2:
            rows.execute(str(copied), "UPDATE captures SET id = 1000 - id")
        other = Rig(rig.site, tmp_path, str(copied))
        assert parse_again(other, workers=workers).parsed == 20
        assert other.held == rig.shown
        rows.execute(str(copied), "DELETE FROM runs")  # a report names its run and captures by their ids
        digests.add(rows.digest(str(copied)))
    assert len(digests) == 1


@pytest.mark.long
def test_a_rebuilt_database_says_what_the_harvested_one_said(rig: Rig) -> None:
    held, versions, gone = rig.held, sorted(rows.versions(rig.url)), rows.vanished(rig.url)
    states = rig.page_states()
    rows.execute(rig.url, "UPDATE captures SET parser = NULL, revision = NULL, kind = NULL")
    for name in ("comment_versions", "article_versions", "comments", "pages", "articles"):
        rows.execute(rig.url, f"DELETE FROM {name}")
    parse_again(rig)
    assert rig.held == held
    assert sorted(rows.versions(rig.url)) == versions
    assert rows.vanished(rig.url) == gone
    assert rig.page_states() == states


@pytest.mark.long
def test_a_new_revision_is_read_once(rig: Rig) -> None:
    source = source_named("rantburg")
    newer = replace(source, templates=tuple(replace(one, revision=3) for one in source.templates))
    assert parse_again(rig, source=newer, diff=True).looked == 20
    # The workers know only the registered revision: what they read stays behind, and is tried again.
    assert parse_again(rig, source=newer).parsed == 20
    rows.execute(rig.url, "UPDATE captures SET revision = 3 WHERE id > 5")
    assert parse_again(rig, source=newer, diff=True).looked == 5
    rows.execute(rig.url, "UPDATE captures SET parser = 'rantburg.of_old' WHERE id = 7")
    assert parse_again(rig, source=newer, diff=True).looked == 6


@pytest.mark.parametrize(
    ("window", "looked"),
    [
        pytest.param({"since": DAY}, 20, marks=pytest.mark.long),
        pytest.param({"until": DAY}, 20, marks=pytest.mark.long),
        ({"since": DAY, "until": DAY}, 20),
        ({"since": DAY.replace(day=15)}, 0),
        ({"until": DAY.replace(day=13)}, 0),
    ],
)
def test_a_window_is_of_the_days_of_the_addresses(rig: Rig, window: dict[str, Any], looked: int) -> None:
    rows.execute(rig.url, "UPDATE captures SET captured_at = '2020' || substr(captured_at, 5)")
    assert parse_again(rig, everything=True, diff=True, **window).looked == looked


@pytest.mark.long
def test_an_address_without_a_day_is_outside_every_window(rig: Rig) -> None:
    rows.execute(rig.url, "UPDATE captures SET url = 'http://elsewhere.example/what' WHERE id = 3")
    rows.execute(rig.url, "UPDATE captures SET url = url || '&HC=1' WHERE id = 4")
    told = parse_again(rig, everything=True, diff=True, since=DAY)
    assert told.looked in {18, 19}
    told = parse_again(rig, everything=True, diff=True)
    assert told.looked == 20


@pytest.mark.long
def test_a_sample_is_spread_over_the_window(rig: Rig) -> None:
    assert parse_again(rig, everything=True, diff=True, sample=4).looked == 4
    assert parse_again(rig, everything=True, diff=True, sample=400).looked == 20


@pytest.mark.long
def test_answers_that_are_no_pages_are_left_alone(rig: Rig) -> None:
    rows.execute(rig.url, "UPDATE captures SET status = 503 WHERE id = 3")
    assert parse_again(rig, everything=True, diff=True).looked == 19


def test_a_source_that_is_held_is_refused(rig: Rig) -> None:
    with Store.open(rig.url) as store, store.lock("rantburg"), pytest.raises(Busy):
        parse_again(rig, everything=True)


def test_a_missing_archive_is_told_before_anything_is_begun(rig: Rig) -> None:
    rig.settings = replace(rig.settings, archive=rig.archive / "elsewhere")
    before = len(rows.table(rig.url, "runs"))
    with pytest.raises(StoreUnusable, match="there is no folder"):
        parse_again(rig, everything=True)
    assert len(rows.table(rig.url, "runs")) == before


@pytest.mark.long
def test_the_report_is_kept_with_the_run(rig: Rig) -> None:
    damage(rig.url)
    for diff in (True, False):
        report = parse_again(rig, everything=True, diff=diff)
        with Store.open(rig.url) as store:
            (kept,) = store.runs.newest(1)
        assert kept.report == report.as_json()
        assert kept.command == ("reparse --diff" if diff else "reparse")
        assert kept.outcome == "complete"


@pytest.mark.long
def test_what_an_older_revision_has_read_can_be_named(rig: Rig) -> None:
    rows.execute(rig.url, "UPDATE captures SET revision = 3 WHERE id <= 5")
    rows.execute(rig.url, "UPDATE captures SET parser = NULL, revision = NULL WHERE id = 6")
    assert parse_again(rig, revision=2, diff=True).looked == 14
    assert parse_again(rig, revision=3, diff=True).looked == 19
