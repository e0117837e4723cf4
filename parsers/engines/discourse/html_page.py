"""A topic's page in HTML, as archives keep it: the topic's JSON inside it, or the markup for crawlers.

data-preloaded  -> the same topic object as topic.json gives, ids and all
.crawler-post   -> numbers, authors, times and texts; these pages print no ids
"""

import re
from dataclasses import replace

from parsers.engines.discourse.addresses import topic_id_of
from parsers.engines.discourse.topic import ENGINE, topic_page
from parsers.engines.moments import in_zone, read_iso
from parsers.engines.raw import RawPage
from parsers.engines.records import EngineComment, EnginePage, Entry, Moment
from parsers.engines.tree import absolute, attribute_of, base_of, first_text, text_of
from parsers.errors import FieldMalformed, FieldMissing, PageUnrecognised
from parsers.html import Node, attribute
from parsers.json import as_object, loads

# <meta name="generator" content="Discourse 3.2.0">
GENERATOR = 'meta[name="generator"][content^="Discourse"]'
# <div class="hidden" id="data-preloaded" data-preloaded="{&quot;topic_12&quot;:&quot;{...}&quot;}">
PRELOADED = "#data-preloaded[data-preloaded]"
# <div id="post_3" itemprop="comment" class="topic-body crawler-post">
POSTS = "div.crawler-post"
# itemtype="http://schema.org/SiteNavigationElement" is on the link to the next page, as if it were a post.
NAVIGATION = "SiteNavigationElement"
AUTHOR = '.creator [itemprop="name"], .creator a'
# <time class="post-time" datetime="2018-03-23T01:35:00Z">
TIME = "time[datetime]"
# <span itemprop="position">3</span>; older pages have no id="post_3" beside it.
NUMBER = '[itemprop="position"]'
TEXT = 'div.post, [itemprop="text"], [itemprop="articleBody"]'
NEXT = 'link[rel="next"]'
TITLE = "#topic-title h1, h1"
POST_ID = re.compile(r"post_([0-9]+)")
# <link rel="canonical" href="https://quay.example/t/a-new-mast/12?page=2">
PAGE = re.compile(r"[?&]page=([0-9]+)")


def read_html(raw: RawPage) -> EnginePage:
    """A topic's page.

    Raises:
        PageTruncated: it is cut short.
        PageUnrecognised: it is none of Discourse's, or an empty shell that a script would fill.
        ParseError: a required field is absent.
    """
    if raw.page.first(GENERATOR) is None:
        raise raw.stranger("the page is none of Discourse's: no generator says so")
    raw.require_closed()
    topic_id = topic_id_of(raw.url) or topic_id_of(
        attribute_of(raw.page, "link[rel=canonical]", "href") or ""
    )
    if topic_id is not None and (preloaded := _preloaded(raw, topic_id)) is not None:
        return preloaded
    comments = _crawler_comments(raw, topic_id)
    if not comments:
        # A shell holds the hidden login form, too: that makes it no wall.
        raise PageUnrecognised("the page is an empty shell of Discourse: a script fetches its posts", raw.url)
    return _page(raw, topic_id, comments)


def _preloaded(raw: RawPage, topic_id: str) -> EnginePage | None:
    text = attribute_of(raw.page, PRELOADED, "data-preloaded")
    if text is None:
        return None
    value = as_object(loads(text, raw.url), name="preloaded", url=raw.url).members.get(f"topic_{topic_id}")
    # JSON within JSON: the topic's object is a string in the page's.
    topic = loads(value, raw.url) if isinstance(value, str) else value
    if topic is None:
        return None
    parsed = topic_page(as_object(topic, name="topic", url=raw.url), raw)
    _compare(parsed, raw)
    return replace(parsed, page=_page_number(raw))


def _compare(parsed: EnginePage, raw: RawPage) -> None:
    """The markup for crawlers, where it is there, shows posts that the JSON holds as well."""
    known = {comment.number for comment in parsed.comments}
    numbers = [_number(post, raw) for post in _posts(raw)]
    strangers = [number for number in numbers if number not in known]
    if strangers:
        raise FieldMalformed("post.post_number", str(strangers[0]), raw.url)


def _crawler_comments(raw: RawPage, topic_id: str | None) -> tuple[EngineComment, ...]:
    return tuple(
        _comment(post, position, topic_id, raw) for position, post in enumerate(_posts(raw), start=1)
    )


def _posts(raw: RawPage) -> list[Node]:
    return [post for post in raw.page.select(POSTS) if NAVIGATION not in (attribute(post, "itemtype") or "")]


def _comment(post: Node, position: int, topic_id: str | None, raw: RawPage) -> EngineComment:
    number = _number(post, raw)
    body = post.css_first(TEXT)
    author = first_text(post, AUTHOR)
    if body is None or author is None:
        field = "comment.text" if body is None else "comment.author"
        raise FieldMissing(field, raw.url, of=f"post {number}")
    return EngineComment(
        entry_id=topic_id,
        external_id=None,
        number=number,
        position=position,
        parent_external_id=None,
        parent_number=None,
        author=author,
        author_id=None,
        posted=_posted(post, number, raw),
        edited=None,
        text=text_of(body),
        html=body.inner_html,
        state="shown",
    )


def _number(post: Node, raw: RawPage) -> int:
    for text in (attribute(post, "id") or "", f"post_{first_text(post, NUMBER) or ''}"):
        if found := POST_ID.fullmatch(text):
            return int(found[1])
    raise FieldMissing("comment.number", raw.url)


def _posted(post: Node, number: int, raw: RawPage) -> Moment:
    written = attribute_of(post, TIME, "datetime")
    if written is None:
        raise FieldMissing("comment.posted_at", raw.url, of=f"post {number}")
    try:
        moment = read_iso(written)
    except ValueError as error:
        raise FieldMalformed("comment.posted_at", written, raw.url) from error
    # Times are in UTC; the wall clock is that of the site's zone.
    return in_zone(moment.at, raw.zone) if moment.at is not None else moment


def _page(raw: RawPage, topic_id: str | None, comments: tuple[EngineComment, ...]) -> EnginePage:
    following = attribute_of(raw.page, NEXT, "href")
    address = absolute(base_of(raw.page, raw.url), following) if following else None
    return EnginePage(
        engine=ENGINE,
        kind="thread",
        url=raw.url,
        entries=(_entry(raw, topic_id, comments),),
        comments=comments,
        claims=(),
        next_urls=(address,) if address else (),
        page=_page_number(raw),
    )


def _page_number(raw: RawPage) -> int | None:
    canonical = attribute_of(raw.page, "link[rel=canonical]", "href")
    found = PAGE.search(canonical or "")
    # The first page's address has no number; without an address nothing says which page it is.
    return int(found[1]) if found else (1 if canonical else None)


def _entry(raw: RawPage, topic_id: str | None, comments: tuple[EngineComment, ...]) -> Entry:
    # On a later page the first post is a reply.
    opening = comments[0] if comments[0].number == 1 else None
    return Entry(
        external_id=topic_id,
        url=attribute_of(raw.page, "link[rel=canonical]", "href"),
        title=first_text(raw.page, TITLE) or attribute_of(raw.page, 'meta[property="og:title"]', "content"),
        author=opening.author if opening else None,
        author_id=None,
        posted=opening.posted if opening else None,
        modified=None,
        last_comment=None,
        claimed_comments=None,
        text=opening.text if opening else None,
        html=opening.html if opening else None,
    )
