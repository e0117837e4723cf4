"""A WordPress site, harvested as its replica plays it: what it shows is held, and what is not is named."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ingest.jobs.repair import Repair, repair
from ingest.records.chosen import SourceSettings
from ingest.store import Store
from ingest.store.database.schema import comment_versions
from parsers.registry import source_named
from tests.kit import rows
from tests.kit.sites import NAME, SiteRig, rig_for
from tests.site.engines import faults
from tests.site.engines.faults import Fault
from tests.site.engines.wordpress.model import Blog, line, small_blog, utc
from tests.site.engines.wordpress.site import WordPressServer

DAY = date(2024, 5, 1)
LONG = 103
"""The article with the longest thread: three pages of a site that gives five rows at most."""
Held = tuple[str, str, str | None, str | None, str]


@pytest.fixture
def site() -> Iterator[WordPressServer]:
    with WordPressServer(small_blog(threads=(4, 0, 12))) as server:
        server.page_cap = 5
        yield server


@pytest.fixture
def rig(site: WordPressServer, tmp_path: Path) -> Iterator[SiteRig]:
    with rig_for(site, tmp_path, "wordpress", site.model.zone) as rig:
        yield rig


def shown(blog: Blog) -> set[Held]:
    return {
        (str(post), str(one.id), one.author, str(one.parent) if one.parent else None, line(one.text))
        for post in blog.posts
        if blog.shows_comments(post)
        for one in blog.thread(post)
    }


def held(rig: SiteRig) -> set[Held]:
    return rig.live_comments("external_id", "author", "parent_external_id", "text")


def test_a_day_is_complete_and_costs_its_listings_when_nothing_changed(rig: SiteRig) -> None:
    report = rig.harvest(DAY)
    assert report.exit_code == 0
    assert held(rig) == shown(rig.server.model)
    assert rig.coverage().complete
    assert {thread: row.state for thread, row in rig.threads().items()} == {
        "101": "done",
        "102": "done",
        "103": "done",
    }
    again = rig.harvest(DAY)
    assert again.exit_code == 0
    assert not any(outcome.changed for outcome in again.outcomes)
    assert [("posts?" in path, "post=101,102,103&" in path) for path in rig.asked] == [
        (True, False),
        (False, True),
    ]


def test_late_comments_ask_for_their_thread_alone(rig: SiteRig) -> None:
    rig.harvest(DAY)
    rig.server.model.add_comment(101, "Latecomer", "I was away.")
    assert rig.harvest(DAY).exit_code == 0
    assert [path for path in rig.asked if "post=101&" in path]
    assert not [path for path in rig.asked if "post=103&" in path]
    assert held(rig) == shown(rig.server.model)


def test_late_comments_below_old_articles_are_found_by_one_request(rig: SiteRig) -> None:
    rig.harvest(DAY)
    rig.clock.advance(timedelta(days=1).total_seconds() / 24)
    rig.server.model.add_comment(101, "Latecomer", "I was away.", posted=rig.clock.now())
    report = rig.harvest()
    assert report.exit_code == 0
    assert [path for path in rig.asked if "after=2024-04-29" in path and "comments?" in path]
    assert held(rig) == shown(rig.server.model)


def test_an_edit_is_seen_in_full_and_keeps_the_version_before(rig: SiteRig) -> None:
    rig.harvest(DAY)
    first = rig.server.model.thread(101)[0]
    rig.server.model.edit(first.id, "I never said so.")
    assert rig.harvest(DAY, full=True).exit_code == 0
    assert held(rig) == shown(rig.server.model)
    with rows.Connected(rig.url) as connection:
        assert [row.text for row in connection.execute(select(comment_versions))] == [line(first.text)]


def test_a_deleted_comment_vanishes_and_one_that_returns_is_there_again(rig: SiteRig) -> None:
    rig.harvest(DAY)
    gone = rig.server.model.thread(LONG)[2].id
    rig.server.model.delete(gone)
    assert rig.harvest(DAY).exit_code == 0
    assert rows.vanished(rig.url) == {str(gone)}
    assert held(rig) == shown(rig.server.model)
    rig.server.model.restore(gone)
    assert rig.harvest(DAY).exit_code == 0
    assert rows.vanished(rig.url) == set()


def test_a_deleted_article_vanishes_with_its_thread_and_its_day_stays_complete(rig: SiteRig) -> None:
    rig.harvest(DAY)
    rig.server.model.delete_post(101)
    assert rig.harvest(DAY).exit_code == 0
    assert "101" in rows.vanished(rig.url)
    assert held(rig) == {row for row in shown(rig.server.model) if row[0] != "101"}
    assert rig.coverage().complete
    assert sorted(rig.threads()) == ["102", "103"]
    assert rig.harvest(DAY).exit_code == 0
    assert len(rig.asked) == 2


def test_an_article_that_is_only_named_by_a_late_comment_is_not_taken_for_gone(rig: SiteRig) -> None:
    old = rig.server.model.add_post(utc(2024, 3, 1, 9))
    rig.server.model.add_comment(old.id, "Latecomer", "Still here.", posted=utc(2024, 5, 1, 11))
    assert rig.harvest().exit_code == 0
    assert rig.harvest(DAY, full=True).exit_code == 0
    assert rows.vanished(rig.url) == set()
    assert rig.coverage().complete
    assert rig.harvest(date(2024, 3, 1)).exit_code == 0
    assert held(rig) == shown(rig.server.model)
    assert rows.versions(rig.url) == []


def test_an_article_that_was_taken_down_is_never_asked_for_again(rig: SiteRig) -> None:
    rig.harvest(DAY)
    with Store.open(rig.url) as store, store.transaction() as transaction:
        transaction.suppress(NAME, "101", None, reason="asked", suppressed_at=rig.clock.now())
    assert rig.coverage().complete
    assert rig.harvest(DAY, full=True).exit_code == 0
    assert not [path for path in rig.asked if "post=101" in path]
    assert {row[4] for row in held(rig) if row[0] == "101"} == {""}
    assert rig.coverage().complete
    assert rig.harvest(DAY).exit_code == 0
    assert [path for path in rig.asked if "post=" in path and "101" in path] == []


def test_a_comment_that_was_taken_down_stays_counted(rig: SiteRig) -> None:
    rig.harvest(DAY)
    gone = str(rig.server.model.thread(101)[1].id)
    with Store.open(rig.url) as store, store.transaction() as transaction:
        transaction.suppress(NAME, "101", gone, reason="asked", suppressed_at=rig.clock.now())
    assert rig.harvest(DAY, full=True).exit_code == 0
    assert rig.coverage().complete
    assert [row[4] for row in held(rig) if row[1] == gone] == [""]


def _delete(blog: Blog) -> None:
    blog.delete(blog.thread(LONG)[1].id)


def _add(blog: Blog) -> None:
    blog.add_comment(LONG, "Newcomer", "Just now.")


def _swap(blog: Blog) -> None:
    _delete(blog)
    _add(blog)


@pytest.mark.parametrize("change", [_delete, _add, _swap])
@pytest.mark.parametrize("page", [1, 2])
def test_a_thread_that_moves_between_two_pages_is_read_again(
    rig: SiteRig, change: Callable[[Blog], None], page: int
) -> None:
    rig.server.after(page, change, path=f"post={LONG}&")
    assert rig.harvest(DAY).exit_code == 0
    assert held(rig) == shown(rig.server.model)
    assert rig.threads()[str(LONG)].state == "done"


def test_a_thread_that_moves_each_time_is_short(rig: SiteRig) -> None:
    for request in range(1, 20):
        rig.server.after(request, _swap, path=f"post={LONG}&")
    report = rig.harvest(DAY)
    assert report.exit_code == 1
    row = rig.threads()[str(LONG)]
    assert (row.state, row.last_error) == ("short", "the list changed while it was read")
    assert rig.asked.count(next(path for path in rig.asked if f"post={LONG}&" in path)) == 3


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        (faults.server_error(f"post={LONG}&.*offset", times=9), "500"),
        (faults.cut_json(f"post={LONG}&"), "JSON"),
        (faults.notice_before(f"post={LONG}&"), "JSON"),
        (faults.wall(f"post={LONG}&"), "wall"),
        (faults.emptied(f"post={LONG}&", total=40), "the site counts 40 rows and shows 0"),
    ],
)
def test_what_stands_in_a_page_s_place_proves_nothing(rig: SiteRig, fault: Fault, word: str) -> None:
    rig.harvest(DAY)
    before = held(rig)
    rig.server.faults = [fault]
    report = rig.harvest(DAY, full=True)
    assert report.exit_code == 1
    row = rig.threads()[str(LONG)]
    assert row.state in {"short", "failed"}
    assert word in (row.last_error or "")
    assert held(rig) == before
    assert not rig.coverage().complete
    rig.server.faults = []
    rig.clock.advance(timedelta(hours=3).total_seconds())
    assert rig.harvest(DAY).exit_code == 0
    assert rig.coverage().complete


def test_without_totals_a_day_is_unproven_and_no_error(site: WordPressServer, rig: SiteRig) -> None:
    site.totals = False
    site.page_cap = None
    report = rig.harvest(DAY)
    assert report.exit_code == 0
    assert held(rig) == shown(site.model)
    assert {row.state for row in rig.threads().values()} == {"unproven"}
    covered = rig.coverage()
    assert (covered.complete, covered.seen_whole, covered.unproven_days) == (False, True, (DAY,))
    assert "threads   3: unproven 3" in covered.sentences()
    answer: Any = covered.as_json()
    assert answer["unproven_days"] == ["2024-05-01"]
    assert next((one["thread"], one["error"]) for one in answer["threads"]) == (
        "101",
        "the site gives no total",
    )
    # What is deleted then is held as well: nothing is missing of what is shown.
    site.model.delete(site.model.thread(LONG)[2].id)
    assert (rig.harvest(DAY, full=True).exit_code, rig.day_state(DAY)) == (0, "unproven")
    assert rows.vanished(rig.url) == set()


def test_a_protected_article_is_short_as_its_comments_are_counted(
    site: WordPressServer, rig: SiteRig
) -> None:
    site.refuses_protected = False
    site.model.set_visibility(101, "password")
    report = rig.harvest(DAY)
    assert report.exit_code == 1
    assert rig.threads()["101"].last_error == "the site counts 4 rows and shows 0"


def test_a_repair_asks_for_the_thread_that_failed(rig: SiteRig) -> None:
    rig.server.faults = [faults.server_error("post=101&", times=9)]
    assert rig.harvest(DAY).exit_code == 1
    rig.server.faults = []
    before = len(rig.server.pages_asked)
    with Store.open(rig.url) as store:
        report = asyncio.run(
            repair(
                Repair(source=source_named(NAME)),
                rig.workspace(store),
                chosen=SourceSettings(base_url=rig.site.base_url, delay=0.0),
                progress=lambda _: None,
            )
        )
    assert (report.exit_code, report.not_asked) == (0, 0)
    asked = rig.server.pages_asked[before:]
    assert [path for path in asked if "post=101&" in path]
    assert not [path for path in asked if f"post={LONG}&" in path]
    assert held(rig) == shown(rig.server.model)


@pytest.mark.long
def test_a_re_parse_changes_nothing(rig: SiteRig) -> None:
    rig.harvest(DAY)
    before = rows.table(rig.url, "comments"), rig.threads()
    assert rig.reparse()["exit_code"] == 0
    assert (rows.table(rig.url, "comments"), rig.threads()) == before
