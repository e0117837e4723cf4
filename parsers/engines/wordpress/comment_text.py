"""What a comment says: the element that themes put it into, else its paragraphs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from parsers.engines.tree import Skip, classes, shown_text
from parsers.engines.wordpress.comment_nodes import CANDIDATES, COMMENT_ID, CommentNode, ancestors
from parsers.html import Node, attribute

# <div class="comment-content"><p>...</p></div>; the wider an element, the later it is tried.
CONTENTS = (
    *(
        "comment-content",
        "itemprop=text",
        "itemprop=commentText",
        "comment-text",
        "comment_text",
        "commenttext",
    ),
    *(
        "wp-block-comment-content",
        "contenttext",
        "wc-comment-text",
        "wpd-comment-text",
        "w-comments-item-text",
    ),
    *("comments__list-item__text", "epoch-comment-content", "description", "comment_area", "comment_body"),
    *("comment_box", "comment-entry", "comment-body-text", "comment-body", "entry-content"),
)

OTHER_CONTENTS = re.compile(r".*comment.*(?:text|body|content|message)", re.IGNORECASE)
"""What themes that rename everything call it: ``comment__body``."""

UNSHOWN = frozenset(
    (
        *("reply", "comment-reply", "comment-reply-link", "comment-reply-login", "comment-edit-link", "says"),
        *(
            "comment-likes",
            "comment-like-feedback",
            "jetpack-comment-likes-widget-wrapper",
            "likebtn_container",
        ),
        *(
            "cs-rating",
            "pd-rating",
            "wprm-comment-rating",
            "cld-like-dislike-wrap",
            "comment-awaiting-moderation",
        ),
        *("comment-actions", "ast-comment-edit-reply-wrap", "pmcc-comments-report-link", "comment-meta"),
        *("commentmetadata", "comment-metadata", "comment-author", "vcard", "children", "wpdiscuz-readmore"),
    )
)
"""Buttons, marks and lines about the comment that are not the author's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The words and the markup of a comment, and the elements that hold them."""

    text: str
    html: str | None
    nodes: tuple[Node, ...]


def content_of(comment: CommentNode, author: Node) -> Content | None:
    """What a comment says: it holds neither the author's element nor stands in it."""
    outside = {outer.mem_id for outer in (author, *ancestors(author, comment.node))}
    # "comment-body" is the text in one theme and the whole comment, name and all, in another.
    for node in (*comment.all(*CONTENTS), *comment.matching(OTHER_CONTENTS)):
        if node.mem_id not in outside:
            return Content(text=shown_text(node, is_unshown), html=node.inner_html, nodes=(node,))
    # Some old themes put the whole comment into the element of its author.
    parts = _paragraphs(comment, is_unshown, outside) or _paragraphs(comment, lambda _: False, outside)
    if not parts:
        return None
    text = " ".join(filter(None, (shown_text(node, is_unshown) for node in parts)))
    return Content(text=text, html="".join(node.html or "" for node in parts), nodes=parts)


def _paragraphs(comment: CommentNode, skip: Skip, outside: set[int]) -> tuple[Node, ...]:
    return tuple(node for node in _topmost(comment, skip) if node.mem_id not in outside)


def is_unshown(node: Node) -> bool:
    """Whether an element within a comment's text is not of the text."""
    return not UNSHOWN.isdisjoint(classes(node))


def _holds_replies(node: Node, comment: CommentNode) -> bool:
    """Whether a list within a comment is that of its replies, whose words are not its own."""
    # <ul class="children"><li id="comment-13">...</li></ul>
    found = (COMMENT_ID.fullmatch(attribute(inner, "id") or "") for inner in node.css(CANDIDATES))
    return "children" in classes(node) or any(match and match[1] != comment.external_id for match in found)


def _topmost(comment: CommentNode, skip: Skip) -> Iterator[Node]:
    """The paragraphs that stand in no other paragraph and in no line about the comment."""
    nodes = list(comment.all("paragraph"))
    inner = {node.mem_id for node in nodes}
    for node in nodes:
        around = list(ancestors(node, comment.node))
        if (
            skip(node)
            or _holds_replies(node, comment)
            or any(outer.mem_id in inner or skip(outer) for outer in around)
        ):
            continue
        yield node
