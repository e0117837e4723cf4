"""Other people's readers of WordPress, Discourse and XenForo on our replicas: what they hold of a thread.

python -m tests.bench.others_engines WPEXTRACT_PYTHON FORUM_DL

The first is a Python that has wpextract (its command fetches no comments, its library does), the second the
program forum-dl; both are installed apart from thresher. Prints a table by tool and disturbance.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.site.engines.discourse.model import Forum
from tests.site.engines.discourse.site import DiscourseServer
from tests.site.engines.faults import Fault, server_error
from tests.site.engines.server import EngineServer
from tests.site.engines.wordpress.model import Blog
from tests.site.engines.wordpress.site import WordPressServer
from tests.site.engines.xenforo.model import Board
from tests.site.engines.xenforo.site import XenForoServer

LENGTH = 57
START = datetime(2024, 5, 1, 6, tzinfo=UTC)
SECONDS = 200
GET_COMMENTS = """
import json, logging, sys
from wpextract.download.requestsession import RequestSession
from wpextract.download.wpapi import WPApi
logging.disable(logging.CRITICAL)
comments, _ = WPApi(sys.argv[1], session=RequestSession(timeout=5, max_retries=1)).get_comments()
print(json.dumps([str(comment["id"]) for comment in comments]))
"""

Ask = Callable[[str], tuple[int, list[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A tool, a site, and what disturbs it: once a request that matches ``moving`` was answered, it moves."""

    tool: str
    site: Callable[[], EngineServer]
    ids: Callable[[EngineServer], list[str]]
    ask: Ask
    delete: Callable[[EngineServer], object]
    add: Callable[[EngineServer], object]
    moving: str
    failing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a tool held when it had ended, beside what the site then had."""

    tool: str
    disturbance: str
    exit_code: int
    site: int
    held: int
    missing: int
    doubled: int


def outcomes(case: Case) -> Iterator[Outcome]:
    """A case undisturbed, and with each disturbance."""
    yield _outcome(case, "none", lambda site: None)
    yield _outcome(case, "one deleted between pages", lambda site: _after(case, site, case.delete))
    yield _outcome(case, "one added between pages", lambda site: _after(case, site, case.add))
    yield _outcome(case, "500 on the last page", lambda site: _fail(site, case.failing))


def _after(case: Case, site: EngineServer, change: Callable[[EngineServer], object]) -> None:
    site.after(1, lambda _: change(site), path=case.moving)


def _fail(site: EngineServer, path: str) -> None:
    site.faults = [Fault(path=path, times=None, spoil=server_error().spoil)]


def _outcome(case: Case, disturbance: str, disturb: Callable[[EngineServer], None]) -> Outcome:
    with case.site() as site:
        disturb(site)
        exit_code, held = case.ask(site.url)
        there = case.ids(site)
    return Outcome(
        tool=case.tool,
        disturbance=disturbance,
        exit_code=exit_code,
        site=len(there),
        held=len(held),
        missing=len(set(there) - set(held)),
        doubled=len(held) - len(set(held)),
    )


def wordpress(python: str) -> Case:
    """A blog whose newest comments come first, as wpextract asks for them."""

    def site() -> WordPressServer:
        blog = Blog()
        post = blog.add_post(START)
        for number in range(LENGTH):
            blog.add_comment(post.id, f"Docker {number}", f"Remark {number}.")
        return WordPressServer(blog)

    def ask(url: str) -> tuple[int, list[str]]:
        code, printed = _run([python, "-c", GET_COMMENTS, url])
        return code, json.loads(printed) if code == 0 else []

    return Case(
        tool="wpextract, WordPress",
        site=site,
        ids=lambda site: [str(comment.id) for comment in site.model.thread(101)],
        ask=ask,
        delete=lambda site: site.model.delete(60),
        add=lambda site: site.model.add_comment(101, "Late", "At last."),
        moving="comments",
        failing="comments.*page=3",
    )


def discourse(program: str) -> Case:
    """A topic of three lots."""

    def site() -> DiscourseServer:
        forum = Forum()
        topic = forum.add_topic(START)
        for number in range(2, LENGTH + 1):
            forum.add_post(topic.id, f"caulker{number}", f"Answer {number}.")
        return DiscourseServer(forum)

    return Case(
        tool="forum-dl, Discourse",
        site=site,
        ids=lambda site: [str(post.id) for post in site.model.stream(71)],
        ask=lambda url: _forum_dl(program, url),
        delete=lambda site: site.model.delete(530),
        add=lambda site: site.model.add_post(71, "late", "At last."),
        moving="/t/",
        failing="post_ids.*557",
    )


def xenforo(program: str) -> Case:
    """A thread of three pages."""

    def site() -> XenForoServer:
        board = Board()
        thread = board.add_thread(START)
        board.fill(thread.id, LENGTH)
        return XenForoServer(board)

    return Case(
        tool="forum-dl, XenForo 2",
        site=site,
        ids=lambda site: [str(post.id) for post in site.model.shown(301)],
        ask=lambda url: _forum_dl(program, url),
        delete=lambda site: site.model.delete(9_005),
        add=lambda site: site.model.add_post(301, "Late", "At last."),
        moving="/threads/",
        failing="page-3",
    )


def _forum_dl(program: str, url: str) -> tuple[int, list[str]]:
    code, printed = _run([program, "-f", "jsonl", "--timeout", "5", "-R", "0", url])
    rows = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    return code, [row["item"]["subpath"][-1] for row in rows if row["type"] == "post"]


def _run(command: Sequence[str]) -> tuple[int, str]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    return done.returncode, done.stdout


def main(python: str, program: str) -> None:
    """Print the table."""
    print("| tool, engine | disturbance | exit code | site has | held | missing | doubled |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for case in (wordpress(python), discourse(program), xenforo(program)):
        for one in outcomes(case):
            counts = f"{one.exit_code} | {one.site} | {one.held} | {one.missing} | {one.doubled}"
            print(f"| {one.tool} | {one.disturbance} | {counts} |")


if __name__ == "__main__":
    main(*sys.argv[1:3])
