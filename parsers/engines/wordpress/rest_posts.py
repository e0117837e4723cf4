"""Articles in JSON, ``/wp/v2/posts``: they carry no count of their comments."""

from parsers.engines.raw import RawPage
from parsers.engines.records import EnginePage, Entry
from parsers.engines.tree import text_of_markup
from parsers.engines.wordpress.rest_answer import (
    ENGINE,
    next_urls,
    page_of,
    pages_of,
    require_distinct,
    rest_objects,
    time_pair,
    total_claim,
)
from parsers.json import JsonObject


def read_posts(raw: RawPage) -> EnginePage:
    """One page of a listing of articles.

    Raises:
        ParseError: it is no such listing, or an article's id, title or time is absent.
    """
    posts = rest_objects(raw, "post")
    require_distinct(posts)
    return EnginePage(
        engine=ENGINE,
        kind="listing",
        url=raw.url,
        entries=tuple(_entry(post, raw) for post in posts),
        comments=(),
        claims=total_claim(raw, "entries", None),
        next_urls=next_urls(raw),
        page=page_of(raw),
        pages=pages_of(raw),
    )


def _entry(post: JsonObject, raw: RawPage) -> Entry:
    content = _rendered(post, "content")
    author_id = post.optional_text("author")
    return Entry(
        external_id=post.text("id"),
        url=post.text("link"),
        title=text_of_markup(post.child("title").text("rendered")),
        author=_author(post),
        author_id=None if author_id == "0" else author_id,
        posted=time_pair(post, "date", raw),
        modified=time_pair(post, "modified", raw) if post.members.get("modified") else None,
        last_comment=None,
        claimed_comments=None,
        text=text_of_markup(content) if content is not None else None,
        html=content,
        pinned=post.flag("sticky"),
        protected=_is_protected(post),
    )


def _rendered(post: JsonObject, key: str) -> str | None:
    # As in {"content": {"rendered": "<p>...</p>", "protected": false}}.
    return post.child(key).optional_text("rendered") if post.members.get(key) is not None else None


def _is_protected(post: JsonObject) -> bool:
    """A password hides the article and its comments, which the site's totals still count."""
    return post.members.get("content") is not None and post.child("content").flag("protected")


def _author(post: JsonObject) -> str | None:
    """The author's name, where the question asked for embedded records."""
    # {"_embedded": {"author": [{"name": "Olga"}]}}; else an author is a number alone.
    if post.members.get("_embedded") is None or post.child("_embedded").members.get("author") is None:
        return None
    authors = post.child("_embedded").children("author", "author")
    return authors[0].optional_text("name") if authors else None
