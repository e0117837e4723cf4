"""Comments in JSON, ``/wp/v2/comments``: of one article, or the latest of all."""

from parsers.engines.raw import RawPage
from parsers.engines.records import CommentState, EngineComment, EnginePage
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
from parsers.errors import FieldMalformed
from parsers.json import JsonObject
from parsers.urls import query_of

# {"parent": 0, "author": 0}: an answer to no comment, by a guest
NOBODY = "0"
# As in {"type": "pingback"}.
PINGS = frozenset({"pingback", "trackback"})
DELETED = frozenset({"trash", "spam"})


def read_comments(raw: RawPage) -> EnginePage:
    """One page of comments; its total is one article's if the address asks for one article.

    Raises:
        ParseError: it is no such listing, a comment is another article's, or a required field is absent.
    """
    records = rest_objects(raw, "comment")
    require_distinct(records)
    # "post=1,2" asks for two articles: their total is neither one's.
    asked = query_of(raw.url).get("post") or None
    entry_id = asked if asked is not None and asked.isdigit() else None
    comments = tuple(_comment(record, position, raw) for position, record in enumerate(records, start=1))
    for comment in comments:
        if entry_id not in {None, comment.entry_id}:
            raise FieldMalformed("comment.post", str(comment.entry_id), raw.url)
    return EnginePage(
        engine=ENGINE,
        kind="thread",
        url=raw.url,
        entries=(),
        comments=comments,
        claims=total_claim(raw, "comments", entry_id),
        next_urls=next_urls(raw),
        page=page_of(raw),
        pages=pages_of(raw),
    )


def _comment(record: JsonObject, position: int, raw: RawPage) -> EngineComment:
    html = record.child("content").text("rendered")
    parent, author_id = record.text("parent"), record.optional_text("author")
    return EngineComment(
        entry_id=record.text("post"),
        external_id=record.text("id"),
        number=None,
        position=position,
        parent_external_id=None if parent == NOBODY else parent,
        parent_number=None,
        author=text_of_markup(record.text("author_name")) or None,
        author_id=None if author_id == NOBODY else author_id,
        posted=time_pair(record, "date", raw),
        edited=None,
        text=text_of_markup(html),
        html=html,
        state=_state(record),
    )


def _state(record: JsonObject) -> CommentState:
    if record.optional_text("type") in PINGS:
        return "pingback"
    return "deleted" if record.optional_text("status") in DELETED else "shown"
