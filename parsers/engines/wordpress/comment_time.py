"""When a comment was written: by an attribute with an offset, else by the words that a reader sees."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from parsers.engines.moments import is_whole, read_iso, read_words
from parsers.engines.printed_dates import DayOrder
from parsers.engines.records import Moment
from parsers.engines.tree import text_of
from parsers.engines.wordpress.comment_nodes import CommentNode, ancestors
from parsers.html import Node, attribute
from parsers.text import collapse

# <div class="comment-meta"><a href="...#comment-12">March 7, 2018 at 9:14 pm</a></div>
PLACES = (
    *(
        "tag:time",
        "datetime=",
        "comment-date",
        "comment_date",
        "comment-time",
        "comment-meta",
        "comment_meta",
    ),
    *("commentmetadata", "comment-metadata", "comment-meta-data", "comment-permalink", "datetime", "date"),
    *(
        "w-comments-item-date",
        "wpd-comment-date",
        "wc-comment-date",
        "comments__date",
        "published",
        "metadata",
    ),
    *(
        "comment_date",
        "meta",
        "comment_author",
        "comment-author",
        "vcard",
        "tag:cite",
        "tag:small",
        "timestamp",
    ),
)


OTHER_PLACES = re.compile(r".*(?:date|time|posted[-_]?on|metadata)", re.IGNORECASE)
"""What themes that rename everything call them: ``comment__date``."""


EDITS = frozenset({"del", "ins"})
"""Words that an author struck out or put in carry the time of that."""


def times_in_words(comment: CommentNode, author: Node | None, content: tuple[Node, ...]) -> list[str]:
    """Everything beside the content that may say when the comment was written, the likeliest first."""
    inside = {node.mem_id for node in content}
    # A day in what somebody wrote, or quoted, is not when the comment was written.
    around = {outer.mem_id for node in content for outer in ancestors(node, comment.node)}
    not_beside = inside | around

    def is_beside(node: Node) -> bool:
        outer_ids = {outer.mem_id for outer in ancestors(node, comment.node)}
        return node.mem_id not in not_beside and inside.isdisjoint(outer_ids)

    words = [text for node in _places(comment) if is_beside(node) for text in _of(node)]
    if author is not None and author.parent is not None:
        words.append(_beside(author.parent))
    # An element matches by several classes: its words are tried once.
    return list(dict.fromkeys(words))


def posted_of(
    comment: CommentNode, words: list[str], order: DayOrder | None, content: tuple[Node, ...]
) -> Moment:
    """The time of a comment; a day alone where no time of day is printed.

    Raises:
        ValueError: nothing says a date: ``1 month ago``.
    """
    inside = {node.mem_id for node in content}
    marked = [node for node in comment.all("datetime=") if node.tag not in EDITS]
    beside = (node for node in marked if not _stands_in(node, inside, comment))
    if (coded := next(_coded(beside), None)) is not None:
        return coded
    try:
        return _time_in(words, order)
    except ValueError:
        # Some themes put everything about a comment into its content.
        if (coded := next(_coded(marked), None)) is not None:
            return coded
        raise


def _stands_in(node: Node, outer_ids: set[int], comment: CommentNode) -> bool:
    around = (outer.mem_id for outer in ancestors(node, comment.node))
    return node.mem_id in outer_ids or not outer_ids.isdisjoint(around)


def _time_in(words: list[str], order: DayOrder | None) -> Moment:
    best: Moment | None = None
    for text in words:
        try:
            moment = read_words(text, order)
        except ValueError:
            continue
        if is_whole(moment):
            # A whole date beats one that stands earlier and has no year, or no time of day.
            return moment
        best = moment if best is None or _lacks_year(best) else best
    if best is None:
        raise ValueError(words[0] if words else "no time")
    return best


def _coded(nodes: Iterable[Node]) -> Iterator[Moment]:
    """What is written for programs: ``<time datetime="2018-03-23T01:35:00+00:00">``."""
    for node in nodes:
        with suppress(ValueError):
            yield read_iso(attribute(node, "datetime") or "")


def _lacks_year(moment: Moment) -> bool:
    return (moment.local or "").startswith("--")


def _places(comment: CommentNode) -> Iterator[Node]:
    yield from comment.all(*PLACES)
    yield from comment.matching(OTHER_PLACES)
    # <a href="https://quay.example/a-crane/#comment-12">March 7, 2018</a>, of no class in some themes
    for node in comment.all("tag:a"):
        if (attribute(node, "href") or "").endswith(f"#comment-{comment.external_id}"):
            yield node


def _of(node: Node) -> Iterator[str]:
    # <span title="March 7, 2018 9:14 pm">2 years ago</span>
    title = attribute(node, "title")
    if title:
        yield title
    words = text_of(node)
    if words:
        yield words
    # Where styles alone part a day from its hour, ``<span>2021</span><span>11:15</span>``, so must blanks.
    parts = [inner.text_content or "" for inner in node.traverse(include_text=True) if inner.is_text_node]
    if len(parts) > 1:
        yield collapse(" ".join(parts))


def _beside(parent: Node) -> str:
    """The bare words beside the author's element: ``<span class="author">Ann</span><br>March 7, 2018``."""
    child, words = parent.first_child, []
    while child is not None:
        if child.is_text_node:
            words.append(child.text_content or "")
        child = child.next
    return collapse(" ".join(words))
