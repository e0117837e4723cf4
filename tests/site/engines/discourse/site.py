"""A forum of Discourse on loopback.

/latest.json, /c/SLUG/ID.json, /c/SLUG/ID/l/latest.json   listings: order, ascending, page (from 0), per_page
/c/SLUG/ID/none/l/latest.json                             without subcategories; another slug redirects
/t/ID.json, /t/SLUG/ID.json (?page=N)                     a topic with 20 posts and the ids of all
/t/ID/posts.json?post_ids[]=A&post_ids[]=B                posts by id; but the deleted and another's
/posts.json?before=ID                                     the latest posts among 50 ids
/site.json                                                the categories
/t/SLUG/ID (?page=N), /, /latest                          pages with the generator; /t/ID redirects
/robots.txt

Numbers, and which posts there are, are those of ``Forum.stream``; reads, score and views change all the time.
"""

import json
import math
import re
from collections.abc import Sequence
from typing import Literal
from urllib.parse import urlencode

from tests.site.engines.discourse import html
from tests.site.engines.discourse.model import WHISPER, Forum, Topic
from tests.site.engines.discourse.objects import listing_object, post_object, topic_object
from tests.site.engines.faults import JSON
from tests.site.engines.server import Asked, EngineServer, html_answer, moved
from tests.site.faults import Answer, whole

ROBOTS = "User-agent: *\nDisallow: /admin/\nDisallow: /auth/\nDisallow: /search/\nDisallow: /*?api_key=\n"
LISTING = re.compile(r"(?:/latest|/c/((?:[^/]+/)*)([0-9]+)(/none)?(?:/l/latest)?)(\.json)?")
TOPIC = re.compile(r"/t/(?:([^/]*[^/0-9][^/]*|-)/)?([0-9]+)(\.json)?")
LOT = re.compile(r"/t/([0-9]+)/posts\.json")
WINDOW = 50
MOST_PER_PAGE = 100


class DiscourseError(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, kind: str) -> None:
        super().__init__(kind)
        self.status = status
        self.kind = kind


class DiscourseServer(EngineServer[Forum]):
    """The forum; its settings may be changed while it serves.

    ``chunk_size`` is how many posts a topic shows (20), ``per_page`` how many topics a listing has if nothing
    is asked (30), and if ``obeys_per_page`` is False, whatever is asked. ``lot_cap`` bounds a lot of posts.
    ``pinned_repeat`` puts pinned topics on top of page 0 and leaves them in their places. ``gone_status`` is
    for deleted topics. ``login_required`` shuts the forum; ``markup`` is which page a topic has.
    """

    def __init__(self, forum: Forum) -> None:
        super().__init__(forum, ROBOTS)
        self.chunk_size = 20
        self.per_page = 30
        self.obeys_per_page = True
        self.lot_cap: int | None = None
        self.pinned_repeat = True
        self.gone_status: Literal[404, 410] = 404
        self.login_required = False
        self.volatile = True
        self.redirects_json = False
        self.markup: Literal["crawler", "preloaded", "shell"] = "crawler"

    @property
    def _readings(self) -> int:
        """What reads, score and views go by."""
        return len(self.log) if self.volatile else 0

    def topic_url(self, topic_id: int) -> str:
        """The address of a topic's page."""
        topic = self.model.topics[topic_id]
        return f"{self.url}t/{topic.slug}/{topic.id}"

    def page(self, asked: Asked) -> Answer:
        """An answer in JSON, or a page."""
        try:
            return self._page(asked)
        except DiscourseError as error:
            if not asked.path.endswith(".json"):
                return html_answer(html.not_found(self.model), status=error.status)
            body = {"errors": [f"Not here: {error.kind}."], "error_type": error.kind}
            return _json(body, status=error.status)

    def _page(self, asked: Asked) -> Answer:
        if self.login_required:
            raise DiscourseError(403, "not_logged_in")
        path = asked.path.rstrip("/")
        if not path or LISTING.fullmatch(path):
            return self._listing(asked)
        if (found := TOPIC.fullmatch(path)) is not None:
            return self._topic(found[1], int(found[2]), asked, is_json=bool(found[3]))
        if (found := LOT.fullmatch(asked.path)) is not None:
            return self._lot(int(found[1]), asked)
        if asked.path == "/posts.json":
            return self._latest_posts(asked)
        if asked.path == "/site.json":
            return _json({"categories": self._categories(), "post_types": {"regular": 1, "whisper": WHISPER}})
        raise DiscourseError(404, "not_found")

    def _categories(self) -> list[dict[str, object]]:
        return [
            {"id": category.id, "name": category.name, "slug": category.slug}
            for category in self.model.categories.values()
            if not category.closed
        ]

    def _listing(self, asked: Asked) -> Answer:
        found = LISTING.fullmatch(asked.path.rstrip("/"))
        category = int(found[2]) if found and found[2] else None
        if category is not None and category not in self.model.categories:
            raise DiscourseError(404, "not_found")
        if category is not None and self.model.categories[category].closed:
            raise DiscourseError(403, "invalid_access")
        if (
            category is not None
            and found
            and found[3]
            and found[1].rstrip("/") != (slug := self.model.path(category))
        ):
            here = f"/c/{found[1]}{category}"
            return moved(f"{self.url.rstrip('/')}{asked.raw.replace(here, f'/c/{slug}/{category}', 1)}")
        page, per_page = self._paging(asked)
        topics = self._ordered(category, asked, alone=bool(found and found[3]))
        shown = topics[page * per_page : (page + 1) * per_page]
        if page == 0 and self.pinned_repeat:
            shown = [topic for topic in topics if topic.pinned] + shown
        more = self._more(found, asked, page) if len(topics) > (page + 1) * per_page else None
        if not asked.path.endswith(".json"):
            return html_answer(html.crawler_listing(self.model, shown, self.url.rstrip("/"), more))
        return _json(listing_object(self.model, shown, per_page, more))

    def _paging(self, asked: Asked) -> tuple[int, int]:
        page, per_page = asked.get("page", "0"), asked.get("per_page", str(self.per_page))
        if not page.isdigit():
            raise DiscourseError(400, "invalid_parameters")
        if not self.obeys_per_page:
            return int(page), self.per_page
        if not per_page.isdigit() or not 1 <= int(per_page) <= MOST_PER_PAGE:
            raise DiscourseError(400, "invalid_parameters")
        return int(page), int(per_page)

    def _ordered(self, category: int | None, asked: Asked, *, alone: bool) -> list[Topic]:
        keys = {
            "created": lambda topic: (topic.created, topic.id),
            "posts": lambda topic: (len(self.model.stream(topic.id)), topic.id),
        }
        by_activity = lambda topic: (self.model.last_posted(topic.id), topic.id)  # noqa: E731 - one of three
        key = keys.get(asked.get("order"), by_activity)
        return sorted(
            self.model.listed(category, alone=alone), key=key, reverse=asked.get("ascending") != "true"
        )

    def _more(self, found: re.Match[str] | None, asked: Asked, page: int) -> str:
        """The address of the next page for people; the one for programs has ``.json``."""
        path = "/latest"
        if found is not None and found[2]:
            path = f"/c/{self.model.path(int(found[2]))}/{found[2]}{found[3] or ''}/l/latest"
        query = {name: asked.get(name) for name in ("ascending", "order", "per_page") if asked.get(name)}
        return f"{path}?{urlencode(dict(sorted({**query, 'page': str(page + 1)}.items())))}"

    def _visible(self, topic_id: int) -> Topic:
        topic = self.model.topics.get(topic_id)
        if topic is None or topic.deleted:
            raise DiscourseError(404 if topic is None else self.gone_status, "not_found")
        if self.model.categories[topic.category].closed:
            raise DiscourseError(403, "invalid_access")
        return topic

    def _topic(self, slug: str | None, topic_id: int, asked: Asked, *, is_json: bool) -> Answer:
        topic = self._visible(topic_id)
        bare = slug is None and (not is_json or self.redirects_json)
        if bare or (slug is not None and slug != topic.slug):
            page = f"?page={asked.get('page')}" if asked.get("page") else ""
            return moved(f"{self.topic_url(topic_id)}{'.json' if is_json else ''}{page}")
        stream = self.model.stream(topic_id)
        pages = max(1, math.ceil(len(stream) / self.chunk_size))
        page = int(asked.get("page", "1")) if asked.get("page", "1").isdigit() else 1
        if page > pages:
            raise DiscourseError(404, "not_found")
        shown = stream[(max(1, page) - 1) * self.chunk_size :][: self.chunk_size]
        value = topic_object(self.model, topic, shown, self._readings, self.chunk_size)
        if is_json:
            return _json(value, route="topics/show")
        address = self.topic_url(topic_id)
        if self.markup == "preloaded":
            return html_answer(html.preloaded_topic(self.model, topic, value, address))
        if self.markup == "shell":
            return html_answer(html.shell(self.model))
        return html_answer(html.crawler_topic(self.model, topic, shown, address, (page, pages)))

    def _lot(self, topic_id: int, asked: Asked) -> Answer:
        self._visible(topic_id)
        wanted = {int(post_id) for post_id in asked.all("post_ids") if post_id.isdigit()}
        if not wanted:
            raise DiscourseError(400, "invalid_parameters")
        posts = [post for post in self.model.stream(topic_id) if post.id in wanted][: self.lot_cap]
        objects = [post_object(self.model, post, self._readings) for post in posts]
        return _json({"post_stream": {"posts": objects}, "id": topic_id}, route="topics/posts")

    def _latest_posts(self, asked: Asked) -> Answer:
        """The newest first, of 50 ids: none of them may be for guests, and older ones may still be."""
        before = (
            int(asked.get("before")) if asked.get("before").isdigit() else max(self.model.posts, default=0)
        )
        open_ids = {post.id for topic in self.model.listed() for post in self.model.stream(topic.id)}
        shown = [key for key in range(before, before - WINDOW, -1) if key in open_ids]
        objects = [post_object(self.model, self.model.posts[key], self._readings) for key in shown]
        return _json({"latest_posts": objects}, route="posts/latest")


def _json(value: object, *, status: int = 200, route: str = "list/latest") -> Answer:
    headers: Sequence[tuple[str, str]] = (*JSON, ("X-Discourse-Route", route), ("Cache-Control", "no-store"))
    return whole(json.dumps(value).encode(), status=status, headers=tuple(headers))
