"""A XenForo board of either version, harvested as its replica plays it: what it shows is held, or named."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy import select

from ingest.store.database.schema import articles, comment_versions
from tests.kit import rows
from tests.kit.sites import SiteRig, rig_for
from tests.site.engines import faults
from tests.site.engines.faults import Fault
from tests.site.engines.server import Asked
from tests.site.engines.xenforo.model import Board, Node, small_board
from tests.site.engines.xenforo.site import XenForoServer

DAY = date(2024, 5, 1)
LONG = 303
"""A thread of four pages."""
Held = tuple[str, str, int | None, str | None, datetime, str]


@pytest.fixture(params=[2, 1])
def site(request: pytest.FixtureRequest) -> Iterator[XenForoServer]:
    with XenForoServer(small_board(threads=(4, 1, 17))) as server:
        version: Literal[1, 2] = request.param
        server.version, server.per_page = version, 5
        yield server


@pytest.fixture
def rig(site: XenForoServer, tmp_path: Path) -> Iterator[SiteRig]:
    with rig_for(site, tmp_path, "xenforo", "Europe/Berlin", forums=("knots-and-ropes.4",)) as rig:
        yield rig


def board_of(rig: SiteRig) -> tuple[XenForoServer, Board]:
    server = rig.server
    assert isinstance(server, XenForoServer)
    return server, server.model


def threads_of(board: Board, day: date = DAY) -> set[int]:
    wanted = {thread.id for node in board.nodes for thread in board.listed(node) if not thread.merged_into}
    return {one for one in wanted if board.local(board.shown(one)[0].posted).date() == day}


def shown(board: Board) -> set[Held]:
    return {
        (str(thread), str(post.id), number, post.author, post.posted, post.shown_text)
        for thread in threads_of(board)
        for number, post in enumerate(board.shown(thread), start=1)
        if number != 1
    }


def held(rig: SiteRig) -> set[Held]:
    return rig.live_comments("external_id", "number", "author", "posted_at", "text")


def topics(rig: SiteRig) -> set[int]:
    return set(map(int, rig.live_articles()))


def test_a_day_is_complete_and_costs_its_listing_when_nothing_changed(rig: SiteRig) -> None:
    assert rig.harvest(DAY).exit_code == 0
    assert held(rig) == shown(rig.server.model)
    assert rig.coverage().complete
    with rows.Connected(rig.url) as connection:
        opening = connection.execute(select(articles).where(articles.c.external_id == str(LONG))).one()
    post = rig.server.model.shown(LONG)[0]
    assert (opening.posted_by, opening.posted_at, opening.text) == (post.author, post.posted, post.shown_text)
    assert (opening.title, opening.section) == (f"Knot {LONG} & others", 4)
    # A listing, two threads of a page, and one of four pages, whose first and last are asked for twice.
    assert len(rig.asked) == 9
    again = rig.harvest(DAY)
    assert (again.exit_code, len(rig.asked)) == (0, 1)


def test_a_late_post_an_edit_and_a_deletion(rig: SiteRig) -> None:
    rig.harvest(DAY)
    board = rig.server.model
    board.add_post(301, "Latecomer", "I was away.")
    assert rig.harvest(DAY).exit_code == 0
    assert len(rig.asked) == 2
    assert held(rig) == shown(board)
    late = board.shown(LONG)[8]
    board.edit(late.id, "I never said so.")
    assert rig.harvest(DAY, full=True).exit_code == 0
    with rows.Connected(rig.url) as connection:
        assert [row.text for row in connection.execute(select(comment_versions))] == [late.shown_text]
    gone = board.shown(LONG)[6].id
    board.delete(gone)
    assert rig.harvest(DAY).exit_code == 0
    # The numbers behind it moved up.
    assert held(rig) == shown(board)
    assert rows.vanished(rig.url) == {str(gone)}
    board.restore(gone)
    assert rig.harvest(DAY).exit_code == 0
    assert (held(rig), rows.vanished(rig.url)) == (shown(board), set())


def test_late_posts_below_old_threads_are_found_by_one_request(rig: SiteRig) -> None:
    board = rig.server.model
    rig.harvest(DAY)
    rig.harvest(after=timedelta(days=200))
    board.add_post(301, "Latecomer", "I was away.", posted=rig.clock.now() + timedelta(minutes=1))
    assert rig.harvest().exit_code == 0
    assert held(rig) == shown(board)
    late = [path for path in rig.asked if "order=last_post_date" in path]
    assert len(late) == 1
    assert rig.asked[rig.asked.index(late[0]) + 1 :] == ["/threads/knot-301-others.301/"]
    # Nothing is asked for twice, and what nobody harvested is not begun with.
    board.add_post(board.add_thread(board.shown(301)[0].posted - timedelta(days=9)).id, "Bosun", "Aye.")
    assert (rig.harvest().exit_code, rig.asked[-1]) == (0, late[0].replace("T13", "T14"))


@pytest.mark.parametrize("posts", [1, 2, 3])
def test_late_posts_are_followed_as_far_as_they_go(rig: SiteRig, posts: int) -> None:
    server, board = board_of(rig)
    server.threads_per_page = 1
    rig.harvest(DAY)
    rig.harvest(after=timedelta(days=200))
    for thread in (301, 302, LONG)[:posts]:
        board.add_post(thread, "Latecomer", "I was away.", posted=rig.clock.now() + timedelta(minutes=1))
    server.faults = [faults.server_error(r"301/\Z", times=9)]
    assert rig.harvest().exit_code == 1
    assert len([path for path in rig.asked if "order=last_post_date" in path]) == min(posts + 1, 3)
    server.faults = []
    assert rig.harvest().exit_code == 0
    assert held(rig) == shown(board)
    assert rig.coverage().complete


def _delete_early(board: Board) -> None:
    board.delete(board.shown(LONG)[2].id)


def _delete(board: Board) -> None:
    board.delete(board.shown(LONG)[7].id)


def _add(board: Board) -> None:
    board.add_post(LONG, "Newcomer", "Just now.")


def _swap(board: Board) -> None:
    _delete_early(board)
    _add(board)


@pytest.mark.long
@pytest.mark.parametrize("change", [_delete_early, _delete, _add, _swap])
@pytest.mark.parametrize("request_number", [1, 2, 3, 4, 5])
def test_a_thread_that_moves_between_two_pages_is_read_again(
    rig: SiteRig, change: Callable[[Board], None], request_number: int
) -> None:
    rig.server.after(request_number, change, path=f"threads/.*{LONG}")
    assert rig.harvest(DAY).exit_code == 0
    assert held(rig) == shown(rig.server.model)


@pytest.mark.long
def test_a_thread_that_moves_each_time_is_short(rig: SiteRig) -> None:
    for request in range(1, 40):
        rig.server.after(request, _swap, path=f"threads/.*{LONG}")
        rig.server.after(request, _add, path=f"threads/.*{LONG}")
    assert rig.harvest(DAY).exit_code == 1
    row = rig.threads()[str(LONG)]
    assert (row.state, row.last_error) == ("short", "the list changed while it was read")


@pytest.mark.long
@pytest.mark.parametrize(
    "fault",
    [
        faults.server_error(f"{LONG}/page-3", times=9),
        faults.cut_json(f"{LONG}/page-2"),
        faults.wall(f"{LONG}/page-4", skip=1),
        faults.login("301/"),
        faults.challenge("302/"),
        faults.instead("302/", status=200, body=b"<html id=XF data-template=error><body></body></html>"),
        faults.instead("forums/", status=200, body=b"<html id=XF data-template=forum_view></html>"),
        faults.not_found(f"{LONG}/page-4"),
    ],
)
def test_what_stands_in_a_page_s_place_proves_nothing(rig: SiteRig, fault: Fault) -> None:
    rig.harvest(DAY)
    before = held(rig)
    rig.server.faults = [fault]
    assert rig.harvest(DAY, full=True).exit_code == 1
    assert (held(rig), topics(rig), rows.vanished(rig.url)) == (before, {301, 302, 303}, set())


def test_a_thread_with_a_page_that_is_never_shown_is_short(rig: SiteRig) -> None:
    server, board = board_of(rig)
    path = f"/threads/knot-{LONG}-others.{LONG}/page-3"
    third = server.page(Asked(method="GET", raw=path, path=path, query=(), headers={})).body
    server.faults = [faults.instead(f"{LONG}/page-2", status=200, body=third, times=9)]
    assert rig.harvest(DAY).exit_code == 1
    assert not rig.coverage().complete
    server.faults = []
    assert rig.harvest(DAY).exit_code == 0
    assert held(rig) == shown(board)
    assert rig.coverage().complete


def test_a_forum_that_is_emptied_for_a_day_beside_another_is_believed(
    site: XenForoServer, tmp_path: Path
) -> None:
    board = site.model
    begin = board.shown(301)[0].posted
    board.add_thread(begin - timedelta(days=1))
    board.nodes[7] = Node(id=7, title="Sails")
    board.add_thread(begin, node=7)
    with rig_for(site, tmp_path, "xenforo", "Europe/Berlin", forums=("4", "7")) as rig:
        assert rig.harvest(DAY).exit_code == 0
        for thread in (301, 302, 303):
            board.delete_thread(thread)
        assert rig.harvest(DAY).exit_code == 1
        assert topics(rig) >= {301, 302, 303}
        assert rig.harvest(DAY, after=timedelta(days=2)).exit_code == 0
        assert topics(rig) == threads_of(board)
        assert rig.coverage().complete


def test_a_thread_that_is_put_into_another_forum_is_held_there(site: XenForoServer, tmp_path: Path) -> None:
    board = site.model
    board.nodes[7] = Node(id=7, title="Sails")
    others = [board.add_thread(board.shown(301)[0].posted, node=7).id for _ in range(2)]
    with rig_for(site, tmp_path, "xenforo", "Europe/Berlin", forums=("4", "7")) as rig:
        assert rig.harvest(DAY).exit_code == 0
        board.move_thread(301, 7)
        board.move_thread(others[0], 4)
        assert rig.harvest(DAY).exit_code == 0
        assert topics(rig) == threads_of(board) == {301, 302, 303, *others}
        assert held(rig) == shown(board)
        assert rig.coverage().complete


def test_a_forum_that_is_emptied_twice_is_not_believed_for_the_first_time(
    site: XenForoServer, tmp_path: Path
) -> None:
    board = site.model
    begin = board.shown(301)[0].posted
    board.add_thread(begin - timedelta(days=1))
    board.nodes[7] = Node(id=7, title="Sails")
    board.add_thread(begin - timedelta(days=1), node=7)
    other = board.add_thread(begin, node=7)
    with rig_for(site, tmp_path, "xenforo", "Europe/Berlin", forums=("4", "7")) as rig:
        rig.harvest(DAY)
        for thread in (301, 302, 303):
            board.delete_thread(thread)
        for emptied in (True, False, True):
            board.threads[other.id] = replace(board.threads[other.id], deleted=emptied)
            rig.harvest(DAY, full=True, after=timedelta(hours=20))
        assert other.id in topics(rig)


def test_a_board_without_a_counter_is_proved_by_its_last_number(rig: SiteRig) -> None:
    server, board = board_of(rig)
    server.json_ld = False
    server.after(3, _swap, path=f"threads/.*{LONG}")
    assert rig.harvest(DAY).exit_code == 0
    assert held(rig) == shown(board)


@pytest.mark.long
def test_threads_of_other_days_pinned_merged_and_gone(rig: SiteRig) -> None:
    server, board = board_of(rig)
    server.threads_per_page = 2
    begin = board.shown(301)[0].posted
    board.add_thread(begin - timedelta(days=1))
    board.add_thread(begin + timedelta(days=1))
    pinned = board.add_thread(begin + timedelta(minutes=7), sticky=True)
    board.merge(302, into=301)
    assert rig.harvest(DAY).exit_code == 0
    assert topics(rig) == {301, 303, pinned.id} == threads_of(board)
    assert held(rig) == shown(board)
    assert rig.coverage().complete
    board.delete_thread(303)
    assert rig.harvest(DAY).exit_code == 0
    assert topics(rig) == {301, pinned.id}
    assert (rig.harvest(DAY).exit_code, rig.coverage().complete) == (0, True)


def _delete_thread(board: Board) -> None:
    board.delete_thread(max(threads_of(board)))


def _add_thread(board: Board) -> None:
    last = max(board.shown(one)[0].posted for one in threads_of(board))
    board.add_thread(last + timedelta(minutes=1))


def _swap_threads(board: Board) -> None:
    _delete_thread(board)
    _add_thread(board)


@pytest.mark.long
@pytest.mark.parametrize("change", [_delete_thread, _add_thread, _swap_threads])
@pytest.mark.parametrize("request_number", [1, 2, 3])
def test_a_listing_that_moves_between_two_pages_is_read_again_or_short(
    rig: SiteRig, change: Callable[[Board], None], request_number: int
) -> None:
    server, board = board_of(rig)
    server.threads_per_page = 2
    begin = board.shown(301)[0].posted
    for number in range(5):
        board.add_thread(begin + timedelta(minutes=number))
    server.after(request_number, change, path="forums")
    before = threads_of(board)
    report = rig.harvest(DAY)
    assert topics(rig) <= before | threads_of(board)
    assert topics(rig) == threads_of(board) or (report.exit_code, rig.day_state(DAY)) == (1, "short")
    # What was short is whole once the forum stands still.
    assert rig.harvest(DAY).exit_code == 0
    assert topics(rig) == threads_of(board)
    assert rig.coverage().complete


@pytest.mark.long
@pytest.mark.parametrize("hidden", [0, 1, 2, 5, 6])
def test_a_page_that_hides_a_thread_from_guests_is_shorter_and_ends_nothing(
    rig: SiteRig, hidden: int
) -> None:
    server, board = board_of(rig)
    server.threads_per_page = 3
    begin = board.shown(301)[0].posted
    added = [board.add_thread(begin + timedelta(minutes=number)).id for number in range(9)]
    server.unseen = {added[hidden]}
    assert rig.harvest(DAY).exit_code == 0
    assert topics(rig) == threads_of(board) - server.unseen
    assert rig.coverage().complete


def test_a_forum_that_shows_its_last_days_alone_is_asked_for_all(rig: SiteRig) -> None:
    server, board = board_of(rig)
    server.days_shown = 30
    board.add_thread(board.shown(301)[0].posted + timedelta(days=90))
    assert rig.harvest(DAY).exit_code == 0
    assert topics(rig) == threads_of(board)
    # One that gives no more all the same does not pass for whole.
    server.heeds_no_limit = False
    assert rig.harvest(DAY, full=True).exit_code == 1
    assert topics(rig) == threads_of(board)


def test_a_forum_that_says_it_is_empty_is_an_empty_day(site: XenForoServer, tmp_path: Path) -> None:
    site.model.nodes[7] = Node(id=7, title="Sails")
    with rig_for(site, tmp_path, "xenforo", "Europe/Berlin", forums=("4", "7")) as rig:
        assert rig.harvest(DAY).exit_code == 0
        assert topics(rig) == threads_of(site.model)
        assert rig.coverage().complete


def test_a_board_whose_addresses_are_not_friendly(site: XenForoServer, tmp_path: Path) -> None:
    site.prefix = "index.php?"
    forums = ("knots-and-ropes.4",)
    with rig_for(site, tmp_path, "xenforo", "Europe/Berlin", forums=forums, plain_urls=True) as rig:
        assert rig.harvest(DAY).exit_code == 0
        assert held(rig) == shown(site.model)
        assert rig.coverage().complete
        assert all(path.startswith("/index.php?") for path in rig.asked)
        assert (rig.harvest(DAY).exit_code, len(rig.asked)) == (0, 1)


@pytest.mark.long
@pytest.mark.parametrize("per_page", [1, 2, 3, 4])
@pytest.mark.parametrize("back", [1, 9, 14, 20])
def test_a_day_is_found_wherever_its_pages_end(rig: SiteRig, per_page: int, back: int) -> None:
    server, board = board_of(rig)
    server.threads_per_page, server.past_end = per_page, "redirect"
    begin = board.shown(301)[0].posted
    for number in range(2, 20):
        for hour in range(number % 4):
            board.add_thread(begin - timedelta(days=number, hours=hour - 6))
    wanted = DAY - timedelta(days=back)
    assert rig.harvest(wanted).exit_code == 0
    assert topics(rig) == threads_of(board, wanted)
    assert rig.coverage().complete


@pytest.mark.long
def test_a_re_parse_changes_nothing(rig: SiteRig) -> None:
    rig.harvest(DAY)
    before = rows.table(rig.url, "articles"), rows.table(rig.url, "comments"), rig.threads()
    assert rig.reparse()["exit_code"] == 0
    after = rows.table(rig.url, "articles"), rows.table(rig.url, "comments"), rig.threads()
    assert after == before
