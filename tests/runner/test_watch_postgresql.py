"""The same agreements on PostgreSQL, whose locks are those of a session."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit import rows
from tests.kit.postgres import server_or_skip
from tests.kit.rig import NOON
from tests.runner.post import CHECK, HOUR, HOURLY, Post
from tests.site.server import SiteServer


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    yield from server_or_skip()


@pytest.fixture
def post(site: SiteServer, tmp_path: Path, server: str) -> Iterator[Post]:
    post = Post(site, tmp_path, server)
    yield post
    post.close()


@pytest.mark.long
def test_two_share_the_times_and_take_over_what_is_left(post: Post) -> None:
    gone = post.store()
    with gone.present() as owner:
        gone.claims.claim(CHECK.key, "rantburg", NOON, owner=owner, now=NOON, lease_until=NOON + HOUR)
    post.clock.advance(6 * 3600)
    both = [threading.Thread(target=post.scheduler(CHECK, HOURLY).work) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    entered = rows.table(post.url, "schedule_runs")
    states = sorted((run["schedule"], run["attempts"], run["state"]) for run in entered)
    assert states == [(CHECK.key, 1, "done")] * 6 + [(CHECK.key, 2, "done"), (HOURLY.key, 1, "done")]
    assert rows.held(post.url) == rows.told(*post.site.days.values())
