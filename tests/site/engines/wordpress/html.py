"""The pages for people: the home page, a day's archive, and an article with its comments."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Literal

from tests.site.engines.wordpress.model import Blog, Comment, Post, paragraphs

Layout = Literal["html5", "classic"]
MONTHS_DE = (
    *("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli"),
    *("August", "September", "Oktober", "November", "Dezember"),
)
MAX_DEPTH = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """How the site prints; ``per_page`` counts comments of the top level, and ``newest_first_page`` shows
    the last page at an article's plain address. ``counts`` prints how many comments there are, in lists.
    """

    blog: Blog
    url: str
    pretty: bool
    rest_root: str | None
    layout: Layout
    per_page: int
    newest_first_page: bool
    counts: bool

    def page_url(self, address: str, page: int, pages: int) -> str:
        """The address of a page of an article's comments."""
        plain = pages if self.newest_first_page else 1
        if pages < 2 or (page == plain and not self.newest_first_page):
            return address
        return f"{address}comment-page-{page}/" if self.pretty else f"{address}&cpage={page}"


def head(theme: Theme, title: str, more: str = "") -> str:
    """The head of every page, with the marks of the software."""
    api = f'<link rel="https://api.w.org/" href="{theme.rest_root}">\n' if theme.rest_root else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{theme.blog.language}">\n<head>\n<meta charset="UTF-8">\n'
        f"<title>{escape(title)}</title>\n"
        '<meta name="generator" content="WordPress 6.5.2">\n'
        f'<link rel="stylesheet" href="{theme.url}wp-content/themes/jetty/style.css">\n{api}{more}</head>\n'
    )


def listing(theme: Theme, title: str, posts: Iterable[tuple[Post, str]], following: str | None) -> str:
    """The home page, or a day's archive."""
    rows = "".join(
        f'<article id="post-{post.id}" class="post type-post status-publish">'
        f'<h2 class="entry-title"><a href="{escape(address)}" rel="bookmark">{escape(post.title)}</a></h2>'
        f'<time class="entry-date published" datetime="{_iso(theme.blog, post.posted)}">'
        f"{_printed(theme.blog, post.posted)}</time>"
        f'<div class="entry-summary">{paragraphs(post.text)}</div>{_count(theme, post, address)}</article>\n'
        for post, address in posts
    )
    more = f'<a class="next page-numbers" href="{escape(following)}">Older</a>\n' if following else ""
    body = f'<body class="home blog">\n<h1>{escape(title)}</h1>\n{rows}{more}</body>\n</html>\n'
    return f"{head(theme, title)}{body}"


def _count(theme: Theme, post: Post, address: str) -> str:
    count = len(theme.blog.responses(post.id))
    words = {0: "Leave a comment", 1: "1 Comment"}.get(count, f"{count:,} Comments")
    link = f'<span class="comments-link"><a href="{escape(address)}#comments">{words}</a></span>'
    return link if theme.counts else ""


def not_found(theme: Theme) -> str:
    """What stands at an address that is nothing."""
    return f'{head(theme, "Nothing here")}<body class="error404">\n<h1>Nothing here</h1>\n</body>\n</html>\n'


def article(theme: Theme, post: Post, address: str, page: int | None) -> str:
    """An article with one page of its comments; past the end the list is empty."""
    blog = theme.blog
    more = (
        f'<link rel="canonical" href="{escape(address)}">\n'
        f'<link rel="shortlink" href="{theme.url}?p={post.id}">\n'
        f'<meta property="article:published_time" content="{_iso(blog, post.posted)}">\n'
    )
    title = f"Protected: {post.title}" if post.visibility == "password" else post.title
    comments = "" if post.visibility == "password" else _comments(theme, post, address, page)
    body = paragraphs(post.text)
    if post.visibility == "password":
        body = (
            '<form action="/wp-login.php?action=postpass" class="post-password-form" method="post">'
            '<p>It needs a password.</p><input name="post_password" type="password"></form>'
        )
    return (
        f'{head(theme, title, more)}<body class="single single-post postid-{post.id}">\n'
        f'<article id="post-{post.id}" class="post">\n<h1 class="entry-title">{escape(title)}</h1>\n'
        f'<div class="entry-meta"><span class="author vcard"><a rel="author" href="{theme.url}author/x/">'
        f"{escape(post.author)}</a></span></div>\n"
        f'<div class="entry-content">{body}</div>\n</article>\n{comments}</body>\n</html>\n'
    )


def comment_pages(theme: Theme, post_id: int) -> list[list[Comment]]:
    """The comments of the top level by pages, the oldest first."""
    top = [comment for comment in theme.blog.responses(post_id) if comment.parent == 0]
    return [top[start : start + theme.per_page] for start in range(0, len(top), theme.per_page)]


def _comments(theme: Theme, post: Post, address: str, asked: int | None) -> str:
    pages = comment_pages(theme, post.id)
    page = asked if asked is not None else (len(pages) if theme.newest_first_page else 1)
    shown = pages[page - 1] if 1 <= page <= len(pages) else []
    responses = theme.blog.responses(post.id)
    here = theme.page_url(address, page, len(pages))
    list_tag = '<ol class="comment-list">' if theme.layout == "html5" else '<ol class="commentlist">'
    rows = "".join(_item(theme, comment, responses, here, 1) for comment in shown)
    links = _navigation(theme, address, page, len(pages))
    counted = f"{list_tag}\n{rows}</ol>\n{links}" if responses else ""
    return (
        f'<div id="comments" class="comments-area">\n{_heading(theme.blog, post, len(responses))}{counted}'
        f'<div id="respond"><form action="{theme.url}wp-comments-post.php" method="post">'
        f'<input type="hidden" name="comment_post_ID" value="{post.id}"></form></div>\n</div>\n'
    )


def _heading(blog: Blog, post: Post, count: int) -> str:
    if count == 0:
        return ""
    title = escape(post.title)
    if blog.language.startswith("de"):
        words = f"{'Ein Gedanke' if count == 1 else f'{count} Gedanken'} zu „{title}“"
    else:
        words = f"{'One thought' if count == 1 else f'{count:,} thoughts'} on &#8220;{title}&#8221;"
    return f'<h2 class="comments-title">{words}</h2>\n'


def _navigation(theme: Theme, address: str, page: int, pages: int) -> str:
    links = [
        f'<div><a href="{escape(theme.page_url(address, other, pages))}#comments">{name}</a></div>'
        for name, other in (("previous", page - 1), ("next", page + 1))
        if 1 <= other <= pages
    ]
    return f'<nav class="comment-navigation">{"".join(links)}</nav>\n' if links else ""


def _item(theme: Theme, comment: Comment, responses: Sequence[Comment], here: str, depth: int) -> str:
    """A comment with its replies; those below the greatest depth follow on its own level."""
    if comment.kind != "comment":
        words = (
            f'Pingback: <a href="https://ferry.example/{comment.id}" class="url">{escape(comment.author)}</a>'
        )
        return (
            f'<li id="comment-{comment.id}" class="{comment.kind} even depth-{depth}">'
            f'<div class="comment-body">{words}</div></li>\n'
        )
    replies = [reply for reply in responses if reply.parent == comment.id]
    inner, behind = "", ""
    if depth < MAX_DEPTH:
        rows = "".join(_item(theme, reply, responses, here, depth + 1) for reply in replies)
        inner = f'<ol class="children">\n{rows}</ol>' if rows else ""
    else:
        behind = "".join(_item(theme, reply, responses, here, depth) for reply in replies)
    body = _html5(theme, comment, here) if theme.layout == "html5" else _classic(theme, comment, here)
    parent = " parent" if inner else ""
    start = f'<li id="comment-{comment.id}" class="comment even depth-{depth}{parent}">'
    return f"{start}\n{body}{inner}</li>\n{behind}"


def _html5(theme: Theme, comment: Comment, here: str) -> str:
    blog, key = theme.blog, comment.id
    return (
        f'<article id="div-comment-{key}" class="comment-body"><footer class="comment-meta">'
        f'<div class="comment-author vcard"><img alt="" src="/a.png" class="avatar">'
        f'<b class="fn">{escape(comment.author)}</b> <span class="says">says:</span></div>'
        f'<div class="comment-metadata"><a href="{escape(here)}#comment-{key}">'
        f'<time datetime="{_iso(blog, comment.posted)}">{_printed(blog, comment.posted)}</time></a></div>'
        "</footer>"
        f'<div class="comment-content">{paragraphs(comment.text)}</div>'
        f"{_reply(here)}</article>\n"
    )


def _classic(theme: Theme, comment: Comment, here: str) -> str:
    key = comment.id
    return (
        f'<div id="div-comment-{key}" class="comment-body"><div class="comment-author vcard">'
        f'<img alt="" src="/a.png" class="avatar"><cite class="fn">{escape(comment.author)}</cite> '
        '<span class="says">says:</span></div>'
        f'<div class="comment-meta commentmetadata"><a href="{escape(here)}#comment-{key}">'
        f"{_printed(theme.blog, comment.posted)}</a></div>\n{paragraphs(comment.text)}"
        f"{_reply(here)}</div>\n"
    )


def _reply(here: str) -> str:
    return f'<div class="reply"><a class="comment-reply-link" href="{escape(here)}#respond">Reply</a></div>'


def _iso(blog: Blog, moment: datetime) -> str:
    return moment.astimezone(blog.tz).isoformat(timespec="seconds")


def _printed(blog: Blog, moment: datetime) -> str:
    """The time as the theme's readers see it."""
    local = blog.local(moment)
    if blog.language.startswith("de"):
        return f"{local.day}. {MONTHS_DE[local.month - 1]} {local.year} um {local.hour}:{local:%M} Uhr"
    half = "am" if local.hour < 12 else "pm"
    return f"{local:%B} {local.day}, {local.year} at {local.hour % 12 or 12}:{local:%M} {half}"


def shown_order(theme: Theme, post_id: int) -> Iterator[tuple[Comment, int]]:
    """The comments and pingbacks in the order of all pages, with the parent that their nesting shows.

    Replies to a comment in the trash are counted by the heading and shown nowhere.
    """
    responses = theme.blog.responses(post_id)

    def below(comment: Comment, parent: int, depth: int) -> Iterator[tuple[Comment, int]]:
        yield comment, parent
        inner = comment.id if depth < MAX_DEPTH else parent
        for reply in responses:
            if reply.parent == comment.id:
                yield from below(reply, inner, min(depth + 1, MAX_DEPTH))

    for comment in responses:
        if comment.parent == 0:
            yield from below(comment, 0, 1)
