"""The pages of Discourse: the markup for crawlers, the page with its JSON inside, and the empty shell."""

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from tests.site.engines.discourse.model import Forum, Post, Topic, cooked

GENERATOR = "Discourse 3.4.1 - https://github.com/discourse/discourse version 0c0ffee"


def head(forum: Forum, title: str, more: str = "") -> str:
    """The head of every page, with the mark of the software."""
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)} - {escape(forum.name)}</title>\n"
        f'<meta name="generator" content="{GENERATOR}">\n{more}</head>\n'
    )


def _crawler_head(root: str) -> str:
    return f'<header><nav class="crawler-nav"><ul><li><a href="{root}/">Home</a></li></ul></nav></header>\n'


def crawler_listing(forum: Forum, topics: Iterable[Topic], root: str, following: str | None) -> str:
    """A list of topics."""
    rows = "".join(
        f'<tr class="topic-list-item" id="topic-list-item-{topic.id}"><td class="main-link">'
        f'<a href="{root}/t/{topic.slug}/{topic.id}" class="title raw-link">{escape(topic.title)}</a>'
        f"</td><td>{len(forum.stream(topic.id)) - 1}</td></tr>\n"
        for topic in topics
    )
    more = (
        f'<div class="navigation"><a rel="next" href="{escape(following)}">next page</a></div>'
        if following
        else ""
    )
    return (
        f'{head(forum, "Latest topics")}<body class="crawler">\n{_crawler_head(root)}'
        f'<table class="topic-list">\n{rows}</table>\n{more}</body>\n</html>\n'
    )


def crawler_topic(
    forum: Forum, topic: Topic, shown: Sequence[Post], address: str, numbers: tuple[int, int]
) -> str:
    """A page of a topic, and of how many: numbers, authors, times and texts, and no ids."""
    page, pages = numbers
    root = address.partition("/t/")[0]
    here = address if page == 1 else f"{address}?page={page}"
    more = f'<link rel="canonical" href="{here}">\n'
    if page < pages:
        more += f'<link rel="next" href="{address}?page={page + 1}">\n'
    posts = "".join(map(_crawler_post, shown))
    return (
        f'{head(forum, topic.title, more)}<body class="crawler">\n{_crawler_head(root)}<div id="topic-title">'
        f'<h1><a href="{address}">{escape(topic.title)}</a></h1></div>\n'
        f'<div itemscope itemtype="http://schema.org/DiscussionForumPosting">\n{posts}</div>\n</body>\n</html>\n'
    )


def _crawler_post(post: Post) -> str:
    return (
        f"<div id='post_{post.number}' itemprop='comment' itemscope class='topic-body crawler-post'>\n"
        "<div class='crawler-post-meta'><span class='creator' itemprop='author' itemscope>"
        f"<a itemprop='url' href='/u/{post.author}'><span itemprop='name'>{escape(post.author)}</span></a>"
        "</span>\n<span class='crawler-post-infos'>"
        f"<time itemprop='datePublished' datetime='{post.created:%Y-%m-%dT%H:%M:%SZ}' class='post-time'>"
        f"{post.created:%B %d, %Y, %I:%M%p}</time>\n"
        f"<meta itemprop='dateModified' content='{post.updated:%Y-%m-%d}'>"
        f"<span itemprop='position'>{post.number}</span></span></div>\n"
        f"<div class='post' itemprop='text'>{cooked(post.shown_text)}</div>\n</div>\n"
    )


def preloaded_topic(forum: Forum, topic: Topic, value: dict[str, Any], address: str) -> str:
    """The page for browsers, with the topic's JSON in an attribute."""
    inside = json.dumps({"site": "{}", f"topic_{topic.id}": json.dumps(value)})
    more = f'<link rel="canonical" href="{address}">\n'
    return (
        f"{head(forum, topic.title, more)}<body>\n"
        f'<div class="hidden" id="data-preloaded" data-preloaded="{escape(inside)}"></div>\n'
        '<section id="main"></section>\n</body>\n</html>\n'
    )


def shell(forum: Forum) -> str:
    """The page for browsers with nothing in it: a script fetches what it shows."""
    login = '<form id="hidden-login-form"><input name="password" type="password"></form>'
    return f'{head(forum, "Topic")}<body>\n<section id="main"></section>\n{login}\n</body>\n</html>\n'


def not_found(forum: Forum) -> str:
    """What stands at an address that is nothing, or is not for guests."""
    words = '<div class="page-not-found">Nothing here.</div>'
    return f'{head(forum, "Nothing")}<body class="crawler">\n{words}\n</body>\n</html>\n'
