"""A board of XenForo on loopback, of version 2.x or 1.x.

/                                              the forums
/forums/SLUG.ID/ (page-N)                      a forum; ?order=post_date, last_post_date; ?direction=asc, desc
/threads/SLUG.ID/ (page-N)                     a thread; /threads/ID/ and old slugs redirect to it
/threads/SLUG.ID/post-ID                       redirects to the page that has the post
/robots.txt

All but robots.txt stand below ``prefix``: nothing, ``community/``, or ``index.php?``.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from types import ModuleType
from typing import Literal

from tests.site.engines.server import Asked, EngineServer, html_answer, moved
from tests.site.engines.xenforo import version_1, version_2
from tests.site.engines.xenforo.model import Board, Thread
from tests.site.engines.xenforo.style import Language, Shown, Style, Times
from tests.site.faults import Answer

PAGE = r"(?:page-([0-9]+))?"
FORUM = re.compile(rf"forums/(?:[^/]*\.)?([0-9]+)/?{PAGE}")
THREAD = re.compile(rf"threads/(?:[^/]*\.)?([0-9]+)/?{PAGE}")
POST = re.compile(r"threads/(?:[^/]*\.)?([0-9]+)/post-([0-9]+)")
KEPT_FROM_ROBOTS = ("account/", "attachments/", "goto/", "login/", "members/", "misc/", "posts/", "search/")


class XenForoServer(EngineServer[Board]):
    """The board; its settings may be changed while it serves.

    ``version`` 2 or 1; ``json_ld`` is 2.x's counter for machines; ``per_page`` (20) and ``threads_per_page``
    (20) are the site's alone; ``times``: with an ``offset``, in ``unix`` seconds, or ``words`` alone (1.x has
    no offsets); ``short_counts`` shortens 1,234 replies to 1K in listings. ``past_end``: the ``last`` page is
    shown, or a ``redirect`` leads to it. ``days_shown``: a forum leaves out threads whose last post is
    so many days older than the newest, unless it is asked not to, which it heeds or not. ``unseen`` threads
    have a place in the listing where guests see none.
    """

    def __init__(self, board: Board, *, prefix: str = "") -> None:
        below = "/" if "?" in prefix else f"/{prefix}"
        rules = "".join(f"Disallow: {below}{path}\n" for path in KEPT_FROM_ROBOTS)
        super().__init__(board, f"User-agent: *\n{rules}")
        self.prefix = prefix
        self.version: Literal[1, 2] = 2
        self.json_ld = True
        self.per_page = 20
        self.threads_per_page = 20
        self.language: Language = "en-US"
        self.times: Times = "offset"
        self.short_counts = True
        self.past_end: Literal["last", "redirect"] = "last"
        self.days_shown: int | None = None
        self.heeds_no_limit = True
        self.unseen: set[int] = set()

    @property
    def style(self) -> Style:
        """What the pages know."""
        return Style(
            board=self.model,
            url=self.url,
            prefix=self.prefix,
            language=self.language,
            times=self.times,
            json_ld=self.json_ld,
            short_counts=self.short_counts,
        )

    @property
    def base_url(self) -> str:
        """The board's own address, below which its forums and threads stand."""
        return f"{self.url}{self.prefix}"

    def thread_url(self, thread_id: int, page: int = 1) -> str:
        """The address of a thread's page."""
        return self.style.thread_url(self.model.threads[thread_id], page)

    def forum_url(self, node_id: int = 4, page: int = 1) -> str:
        """The address of a forum's page."""
        return self.style.forum_url(node_id, page)

    def page(self, asked: Asked) -> Answer:
        """A page, a redirect, a login or an error."""
        route = self._route(asked)
        if route is None:
            return self._error()
        if route == "":
            return html_answer(self._pages.home(self.style))
        if (found := FORUM.fullmatch(route)) is not None:
            return self._forum(int(found[1]), int(found[2] or 1), asked)
        if (found := POST.fullmatch(route)) is not None:
            return self._post(int(found[1]), int(found[2]))
        if (found := THREAD.fullmatch(route)) is not None:
            return self._thread(int(found[1]), int(found[2] or 1), route)
        return self._error()

    @property
    def _pages(self) -> ModuleType:
        return version_2 if self.version == 2 else version_1

    def _route(self, asked: Asked) -> str | None:
        """The address below the prefix; None if it stands beside it."""
        if not self.prefix.endswith("?"):
            path = asked.path.removeprefix("/")
            return path.removeprefix(self.prefix) if path.startswith(self.prefix) else None
        if asked.path == "/":
            return ""
        is_script = asked.path.removeprefix("/") == self.prefix.rstrip("?")
        return asked.query[0][0] if is_script and asked.query else ("" if is_script else None)

    def _error(self, status: int = 404) -> Answer:
        if status == 403:
            return html_answer(self._pages.login(self.style), status=403)
        return html_answer(self._pages.error(self.style, "What you asked for is not here."), status=status)

    def _thread(self, thread_id: int, page: int, route: str) -> Answer:
        thread = self.model.threads.get(thread_id)
        if thread is not None and thread.merged_into is not None:
            return moved(self.thread_url(thread.merged_into))
        refused = self._refused(thread)
        if thread is None or refused is not None:
            return refused or self._error()
        address = self.style.thread_url(thread, page)
        if f"{self.base_url}{route}" != address:
            return moved(address)
        posts = self.model.shown(thread_id)
        shown = _shown(page, len(posts), self.per_page)
        if shown.page != page and self.past_end == "redirect":
            return moved(self.thread_url(thread_id, shown.page), 303)
        on_page = posts[shown.first - 1 :][: self.per_page]
        return html_answer(self._pages.thread(self.style, thread, on_page, shown))

    def _refused(self, thread: Thread | None) -> Answer | None:
        if thread is None or thread.deleted or not self.model.shown(thread.id):
            return self._error()
        return self._error(403) if self.model.nodes[thread.node].members_only else None

    def _post(self, thread_id: int, post_id: int) -> Answer:
        ids = [post.id for post in self.model.shown(thread_id)]
        if post_id not in ids:
            return self._error()
        page = ids.index(post_id) // self.per_page + 1
        return moved(f"{self.thread_url(thread_id, page)}#post-{post_id}")

    def _forum(self, node_id: int, page: int, asked: Asked) -> Answer:
        node = self.model.nodes.get(node_id)
        if node is None or node.members_only:
            return self._error(404 if node is None else 403)
        threads = [t for t in self.model.listed(node_id) if self.model.shown(t.merged_into or t.id)]
        by_start = asked.get("order") == "post_date"

        def key(thread: Thread) -> tuple[object, int]:
            posts = self.model.shown(thread.merged_into or thread.id)
            return (posts[0] if by_start else posts[-1]).posted, thread.id

        threads.sort(key=key, reverse=asked.get("direction") != "asc")
        everything = len(threads)
        threads = [thread for thread in threads if not self._is_left_out(thread, threads, asked)]
        rows = [thread for thread in threads if not thread.sticky]
        shown = _shown(page, len(rows), self.threads_per_page)
        if shown.page != page and self.past_end == "redirect":
            return moved(self.style.forum_url(node_id, shown.page), 303)
        sticky = [thread for thread in threads if thread.sticky] if shown.page == 1 else []
        shown = replace(shown, older=len(threads) < everything)
        on_page = [
            one for one in rows[shown.first - 1 :][: self.threads_per_page] if one.id not in self.unseen
        ]
        return html_answer(self._pages.forum(self.style, node_id, sticky, on_page, shown))

    def _is_left_out(self, thread: Thread, threads: Sequence[Thread], asked: Asked) -> bool:
        if self.days_shown is None or (self.heeds_no_limit and asked.get("no_date_limit") == "1"):
            return False
        last = {one.id: self.model.shown(one.merged_into or one.id)[-1].posted for one in threads}
        return last[thread.id] < max(last.values()) - timedelta(days=self.days_shown)


def _shown(page: int, items: int, per_page: int) -> Shown:
    """The page that is shown: past the end it is the last one."""
    pages = max(1, math.ceil(items / per_page))
    page = min(max(page, 1), pages)
    return Shown(page=page, pages=pages, first=(page - 1) * per_page + 1)
