"""Sites of which some categories alone are harvested: each is a section, and no thread is in two of them."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from ingest.store.database.schema import articles
from tests.kit import rows
from tests.kit.sites import SiteRig, rig_for
from tests.site.engines.discourse.model import Category, Forum, small_forum
from tests.site.engines.discourse.site import DiscourseServer
from tests.site.engines.wordpress.model import Blog, small_blog
from tests.site.engines.wordpress.site import WordPressServer

DAY = date(2024, 5, 1)
BOTH, SHIP, NEWS, CRANE, STAYS = 101, 102, 103, 104, 105
"""Articles of both categories, of either, and of one that nobody named, and one that stays."""


@pytest.fixture
def blog(tmp_path: Path) -> Iterator[SiteRig]:
    model = small_blog(threads=(4, 0, 7, 2, 1))
    for post, categories in ((BOTH, (7, 4)), (SHIP, (7,)), (CRANE, (4,)), (STAYS, (1, 7))):
        model.put(post, *categories)
    with (
        WordPressServer(model) as site,
        rig_for(site, tmp_path, "wordpress", "Europe/Berlin", categories=("7", "4")) as rig,
    ):
        yield rig


@pytest.fixture
def forum(tmp_path: Path) -> Iterator[SiteRig]:
    model = small_forum(topics=(4, 1, 7, 2))
    model.categories[7] = Category(id=7, name="Sails", parent=5)
    model.categories[8] = Category(id=8, name="Tar")
    model.put(72, 7)
    model.put(73, 8)
    with (
        DiscourseServer(model) as site,
        rig_for(site, tmp_path, "discourse", "UTC", categories=("boats/5", "boats/sails/7")) as rig,
    ):
        yield rig


def sections(rig: SiteRig) -> dict[str, int | None]:
    with rows.Connected(rig.url) as connection:
        found = connection.execute(select(articles).where(articles.c.vanished_at.is_(None)))
        return {row.external_id: row.section for row in found}


def comments(rig: SiteRig) -> set[tuple[str, str]]:
    return rig.live_comments("external_id")


def below(model: Blog | Forum, *threads: int) -> set[tuple[str, str]]:
    if isinstance(model, Blog):
        return {(str(one), str(comment.id)) for one in threads for comment in model.thread(one)}
    return {(str(one), str(post.id)) for one in threads for post in model.stream(one) if post.number != 1}


@pytest.mark.long
def test_an_article_of_two_categories_is_listed_and_counted_once(blog: SiteRig) -> None:
    assert blog.harvest(DAY).exit_code == 0
    assert sections(blog) == {str(BOTH): 4, str(SHIP): 7, str(CRANE): 4, str(STAYS): 7}
    assert comments(blog) == below(blog.server.model, BOTH, SHIP, CRANE, STAYS)
    assert blog.coverage().complete
    listings = [path for path in blog.asked if "/posts?" in path]
    assert [path.partition("&categories=")[2].partition("&")[0] for path in listings] == ["4", "7"]
    assert "categories_exclude=4" in listings[1]
    again = blog.harvest(DAY)
    # Two listings, and the newest comments of the threads of each.
    assert (again.exit_code, len(blog.asked)) == (0, 4)
    before = rows.table(blog.url, "articles"), rows.table(blog.url, "comments"), blog.threads()
    assert blog.reparse()["exit_code"] == 0
    assert (rows.table(blog.url, "articles"), rows.table(blog.url, "comments"), blog.threads()) == before


def test_late_comments_of_other_categories_are_left_where_they_are(blog: SiteRig) -> None:
    model = blog.server.model
    blog.harvest(DAY)
    blog.harvest(after=timedelta(days=200))
    for post in (SHIP, NEWS):
        model.add_comment(post, "Latecomer", "I was away.", posted=blog.clock.now() + timedelta(minutes=1))
    assert blog.harvest().exit_code == 0
    assert comments(blog) == below(model, BOTH, SHIP, CRANE, STAYS)
    assert f"post={SHIP}&" in blog.asked[-1]
    assert str(NEWS) not in sections(blog)
    assert blog.coverage().complete


def test_an_article_that_is_put_elsewhere_is_held_with_its_comments(blog: SiteRig) -> None:
    model = blog.server.model
    blog.harvest(DAY)
    model.put(BOTH, 7)
    model.put(SHIP, 4)
    assert blog.harvest(DAY).exit_code == 0
    assert sections(blog) == {str(BOTH): 7, str(SHIP): 4, str(CRANE): 4, str(STAYS): 7}
    assert comments(blog) == below(model, BOTH, SHIP, CRANE, STAYS)
    model.put(BOTH, 1)
    assert blog.harvest(DAY).exit_code == 0
    assert sections(blog) == {str(SHIP): 4, str(CRANE): 4, str(STAYS): 7}
    assert comments(blog) == below(model, SHIP, CRANE, STAYS)
    assert blog.coverage().complete


def test_topics_of_a_subcategory_are_its_own(forum: SiteRig) -> None:
    assert forum.harvest(DAY).exit_code == 0
    assert sections(forum) == {"71": 5, "72": 7, "74": 5}
    assert comments(forum) == below(forum.server.model, 71, 72, 74)
    assert forum.coverage().complete
    assert forum.asked[0].startswith("/c/boats/5/none/l/latest.json?order=created&")
    assert (forum.harvest(DAY).exit_code, len(forum.asked)) == (0, 2)
    before = rows.table(forum.url, "articles"), rows.table(forum.url, "comments"), forum.threads()
    assert forum.reparse()["exit_code"] == 0
    assert (rows.table(forum.url, "articles"), rows.table(forum.url, "comments"), forum.threads()) == before


def test_a_topic_that_is_put_elsewhere_is_held_with_its_posts(forum: SiteRig) -> None:
    model = forum.server.model
    forum.harvest(DAY)
    model.put(71, 7)
    model.put(72, 5)
    model.put(74, 8)
    assert forum.harvest(DAY).exit_code == 0
    assert sections(forum) == {"71": 7, "72": 5}
    assert comments(forum) == below(model, 71, 72)
    assert forum.coverage().complete


def test_late_posts_are_found_by_one_request_a_category(forum: SiteRig) -> None:
    model = forum.server.model
    forum.harvest(DAY)
    forum.harvest(after=timedelta(days=200))
    for topic in (72, 73):
        model.add_post(topic, "latecomer", "I was away.", created=forum.clock.now() + timedelta(minutes=1))
    assert forum.harvest().exit_code == 0
    assert comments(forum) == below(model, 71, 72, 74)
    assert len([path for path in forum.asked if "order=activity" in path]) == 2
    assert [path for path in forum.asked if "/t/" in path] == ["/t/72.json"]


def test_a_category_s_id_alone_is_led_to_its_address(tmp_path: Path) -> None:
    with (
        DiscourseServer(small_forum()) as site,
        rig_for(site, tmp_path, "discourse", "UTC", categories=("5",)) as rig,
    ):
        assert rig.harvest(DAY).exit_code == 0
        assert sections(rig) == {"71": 5, "72": 5, "73": 5}
        assert rig.coverage().complete
