"""Who wrote a comment."""

import re

from parsers.engines.tree import classes, shown_text, text_of
from parsers.engines.wordpress.comment_nodes import CommentNode, ancestors
from parsers.html import Node, attribute

# <cite class="fn">Olga</cite>, <b class="fn"><a class="url" href="...">Olga</a></b>
NAMES = (
    *(
        "fn",
        "comment-author-name",
        "wp-block-comment-author-name",
        "author_name",
        "woocommerce-review__author",
    ),
    *(
        "wc-comment-author",
        "wpd-comment-author",
        "w-comments-item-author",
        "epoch-author-link",
        "comment-name",
    ),
    *("comment_author", "itemprop=author", "itemprop=creator", "author", "comment-author", "tag:cite"),
    *("commenter", "comment-author-link", "vcard", "epoch-comment-author", "tag:h4", "tag:h5"),
)
"""From what holds the name alone to what holds it among other words."""

OTHER_NAMES = re.compile(
    r"(?!bypostauthor|post-author|avatar).*(?:author|commenter|author[-_]?name|user[-_]?name)"
)
"""What themes that rename everything call it: ``comment__author``, ``commentAuthorName``."""

# <span class="author"><strong>Olga</strong> on a Monday</span>
WITHIN = ("a.url", "a[rel]", "strong", "b")
"""Where a name stands that has other words around it."""

BESIDE = frozenset(
    (
        *("says", "comment-meta", "commentmetadata", "comment-metadata", "comment-time", "comment-date"),
        *("comment_date", "comment-reply-link", "reply", "avatar", "screen-reader-text", "post-author"),
        *("comment-author-badge", "epoch-divide"),
    )
)
"""What stands beside a name in its element."""

SURE = frozenset({*NAMES[: NAMES.index("itemprop=author")], "comment-author"})
"""Classes that nobody's words have."""

HEADINGS = frozenset({"h4", "h5"})
PROSE = frozenset({"p", "blockquote", "pre"})
# "comment-content", "commentBody", "comment__message"
CONTENT = re.compile(r"(?:.*comment.*(?:text|body|content|message)|description|entry-content)", re.IGNORECASE)
TAGS_BESIDE = frozenset({"time", "small", "p"})
BYLINE = re.compile(
    r"(?:comment|kommentar|commentaire|comentario|commento)\s\w{2,3}\s(.+?)(?:\s[\u2014\u2013-]\s.*)?",
    re.IGNORECASE,
)
"""``Comment by Mirko``: old themes put the author, the day and a link into one line."""


def author_node(comment: CommentNode) -> tuple[Node, str] | None:
    """The element that holds the author, and the author's name."""
    for node in (*comment.all(*NAMES), *comment.matching(OTHER_NAMES)):
        if (name := _name_in(node)) and not _is_content(node, comment):
            return node, name
    return None


def _is_content(node: Node, comment: CommentNode) -> bool:
    """Whether an element stands in what the comment says: there a name or a heading is not the author."""
    if not SURE.isdisjoint(classes(node)) or (node.tag not in HEADINGS and _leads(node, comment)):
        return False
    return any(CONTENT.fullmatch(name) for outer in ancestors(node, comment.node) for name in classes(outer))


def _leads(node: Node, comment: CommentNode) -> bool:
    """Whether an element stands before every paragraph, as where a theme puts all into the content."""
    ends = (own for own in comment.all("*") if own.mem_id == node.mem_id or own.tag in PROSE)
    return next(ends, node).mem_id == node.mem_id


def _name_in(node: Node) -> str:
    alone = _words(node)
    for selector in WITHIN:
        # The same words inside and around say nothing more: then the whole element is read below.
        inner = node.css_first(selector)
        if inner is not None and not _is_beside(inner) and (name := _words(inner)) and name != alone:
            return name
    if node.tag == "cite" and (line := BYLINE.fullmatch(alone)):
        return line[1]
    # <cite>Olga,</cite> <small>March 7, 2018</small>
    return alone.removesuffix(",").strip()


def _words(node: Node) -> str:
    return shown_text(node, _is_beside)


def _is_beside(node: Node) -> bool:
    if node.tag in TAGS_BESIDE or not BESIDE.isdisjoint(classes(node)):
        return True
    # <span class="author">Olga<br><a href="...">March 7, 2018</a></span>
    if node.prev is not None and node.prev.tag == "br":
        return True
    # <a href="#comment-12">March 7, 2018</a> is the link to the comment, beside the name.
    return node.tag == "a" and "#comment" in (attribute(node, "href") or "")


def pingback_name(comment: CommentNode) -> str | None:
    """The title of the page that refers to the article."""
    # <li class="pingback">Pingback: <a class="url" href="...">A boat on a hill</a></li>
    link = next(comment.all("url", "tag:a"), None)
    return (text_of(link) or None) if link is not None else None
