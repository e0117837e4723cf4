"""A WordPress site whose interface is closed, harvested by its pages for people."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from ingest.store.database.schema import article_versions, articles
from tests.kit import rows
from tests.kit.sites import SiteRig, rig_for
from tests.site.engines import faults
from tests.site.engines.wordpress.html import shown_order
from tests.site.engines.wordpress.model import line, small_blog
from tests.site.engines.wordpress.site import WordPressServer

DAY = date(2024, 5, 1)
LONG = 103
Held = tuple[str, str, str | None, str | None, str]


@pytest.fixture
def site() -> Iterator[WordPressServer]:
    with WordPressServer(small_blog(threads=(4, 0, 12))) as server:
        server.rest, server.comments_per_page, server.posts_per_page, server.counts = "closed", 3, 2, True
        yield server


@pytest.fixture
def rig(site: WordPressServer, tmp_path: Path) -> Iterator[SiteRig]:
    with rig_for(site, tmp_path, "wordpress", site.model.zone, html=True) as rig:
        yield rig


def shown(site: WordPressServer) -> set[Held]:
    return {
        (str(post), str(one.id), one.author, str(parent) if parent else None, line(one.text))
        for post in site.model.posts
        if site.model.shows_comments(post)
        for one, parent in shown_order(site.theme, post)
        if one.kind == "comment"
    }


def held(rig: SiteRig) -> set[Held]:
    return rig.live_comments("external_id", "author", "parent_external_id", "text")


@pytest.mark.parametrize("layout", ["html5", "classic"])
@pytest.mark.parametrize("pretty", [True, False])
@pytest.mark.parametrize("newest_first_page", [True, False])
def test_a_day_is_complete_and_costs_its_listing_when_nothing_changed(
    tmp_path: Path, site: WordPressServer, layout: str, pretty: bool, newest_first_page: bool
) -> None:
    site.layout, site.pretty, site.newest_first_page = layout, pretty, newest_first_page
    with rig_for(site, tmp_path, "wordpress", site.model.zone, html=True, rest_route=not pretty) as rig:
        report = rig.harvest(DAY)
        assert report.exit_code == 0
        assert held(rig) == shown(site)
        assert rig.coverage().complete
        again = rig.harvest(DAY)
        assert again.exit_code == 0
        assert not any(outcome.changed for outcome in again.outcomes)
        assert len(rig.asked) == 3
        assert not [path for path in rig.asked if "comment" in path or "p=" in path]
    with rows.Connected(rig.url) as connection:
        found = connection.execute(select(articles.c.external_id, articles.c.title, articles.c.text)).all()
        assert connection.execute(select(article_versions)).all() == []
    posts = site.model.posts.values()
    assert set(found) == {(str(post.id), post.title, line(post.text)) for post in posts}


def test_late_comments_ask_for_their_thread_alone(rig: SiteRig, site: WordPressServer) -> None:
    rig.harvest(DAY)
    site.model.add_comment(101, "Latecomer", "I was away.")
    assert rig.harvest(DAY).exit_code == 0
    assert held(rig) == shown(site)
    assert site.post_url(LONG).removeprefix(site.url) not in "".join(rig.asked)


@pytest.mark.long
def test_without_counts_in_lists_each_thread_is_asked_for(rig: SiteRig, site: WordPressServer) -> None:
    site.counts = False
    rig.harvest(DAY)
    site.model.add_comment(LONG, "Latecomer", "I was away.")
    assert rig.harvest(DAY).exit_code == 0
    assert held(rig) == shown(site)


@pytest.mark.long
@pytest.mark.parametrize("added", [False, True])
@pytest.mark.parametrize("after", range(1, 8))
def test_what_moves_while_a_thread_is_read_is_held_or_named(
    rig: SiteRig, site: WordPressServer, after: int, added: bool
) -> None:
    first = site.model.thread(LONG)[0].id

    def change() -> None:
        site.model.delete(first)
        if added:
            site.model.add_comment(LONG, "Latecomer", "I was away.")

    site.after(after, lambda _: change(), path=site.post_url(LONG).removeprefix(site.url))
    report = rig.harvest(DAY)
    assert report.exit_code == 0
    assert held(rig) >= shown(site) - {row for row in shown(site) if row[2] == "Latecomer"}
    assert rig.harvest(DAY, full=True).exit_code == 0
    assert held(rig) == shown(site)
    assert rig.coverage().complete


def test_a_deleted_comment_vanishes(rig: SiteRig, site: WordPressServer) -> None:
    rig.harvest(DAY)
    gone = site.model.thread(LONG)[3].id
    site.model.delete(gone)
    assert rig.harvest(DAY).exit_code == 0
    assert held(rig) == shown(site)
    assert str(gone) in rows.vanished(rig.url)


def test_a_day_without_articles_is_done_and_a_wall_is_not(rig: SiteRig, site: WordPressServer) -> None:
    empty = date(2024, 5, 2)
    assert rig.harvest(empty).exit_code == 0
    assert rig.coverage().complete
    rig.harvest(DAY)
    before = held(rig)
    site.faults = [faults.wall("report-103", times=9)]
    assert rig.harvest(DAY, full=True).exit_code == 1
    assert held(rig) == before


@pytest.mark.long
def test_nothing_changes_when_it_is_parsed_again(rig: SiteRig) -> None:
    rig.harvest(DAY)
    before = rows.table(rig.url, "comments"), rig.threads()
    assert rig.reparse()["exit_code"] == 0
    assert (rows.table(rig.url, "comments"), rig.threads()) == before
