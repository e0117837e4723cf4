"""What both versions of XenForo need to read one post."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from parsers.engines.counts import read_count
from parsers.engines.moments import with_instants
from parsers.engines.printed_dates import DayOrder
from parsers.engines.raw import RawPage
from parsers.engines.records import EngineComment
from parsers.engines.tree import classes
from parsers.errors import ParseError
from parsers.html import Node
from parsers.records import Unreadable

DIGITS = "0-9\u0660-\u0669\u06f0-\u06f9"
NUMBER = re.compile(rf"(?:[^#]*\s)?#\s?([{DIGITS}][{DIGITS}.,'\u2019\u066c\s]*?)(?:\s[^{DIGITS}].*)?")
"""``#1,234``, ``Post #7 of 12``."""

UNSHOWN = frozenset(
    (
        "bbCodeBlock-expandLink",
        "quoteExpand",
        "messageTextEndMarker",
        "js-selectToQuoteEnd",
        "bbCodeSpoiler-button",
    )
)
"""Buttons and marks within a post's text that are not the author's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostContext:
    """What a post's reader knows of the page around it."""

    raw: RawPage
    thread_id: str
    order: DayOrder | None


PostReader = Callable[[Node, int, PostContext], EngineComment]


def post_number(texts: list[str]) -> int | None:
    """The last ``#N`` among the words of a post's head; None where the skin prints none."""
    for text in reversed(texts):
        found = NUMBER.fullmatch(text)
        count = read_count(found[1]) if found else None
        if count is not None and count.exact:
            return count.value
    return None


def is_unshown(node: Node) -> bool:
    """Whether an element within a post's text is a button or a mark."""
    return not UNSHOWN.isdisjoint(classes(node))


def stands_in(node: Node, post: Node, names: frozenset[str]) -> bool:
    """Whether a node of a post is, or stands in, an element of one of these classes."""
    parent: Node | None = node
    while parent is not None and parent.mem_id != post.mem_id:
        if not names.isdisjoint(classes(parent)):
            return True
        parent = parent.parent
    return False


def read_posts(
    nodes: dict[str, Node], read: PostReader, context: PostContext
) -> tuple[tuple[EngineComment, ...], tuple[Unreadable, ...]]:
    """The posts that can be read, and those that cannot, by their ids.

    Raises:
        ParseError: no post can be read; the first one's error.
    """
    comments: list[EngineComment] = []
    errors: list[tuple[str, ParseError]] = []
    for position, (post_id, node) in enumerate(nodes.items(), start=1):
        try:
            comments.append(read(node, position, context))
        except ParseError as error:
            errors.append((post_id, error))
    if errors and not comments:
        raise errors[0][1]
    unreadable = tuple(
        Unreadable(article=context.thread_id, comment=post_id, reason=error.reason)
        for post_id, error in errors
    )
    return with_instants(comments, context.raw.zone), unreadable
