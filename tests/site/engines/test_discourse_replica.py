"""Every answer of the Discourse replica is read by the parsers, and says what its model holds."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from parsers.engines.discourse import read_html, read_listing, read_lot, read_topic
from parsers.engines.raw import RawPage
from parsers.engines.records import EngineComment, EnginePage, Moment
from parsers.errors import PageBlocked, PageTruncated, PageUnrecognised
from tests.site.engines import faults
from tests.site.engines.discourse.model import Post, line, small_forum
from tests.site.engines.discourse.site import DiscourseServer
from tests.site.engines.reading import ask, comments_of, walk

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def site() -> Iterator[DiscourseServer]:
    with DiscourseServer(small_forum()) as site:
        yield site


def read_json(raw: RawPage) -> EnginePage:
    return read_lot(raw) if "/posts.json" in raw.url else read_topic(raw)


def moment(when: datetime) -> Moment:
    local = when.astimezone(BERLIN).replace(tzinfo=None)
    return Moment(local=local.isoformat(timespec="minutes"), at=when)


def truth(site: DiscourseServer, post: Post) -> tuple[object, ...]:
    return (
        str(post.topic),
        str(post.id),
        post.number,
        post.reply_to,
        post.author,
        str(site.model.user_id(post.author)),
        moment(post.created),
        moment(post.updated) if post.version > 1 else None,
        line(post.shown_text),
        post.state,
    )


def read(comment: EngineComment) -> tuple[object, ...]:
    return (
        comment.entry_id,
        comment.external_id,
        comment.number,
        comment.parent_number,
        comment.author,
        comment.author_id,
        comment.posted,
        comment.edited,
        comment.text,
        comment.state,
    )


def test_a_topic_by_its_stream_is_the_model_s(site: DiscourseServer) -> None:
    forum = site.model
    site.chunk_size = 3
    ids = [post.id for post in forum.stream(73)]
    forum.edit(ids[1], "Better words.", at=datetime(2024, 5, 2, tzinfo=UTC))
    forum.like(ids[2])
    forum.delete(ids[3])
    forum.hide(ids[4])
    forum.user_delete(ids[5])
    forum.add_whisper(73)
    forum.add_action(73)
    forum.add_post(73, "late", "At last.", reply_to=2)
    pages = walk(f"{site.url}t/73.json", read_json)
    assert list(map(read, comments_of(pages))) == [truth(site, post) for post in forum.stream(73)]
    assert [comment.number for comment in comments_of(pages)] == [1, 2, 3, 5, 6, 7, 9, 10]
    assert [claim.count for claim in pages[0].claims] == [8, 8]
    assert len(pages[0].held_ids) == 8
    second = read_topic(ask(f"{site.topic_url(73)}.json?page=2").raw())
    assert [comment.number for comment in second.comments] == [5, 6, 7]
    assert ask(f"{site.url}t/73.json?page=9").status == 404
    forum.restore(ids[3])
    assert len(forum.stream(73)) == 9


def test_a_lot_leaves_out_what_is_deleted_or_another_s(site: DiscourseServer) -> None:
    site.model.delete(502)
    lot = read_lot(ask(f"{site.url}t/71/posts.json?post_ids[]=501&post_ids[]=502&post_ids[]=505").raw())
    assert [comment.external_id for comment in lot.comments] == ["501"]
    site.lot_cap = 1
    lot = read_lot(ask(f"{site.url}t/71/posts.json?post_ids[]=503&post_ids%5B%5D=501").raw())
    assert [comment.external_id for comment in lot.comments] == ["501"]
    assert ask(f"{site.url}t/71/posts.json").status == 400


def test_a_listing_by_creation(site: DiscourseServer) -> None:
    forum = site.model
    forum.add_topic(datetime(2024, 5, 2, tzinfo=UTC), "Unlisted", visible=False)
    forum.add_topic(datetime(2024, 5, 2, tzinfo=UTC), "Staff", category=6)
    forum.add_topic(datetime(2024, 5, 2, tzinfo=UTC), "About the shed & you", pinned=True)
    start = f"{site.url}latest.json?order=created&ascending=true&per_page=2"
    pages = walk(start, read_listing)
    assert [[entry.external_id for entry in page.entries] for page in pages] == [
        ["76", "71", "72"],
        ["73", "76"],
    ]
    assert site.requests[1] == "/latest.json?ascending=true&order=created&page=1&per_page=2"
    first, topic = pages[0].entries[1], forum.topics[71]
    assert (first.title, first.author, first.url) == (topic.title, "tarred_rope", site.topic_url(71))
    assert (first.posted, first.last_comment) == (moment(topic.created), moment(forum.last_posted(71)))
    assert first.claimed_comments == 3
    assert [entry.pinned for entry in pages[0].entries] == [True, False, False]
    site.pinned_repeat = False
    by_activity = read_listing(ask(f"{site.url}c/boats/5.json").raw())
    assert [entry.external_id for entry in by_activity.entries] == ["76", "73", "71", "72"]
    site.obeys_per_page, site.per_page = False, 3
    assert [len(page.entries) for page in walk(f"{site.url}c/5.json?per_page=50", read_listing)] == [3, 1]
    assert read_listing(ask(f"{site.url}latest.json?page=9").raw()).entries == ()


def test_what_guests_may_not_see(site: DiscourseServer) -> None:
    secret = site.model.add_topic(datetime(2024, 5, 2, tzinfo=UTC), category=6)
    for path in ("c/crew-room/6.json", f"t/{secret.id}.json"):
        with pytest.raises(PageBlocked, match="invalid_access"):
            read_topic(ask(site.url + path).raw())
    site.model.delete_topic(71)
    for path, status in (("t/71.json", 404), ("t/999.json", 404), ("c/9.json", 404), ("nothing.json", 404)):
        response = ask(site.url + path)
        assert response.status == status
        with pytest.raises(PageUnrecognised, match="not_found"):
            read_topic(response.raw())
    site.gone_status = 410
    assert (ask(site.url + "t/71.json").status, ask(site.topic_url(71)).status) == (410, 410)
    site.model.restore_topic(71)
    assert ask(site.url + "t/71.json").status == 200
    for query in ("per_page=101", "per_page=0", "page=x"):
        assert ask(f"{site.url}latest.json?{query}").status == 400
    site.login_required = True
    with pytest.raises(PageBlocked, match="not_logged_in"):
        read_topic(ask(site.url + "t/71.json").raw())


def test_addresses_redirect_to_the_slug(site: DiscourseServer) -> None:
    assert ask(f"{site.url}t/71").headers["location"] == site.topic_url(71)
    old = site.topic_url(71)
    site.model.rename(71, "Another name")
    assert ask(f"{old}.json?page=1").headers["location"] == f"{site.url}t/another-name/71.json?page=1"
    assert ask(f"{site.url}t/71.json").status == 200
    site.redirects_json = True
    assert ask(f"{site.url}t/71.json").status == 301


def test_a_moved_post_has_another_topic_and_number(site: DiscourseServer) -> None:
    site.model.move(504, 72)
    assert [(post.id, post.number) for post in site.model.stream(72)] == [(505, 1), (504, 2)]
    page = read_topic(ask(f"{site.url}t/72.json").raw())
    assert [read(comment) for comment in page.comments] == [
        truth(site, post) for post in site.model.stream(72)
    ]


def test_pages_for_crawlers_have_no_ids(site: DiscourseServer) -> None:
    site.chunk_size = 3
    site.model.delete(507)
    pages = walk(site.topic_url(73), read_html)
    due = site.model.stream(73)
    assert [(c.number, c.author, c.posted, c.text) for c in comments_of(pages)] == [
        (post.number, post.author, moment(post.created), line(post.text)) for post in due
    ]
    assert [(page.page, page.entries[0].external_id) for page in pages] == [(1, "73"), (2, "73")]
    site.markup = "preloaded"
    [page, _] = walk(site.topic_url(73), lambda raw: read_json(raw) if ".json" in raw.url else read_html(raw))
    assert page.held_ids == tuple(str(post.id) for post in due)
    site.markup = "shell"
    with pytest.raises(PageUnrecognised, match="empty shell"):
        read_html(ask(site.topic_url(73)).raw())


def test_the_latest_posts_are_among_fifty_ids(site: DiscourseServer) -> None:
    for post_id in range(502, 505):
        site.model.delete(post_id)
    site.model.next_post = 570
    site.model.add_post(71, "late", "At last.")
    posts = json.loads(ask(f"{site.url}posts.json").body)["latest_posts"]
    assert [post["id"] for post in posts] == [570]
    assert json.loads(ask(f"{site.url}posts.json?before=569").body) == {"latest_posts": []}
    posts = json.loads(ask(f"{site.url}posts.json?before=520").body)["latest_posts"]
    assert [post["id"] for post in posts] == [*range(512, 504, -1), 501]


def test_the_site_says_what_it_is(site: DiscourseServer) -> None:
    home = ask(site.url).body.decode()
    assert '<meta name="generator" content="Discourse' in home
    assert f'href="{site.topic_url(71)}"' in home
    assert json.loads(ask(site.url + "site.json").body)["categories"][0]["slug"] == "boats"
    assert b"Disallow: /search/" in ask(site.url + "robots.txt").body


def test_the_stream_moves_under_the_reader(site: DiscourseServer) -> None:
    site.chunk_size = 2
    site.after(1, lambda forum: forum.delete(509), path="t/73")
    site.after(1, lambda forum: forum.add_post(73, "late", "At last."), path="t/73")
    pages = walk(f"{site.url}t/73.json", read_json)
    assert len(pages[0].held_ids) == 7
    assert [c.external_id for c in comments_of(pages)] == ["506", "507", "508", "510", "511", "512"]
    assert read_topic(ask(f"{site.url}t/73.json").raw()).claims[0].count == 7


def test_what_changes_all_the_time_is_not_read(site: DiscourseServer) -> None:
    first, second = (ask(f"{site.url}t/73.json") for _ in range(2))
    assert first.body != second.body
    assert read_topic(first.raw()) == read_topic(second.raw())
    assert site.model.topics[71].created + timedelta(hours=3) == site.model.last_posted(71)


def test_faults(site: DiscourseServer) -> None:
    address = f"{site.url}t/73.json"
    for fault, status, error in (
        (faults.slow_down(retry_after="2"), 429, PageBlocked),
        (faults.slow_down_json(seconds=39), 429, PageBlocked),
        (faults.cut_json(), 200, PageTruncated),
        (faults.challenge(), 403, PageBlocked),
        (faults.login(), 200, PageBlocked),
        (faults.unavailable(retry_after="3"), 503, PageUnrecognised),
    ):
        site.faults = [fault]
        response = ask(address)
        assert response.status == status
        with pytest.raises(error):
            read_topic(response.raw())
        assert ask(address).status == 200
    site.faults = [faults.slow_down("posts.json", retry_after="7", times=None)]
    assert ask(address).status == 200
    refused = [ask(f"{site.url}t/73/posts.json?post_ids[]=506") for _ in range(2)]
    assert [(response.status, response.headers["retry-after"]) for response in refused] == [(429, "7")] * 2
    assert refused[0].headers["discourse-rate-limit-error-code"] == "ip_10_secs_limit"
