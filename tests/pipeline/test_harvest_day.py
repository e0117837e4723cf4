"""A day harvested again and again while the site changes: what is asked for, and what is held after."""

import logging
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from ingest.jobs.verify import cover
from ingest.store import Store
from schedules.windows import Window
from tests.kit import rows
from tests.kit.rig import COMMENTS, DAY, HOUR, NOON, Rig, busy_day
from tests.site.invent import article, comment, sentence
from tests.site.model import (
    Day,
    add_article,
    add_comment,
    change_article,
    delete_article,
    delete_comment,
    edit_comment,
    move_article,
)
from tests.site.pieces import Text, shown_in
from tests.site.server import SiteServer

LATE = datetime(2018, 4, 14, 22, 5)


def spoken(day: Day, section: int) -> tuple[str, tuple[str, ...]]:
    """An article of the section with comments, and their ids."""
    found = next(one for one in day.of_section(section) if len(one.comments) > 1)
    return found.external_id, tuple(said.external_id for said in found.comments)


def sections(paths: list[str]) -> list[int]:
    return [int(path.partition("HC=")[2][0]) for path in paths]


@pytest.fixture
def harvested(rig: Rig) -> Rig:
    assert rig.harvest(DAY).exit_code == 0
    return rig


def test_a_day_costs_a_page_a_section_that_has_articles(rig: Rig) -> None:
    report = rig.harvest(DAY)
    assert (report.requests, sections(rig.asked)) == (5, [1, 2, 3, 4, 6])
    assert (report.exit_code, report.articles.new, report.comments.new) == (0, 9, COMMENTS)
    assert rig.held == rig.shown
    assert set(rig.page_states().values()) == {"done"}
    assert rig.told == list(report.outcomes)


def test_again_at_once_it_costs_one_page(harvested: Rig) -> None:
    report = harvested.harvest(DAY)
    assert (report.requests, report.exit_code) == (1, 0)
    assert (report.articles.unmodified, report.comments.new) == (3, 0)
    assert harvested.held == harvested.shown
    assert rows.versions(harvested.url) == []


def test_each_decision_logs_its_reason(
    harvested: Rig, site: SiteServer, caplog: pytest.LogCaptureFixture
) -> None:
    article_id, ids = spoken(site.days[DAY], 3)
    site.change(DAY, lambda day: delete_comment(day, article_id, ids[0]))
    with caplog.at_level(logging.DEBUG):
        harvested.harvest(DAY)
    held = len(ids)
    assert {
        f"{DAY}, section 1: fetched: a look at the catalogue",
        f"{DAY}, section 2: left out: nothing differs",
        f"{DAY}, section 3: fetched: article {article_id} has {held - 1} comments and {held} are held",
    } <= set(caplog.messages)
    assert any(message.endswith(", 1 vanished") for message in caplog.messages)


def test_only_sections_that_changed_are_asked_for(harvested: Rig, site: SiteServer) -> None:
    said_on = spoken(site.days[DAY], 2)
    newest = comment(77, posted=LATE, external_id=4_900_000)
    site.change(DAY, lambda day: add_comment(day, said_on[0], newest))
    deleted_from, ids = spoken(site.days[DAY], 3)
    site.change(DAY, lambda day: delete_comment(day, deleted_from, ids[0]))
    report = harvested.harvest(DAY)
    assert sections(harvested.asked) == [1, 2, 3]
    assert (report.comments.new, report.comments.vanished) == (1, 1)
    assert harvested.held == harvested.shown
    assert rows.vanished(harvested.url) == {ids[0]}
    kept = next(row for row in rows.table(harvested.url, "comments") if row["external_id"] == ids[0])
    assert kept["vanished_at"] == NOON + 2 * HOUR


@pytest.mark.long
def test_an_edit_is_seen_by_a_full_visit_and_both_texts_are_kept(harvested: Rig, site: SiteServer) -> None:
    said_on, ids = spoken(site.days[DAY], 2)
    before = site.days[DAY].article(said_on).comments[0].body
    site.change(DAY, lambda day: edit_comment(day, said_on, ids[0], (Text("On reflection: no."),)))
    assert harvested.harvest(DAY).comments.modified == 0
    report = harvested.harvest(DAY, full=True)
    assert (report.requests, report.comments.modified) == (5, 1)
    assert harvested.held == harvested.shown
    assert rows.versions(harvested.url) == [(shown_in(before), NOON + HOUR, NOON + 3 * HOUR)]


@pytest.mark.long
def test_later_comments_move_up_a_number_and_keep_their_id(harvested: Rig, site: SiteServer) -> None:
    said_on, ids = spoken(site.days[DAY], 1)
    numbers = {row["external_id"]: row["id"] for row in rows.table(harvested.url, "comments")}
    site.change(DAY, lambda day: delete_comment(day, said_on, ids[0]))
    harvested.harvest(DAY)
    after = {row["external_id"]: row for row in rows.table(harvested.url, "comments")}
    assert [after[one]["number"] for one in ids[1:]] == list(range(1, len(ids)))
    assert {one: row["id"] for one, row in after.items()} == numbers


@pytest.mark.long
def test_a_deleted_comment_that_comes_back_is_returned(harvested: Rig, site: SiteServer) -> None:
    day = site.days[DAY]
    said_on, ids = spoken(day, 3)
    site.change(DAY, lambda now: delete_comment(now, said_on, ids[-1]))
    assert harvested.harvest(DAY).comments.vanished == 1
    site.put(day)
    report = harvested.harvest(DAY)
    assert (report.comments.returned, report.comments.new) == (1, 0)
    assert harvested.held == harvested.shown
    assert rows.vanished(harvested.url) == set()


@pytest.mark.long
def test_other_views_alone_write_no_version(harvested: Rig, site: SiteServer) -> None:
    views = {row["external_id"]: row["views"] for row in rows.table(harvested.url, "articles")}
    report = harvested.harvest(DAY, full=True)
    assert (report.articles.modified, report.comments.modified) == (0, 0)
    assert rows.versions(harvested.url) == []
    after = {row["external_id"]: row["views"] for row in rows.table(harvested.url, "articles")}
    assert all(after[one] > views[one] for one in views)


@pytest.mark.long
def test_articles_come_go_move_and_are_edited(harvested: Rig, site: SiteServer) -> None:
    day = site.days[DAY]
    gone = day.of_section(3)[0].external_id
    moved = day.of_section(6)[0].external_id
    edited = replace(day.of_section(2)[0], body=(Text(sentence(4711)),))
    site.change(DAY, lambda now: delete_article(now, gone))
    site.change(DAY, lambda now: move_article(now, moved, section=5))
    site.change(DAY, lambda now: change_article(now, edited))
    new = article(99, section=4, category="Tea & Trade", day=DAY, external_id=519_999)
    site.change(DAY, lambda now: add_article(now, new))
    report = harvested.harvest(DAY, full=True)
    assert report.exit_code == 0
    assert (report.articles.new, report.articles.vanished) == (1, 1)
    assert harvested.held == harvested.shown
    assert gone in rows.vanished(harvested.url)


@pytest.mark.long
def test_an_article_that_moves_to_a_later_section_leaves_none_short(harvested: Rig, site: SiteServer) -> None:
    moved = site.days[DAY].of_section(2)[0].external_id
    site.change(DAY, lambda now: move_article(now, moved, section=5))
    report = harvested.harvest(DAY, full=True)
    assert (report.exit_code, report.articles.modified, report.articles.new) == (0, 1, 0)
    assert harvested.held == harvested.shown


def test_a_section_whose_last_article_goes_is_done_with_nothing(harvested: Rig, site: SiteServer) -> None:
    gone = site.days[DAY].of_section(6)[0].external_id
    site.change(DAY, lambda now: delete_article(now, gone))
    report = harvested.harvest(DAY)
    assert (report.exit_code, report.requests, report.articles.vanished) == (0, 1, 1)
    assert harvested.page_states()[DAY, 6] == "done"
    assert harvested.held == harvested.shown


def test_a_day_with_nothing_is_done(rig: Rig, site: SiteServer) -> None:
    empty = date(2018, 4, 13)
    report = rig.harvest(empty)
    assert (report.exit_code, report.requests) == (0, 1)
    states = rows.table(rig.url, "pages")
    assert {(row["state"], row["expected_articles"], row["held_comments"]) for row in states} == {
        ("done", 0, 0)
    }
    assert rig.harvest(empty).exit_code == 0


@pytest.mark.long
def test_without_a_day_today_and_missed_days_are_visited(rig: Rig, site: SiteServer) -> None:
    site.put(busy_day(date(2018, 4, 11), number=1))
    rig.harvest(date(2018, 4, 11))
    report = rig.harvest()
    assert [outcome.day.day for outcome in report.outcomes if outcome.section == 1] == [14, 13, 12]
    assert rig.held == rig.shown


def test_recent_visits_the_last_days_today_included(rig: Rig) -> None:
    report = rig.harvest(recent=3)
    assert sorted({outcome.day for outcome in report.outcomes}) == [
        DAY - timedelta(days=ago) for ago in (2, 1, 0)
    ]


@pytest.mark.long
def test_recent_ends_where_days_begin(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    from ingest.jobs.harvest import Harvest, days_to_visit
    from ingest.store import Store
    from parsers.registry import source_named

    with Store.open("sqlite://") as store:
        wanted = Harvest(source=source_named("rantburg"), recent=10**7)
        assert min(days_to_visit(wanted, store, rig.clock)) == date.min


def test_a_days_page_is_asked_for_where_articles_are_known(rig: Rig, site: SiteServer) -> None:
    site.change(DAY, lambda day: replace(day, articles=day.of_section(3) + day.of_section(4)))
    assert sections((rig.harvest(DAY), rig.asked)[1]) == [1, 3, 4]
    rig.harvest(DAY)
    assert sections(rig.asked) == [3]


def test_every_run_is_in_the_diary(harvested: Rig) -> None:
    (run,) = rows.table(harvested.url, "runs")
    assert (run["command"], run["source"], run["outcome"], run["error"]) == (
        "harvest",
        "rantburg",
        "complete",
        None,
    )
    assert run["ended_at"] >= run["started_at"]
    assert {row["run_id"] for row in harvested.captures()} == {run["id"]}


@pytest.mark.long
def test_an_article_on_two_days_is_complete_on_both(rig: Rig, site: SiteServer) -> None:
    tomorrow = DAY + timedelta(days=1)
    shared = next(one for one in site.days[DAY].articles if one.comments)
    other = busy_day(tomorrow, number=1)
    site.days[tomorrow] = add_article(other, shared)
    for _ in range(3):
        report = rig.harvest(DAY, tomorrow, full=True)
        assert report.exit_code == 0
    assert set(rig.page_states().values()) == {"done"}
    assert (report.articles.modified, rows.versions(rig.url)) == (0, [])
    with Store.open(rig.url) as store:
        covered = cover(store, "rantburg", since=DAY, until=tomorrow, window=Window.of(DAY, tomorrow))
    assert (covered.complete, covered.totals.held.comments) == (True, 2 * COMMENTS + len(shared.comments))


@pytest.mark.long
def test_an_article_in_two_sections_is_complete_in_both(rig: Rig, site: SiteServer) -> None:
    shared = next(one for one in site.days[DAY].of_section(1) if one.comments)
    site.days[DAY] = add_article(site.days[DAY], replace(shared, section=2))
    assert [rig.harvest(DAY).exit_code for _ in range(2)] == [0, 0]
    assert rig.harvest(DAY).requests == 1
    assert set(rig.page_states().values()) == {"done"}
    assert rows.versions(rig.url) == []
    with Store.open(rig.url) as store:
        covered = cover(store, "rantburg", since=DAY, until=DAY, window=Window.of(DAY, DAY))
    assert (covered.complete, covered.totals.held.comments) == (True, COMMENTS + len(shared.comments))
