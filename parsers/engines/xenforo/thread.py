"""A page of a thread, of XenForo 1.x or 2.x.

root's id -> version -> posts -> numbers, counter, navigation
"""

from dataclasses import replace

from parsers.engines.raw import RawPage
from parsers.engines.records import Claim, EngineComment, EnginePage, Entry
from parsers.engines.tree import attribute_of, classes, first_text, shown_text
from parsers.engines.xenforo import post_1, post_2, post_fora
from parsers.engines.xenforo.addresses import thread_id_of
from parsers.engines.xenforo.counter import counted_replies
from parsers.engines.xenforo.page_numbers import PageNumbers, page_numbers
from parsers.engines.xenforo.post import PostContext, PostMarkup, read_posts
from parsers.engines.xenforo.refusals import is_version_1, refusal, root_of
from parsers.engines.xenforo.times import day_order
from parsers.errors import FieldMissing, PageUnrecognised
from parsers.html import Node, attribute

ENGINE = "xenforo"
# <html id="XF" data-content-key="thread-12">
CONTENT_KEY = "data-content-key"
# <h1 class="p-title-value"><span class="label">Sold</span> A new mast</h1>
TITLE = "h1.p-title-value, .titleBar h1, h1"
CANONICAL = "link[rel=canonical]"
LABELS = frozenset({"label", "label-append", "prefix", "DateTime", "PageNav"})
"""What stands in a title beside its words."""


def read_thread(raw: RawPage) -> EnginePage:
    """A page of a thread. ``page`` is what the page itself says: past the end the site shows the last one.

    Raises:
        PageBlocked: a wall or a login stands in its place.
        PageTruncated: the page is cut short.
        PageUnrecognised: it is no thread, another thread, or of a skin with another markup.
        ParseError: no post can be read.
    """
    root = root_of(raw)
    markup, posts = _posts(root, raw)
    # After the posts: of a login or an error page the reason is worth more than that it was cut short.
    raw.require_closed()
    times = [node for post in posts.values() if (node := markup.time_node(post)) is not None]
    context = PostContext(raw=raw, thread_id=_confirmed_id(root, raw), order=day_order(raw, times))
    comments, unreadable = read_posts(posts, markup, context)
    numbers = page_numbers(raw)
    claims = (*counted_replies(raw, context.thread_id), *_last_number(comments, numbers, context))
    return EnginePage(
        engine=ENGINE,
        kind="thread",
        url=raw.url,
        entries=(_entry(context, comments, claims, numbers.page),),
        comments=comments,
        claims=claims,
        next_urls=numbers.next_urls,
        page=numbers.page,
        pages=numbers.pages,
        unreadable=unreadable,
    )


def _posts(root: Node, raw: RawPage) -> tuple[PostMarkup, dict[str, Node]]:
    markups = (post_1.MARKUP,) if is_version_1(root) else (post_fora.MARKUP, post_2.MARKUP)
    for markup in markups:
        if posts := markup.posts_of(raw):
            return markup, posts
    raise refusal(raw, "post")


def _confirmed_id(root: Node, raw: RawPage) -> str:
    key = attribute(root, CONTENT_KEY) or ""
    shown = key.removeprefix("thread-") if key.startswith("thread-") else None
    # 1.x has no key; <link rel="canonical"> names the thread there.
    shown = shown or thread_id_of(attribute_of(raw.page, CANONICAL, "href") or "")
    asked = thread_id_of(raw.url)
    # A thread that was merged into another leads there: its posts must not go under the old id.
    if shown is not None and asked is not None and shown != asked:
        raise PageUnrecognised(f"thread {asked} was asked for, thread {shown} is shown", raw.url)
    thread_id = shown or asked
    if thread_id is None:
        raise FieldMissing("thread.external_id", raw.url)
    return thread_id


def _last_number(
    comments: tuple[EngineComment, ...], numbers: PageNumbers, context: PostContext
) -> tuple[Claim, ...]:
    """The number of the last page's last post is how many posts the thread has."""
    # On an earlier page it is the last number of that page alone.
    if numbers.page != numbers.pages or comments[-1].number is None:
        return ()
    # A skin that shows replies below what they answer does not show the last one last.
    last = max(comment.number for comment in comments if comment.number is not None)
    claim = Claim(
        of="last-number",
        count=last,
        printed=f"#{last}",
        exact=True,
        entry_id=context.thread_id,
        by="last post",
    )
    return (claim,)


def _entry(
    context: PostContext, comments: tuple[EngineComment, ...], claims: tuple[Claim, ...], page: int
) -> Entry:
    raw = context.raw
    # A skin may print no numbers; the first page's first post, if it could be read, is the opening one.
    opening = comments[0] if page == 1 and comments[0].position == 1 else None
    thread = Entry(
        external_id=context.thread_id,
        url=attribute_of(raw.page, CANONICAL, "href"),
        title=_title(raw),
        author=None,
        author_id=None,
        posted=None,
        modified=None,
        last_comment=None,
        claimed_comments=next((claim.count for claim in claims if claim.of == "replies"), None),
        text=None,
        html=None,
    )
    if opening is None:
        return thread
    return replace(
        thread,
        author=opening.author,
        author_id=opening.author_id,
        posted=opening.posted,
        modified=opening.edited,
        text=opening.text,
        html=opening.html,
    )


def _title(raw: RawPage) -> str | None:
    node = raw.page.first(TITLE)
    words = shown_text(node, lambda inner: not LABELS.isdisjoint(classes(inner))) if node is not None else ""
    return words or first_text(raw.page, "title")
