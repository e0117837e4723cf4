"""A Discourse site, harvested as its replica plays it: what it shows is held, and what is not is named."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from ingest.store.database.schema import comment_versions
from tests.kit import rows
from tests.kit.sites import SiteRig, rig_for
from tests.site.engines import faults
from tests.site.engines.discourse.model import ACTION, Forum, line, small_forum
from tests.site.engines.discourse.site import DiscourseServer
from tests.site.engines.faults import Fault

DAY = date(2024, 5, 1)
LONG = 73
"""A topic of three lots beside its first page."""
Held = tuple[str, str, int | None, str | None, str]


@pytest.fixture
def site() -> Iterator[DiscourseServer]:
    forum = small_forum(topics=(4, 1, 70))
    forum.add_action(72)
    with DiscourseServer(forum) as server:
        yield server


@pytest.fixture
def rig(site: DiscourseServer, tmp_path: Path) -> Iterator[SiteRig]:
    with rig_for(site, tmp_path, "discourse", "UTC") as rig:
        yield rig


def shown(forum: Forum, day: date = DAY) -> set[Held]:
    return {
        (str(topic.id), str(post.id), post.number, post.author, line(post.shown_text))
        for topic in forum.listed()
        if topic.created.date() == day
        for post in forum.stream(topic.id)
        if post.number != 1 and post.kind != ACTION
    }


def held(rig: SiteRig) -> set[Held]:
    return rig.live_comments("external_id", "number", "author", "text")


def topics(rig: SiteRig) -> set[str]:
    return rig.live_articles()


def topics_of(forum: Forum, day: date = DAY) -> set[str]:
    return {str(topic.id) for topic in forum.listed() if topic.created.date() == day}


def test_a_day_is_complete_and_costs_its_listing_when_nothing_changed(rig: SiteRig) -> None:
    assert rig.harvest(DAY).exit_code == 0
    assert held(rig) == shown(rig.server.model)
    assert topics(rig) == {"71", "72", "73"}
    assert rig.coverage().complete
    # A listing, three topics, three lots, and the long topic again.
    assert len(rig.asked) == 8
    again = rig.harvest(DAY)
    assert (again.exit_code, len(rig.asked)) == (0, 1)


def test_a_late_post_an_edit_and_a_deletion(rig: SiteRig) -> None:
    rig.harvest(DAY)
    forum = rig.server.model
    forum.add_post(71, "latecomer", "I was away.")
    assert rig.harvest(DAY).exit_code == 0
    assert len(rig.asked) == 2
    first = forum.stream(LONG)[1]
    forum.edit(first.id, "I never said so.")
    assert rig.harvest(DAY, full=True).exit_code == 0
    with rows.Connected(rig.url) as connection:
        assert [row.text for row in connection.execute(select(comment_versions))] == [line(first.text)]
    gone = forum.stream(LONG)[30].id
    forum.delete(gone)
    assert rig.harvest(DAY).exit_code == 0
    assert rows.vanished(rig.url) == {str(gone)}
    assert held(rig) == shown(forum)


def test_late_posts_below_old_topics_are_found_by_one_request(rig: SiteRig) -> None:
    forum = rig.server.model
    forum.pin(72)
    rig.harvest(DAY)
    rig.harvest(after=timedelta(days=200))
    forum.add_post(71, "latecomer", "I was away.", created=rig.clock.now() + timedelta(minutes=1))
    assert rig.harvest().exit_code == 0
    assert held(rig) == shown(forum)
    late = [path for path in rig.asked if "order=activity" in path]
    assert len(late) == 1
    assert rig.asked[rig.asked.index(late[0]) + 1 :] == ["/t/71.json"]
    assert (rig.harvest().exit_code, rig.asked[-1]) == (0, late[0].replace("T13", "T14"))
    assert rig.coverage().complete


def _delete(forum: Forum) -> None:
    forum.delete(forum.stream(LONG)[25].id)


def _add(forum: Forum) -> None:
    forum.add_post(LONG, "newcomer", "Just now.")


def _swap(forum: Forum) -> None:
    _delete(forum)
    _add(forum)


@pytest.mark.parametrize("change", [_delete, _add, _swap])
def test_a_topic_that_moves_between_two_lots_is_read_again(
    rig: SiteRig, change: Callable[[Forum], None]
) -> None:
    rig.server.after(2, change, path=f"t/{LONG}")
    assert rig.harvest(DAY).exit_code == 0
    assert held(rig) == shown(rig.server.model)


@pytest.mark.parametrize(
    "fault",
    [
        faults.server_error(f"t/{LONG}/posts", times=9),
        faults.cut_json(f"t/{LONG}"),
        faults.wall(f"t/{LONG}"),
    ],
)
def test_what_stands_in_a_page_s_place_proves_nothing(rig: SiteRig, fault: Fault) -> None:
    rig.harvest(DAY)
    before = held(rig)
    rig.server.faults = [fault]
    assert rig.harvest(DAY, full=True).exit_code == 1
    assert held(rig) == before
    assert rig.threads()[str(LONG)].state == "failed"


def test_a_topic_that_moves_each_time_is_short(rig: SiteRig) -> None:
    for request in range(1, 30):
        rig.server.after(request, _swap, path=f"t/{LONG}")
    assert rig.harvest(DAY).exit_code == 1
    row = rig.threads()[str(LONG)]
    assert (row.state, row.last_error) == ("short", "the list changed while it was read")


def test_a_deleted_topic_vanishes_and_its_day_stays_complete(rig: SiteRig) -> None:
    rig.harvest(DAY)
    rig.server.model.delete_topic(71)
    assert rig.harvest(DAY).exit_code == 0
    assert topics(rig) == {"72", "73"}
    assert rig.coverage().complete
    assert sorted(rig.threads()) == ["72", "73"]
    assert (rig.harvest(DAY).exit_code, len(rig.asked)) == (0, 1)


def _delete_topic(forum: Forum) -> None:
    forum.delete_topic(next(one.id for one in forum.listed() if one.created.date() == DAY))


def _add_topic(forum: Forum) -> None:
    forum.add_topic(max(one.created for one in forum.listed()) + timedelta(minutes=1))


def _swap_topics(forum: Forum) -> None:
    _delete_topic(forum)
    _add_topic(forum)


@pytest.mark.long
@pytest.mark.parametrize("change", [_delete_topic, _add_topic, _swap_topics])
@pytest.mark.parametrize("request_number", [1, 2, 3])
def test_a_listing_that_moves_between_two_pages_is_read_again_or_short(
    rig: SiteRig, change: Callable[[Forum], None], request_number: int
) -> None:
    server = rig.server
    assert isinstance(server, DiscourseServer)
    server.obeys_per_page, server.per_page = False, 2
    begin = min(one.created for one in server.model.listed())
    for number in range(5):
        server.model.add_topic(begin + timedelta(minutes=number))
    server.after(request_number, change, path="latest")
    before = topics_of(server.model)
    report = rig.harvest(DAY)
    expected = topics_of(server.model)
    assert topics(rig) <= before | expected
    assert topics(rig) == expected or (report.exit_code, rig.day_state(DAY)) == (1, "short")
    # What was short is whole once the forum stands still.
    assert rig.harvest(DAY).exit_code == 0
    assert topics(rig) == expected
    assert rig.coverage().complete


@pytest.mark.long
@pytest.mark.parametrize("per_page", [1, 2, 3, 4])
@pytest.mark.parametrize("back", [1, 9, 14, 20])
def test_a_day_is_found_wherever_its_pages_end(rig: SiteRig, per_page: int, back: int) -> None:
    server = rig.server
    assert isinstance(server, DiscourseServer)
    server.obeys_per_page, server.per_page = False, per_page
    forum = server.model
    forum.pin(72)
    day = datetime(2024, 5, 1, 6, tzinfo=forum.topics[71].created.tzinfo)
    for number in range(2, 20):
        for hour in range(number % 4):
            forum.add_topic(day - timedelta(days=number, hours=hour - 6))
    wanted = DAY - timedelta(days=back)
    expected = {str(one.id) for one in forum.listed() if one.created.date() == wanted}
    assert rig.harvest(wanted).exit_code == 0
    assert topics(rig) == expected
    assert rig.coverage().complete


def test_an_answer_to_a_post_of_another_lot_keeps_its_parent(rig: SiteRig) -> None:
    forum = rig.server.model
    for number, parent in ((62, 3), (45, 44)):
        post = forum.stream(LONG)[number - 1]
        forum.posts[post.id] = replace(post, reply_to=parent)
    rig.harvest(DAY)
    posts = {post.number: str(post.id) for post in forum.stream(LONG)}
    answers = [post for post in forum.stream(LONG) if post.reply_to is not None]
    expected = {(str(LONG), str(post.id), posts[post.reply_to or 0]) for post in answers}
    # The first lot after the topic begins with an answer to the topic's last post.
    assert {(str(LONG), posts[21], posts[20]), (str(LONG), posts[62], posts[3])} <= expected
    parents = rig.live_comments("external_id", "parent_external_id")
    assert {row for row in parents if row[0] == str(LONG) and row[2] is not None} == expected
    before = rows.table(rig.url, "comments")
    report = rig.reparse()
    assert (report["exit_code"], rows.table(rig.url, "comments")) == (0, before)


@pytest.mark.long
def test_a_re_parse_changes_nothing(rig: SiteRig) -> None:
    rig.harvest(DAY)
    before = rows.table(rig.url, "articles"), rows.table(rig.url, "comments"), rig.threads()
    assert rig.reparse()["exit_code"] == 0
    after = rows.table(rig.url, "articles"), rows.table(rig.url, "comments"), rig.threads()
    assert after == before
