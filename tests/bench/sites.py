"""The loopback sites that are harvested: replicas that make each answer once, so no reader waits for it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.site.engines.discourse.model import Forum
from tests.site.engines.discourse.model import line as discourse_line
from tests.site.engines.discourse.site import DiscourseServer
from tests.site.engines.wordpress.model import Blog
from tests.site.engines.wordpress.model import line as wordpress_line
from tests.site.engines.wordpress.site import WordPressServer
from tests.site.engines.xenforo.model import Board
from tests.site.engines.xenforo.site import XenForoServer
from tests.site.faults import Answer
from tests.site.invent import invented_day
from tests.site.model import Comment, add_comment
from tests.site.pieces import Text, shown_in
from tests.site.server import SiteServer

FIRST = date(2024, 5, 1)
SECTIONS = {1: 12, 2: 12, 3: 12, 4: 12, 6: 12}
COMMENTS = 260
NOON = 12
Held = set[tuple[str, str, str, str]]
"""Comments: the article's id, the comment's, its author and its text."""


class Kept:
    """Answers are made once for an address; ``forget`` them when the model has changed."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.answers: dict[tuple[str, ...], Answer] = {}

    def forget(self) -> None:
        """The next answers are made anew."""
        self.answers.clear()


class KeptSite(Kept, SiteServer):
    """The first source's."""

    def _answer(self, path: str, accepts_gzip: bool) -> Answer:
        key = (path, str(accepts_gzip))
        if key not in self.answers:
            self.answers[key] = super()._answer(path, accepts_gzip)
        return self.answers[key]


class KeptWordPress(Kept, WordPressServer):
    """A blog's."""

    def _answer(self, asked: Any) -> Answer:
        return _kept(self, asked, super()._answer)


class KeptDiscourse(Kept, DiscourseServer):
    """A forum's."""

    def _answer(self, asked: Any) -> Answer:
        return _kept(self, asked, super()._answer)


class KeptXenForo(Kept, XenForoServer):
    """A board's."""

    def _answer(self, asked: Any) -> Answer:
        return _kept(self, asked, super()._answer)


def _kept(site: Kept, asked: Any, make: Callable[[Any], Answer]) -> Answer:
    key = (asked.method, asked.raw, asked.headers.get("accept-encoding", ""))
    if key not in site.answers:
        site.answers[key] = make(asked)
    return site.answers[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchSite:
    """A site with days from FIRST; ``lists`` is how many pages of a day can change apart from others."""

    name: str
    source: str
    server: Any
    settings: str
    lists: int
    truth: Callable[[], Held]
    change: Callable[[int], object]

    def configure(self, folder: Path) -> None:
        """Write thresher's settings: this site, and no wait between two requests."""
        file = folder / "config" / "thresher" / "thresher.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            f'[sources.{self.source}]\nbase_url = "{self.server.url}"\ndelay = 0\n{self.settings}', "utf-8"
        )

    def alter(self, count: int) -> None:
        """A new comment in so many lists of the first day."""
        for number in range(count):
            self.change(number)
        self.server.forget()


def rantburg(days: int) -> BenchSite:
    """Five section pages a day, each about 95 kB with about 52 comments."""
    made = [
        invented_day(
            FIRST + timedelta(days=number),
            articles=SECTIONS,
            comments=COMMENTS,
            first_article=500_000 + 100 * number,
            first_comment=4_000_000 + 3_000 * number,
        )
        for number in range(days)
    ]
    server = KeptSite(made)
    server.volatile = False

    def truth() -> Held:
        return {
            (article.external_id, comment.external_id, comment.author.strip(), shown_in(comment.body))
            for day in server.days.values()
            for article in day.articles
            for comment in article.comments
        }

    def change(number: int) -> None:
        section = list(SECTIONS)[number]
        article = server.days[FIRST].of_section(section)[0]
        late = Comment(
            external_id=str(9_000_000 + len(server.requests) * 10 + number),
            author="Ludo",
            posted=datetime.combine(FIRST, datetime.min.time()) + timedelta(hours=23),
            body=(Text("At last."),),
        )
        server.change(FIRST, lambda day: add_comment(day, article.external_id, late))

    return BenchSite(
        name="rantburg", source="rantburg", server=server, settings="", lists=5, truth=truth, change=change
    )


def wordpress(days: int) -> BenchSite:
    """Five articles a day, with 52 comments each."""
    blog = Blog()
    for start in _mornings(days):
        for place in range(5):
            post = blog.add_post(start + timedelta(hours=place))
            for rank in range(52):
                posted = post.posted + timedelta(minutes=rank + 1)
                blog.add_comment(
                    post.id, f"Docker {rank} & son", f"Remark {rank} on {post.id}.\n\nHeavy.", posted=posted
                )

    def truth() -> Held:
        return {
            (str(post), str(comment.id), comment.author, wordpress_line(comment.text))
            for post in blog.posts
            for comment in blog.thread(post)
        }

    def change(number: int) -> None:
        blog.add_comment(101 + number, "Late", "At last.")

    settings = f'engine = "wordpress"\nzone = "{blog.zone}"\n'
    return BenchSite(
        name="WordPress", source="mine", server=KeptWordPress(blog), settings=settings, lists=5, truth=truth,
        change=change,
    )  # fmt: skip


def discourse(days: int) -> BenchSite:
    """Five topics a day, with 52 posts each: a first page of 20, and a lot of the rest."""
    forum = Forum()
    for start in _mornings(days):
        for place in range(5):
            topic = forum.add_topic(start + timedelta(hours=place))
            for rank in range(2, 53):
                created = topic.created + timedelta(minutes=rank)
                forum.add_post(
                    topic.id, f"caulker{rank}", f"Answer {rank} to {topic.id}.\n\nOakum.", created=created
                )

    def truth() -> Held:
        return {
            (str(topic), str(post.id), post.author, discourse_line(post.text))
            for topic in forum.topics
            for post in forum.stream(topic)[1:]
        }

    def change(number: int) -> None:
        forum.add_post(71 + number, "late", "At last.")

    return BenchSite(
        name="Discourse", source="mine", server=KeptDiscourse(forum), lists=5, truth=truth, change=change,
        settings='engine = "discourse"\nzone = "UTC"\n',
    )  # fmt: skip


def xenforo(days: int) -> BenchSite:
    """Five threads a day, with 52 posts each on three pages."""
    board = Board()
    for start in _mornings(days):
        for place in range(5):
            thread = board.add_thread(start + timedelta(hours=place))
            first = start + timedelta(hours=place)
            for rank in range(2, 53):
                posted = first + timedelta(minutes=rank)
                board.add_post(
                    thread.id, f"Hand {rank}", f"Answer {rank} to {thread.id}.\n\nHemp.", posted=posted
                )

    def truth() -> Held:
        return {
            (str(thread), str(post.id), post.author, post.shown_text)
            for thread in board.threads
            for post in board.shown(thread)[1:]
        }

    def change(number: int) -> None:
        board.add_post(301 + number, "Late", "At last.")

    settings = f'engine = "xenforo"\nzone = "{board.zone}"\nforums = ["knots-and-ropes.4"]\n'
    return BenchSite(
        name="XenForo", source="mine", server=KeptXenForo(board), settings=settings, lists=5, truth=truth,
        change=change,
    )  # fmt: skip


def _mornings(days: int) -> Iterable[datetime]:
    return (
        datetime(FIRST.year, FIRST.month, FIRST.day, 6, tzinfo=UTC) + timedelta(days=n) for n in range(days)
    )


SITES = (rantburg, wordpress, discourse, xenforo)
