"""What commands put into the queue is done by workers, as a command of one machine would have done it."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import pytest
from sqlalchemy import select

from ingest.store.database.schema import articles, comments
from tests.faults.held import unreadable
from tests.faults.site import SECTIONS, WatchedSite, before, past_days, shortest_gap
from tests.kit import rows
from tests.kit.child import kill
from tests.kit.farm import SOURCE
from tests.kit.fleet import FleetRig, new_database, stop
from tests.kit.postgres import server_or_skip
from tests.kit.waiting import until
from tests.site.engines.wordpress.model import small_blog, utc
from tests.site.engines.wordpress.site import WordPressServer
from tests.site.faults import instead
from tests.site.render import encoded, section_page

pytestmark = pytest.mark.long

DAYS = 3
PAGES = DAYS * len(SECTIONS)
WINDOW = ("--since", before(DAYS).isoformat(), "--until", before(1).isoformat())
RENDERED = ("articles", "comments", "article_versions", "comment_versions", "pages", "quarantine")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    yield from server_or_skip()


@pytest.fixture
def site() -> Iterator[WatchedSite]:
    with WatchedSite(past_days(DAYS)) as site:
        yield site


def order_of(rig: FleetRig, **wanted: Any) -> dict[str, Any]:
    """The newest order that is so."""
    found = [row for row in rows.table(rig.url, "orders") if wanted.items() <= row.items()]
    return max(found, key=lambda row: int(row["id"]))


@pytest.mark.parametrize("runner", ["local", "procrastinate"])
def test_both_runners_hold_the_same(runner: str, site: WatchedSite, tmp_path: Path, server: str) -> None:
    rig = FleetRig(site, tmp_path, server, pages=4)
    days = [word for ago in range(1, DAYS) for word in ("--date", before(ago).isoformat())]
    for words in (["harvest", "rantburg", *days], ["backfill", "rantburg", *WINDOW], ["reparse", "--all"]):
        done = rig.json(*words, runner=runner)
        if runner == "procrastinate":
            assert (done["state"], done["exit_code"]) == ("open", None)
            assert rig.json(*words)["order"] == done["order"]
            rig.work()
            found = order_of(rig, id=done["order"])
            assert (found["state"], found["exit_code"], found["tries"], found["error"]) == (
                "ended",
                0,
                0,
                None,
            )
    assert rig.held == rig.shown
    assert set(rig.page_states().values()) == {"done"}
    assert rows.versions(rig.url) == []
    # A harvest looks at a day's catalogue first, and a backfill leaves alone what is done.
    assert Counter(site.pages_asked).most_common(1)[0][1] == 1
    assert len(rig.captures()) == PAGES
    assert unreadable(rig) == []


def test_parse_workers_put_right_what_one_machine_would(
    site: WatchedSite, tmp_path: Path, server: str
) -> None:
    rig = FleetRig(site, tmp_path, server, pages=4)
    for ago in range(1, DAYS + 1):
        rig.json(
            "backfill", "rantburg", "--since", before(ago).isoformat(), "--until", before(ago).isoformat()
        )
        rig.work()
    shown = rig.held
    for damage in (
        "UPDATE comments SET text = 'not what was said' WHERE number = 1",
        "UPDATE articles SET title = 'no such title' WHERE section < 4",
        "DELETE FROM comments WHERE number = 2",
        "UPDATE captures SET revision = 0 WHERE source = 'rantburg'",
    ):
        rows.execute(rig.url, damage)
    other = new_database(server)
    code, _, err = rig.run("db", "copy", "--to", other)
    assert code == 0, err
    queued = rig.json("reparse", "rantburg")
    parts = [row for row in rows.table(rig.url, "orders") if row["parent_id"] == queued["order"]]
    assert len(parts) >= DAYS
    assert len({row["lock"] for row in parts}) >= DAYS, "days that share no file are parsed side by side"
    workers = [
        rig.begin("worker", "--until-idle", "--queue", "parse", "--concurrency", "2") for _ in range(2)
    ]
    assert [worker.wait(timeout=100) for worker in workers] == [0, 0]
    rig.close(*workers)
    assert order_of(rig, id=queued["order"])["exit_code"] == 0
    own, rig.url = rig.url, other
    rig.json("reparse", "rantburg", runner="local")
    assert rig.held == shown
    for name in RENDERED:
        assert comparable(own, name) == comparable(other, name)
    rig.url = own
    assert rig.json("reparse", "rantburg", runner="local")["captures"]["looked"] == 0


def comparable(url: str, name: str) -> list[dict[str, object]]:
    """The rows of a table, whatever ids they were given."""
    found = [{key: value for key, value in row.items() if key != "id"} for row in rows.table(url, name)]
    return sorted(found, key=lambda row: str(sorted(row.items(), key=str)))


def test_a_dead_workers_job_is_told_and_taken_over(site: WatchedSite, tmp_path: Path, server: str) -> None:
    site.pause = 0.05
    rig = FleetRig(site, tmp_path, server)
    rig.json("backfill", "rantburg", *WINDOW)
    worker = rig.worker("--queue", "fetch")
    until(lambda: len(site.pages_asked) > 3)
    kill(worker)
    time.sleep(1.6)
    fleet = rig.json("status")["fleet"]
    (dead,) = fleet["workers"]
    assert (dead["alive"], dead["doing"]) == (False, ["127.0.0.1"])
    assert fleet["queues"]["fetch"]["doing"] == 1
    assert "silent" in fleet["stuck"][0]
    rig.work("--queue", "fetch")
    assert rig.held == rig.shown
    assert len(site.pages_asked) <= PAGES + 1
    after = rig.json("status")["fleet"]
    assert (
        after["queues"]["fetch"]["doing"] == after["queues"]["fetch"]["waiting"] == after["open_orders"] == 0
    )
    assert after["stuck"] == []
    assert after["pages_per_hour"] == PAGES


KILLS_ITSELF = """
import os, signal
from ingest.pipeline.page import PagePipeline
look = PagePipeline._look_after
def deadly(self, visit):
    if "HC=3" in visit.url:
        os.kill(os.getpid(), signal.SIGKILL)
    return look(self, visit)
PagePipeline._look_after = deadly
"""


def test_an_order_whose_workers_die_is_given_up_after_three_tries(
    site: WatchedSite, tmp_path: Path, server: str
) -> None:
    rig = FleetRig(site, tmp_path, server, tries=3)
    day = before(1).isoformat()
    rig.json("backfill", "rantburg", "--since", day, "--until", day)
    deaths = 0
    while order_of(rig)["state"] == "open" and deaths < 9:
        worker = rig.begin("worker", "--until-idle", prepared=KILLS_ITSELF)
        deaths += worker.wait(timeout=60) != 0
        rig.close(worker)
    assert 3 <= deaths <= 5
    found = order_of(rig)
    assert found["exit_code"] == 3
    assert "given up after 3 tries" in found["error"]
    assert "given up after 3 tries" in rig.json("status")["fleet"]["stuck"][0]
    assert rig.json("backfill", "rantburg", "--since", day, "--until", day, runner="local")["exit_code"] == 0


def test_a_page_that_kills_its_parser_is_quarantined_and_the_worker_goes_on(
    site: WatchedSite, tmp_path: Path, server: str
) -> None:
    day = before(2)
    page = encoded(section_page(site.days[day], 2))
    deadly = page.replace(b"</body>", b"<dl><dd>" * 150_000 + b"</body>")
    site.faults = [instead(f"D={day:%m/%d/%Y}&HC=2", body=deadly)]
    rig = FleetRig(site, tmp_path, server)
    rig.json("backfill", "rantburg", *WINDOW)
    worker = rig.worker("--concurrency", "2")
    until(lambda: order_of(rig)["state"] == "ended")
    assert order_of(rig)["exit_code"] == 1
    assert rig.json("quarantine", "list")["quarantine"][0]["error_kind"] == "WorkerFailed"
    queued = rig.json("reparse", "rantburg")
    until(lambda: order_of(rig, id=queued["order"])["state"] == "ended")
    assert order_of(rig, id=queued["order"])["exit_code"] == 1
    code, out, _ = rig.run("quarantine", "retry", "--wait")
    assert (code, "ended with exit code 1  looked 1" in out) == (1, True)
    assert worker.poll() is None
    assert stop(worker)[0] == 0
    (poison,) = rig.json("quarantine", "list")["quarantine"]
    assert poison["attempts"] == 3
    assert len(rig.held) == len(rig.shown) - 1


def test_whoever_waits_ends_with_the_exit_code_of_the_work(
    site: WatchedSite, tmp_path: Path, server: str
) -> None:
    rig = FleetRig(site, tmp_path, server)
    worker = rig.worker()
    waiting = rig.json("backfill", "rantburg", *WINDOW, "--wait")
    assert (waiting["state"], waiting["exit_code"], waiting["counts"]["pages_done"]) == ("ended", 0, PAGES)
    site.robots = (200, b"User-agent: *\nDisallow: /\n")
    rows.execute(rig.url, "DELETE FROM robots")
    code, out, _ = rig.run("harvest", "rantburg", "--date", before(1).isoformat(), "--full", "--wait")
    assert code == 3, out
    assert "exit code 3" in out
    assert stop(worker)[0] == 0


@pytest.mark.timeout(400)
def test_a_kill_every_two_seconds_loses_and_doubles_nothing(tmp_path: Path, server: str) -> None:
    killed_for(20, tmp_path, server)


@pytest.mark.full
@pytest.mark.timeout(600)
def test_the_same_for_a_minute(tmp_path: Path, server: str) -> None:
    killed_for(60, tmp_path, server)


DELAY = 0.2


class Blogs:
    """Three blogs, each at an address of its own; a context manager."""

    def __init__(self, days: int) -> None:
        self.since, self.days = date(2024, 5, 1), days
        self.sites: dict[str, WordPressServer] = {}
        for number in range(3):
            blog = small_blog(threads=(4, 0, 7))
            for later in range(1, days):
                post = blog.add_post(utc(2024, 5, 1, 6) + timedelta(days=later))
                for rank in range(later % 5):
                    blog.add_comment(post.id, f"Ann {rank}", f"Word {rank} of {later}.")
            kind = type(f"Blog{number}", (WordPressServer,), {"host": f"127.0.0.{number + 2}"})
            self.sites[f"blog{number}"] = kind(blog)
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        for site in self.sites.values():
            self._opened.enter_context(site)
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    @property
    def settings(self) -> str:
        return "".join(
            SOURCE.format(name=name, engine="wordpress", url=site.url, zone="Europe/Berlin", delay=DELAY)
            for name, site in self.sites.items()
        )

    @property
    def shortest_gap(self) -> float:
        moments = [sorted(one.at for one in site.log) for site in self.sites.values()]
        return min(later - earlier for times in moments for earlier, later in pairwise(times))

    @property
    def comments(self) -> list[tuple[str, str]]:
        return sorted((name, str(key)) for name, site in self.sites.items() for key in site.model.comments)


def held_of_blogs(url: str) -> list[tuple[str, str]]:
    """The live comments of all blogs: source and id."""
    wanted = select(articles.c.source, comments.c.external_id).join_from(comments, articles)
    live = wanted.where(comments.c.vanished_at.is_(None), articles.c.source != "rantburg")
    with rows.Connected(url) as connection:
        return sorted((row.source, row.external_id) for row in connection.execute(live))


def killed_for(seconds: int, tmp_path: Path, server: str) -> None:
    """Four workers and four hosts; every two seconds a worker is killed, and another put in its place."""
    number = max(8, seconds // 2)
    with WatchedSite(past_days(number), pause=0.02) as site, Blogs(2 * number) as blogs:
        # Here a death is noticed in 1.5 s: an order meets more of them than in the 45 s that are the default.
        rig = FleetRig(site, tmp_path, server, pages=25, delay=DELAY, sources=blogs.settings, tries=60)
        rig.json("backfill", "rantburg", "--since", f"{before(number)}", "--until", f"{before(1)}")
        last = blogs.since + timedelta(days=2 * number)
        window = ("--since", f"{blogs.since}", "--until", f"{last}")
        code, _, err = rig.run("backfill", *blogs.sites, *window)
        assert code == 0, err
        kills, workers = 0, [rig.worker("--concurrency", "2") for _ in range(4)]
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(2)
            kill(workers.pop(0))
            workers.append(rig.worker("--concurrency", "2"))
            kills += 1
        left = sum(row["state"] == "open" for row in rows.table(rig.url, "orders"))
        until(lambda: {row["state"] for row in rows.table(rig.url, "orders")} == {"ended"}, within=280)
        for worker in workers:
            kill(worker)
        ended = rows.table(rig.url, "orders")
        assert [(row["source"], row["exit_code"], row["error"]) for row in ended if row["exit_code"]] == []
        asked, pages = len(site.pages_asked), number * len(SECTIONS)
        gaps = f"shortest gap {shortest_gap(site):.3f} s, of blogs {blogs.shortest_gap:.3f} s"
        print(f"{kills} kills, {left} orders open then: {asked} requests for {pages} pages, {gaps}")
        assert held_of_blogs(rig.url) == blogs.comments
        ours = {row["external_id"] for row in rig.shown}
        assert [row for row in rig.held if row["external_id"] in ours] == rig.shown
        assert unreadable(rig) == []
        # A day of a blog begins with its list, also where it is gone on with; a section is fetched once.
        sections = Counter(row["url"] for row in rig.captures() if row["source"] == "rantburg")
        assert sections.most_common(1)[0][1] == 1
        assert rows.versions(rig.url) == []
        assert min(shortest_gap(site), blogs.shortest_gap) >= DELAY
        assert asked <= pages + kills
