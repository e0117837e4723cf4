"""A site of lists, read by runs that are killed and out of files in the wrong order: the same rows."""

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ingest.store.database.schema import articles, comment_versions, comments, pages
from tests.kit import child, rows
from tests.kit.child import THRESHER
from tests.site.engines.discourse.model import small_forum
from tests.site.engines.discourse.site import DiscourseServer
from tests.site.engines.server import EngineServer
from tests.site.engines.wordpress.model import Blog, small_blog, utc
from tests.site.engines.wordpress.site import WordPressServer
from tests.site.engines.xenforo.model import small_board
from tests.site.engines.xenforo.site import XenForoServer

pytestmark = pytest.mark.long

ENGINES: Mapping[type, tuple[str, str]] = {
    WordPressServer: ("wordpress", ""),
    DiscourseServer: ("discourse", ""),
    XenForoServer: ("xenforo", "forums = [4]\n"),
}
BACKFILL = ("backfill", "mine", "--since", "2024-05-01", "--until", "2024-05-02")


def blog() -> Blog:
    found = small_blog(threads=(4, 0, 12))
    for hour in range(2):
        post = found.add_post(utc(2024, 5, 2, 6) + timedelta(hours=hour))
        for rank in range(7 * hour):
            found.add_comment(post.id, f"Ann {rank}", f"Word {rank}.")
    return found


@pytest.fixture
def site() -> Iterator[WordPressServer]:
    with WordPressServer(blog()) as server:
        server.page_cap = 5
        yield server


def discourse() -> DiscourseServer:
    forum = small_forum(topics=(4, 1, 50))
    forum.add_action(72)
    later = small_forum(topics=(21, 2), day=datetime(2024, 5, 2, 6, tzinfo=UTC))
    for topic in later.topics.values():
        copied = forum.add_topic(topic.created)
        for post in later.stream(topic.id)[1:]:
            forum.add_post(copied.id, post.author, post.text, reply_to=post.reply_to)
    server = DiscourseServer(forum)
    server.obeys_per_page, server.per_page = False, 2
    return server


def xenforo() -> XenForoServer:
    board = small_board(threads=(4, 1, 17))
    for hour in range(2):
        thread = board.add_thread(board.shown(301)[0].posted + timedelta(days=1, hours=hour))
        board.fill(thread.id, 1 + 7 * hour)
    server = XenForoServer(board)
    server.per_page, server.threads_per_page = 5, 2
    return server


def begun(site: EngineServer[Any], folder: Path, *command: str) -> child.Child:
    folder.mkdir(exist_ok=True)
    config = folder / "thresher.toml"
    engine, more = ENGINES[type(site)]
    where = f'engine = "{engine}"\nbase_url = "{site.url}"\nzone = "Europe/Berlin"\n'
    config.write_text(f"[sources.mine]\n{where}delay = 0\n{more}")
    options = ("--config", str(config), "--database", str(folder / "held"), "--archive", str(folder / "kept"))
    return child.begun([str(THRESHER), *options, *command], folder)


def run(site: EngineServer[Any], folder: Path, *command: str) -> None:
    assert child.ended(begun(site, folder, *command))[0] == 0


def held(folder: Path) -> list[list[tuple[Any, ...]]]:
    """Articles, comments, former words, and the ledger."""
    said = (comments.c.author, comments.c.number, comments.c.parent_external_id, comments.c.text)
    shown = (*said, comments.c.position, comments.c.vanished_at.is_(None))
    counts = (pages.c.expected_articles, pages.c.held_articles, pages.c.expected_comments)
    wanted = (
        select(articles.c.external_id, articles.c.date, articles.c.title, articles.c.text).order_by(
            articles.c.external_id
        ),
        select(articles.c.external_id, comments.c.external_id, *shown)
        .join_from(comments, articles)
        .order_by(articles.c.external_id, comments.c.external_id),
        select(comment_versions.c.text).order_by(comment_versions.c.text),
        select(pages.c.day, pages.c.kind, pages.c.thread, pages.c.state, *counts, pages.c.held_comments)
        .where(pages.c.kind != "latest")
        .order_by(pages.c.day, pages.c.kind, pages.c.thread),
    )
    with rows.Connected(str(folder / "held")) as connection:
        return [[tuple(row) for row in connection.execute(one)] for one in wanted]


@pytest.mark.parametrize("requests", [(2, 3), (5, 7), (9, 4)])
def test_runs_that_are_killed_and_go_on_hold_what_an_undisturbed_one_does(
    site: WordPressServer, tmp_path: Path, requests: tuple[int, ...]
) -> None:
    killed_and_undisturbed(site, tmp_path, requests)


@pytest.mark.parametrize("requests", [(2, 3), (6, 1, 7), (12, 4)])
@pytest.mark.parametrize("make", [discourse, xenforo])
def test_forums_that_are_killed_and_go_on_hold_what_an_undisturbed_one_does(
    make: Callable[[], EngineServer[Any]], tmp_path: Path, requests: tuple[int, ...]
) -> None:
    with make() as site:
        killed_and_undisturbed(site, tmp_path, requests)


def killed_and_undisturbed(site: EngineServer[Any], tmp_path: Path, requests: Iterable[int]) -> None:
    run(site, tmp_path / "undisturbed", *BACKFILL)
    for number in requests:
        before = len(site.pages_asked)
        process = begun(site, tmp_path / "killed", *BACKFILL)
        while process.poll() is None and len(site.pages_asked) - before < number:
            time.sleep(0.002)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    run(site, tmp_path / "killed", *BACKFILL)
    assert held(tmp_path / "killed") == held(tmp_path / "undisturbed")
    run(site, tmp_path / "killed", "verify", "mine")


def test_files_in_the_wrong_order_come_to_the_same(site: WordPressServer, tmp_path: Path) -> None:
    live, imported = tmp_path / "live", tmp_path / "imported"
    run(site, live, *BACKFILL)
    thread = site.model.thread(103)
    site.model.delete(thread[1].id)
    site.model.edit(thread[3].id, "I never said so.")
    run(site, live, "harvest", "mine", "--date", "2024-05-01", "--full")
    first, second = map(str, sorted((live / "kept").glob("*.warc.gz")))
    # What the second file repeats of the first cannot be read before the first is there.
    assert begun(site, imported, "archive", "import", second).wait(timeout=100) == 1
    run(site, imported, "archive", "import", first)
    run(site, imported, "archive", "import", second)
    assert held(imported) == held(live)
    assert held(live)[2] != []
