"""How each site is crawled: where it begins, what a page says, which pages follow; the same for all peers.

A page's kind is its site's own word; what follows of it is a list of kinds and addresses.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urljoin

from lxml import html
from parsel import Selector

from tests.bench.peers import rantburg_parsel

Follow = tuple[str, str]


@dataclass(slots=True)
class Read:
    """What a page says, and what is to be asked for next."""

    articles: list[dict[str, Any]] = field(default_factory=list)
    follow: list[Follow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reader:
    """A site's: the first addresses of so many days, and a function for each kind of page."""

    start: Callable[[str, date, int], list[Follow]]
    read: Callable[[str, str, bytes], Read]


def rantburg() -> Reader:
    """The first section of each day names the others."""

    def start(base: str, first: date, days: int) -> list[Follow]:
        dates = (first + timedelta(days=number) for number in range(days))
        return [("first", f"{base}?D={day:%m/%d/%Y}&HC=1&SO=") for day in dates]

    def read(kind: str, url: str, body: bytes) -> Read:
        said = rantburg_parsel.parse(body, url)
        others = {row["section"] for row in said["headlines"]} - {1} if kind == "first" else ()
        return Read(
            said["articles"], [("section", url.replace("HC=1", f"HC={one}")) for one in sorted(others)]
        )

    return Reader(start, read)


def wordpress() -> Reader:
    """The window's articles in pages of 100, then each one's comments."""

    def start(base: str, first: date, days: int) -> list[Follow]:
        query = {
            "after": f"{first - timedelta(days=1)}T23:59:59",
            "before": f"{first + timedelta(days=days)}T00:00:00",
            "per_page": 100,
            "order": "asc",
        }
        return [("posts", f"{base}wp-json/wp/v2/posts?{urlencode(query)}")]

    def read(kind: str, url: str, body: bytes) -> Read:
        rows = json.loads(body)
        if kind == "comments":
            return Read(_threads(rows, "post", _wordpress_comment))
        base = url.partition("wp-json")[0]
        follow = [
            ("comments", f"{base}wp-json/wp/v2/comments?post={row['id']}&per_page=100&orderby=id&order=asc")
            for row in rows
        ]
        return Read([_wordpress_article(row) for row in rows], follow)

    return Reader(start, read)


def _wordpress_article(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "external_id": str(row["id"]),
        "date": row["date"][:10],
        "title": text_in(row["title"]["rendered"]),
        "link": row["link"],
        "posted_at": f"{row['date_gmt']}Z",
        "posted_local": row["date"],
        "text": text_in(row["content"]["rendered"]),
        "comments": [],
    }


def _wordpress_comment(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "external_id": str(row["id"]),
        "parent": str(row["parent"]) if row["parent"] else None,
        "author": text_in(row["author_name"]),
        "posted_at": f"{row['date_gmt']}Z",
        "posted_local": row["date"],
        "text": text_in(row["content"]["rendered"]),
    }


def discourse() -> Reader:
    """The newest topics in pages of 100, each topic's first page, then lots of 20 as the site asks."""

    def start(base: str, first: date, days: int) -> list[Follow]:
        return [("topics", f"{base}latest.json?order=created&per_page=100")]

    def read(kind: str, url: str, body: bytes) -> Read:
        said = json.loads(body)
        if kind == "topics":
            topics = said["topic_list"]["topics"]
            return Read(
                follow=[("topic", urljoin(url, f"/t/{one['slug']}/{one['id']}.json")) for one in topics]
            )
        posts = said["post_stream"]["posts"]
        if kind == "lot":
            return Read(_threads(posts, "topic_id", _discourse_post))
        rest = said["post_stream"]["stream"][len(posts) :]
        lots = [rest[place : place + 20] for place in range(0, len(rest), 20)]
        topic = {**_discourse_topic(said), "comments": [_discourse_post(row) for row in posts[1:]]}
        return Read(
            [topic],
            [
                (
                    "lot",
                    urljoin(url, f"/t/{said['id']}/posts.json?{urlencode({'post_ids[]': lot}, doseq=True)}"),
                )
                for lot in lots
            ],
        )

    return Reader(start, read)


def _discourse_topic(said: dict[str, Any]) -> dict[str, Any]:
    first = said["post_stream"]["posts"][0]
    return {
        "external_id": str(said["id"]),
        "date": said["created_at"][:10],
        "title": said["title"],
        "posted_by": first["username"],
        "posted_at": said["created_at"],
        "views": said["views"],
        "text": text_in(first["cooked"]),
    }


def _discourse_post(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "external_id": str(row["id"]),
        "number": row["post_number"],
        "author": row["username"],
        "posted_at": row["created_at"],
        "text": text_in(row["cooked"]),
    }


def xenforo() -> Reader:
    """The forum's pages of threads, then each thread's pages."""

    def start(base: str, first: date, days: int) -> list[Follow]:
        return [("forum", f"{base}forums/knots-and-ropes.4/")]

    def read(kind: str, url: str, body: bytes) -> Read:
        page = Selector(body=body, encoding="utf-8", type="html")
        if kind == "forum":
            threads = page.css("a[data-tp-primary]::attr(href)").getall()
            follow = [("thread", urljoin(url, one)) for one in threads]
            return Read(follow=[*follow, *_next_page(page, url, "forum")])
        messages = page.css("article.message--post")
        posts = [_xenforo_post(one) for one in messages]
        article = {"external_id": page.attrib["data-content-key"].rpartition("-")[2], "comments": posts}
        if posts[0]["number"] == 1:
            first = posts.pop(0)
            article |= {name: first[name] for name in ("posted_at", "text")} | {
                "title": page.css("h1.p-title-value::text").get(),
                "posted_by": first["author"],
                "date": first["posted_at"][:10],
            }
        return Read([article], _next_page(page, url, "thread"))

    return Reader(start, read)


def _xenforo_post(message: Selector) -> dict[str, Any]:
    posted = int(message.css(".message-attribution-main time::attr(data-time)").get("0"))
    return {
        "external_id": message.attrib["data-content"].rpartition("-")[2],
        "number": int(message.css(".message-attribution-opposite li:last-child a::text").get("#0")[1:]),
        "author": message.attrib["data-author"],
        "posted_at": datetime.fromtimestamp(posted, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "text": " ".join(" ".join(message.css(".bbWrapper ::text, .bbWrapper::text").getall()).split()),
    }


def _next_page(page: Selector, url: str, kind: str) -> list[Follow]:
    following = page.css("a.pageNav-jump--next::attr(href)").get()
    return [(kind, urljoin(url, following))] if following else []


def _threads(
    rows: Sequence[dict[str, Any]], of: str, comment: Callable[[dict[str, Any]], dict[str, Any]]
) -> list[dict[str, Any]]:
    """Rows of comments under their articles."""
    threads: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        threads.setdefault(str(row[of]), []).append(comment(row))
    return [{"external_id": article, "comments": said} for article, said in threads.items()]


def text_in(markup: str) -> str:
    """Markup's text on one line."""
    if "<" not in markup and "&" not in markup:
        return " ".join(markup.split())
    return " ".join(" ".join(html.fromstring(f"<div>{markup}</div>").itertext()).split())


READERS = {"rantburg": rantburg, "WordPress": wordpress, "Discourse": discourse, "XenForo": xenforo}
