"""The pages of XenForo 2.x."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from html import escape

from tests.site.engines.xenforo.model import Post, Thread
from tests.site.engines.xenforo.style import JOINED, NO_COUNT, Shown, Style, body, near, numbered, unix


def page(style: Style, template: str, title: str, inner: str, *, more: str = "", keys: str = "") -> str:
    """A page around its contents."""
    direction = "RTL" if style.language == "ar" else "LTR"
    return (
        f'<!DOCTYPE html>\n<html id="XF" lang="{style.language}" dir="{direction}" data-app="public" '
        f'data-template="{template}"{keys} class="has-no-js template-{template}">\n'
        f"<head>\n<title>{escape(title)} | {escape(style.board.name)}</title>\n{more}"
        f'</head>\n<body data-template="{template}">\n<nav class="p-nav">'
        f'<a href="{style.url}{style.prefix}" data-nav-id="forums">Forums</a></nav>\n'
        f'<h1 class="p-title-value">{escape(title)}</h1>\n{inner}'
        '<div class="p-footer-copyright"><a href="https://xenforo.com" class="u-concealed" dir="ltr">'
        "Run by XenForo</a></div>\n</body>\n</html>\n"
    )


def error(style: Style, words: str) -> str:
    """What stands in the place of what is gone."""
    return page(style, "error", "Oops", f'<div class="blockMessage">{escape(words)}</div>\n')


def login(style: Style) -> str:
    """What stands in the place of what is for members."""
    form = '<form method="post"><input name="login"><input type="password" name="password"></form>'
    words = '<div class="blockMessage">Only those who are signed in may do that.</div>'
    return page(style, "login", "Sign in", f"{words}{form}\n")


def home(style: Style) -> str:
    """The list of forums."""
    rows = "".join(
        f'<div class="node node--id{node.id} node--forum"><h3 class="node-title">'
        f'<a href="{style.forum_url(node.id)}" data-shortcut="node-description">'
        f"{escape(node.title)}</a></h3></div>\n"
        for node in style.board.nodes.values()
        if not node.members_only
    )
    heading = '<h2 class="block-header"><a href="#boats.1">All</a></h2>'
    return page(
        style,
        "forum_list",
        style.board.name,
        f'<div class="block block--category block--category1">{heading}{rows}</div>\n',
    )


def thread(style: Style, thread: Thread, posts: Sequence[Post], shown: Shown) -> str:
    """A page of a thread."""
    articles = "".join(_article(style, thread, post, number) for number, post in numbered(posts, shown))
    more = _canonical(style.thread_url(thread, shown.page))
    if style.json_ld:
        more += _json_ld(style, thread)
    links = _navigation(shown, lambda number: style.thread_url(thread, number))
    keys = f' data-container-key="node-{thread.node}" data-content-key="thread-{thread.id}"'
    inner = f'{links}<div class="block block--messages" data-type="post">\n{articles}</div>\n{links}'
    return page(style, "thread_view", thread.title, inner, more=more, keys=keys)


def forum(style: Style, node_id: int, sticky: Sequence[Thread], rows: Sequence[Thread], shown: Shown) -> str:
    """A page of a forum; the pinned threads stand on its first one."""
    groups = ""
    if sticky:
        pinned = "".join(_row(style, one) for one in sticky)
        groups = (
            f'<div class="structItemContainer-group structItemContainer-group--sticky">\n{pinned}</div>\n'
        )
    items = "".join(_row(style, one) for one in rows)
    if not sticky and not rows:
        empty = '<div class="structItem-cell">None yet.</div>'
        items = f'<div class="structItem js-emptyThreadList">\n{empty}\n</div>\n'
    if shown.older:
        link = f'<a href="{escape(style.forum_url(node_id))}?no_date_limit=1">Show older</a>'
        items += (
            f'<div class="structItem structItem--note">\n<div class="structItem-cell">{link}</div>\n</div>\n'
        )
    groups += f'<div class="structItemContainer-group js-threadList">\n{items}</div>\n'
    links = _navigation(shown, lambda number: style.forum_url(node_id, number))
    keys = f' data-container-key="node-{node_id}" data-content-key="forum-{node_id}"'
    inner = f'{links}<div class="structItemContainer">\n{groups}</div>\n{links}'
    canonical = _canonical(style.forum_url(node_id, shown.page))
    return page(style, "forum_view", style.board.nodes[node_id].title, inner, more=canonical, keys=keys)


def _canonical(address: str) -> str:
    return f'<link rel="canonical" href="{escape(address)}" />\n'


def _json_ld(style: Style, thread: Thread) -> str:
    counts = (
        ("ViewAction", 3_640),
        ("CommentAction", len(style.board.shown(thread.id)) - 1),
        ("LikeAction", 4),
    )
    posting = {
        "@type": "DiscussionForumPosting",
        "headline": thread.title,
        "interactionStatistic": [
            {
                "@type": "InteractionCounter",
                "interactionType": f"https://schema.org/{name}",
                "userInteractionCount": count,
            }
            for name, count in counts
        ],
    }
    value = json.dumps({"@context": "https://schema.org", "@type": "WebPage", "mainEntity": posting})
    return f'<script type="application/ld+json">{value}</script>\n'


def _time(style: Style, moment: datetime, name: str = "u-dt") -> str:
    day, clock = style.words(moment)
    exact = {
        "offset": f' datetime="{style.iso(moment)}" data-time="{unix(moment)}"',
        "unix": f' data-timestamp="{unix(moment)}"',
        "words": "",
    }[style.times]
    strings = f' data-date-string="{day}" data-time-string="{clock}" title="{style.title(moment)}"'
    return f'<time class="{name}" dir="auto"{exact}{strings}>{day}</time>'


def _user(style: Style, post: Post) -> str:
    name = escape(post.author)
    if post.user_id is None:
        return f'<span class="username" dir="auto">{name}</span>'
    address = f"{style.url}{style.prefix}members/x.{post.user_id}/"
    return f'<a href="{address}" class="username" dir="auto" data-user-id="{post.user_id}">{name}</a>'


def _article(style: Style, thread: Thread, post: Post, number: int) -> str:
    link = f"{style.thread_url(thread)}post-{post.id}"
    name = escape(post.author)
    edited = (
        f'<div class="message-lastEdit">Last edited: {_time(style, post.edited)}</div>' if post.edited else ""
    )
    return (
        f'<article class="message message--post js-post js-inlineModContainer" data-author="{name}" '
        f'data-content="post-{post.id}" id="js-post-{post.id}">\n'
        f'<span class="u-anchorTarget" id="post-{post.id}"></span>\n<section class="message-user">'
        f'<h4 class="message-name">{_user(style, post)}</h4>'
        f'<div class="message-userExtras">{_time(style, JOINED)}</div></section>\n'
        '<header class="message-attribution message-attribution--split">'
        f'<ul class="message-attribution-main"><li class="u-concealed"><a href="{link}" rel="nofollow">'
        f'{_time(style, post.posted)}</a></li></ul>\n<ul class="message-attribution-opposite">'
        f'<li><a href="{link}" class="message-attribution-gadget"><i class="fa-share"></i></a></li>'
        f'<li><a href="{link}" rel="nofollow">#{style.number(number)}</a></li></ul></header>\n'
        '<article class="message-body js-selectToQuote">'
        f'<div class="bbWrapper">{_quote(post)}{body(post)}</div>'
        f'<div class="js-selectToQuoteEnd">&nbsp;</div></article>\n{edited}</article>\n'
    )


def _quote(post: Post) -> str:
    if post.quote is None:
        return ""
    return (
        '<blockquote class="bbCodeBlock bbCodeBlock--expandable bbCodeBlock--quote">'
        f'<div class="bbCodeBlock-title">{escape(post.quote.author)} said:</div>'
        '<div class="bbCodeBlock-content">'
        f'<div class="bbCodeBlock-expandContent">{escape(post.quote.text)}</div>'
        '<div class="bbCodeBlock-expandLink"><a role="button">Show all of it</a></div></div></blockquote>'
    )


def _navigation(shown: Shown, address: Callable[[int], str]) -> str:
    """The links to the pages, with a gap that a menu fills."""
    if shown.pages < 2:
        return ""
    items, before = "", 0
    for number in near(shown):
        if number > before + 1:
            items += '<li class="pageNav-page pageNav-page--skip"><a role="button">…</a></li>'
        current = " pageNav-page--current" if number == shown.page else ""
        items += f'<li class="pageNav-page{current}"><a href="{escape(address(number))}">{number}</a></li>'
        before = number
    jump = ""
    if shown.page < shown.pages:
        following = escape(address(shown.page + 1))
        jump = f'<a href="{following}" class="pageNav-jump pageNav-jump--next">Next</a>'
    return (
        f'<nav class="pageNavWrapper"><div class="pageNav"><ul class="pageNav-main">{items}</ul>{jump}</div>'
        f'<div class="pageNavSimple"><a class="pageNavSimple-el pageNavSimple-el--current">{shown.page} of '
        f"{shown.pages}</a></div></nav>\n"
    )


def _row(style: Style, thread: Thread) -> str:
    posts = style.board.shown(thread.merged_into or thread.id)
    replies = NO_COUNT if thread.merged_into else style.count(len(posts) - 1)
    first, last = posts[0], posts[-1]
    return (
        f'<div class="structItem structItem--thread js-inlineModContainer js-threadListItem-{thread.id}" '
        f'data-author="{escape(first.author)}">\n<div class="structItem-cell structItem-cell--main">'
        '<div class="structItem-title"><a href="/forums/?prefix_id=2" class="labelLink">'
        '<span class="label">Tip</span></a> '
        f'<a href="{style.thread_url(thread)}" data-tp-primary="on">{escape(thread.title)}</a></div>\n'
        f'<div class="structItem-minor"><ul class="structItem-parts"><li>{_user(style, first)}</li>'
        f'<li class="structItem-startDate">{_time(style, first.posted)}</li></ul></div></div>\n'
        '<div class="structItem-cell structItem-cell--meta"><dl class="pairs"><dt>Replies</dt>'
        f'<dd>{replies}</dd></dl><dl class="pairs"><dt>Views</dt><dd>9K</dd></dl></div>\n'
        '<div class="structItem-cell structItem-cell--latest">'
        f"{_time(style, last.posted, 'structItem-latestDate u-dt')}</div>\n</div>\n"
    )
