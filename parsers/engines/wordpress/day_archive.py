"""The articles of a day in HTML: their ids and addresses, and how many comments the theme counts."""

import re
from dataclasses import dataclass
from datetime import date

from parsers.engines.counts import count_within
from parsers.engines.moments import read_iso
from parsers.engines.raw import RawPage
from parsers.engines.tree import absolute, attribute_of, base_of, classes, text_of
from parsers.engines.wordpress.software import is_wordpress, refusal
from parsers.errors import FieldMissing, PageUnrecognised
from parsers.html import Node, attribute, enclosing

# <article id="post-7" class="post-7 post type-post">; block themes have the class alone.
ARTICLES = "[id^=post-], [class*=post-]"
POST = re.compile(r"post-([0-9]+)")
TITLE = (
    ".entry-title a[href], .post-title a[href], .wp-block-post-title a[href], a[rel=bookmark], "
    "h1 a[href], h2 a[href], h3 a[href]"
)
# <time class="entry-date published" datetime="2018-03-23T01:35:00+00:00">
PUBLISHED = (
    "time.published[datetime], time.entry-date[datetime]:not(.updated), .wp-block-post-date time[datetime]"
)
# <span class="comments-link"><a href="...#comments">3 Comments</a></span>
COUNT = ".comments-link, .comments-number, .comment-count, a[href$='#comments'], a[href$='#respond']"
# <div class="nav-previous"><a href=".../page/2/">Older posts</a></div>
NEXT = (
    "a.next[href], a[rel=next][href], link[rel=next][href], .nav-previous a[href], "
    ".wp-block-query-pagination-next[href]"
)
BESIDE = ("aside", "nav", "footer")
"""Where themes put boxes of recent and related articles."""

NOTHING_THERE = "error404"
"""The body's class where WordPress found nothing: so it answers for a day without articles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An article in a list; None is what the theme does not print.

    ``day`` is that of its time, by the clock of the site; ``counted`` is how many comments it is said to
    have.
    """

    external_id: str
    url: str
    day: date | None
    counted: str | None


def read_archive(raw: RawPage) -> tuple[tuple[Listed, ...], bool]:
    """The articles in the order of the page, and whether a further page follows.

    Raises:
        PageBlocked: a wall stands in the page's place.
        PageTruncated: the page is cut short.
        PageUnrecognised: the page is none of WordPress's, or no list of articles.
        FieldMissing: an article has no link.
    """
    if not is_wordpress(raw):
        raise refusal(raw)
    raw.require_closed()
    body = raw.page.first("body")
    names = classes(body) if body is not None else frozenset()
    if NOTHING_THERE in names:
        return (), False
    listed = tuple(_listed(key, node, raw) for key, node in _articles(raw).items())
    # <body class="single postid-7"> is an article's own page.
    if not listed or "single" in names:
        raise PageUnrecognised("the page is no list of articles", raw.url)
    return listed, raw.page.first(NEXT) is not None


def _articles(raw: RawPage) -> dict[str, Node]:
    """The outermost element of each article; what stands beside the list is of other days."""
    found: dict[str, Node] = {}
    for node in raw.page.select(ARTICLES):
        key = _key_of(node)
        if key is not None and not any(enclosing(node, tag) for tag in BESIDE):
            found.setdefault(key, node)
    return found


def _key_of(node: Node) -> str | None:
    names = (attribute(node, "id") or "", *sorted(classes(node))) if node.tag not in {"body", "a"} else ()
    return next((post[1] for name in names if (post := POST.fullmatch(name))), None)


def _listed(key: str, node: Node, raw: RawPage) -> Listed:
    link = node.css_first(TITLE)
    url = absolute(base_of(raw.page, raw.url), attribute(link, "href") or "") if link is not None else None
    if link is None or url is None:
        raise FieldMissing("article.link", raw.url, of=f"article {key}")
    return Listed(external_id=key, url=url, day=_day(node, raw), counted=_counted(node))


def _day(node: Node, raw: RawPage) -> date | None:
    written = attribute_of(node, PUBLISHED, "datetime")
    try:
        moment = read_iso(written) if written else None
    except ValueError:
        return None
    # Without a zone the written day is the site's own.
    if moment is None or moment.at is None or raw.zone is None:
        return date.fromisoformat(moment.local[:10]) if moment is not None and moment.local else None
    return moment.at.astimezone(raw.zone).date()


def _counted(node: Node) -> str | None:
    """The number, or the words where none is in them: ``Leave a comment`` is a count of nothing."""
    for place in node.css(COUNT):
        if words := text_of(place):
            found = count_within(words)
            return found[1] if found is not None else words
    return None
