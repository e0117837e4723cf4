"""A blog of one day as its interface answers for it: the second source that ``thresher demo`` harvests."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from parsers.engines.sites import make
from parsers.source import Site
from parsers.urls import Address
from tests.site.engines.server import Asked
from tests.site.engines.wordpress.model import Blog
from tests.site.engines.wordpress.objects import Site as Served
from tests.site.engines.wordpress.rest import rest_answer
from tests.site.invent import name, sentence, title

DAY = date(2024, 5, 1)
COMMENTS = (104, 5, 0)
ROOT = "https://harbour.example/"
PART = 99
"""Where the second part of a thread begins: each begins with the last row of the one before."""


def demo_blog() -> Blog:
    """Three articles, one with a thread over two pages; every third comment replies to the one before."""
    blog = Blog(name="The Harbour Wall")
    for place, comments in enumerate(COMMENTS):
        posted = datetime(2024, 5, 1, 6 + place, tzinfo=UTC)
        text = f"{sentence(place)}\n\n{sentence(place + 40)}"
        post = blog.add_post(posted, title(place + 70), text)
        last = 0
        for rank in range(1, comments + 1):
            number = place * 200 + rank
            at = posted + timedelta(minutes=4 * rank)
            parent = last if rank % 3 == 0 else 0
            last = blog.add_comment(
                post.id, name(number).strip(), sentence(number + 900), posted=at, parent=parent
            ).id
    return blog


def answers() -> bytes:
    """Every answer that a visit of the day asks for, as JSON lines: path with query, headers, body."""
    served = Served(
        blog=demo_blog(),
        url=ROOT,
        pretty=True,
        default_per_page=10,
        most_per_page=100,
        page_cap=None,
        totals=True,
        refuses_protected=True,
    )
    return b"".join(_line(served, address) for address in _addresses(served.blog))


def _addresses(blog: Blog) -> Iterator[Address]:
    posts = tuple(map(str, blog.posts))
    yield Address(kind="section", day=DAY, section=0)
    yield Address(kind="latest", entries=posts)
    for post, comments in zip(posts, COMMENTS, strict=True):
        yield Address(kind="comments", article_id=post)
        if comments > PART:
            yield Address(kind="comments", article_id=post, offset=PART)


def _line(served: Served, address: Address) -> bytes:
    source = make(Site(name="harbour", engine="wordpress", base_url=ROOT, zone="Europe/Berlin"))
    path = "/" + source.url_of(address, ROOT).removeprefix(ROOT)
    split = urlsplit(path)
    asked = Asked(method="GET", raw=path, path=split.path, query=tuple(parse_qsl(split.query)), headers={})
    answer = rest_answer(served, split.path.removeprefix("/wp-json"), asked)
    line = {"path": path, "headers": dict(answer.headers), "body": json.loads(answer.body)}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
