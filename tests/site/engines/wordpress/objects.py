"""Articles and comments as the REST interface gives them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import urlencode

from tests.site.engines.server import Asked
from tests.site.engines.wordpress.model import Blog, Comment, Post, paragraphs


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the interface needs to know of its server."""

    blog: Blog
    url: str
    pretty: bool
    default_per_page: int
    most_per_page: int
    page_cap: int | None
    totals: bool
    refuses_protected: bool

    def route_url(self, route: str, query: Sequence[tuple[str, str]] = ()) -> str:
        """The address of a route."""
        if self.pretty:
            tail = f"?{urlencode(query)}" if query else ""
            return f"{self.url}wp-json{route}{tail}"
        return f"{self.url}?{urlencode([('rest_route', route), *query], safe='/')}"

    def post_url(self, post: Post) -> str:
        """The address of an article."""
        if not self.pretty:
            return f"{self.url}?p={post.id}"
        return f"{self.url}{self.blog.local(post.posted):%Y/%m/%d}/{post.slug}/"


def post_object(site: Site, post: Post, asked: Asked) -> dict[str, Any]:
    """An article as JSON."""
    blog, hidden = site.blog, post.visibility == "password"
    content = {"rendered": "" if hidden else paragraphs(post.text), "protected": hidden}
    times = _times(blog, "date", post.posted) | _times(blog, "modified", post.modified)
    replies = site.route_url("/wp/v2/comments", [("post", str(post.id))])
    answer: dict[str, Any] = {
        "id": post.id,
        **times,
        "guid": {"rendered": f"{site.url}?p={post.id}"},
        "slug": post.slug,
        "status": "publish",
        "type": "post",
        "link": site.post_url(post),
        "title": {"rendered": ("Protected: " if hidden else "") + post.title.replace("&", "&#038;")},
        "content": content,
        "excerpt": content,
        "author": 1 + sum(map(ord, post.author)) % 90,
        "comment_status": "open",
        "ping_status": "open",
        "sticky": post.sticky,
        "format": "standard",
        "categories": list(post.categories),
        "tags": [],
        "_links": {"replies": [{"embeddable": True, "href": replies}]},
    }
    if asked.all("_embed") or any(name == "_embed" for name, _ in asked.query):
        answer["_embedded"] = {"author": [{"id": answer["author"], "name": post.author}]}
    return answer


def comment_object(site: Site, comment: Comment) -> dict[str, Any]:
    """A comment as JSON."""
    post = site.blog.posts[comment.post]
    return {
        "id": comment.id,
        "post": comment.post,
        "parent": comment.parent,
        "author": comment.user_id,
        "author_name": escape(comment.author, quote=False),
        "author_url": "",
        **_times(site.blog, "date", comment.posted),
        "content": {"rendered": paragraphs(comment.text)},
        "link": f"{site.post_url(post)}#comment-{comment.id}",
        "status": "approved",
        "type": comment.kind,
        "author_avatar_urls": {},
        "meta": [],
        "_links": {"up": [{"href": site.route_url(f"/wp/v2/posts/{comment.post}"), "post_type": "post"}]},
    }


def _times(blog: Blog, name: str, moment: datetime) -> dict[str, str]:
    return {
        name: blog.local(moment).isoformat(timespec="seconds"),
        f"{name}_gmt": moment.replace(tzinfo=None).isoformat(timespec="seconds"),
    }


def asked_fields(answer: dict[str, Any], asked: Asked) -> dict[str, Any]:
    """What ``_fields`` asks for; ``title.rendered`` gives the whole title here."""
    wanted: Iterable[str] = {name.partition(".")[0].strip() for name in asked.all("_fields")}
    return {key: value for key, value in answer.items() if key in wanted} if wanted else answer
