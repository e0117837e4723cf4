"""The pages of XenForo 1.x; their links start from the page's base."""

from collections.abc import Callable, Sequence
from datetime import datetime
from html import escape

from tests.site.engines.xenforo.model import Post, Thread
from tests.site.engines.xenforo.style import JOINED, NO_COUNT, Shown, Style, body, near, numbered, unix


def page(style: Style, template: str, title: str, inner: str, *, more: str = "") -> str:
    """A page around its contents."""
    return (
        f'<!DOCTYPE html>\n<html id="XenForo" lang="{style.language}" class="Public LoggedOut">\n<head>\n'
        f'<meta charset="utf-8" />\n<base href="{style.url}" />\n'
        f"<title>{escape(title)} | {escape(style.board.name)}</title>\n{more}</head>\n"
        f'<body class="{template}">\n<div id="bar"><form action="login/login" class="xenForm" id="login">'
        '<input name="login"><input type="password" name="password"></form></div>\n<div class="titleBar">'
        f"<h1>{escape(title)}</h1></div>\n{inner}"
        '<div id="copyright"><a href="https://xenforo.com" class="concealed">Run by XenForo</a></div>\n'
        "</body>\n</html>\n"
    )


def error(style: Style, words: str) -> str:
    """What stands in the place of what is gone."""
    return page(style, "error", "Error", f'<div class="errorPanel">{escape(words)}</div>\n')


def login(style: Style) -> str:
    """What stands in the place of what is for members."""
    fields = '<input name="login"><input type="password" name="password">'
    form = f'<form action="login/login" method="post" class="xenForm" id="pageLogin">{fields}</form>'
    words = '<div class="errorPanel">Only those who are signed in may do that.</div>'
    return page(style, "login", "Error", f"{words}{form}\n")


def home(style: Style) -> str:
    """The list of forums."""
    rows = "".join(
        f'<li class="node forum level_2 node_{node.id}"><h3 class="nodeTitle">'
        f'<a href="{_link(style, style.forum_url(node.id))}">{escape(node.title)}</a></h3></li>\n'
        for node in style.board.nodes.values()
        if not node.members_only
    )
    return page(style, "forum_list", style.board.name, f'<ol class="nodeList">\n{rows}</ol>\n')


def thread(style: Style, thread: Thread, posts: Sequence[Post], shown: Shown) -> str:
    """A page of a thread."""
    items = "".join(_item(style, thread, post, number) for number, post in numbered(posts, shown))
    links = _navigation(shown, lambda number: _link(style, style.thread_url(thread, number)))
    more = _head(style, shown, lambda number: style.thread_url(thread, number))
    return page(
        style,
        "thread_view",
        thread.title,
        f'{links}<ol class="messageList" id="messageList">\n{items}</ol>\n',
        more=more,
    )


def forum(style: Style, node_id: int, sticky: Sequence[Thread], rows: Sequence[Thread], shown: Shown) -> str:
    """A page of a forum; the pinned threads stand on its first one."""
    items = "".join(_row(style, one, is_sticky=one in sticky) for one in (*sticky, *rows))
    if not sticky and not rows:
        items = '<li class="primaryContent">None yet.</li>\n'
    if shown.older:
        link = f'<a href="{_link(style, style.forum_url(node_id))}?no_date_limit=1">Show older</a>'
        items += f'<li class="discussionListItem"><div class="noteRow secondary">{link}</div></li>\n'
    links = _navigation(shown, lambda number: _link(style, style.forum_url(node_id, number)))
    inner = f'{links}<ol class="discussionListItems">\n{items}</ol>\n'
    more = _head(style, shown, lambda number: style.forum_url(node_id, number))
    return page(style, "forum_view", style.board.nodes[node_id].title, inner, more=more)


def _link(style: Style, address: str) -> str:
    return escape(address.removeprefix(style.url))


def _head(style: Style, shown: Shown, address: Callable[[int], str]) -> str:
    more = f'<link rel="canonical" href="{escape(address(shown.page))}" />\n'
    if shown.page < shown.pages:
        more += f'<link rel="next" href="{_link(style, address(shown.page + 1))}" />\n'
    return more


def _time(style: Style, moment: datetime) -> str:
    day, clock = style.words(moment)
    if style.times == "words":
        return f'<span class="DateTime" title="{style.title(moment)}">{day}</span>'
    strings = f'data-datestring="{day}" data-timestring="{clock}"'
    return f'<abbr class="DateTime" data-time="{unix(moment)}" {strings}>{style.title(moment)}</abbr>'


def _user(style: Style, post: Post, name: str = "username") -> str:
    if post.user_id is None:
        return f'<span class="{name}" dir="auto">{escape(post.author)}</span>'
    address = f"{style.prefix}members/x.{post.user_id}/"
    return f'<a href="{address}" class="{name}" dir="auto">{escape(post.author)}</a>'


def _item(style: Style, thread: Thread, post: Post, number: int) -> str:
    link = f"{_link(style, style.thread_url(thread))}#post-{post.id}"
    avatar = f"Av{post.user_id or 0}m"
    edited = f'<div class="editDate">Last edited: {_time(style, post.edited)}</div>' if post.edited else ""
    return (
        f'<li id="post-{post.id}" class="message" data-author="{escape(post.author)}">\n'
        '<div class="messageUserInfo"><div class="messageUserBlock"><div class="avatarHolder">'
        f'<a class="avatar {avatar}"></a></div><h3 class="userText">{_user(style, post)}</h3>'
        f'<div class="extraUserInfo">{_time(style, JOINED)}</div>'
        "</div></div>\n"
        '<div class="messageInfo primaryContent"><div class="messageContent"><article>'
        f'<blockquote class="messageText ugc baseHtml">{_quote(post)}{body(post)}'
        f'<div class="messageTextEndMarker">&nbsp;</div></blockquote></article>{edited}</div>\n'
        '<div class="messageMeta"><div class="privateControls"><span class="item muted">'
        f'<span class="authorEnd">{_user(style, post, "username author")},</span> '
        f'<a href="{link}" class="datePermalink">{_time(style, post.posted)}</a></span></div>'
        f'<div class="publicControls"><a href="{link}" class="item muted postNumber hashPermalink">'
        f"#{style.number(number)}</a></div></div></div>\n</li>\n"
    )


def _quote(post: Post) -> str:
    if post.quote is None:
        return ""
    return (
        '<div class="bbCodeBlock bbCodeQuote"><aside>'
        f'<div class="attribution type">{escape(post.quote.author)} said:</div>'
        f'<blockquote class="quoteContainer"><div class="quote">{escape(post.quote.text)}</div>'
        '<div class="quoteExpand">Show all of it</div></blockquote></aside></div>'
    )


def _navigation(shown: Shown, address: Callable[[int], str]) -> str:
    if shown.pages < 2:
        return ""
    links = "".join(
        f'<a href="{address(number)}" class="{"currentPage" if number == shown.page else ""}">{number}</a>'
        for number in near(shown)
    )
    return (
        f'<div class="PageNav" data-page="{shown.page}" data-range="2" data-last="{shown.pages}">'
        f'<span class="pageNavHeader">Page {shown.page} of {shown.pages}</span><nav>{links}</nav></div>\n'
    )


def _row(style: Style, thread: Thread, *, is_sticky: bool) -> str:
    posts = style.board.shown(thread.merged_into or thread.id)
    replies = NO_COUNT if thread.merged_into else style.count(len(posts) - 1)
    first, last = posts[0], posts[-1]
    link = _link(style, style.thread_url(thread))
    return (
        f'<li id="thread-{thread.id}" class="discussionListItem visible{" sticky" if is_sticky else ""}" '
        f'data-author="{escape(first.author)}">\n<div class="listBlock main"><div class="titleText">'
        '<h3 class="title"><a href="forums/?prefix_id=1" class="prefixLink">'
        f'Tip</a> <a href="{link}" class="PreviewTooltip">{escape(thread.title)}</a></h3>\n'
        f'<div class="posterDate muted">{_user(style, first)}<span class="startDate">, '
        f'<a href="{link}" class="faint">{_time(style, first.posted)}</a></span></div></div></div>\n'
        f'<div class="listBlock stats"><dl class="major"><dt>Replies:</dt> <dd>{replies}</dd></dl>'
        '<dl class="minor"><dt>Views:</dt> <dd>900</dd></dl></div>\n'
        f'<div class="listBlock lastPost"><dl class="lastPostInfo"><dt>{_user(style, last)}</dt>'
        f'<dd class="muted"><a class="dateTime">{_time(style, last.posted)}</a></dd></dl></div>\n</li>\n'
    )
