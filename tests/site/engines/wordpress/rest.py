"""The REST interface ``/wp-json/wp/v2``: listings, totals in headers, and errors with a code."""

import json
import math
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tests.site.engines.faults import JSON
from tests.site.engines.server import Asked
from tests.site.engines.wordpress.model import Blog, Post
from tests.site.engines.wordpress.objects import Site, asked_fields, comment_object, post_object
from tests.site.faults import Answer, Headers, whole

DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
STAFF_ONLY = ("author", "author_exclude", "author_email")
POST_ORDERS = ("date", "id", "modified", "title", "slug", "author", "include", "relevance", "parent")
COMMENT_ORDERS = ("date_gmt", "date", "id", "include", "post", "parent", "type")


class RestError(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: str, message: str, **data: object) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "data": {"status": status, **data}}


def rest_answer(site: Site, route: str, asked: Asked) -> Answer:
    """The answer to a route, such as ``/wp/v2/comments``."""
    try:
        return _route(site, route.rstrip("/") or "/", asked)
    except RestError as error:
        return json_answer(site, error.body, status=error.status)


def json_answer(site: Site, value: object, *, status: int = 200, headers: Headers = ()) -> Answer:
    """JSON with the headers of every answer."""
    root = f'<{site.route_url("/")}>; rel="https://api.w.org/"'
    common = (
        *JSON,
        ("X-Robots-Tag", "noindex"),
        ("Link", root),
        ("X-Content-Type-Options", "nosniff"),
        ("Access-Control-Expose-Headers", "X-WP-Total, X-WP-TotalPages, Link"),
        ("Allow", "GET"),
    )
    body = json.dumps(value, separators=(",", ":")).encode()
    return whole(body, status=status, headers=(*common, *headers))


def _route(site: Site, route: str, asked: Asked) -> Answer:
    if route == "/":
        return json_answer(site, _root(site))
    if asked.get("context", "view") not in {"view", "embed"}:
        raise RestError(401, "rest_forbidden_context", "That context is not for you.")
    if route == "/wp/v2/posts":
        return _posts(site, asked)
    if route == "/wp/v2/comments":
        return _comments(site, asked)
    if route == "/wp/v2/categories":
        return _categories(site, asked)
    return _one(site, route, asked)


def _categories(site: Site, asked: Asked) -> Answer:
    known = [{"id": key, "name": name, "parent": 0} for key, name in site.blog.categories.items()]
    picked = _picked(known, asked, lambda category: category["id"])
    return json_answer(site, [asked_fields(category, asked) for category in picked])


def _one(site: Site, route: str, asked: Asked) -> Answer:
    if found := re.fullmatch(r"/wp/v2/posts/([0-9]+)", route):
        post = _public_post(site, int(found[1]))
        return json_answer(site, asked_fields(post_object(site, post, asked), asked))
    if found := re.fullmatch(r"/wp/v2/comments/([0-9]+)", route):
        comment = site.blog.comments.get(int(found[1]))
        if comment is None or not comment.approved:
            raise RestError(404, "rest_comment_invalid_id", "No such comment.")
        return json_answer(site, asked_fields(comment_object(site, comment), asked))
    raise RestError(404, "rest_no_route", "There is nothing at this route.")


def _root(site: Site) -> dict[str, object]:
    blog = site.blog
    hours = blog.tz.utcoffset(datetime(2024, 1, 15))
    return {
        "name": blog.name.replace("&", "&amp;"),
        "description": "Seen from the water",
        "url": site.url.rstrip("/"),
        "home": site.url.rstrip("/"),
        "gmt_offset": hours.total_seconds() / 3600 if hours is not None else 0,
        "timezone_string": blog.zone or "",
        "namespaces": ["oembed/1.0", "wp/v2", "wp-site-health/v1"],
        "authentication": [],
        "routes": {route: {"namespace": "wp/v2"} for route in ("/wp/v2/posts", "/wp/v2/comments")},
    }


def _public_post(site: Site, post_id: int) -> Post:
    post = site.blog.posts.get(post_id)
    if post is None:
        raise RestError(404, "rest_post_invalid_id", "No such article.")
    if not site.blog.is_listed(post_id):
        raise RestError(401, "rest_forbidden", "That article is not for you.")
    return post


def _posts(site: Site, asked: Asked) -> Answer:
    blog = site.blog
    _known_order(asked, POST_ORDERS)
    rows = [post for post in blog.posts.values() if blog.is_listed(post.id)]
    rows = [post for post in rows if _between(blog, asked, post.posted, "")]
    rows = [post for post in rows if _between(blog, asked, post.modified, "modified_")]
    wanted, left_out = (set(_ids(asked, name)) for name in ("categories", "categories_exclude"))
    rows = [post for post in rows if not wanted or wanted & set(post.categories)]
    rows = [post for post in rows if not left_out & set(post.categories)]
    rows = _picked(rows, asked, lambda post: post.id)
    by = asked.get("orderby", "date")
    keys = {"id": lambda post: post.id, "modified": lambda post: (post.modified, post.id)}
    rows.sort(key=keys.get(by, lambda post: (post.posted, post.id)), reverse=_descending(asked))
    page, per_page = _paging(site, asked)
    total = len(rows)
    if page > max(1, math.ceil(total / per_page)) and total:
        raise RestError(400, "rest_post_invalid_page_number", "There are fewer pages than that.")
    shown = _slice(rows, page, per_page, asked)
    objects = [asked_fields(post_object(site, post, asked), asked) for post in shown]
    return json_answer(site, objects, headers=_paged(site, "/wp/v2/posts", asked, total))


def _comments(site: Site, asked: Asked) -> Answer:
    blog = site.blog
    _public_questions_only(asked)
    _known_order(asked, COMMENT_ORDERS)
    posts = {int(post_id) for post_id in _ids(asked, "post")}
    for post_id in sorted(posts & blog.posts.keys()):
        if not blog.shows_comments(post_id) and site.refuses_protected:
            raise RestError(401, "rest_cannot_read_post", "That article is not for you.")
    rows = [comment for comment in blog.comments.values() if comment.approved and comment.kind == "comment"]
    rows = [comment for comment in rows if not posts or comment.post in posts]
    rows = [comment for comment in rows if blog.posts[comment.post].visibility != "trash"]
    rows = [comment for comment in rows if _between(blog, asked, comment.posted, "")]
    parents = set(_ids(asked, "parent"))
    rows = [comment for comment in rows if not parents or comment.parent in parents]
    rows = _picked(rows, asked, lambda comment: comment.id)
    by_id = asked.get("orderby", "date_gmt") == "id"
    rows.sort(
        key=lambda comment: comment.id if by_id else (comment.posted, comment.id), reverse=_descending(asked)
    )
    page, per_page = _paging(site, asked)
    # The rows that a reader may not see are counted, and left out only after that.
    shown = [row for row in _slice(rows, page, per_page, asked) if blog.shows_comments(row.post)]
    objects = [asked_fields(comment_object(site, comment), asked) for comment in shown]
    return json_answer(site, objects, headers=_paged(site, "/wp/v2/comments", asked, len(rows)))


def _public_questions_only(asked: Asked) -> None:
    refused = [name for name in STAFF_ONLY if asked.all(name)]
    refused += ["status"] if asked.get("status", "approve") != "approve" else []
    refused += ["type"] if asked.get("type", "comment") != "comment" else []
    if refused:
        raise RestError(401, "rest_forbidden_param", f"Not for you: {', '.join(refused)}")


def _known_order(asked: Asked, orders: Sequence[str]) -> None:
    if asked.get("orderby", orders[0]) not in orders:
        raise _invalid("orderby")
    if asked.get("order", "desc") not in {"asc", "desc"}:
        raise _invalid("order")


def _invalid(name: str) -> RestError:
    details = {name: {"code": "rest_invalid_param", "message": f"{name} is invalid.", "data": None}}
    return RestError(
        400,
        "rest_invalid_param",
        f"Invalid: {name}",
        params={name: f"{name} is invalid."},
        details=details,
    )


def _ids(asked: Asked, name: str) -> list[int]:
    values = asked.all(name)
    if not all(value.isdigit() for value in values):
        raise _invalid(name)
    return [int(value) for value in values]


def _between(blog: Blog, asked: Asked, moment: datetime, prefix: str) -> bool:
    """Both ends are exclusive; a time without a zone is the site's, and seconds are the smallest unit."""
    local = blog.local(moment)
    after, before = (_site_time(blog, asked, f"{prefix}{name}") for name in ("after", "before"))
    return (after is None or local > after) and (before is None or local < before)


def _site_time(blog: Blog, asked: Asked, name: str) -> datetime | None:
    written = asked.get(name)
    if not written:
        return None
    # A plus sign that a reader did not escape arrives as a blank.
    if not DATE_TIME.fullmatch(written.replace(" ", "+")):
        raise _invalid(name)
    moment = datetime.fromisoformat(written.replace(" ", "+"))
    return blog.local(moment) if moment.tzinfo is not None else moment


def _picked(rows: list[Any], asked: Asked, id_of: Any) -> list[Any]:
    include, exclude = _ids(asked, "include"), _ids(asked, "exclude")
    return [row for row in rows if (not include or id_of(row) in include) and id_of(row) not in exclude]


def _descending(asked: Asked) -> bool:
    return asked.get("order", "desc") == "desc"


def _paging(site: Site, asked: Asked) -> tuple[int, int]:
    page, per_page = asked.get("page", "1"), asked.get("per_page", str(site.default_per_page))
    for name, value in (("page", page), ("per_page", per_page)):
        if not value.isdigit() or int(value) < 1:
            raise _invalid(name)
    if int(per_page) > site.most_per_page:
        raise _invalid("per_page")
    return int(page), min(int(per_page), site.page_cap or int(per_page))


def _slice(rows: Sequence[Any], page: int, per_page: int, asked: Asked) -> Sequence[Any]:
    start = int(asked.get("offset")) if asked.get("offset").isdigit() else (page - 1) * per_page
    return rows[start : start + per_page]


def _paged(site: Site, route: str, asked: Asked, total: int) -> Headers:
    page, per_page = _paging(site, asked)
    pages = math.ceil(total / per_page)
    totals = (("X-WP-Total", str(total)), ("X-WP-TotalPages", str(pages))) if site.totals else ()
    query = [(name, value) for name, value in asked.query if name not in {"page", "rest_route"}]
    links = []
    if page > 1:
        links.append(
            f'<{site.route_url(route, [*query, ("page", str(max(1, min(page - 1, pages))))])}>; rel="prev"'
        )
    if page < pages:
        links.append(f'<{site.route_url(route, [*query, ("page", str(page + 1))])}>; rel="next"')
    return (*totals, ("Link", ", ".join(links))) if links else totals
