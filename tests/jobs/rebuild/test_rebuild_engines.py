"""Sites of the three common kinds: harvested, edited, deleted, taken down, and made anew from the archive."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.jobs.rebuild.lost import TickingClock, kept, rebuilt, take_down
from tests.kit import rows
from tests.kit.sites import NAME, NOON, SiteRig, rig_for
from tests.site.engines.discourse.model import small_forum
from tests.site.engines.discourse.site import DiscourseServer
from tests.site.engines.faults import wall
from tests.site.engines.wordpress.model import small_blog
from tests.site.engines.wordpress.site import WordPressServer
from tests.site.engines.xenforo.model import small_board
from tests.site.engines.xenforo.site import XenForoServer

DAY = date(2024, 5, 1)


@contextmanager
def wordpress(folder: Path) -> Iterator[SiteRig]:
    with WordPressServer(small_blog(threads=(4, 3, 12))) as server:
        server.page_cap = 5
        with rig_for(server, folder, "wordpress", server.model.zone) as rig:
            yield rig


@contextmanager
def discourse(folder: Path) -> Iterator[SiteRig]:
    with (
        DiscourseServer(small_forum(topics=(4, 2, 30))) as server,
        rig_for(server, folder, "discourse", "UTC") as rig,
    ):
        yield rig


@contextmanager
def xenforo(folder: Path) -> Iterator[SiteRig]:
    with XenForoServer(small_board(threads=(4, 2, 17))) as server:
        server.version, server.per_page = 2, 5
        with rig_for(server, folder, "xenforo", "Europe/Berlin", forums=("knots-and-ropes.4",)) as rig:
            yield rig


def changed_blog(blog: Any) -> None:
    blog.add_comment(101, "Latecomer", "I was away.")
    blog.edit(blog.thread(103)[1].id, "I never said so.")
    blog.delete(blog.thread(103)[2].id)
    blog.delete_post(102)


def changed_forum(forum: Any) -> None:
    forum.add_post(71, "Latecomer", "I was away.")
    forum.edit(forum.stream(73)[3].id, "I never said so.")
    forum.delete(forum.stream(73)[5].id)
    forum.delete_topic(72)


def changed_board(board: Any) -> None:
    board.add_post(301, "Latecomer", "I was away.")
    board.edit(board.shown(303)[4].id, "I never said so.")
    board.delete(board.shown(303)[6].id)
    board.delete_thread(302)


KINDS: dict[str, tuple[Callable[[Path], Any], Callable[[Any], None], str, str, str]] = {
    "wordpress": (wordpress, changed_blog, "103", "101", "post=103"),
    "discourse": (discourse, changed_forum, "73", "71", "t/73"),
    "xenforo": (xenforo, changed_board, "303", "301", "303/"),
}


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_a_site_of_a_common_kind(kind: str, tmp_path: Path) -> None:
    opened, change, long_thread, other, path = KINDS[kind]
    with opened(tmp_path) as rig:
        rig.clock = TickingClock(NOON)
        rig.harvest(DAY)
        change(rig.server.model)
        rig.harvest(DAY, full=True)
        comment = min(row[1] for row in rig.live_comments("external_id") if row[0] == long_thread)
        take_down(rig, NAME, long_thread, comment)
        rig.harvest(DAY, full=True)
        take_down(rig, NAME, other)
        rig.server.faults = [wall(path)]
        assert rig.harvest(DAY, full=True, after=timedelta(days=3)).exit_code == 1
        url = str(tmp_path / "new.sqlite3")
        report = rebuilt(rig, url, workers=2)
        assert (report.exit_code, report.sources[0].damaged) == (1, [])
        assert rows.table(url, "quarantine")
        assert kept(url) == kept(rig.url)
