"""The comments of a page by their ids, which themes keep even where they rename everything else.

id="comment-12", id="li-comment-12" -> the outermost element of each id -> its own elements, by class
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from parsers.engines.tree import classes, walk
from parsers.html import Node, Page, attribute
from parsers.text import collapse

# <li class="comment depth-1" id="comment-12">, <article id="div-comment-12">
CANDIDATES = "li[id*=comment-], div[id*=comment-], article[id*=comment-]"
# li-comment-12, div-comment-12; dsq-comment-12 by an old plug-in of Disqus
COMMENT_ID = re.compile(r"(?:li-|div-|dsq-)?comment-([0-9]+)")
# <div id="wpd-comm-12_0">: comment 12, with no parent
DISCUZ_ID = re.compile(r"w[pc]d?-comm-([0-9]+)_([0-9]+)")
"""The comment's and its parent's id around a comment of the plug-in wpDiscuz."""

# <li class="comment odd depth-2">
DEPTH = re.compile(r"depth-([0-9]+)")
OF_WIDGETS = (
    "#recentcomments [id], .recentcomments[id], .widget_recent_comments [id], .wp-block-latest-comments [id]"
)
"""Boxes of the latest comments of all articles."""

# wpDiscuz writes 0 where a comment answers none.
NO_PARENT = "0"
PARAGRAPHS = frozenset({"p", "blockquote", "ul", "ol", "pre", "dl", "table", "figure"})

Index = Mapping[str, list[Node]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentNode:
    """One comment's element. ``own`` holds what is in it and in no reply.

    Its keys are the classes, ``tag:NAME``, ``itemprop=NAME``, ``datetime=``, ``paragraph``, and ``*``.
    """

    external_id: str
    node: Node
    own: Index
    words: str
    """Its own text with everything that stands beside what the author wrote."""
    parent_id: str | None

    @property
    def classes(self) -> frozenset[str]:
        """The names in the element's class."""
        return classes(self.node)

    def all(self, *keys: str) -> Iterator[Node]:
        """Every own element of these keys, in the order of the keys."""
        for key in keys:
            yield from self.own.get(key, ())

    def matching(self, pattern: re.Pattern[str]) -> Iterator[Node]:
        """Every own element that has a class of that pattern, in the order of the page."""
        # Every class is a key: most patterns are none's, and no element is asked.
        names = {key for key in self.own if pattern.fullmatch(key)}
        for node in self.own["*"] if names else ():
            if not names.isdisjoint(classes(node)):
                yield node


def comment_nodes(page: Page) -> list[CommentNode]:
    """The comments in the order of the page, each id once."""
    roots = _roots(page)
    # Known beforehand: an element ends where that of another comment begins within it.
    ids = {node.mem_id: external_id for external_id, node in roots.items()}
    found: list[CommentNode] = []
    ancestry: list[tuple[int, str]] = []
    for external_id, node in roots.items():
        # From what is sure to what is inferred: nested elements, an id that is printed, the depth.
        parent_id = _enclosing_id(node, ids) or _discuz_parent(node) or _parent_by_depth(node, ancestry)
        if (depth := _depth(node)) is not None:
            # A comment closes all before it that are as deep or deeper: none of these gets a reply any more.
            ancestry[:] = [(level, other) for level, other in ancestry if level < depth]
            ancestry.append((depth, external_id))
        own, words = _own(node, ids)
        found.append(
            CommentNode(external_id=external_id, node=node, own=own, words=words, parent_id=parent_id)
        )
    return found


def _roots(page: Page) -> dict[str, Node]:
    roots: dict[str, Node] = {}
    of_widgets = {node.mem_id for node in page.select(OF_WIDGETS)}
    for node in page.select(CANDIDATES):
        match = COMMENT_ID.fullmatch(attribute(node, "id") or "")
        # An empty element, <div id="comment-12"></div>, is an anchor alone.
        if match and match[1] not in roots and node.first_child is not None and node.mem_id not in of_widgets:
            roots[match[1]] = node
    return roots


def ancestors(node: Node, root: Node | None = None) -> Iterator[Node]:
    """The elements around a node, the nearest first, up to a root that is not one of them."""
    parent = node.parent
    while parent is not None and (root is None or parent.mem_id != root.mem_id):
        yield parent
        parent = parent.parent


def _enclosing_id(node: Node, ids: Mapping[int, str]) -> str | None:
    return next((ids[outer.mem_id] for outer in ancestors(node) if outer.mem_id in ids), None)


def _discuz_parent(node: Node) -> str | None:
    for outer in ancestors(node):
        if found := DISCUZ_ID.fullmatch(attribute(outer, "id") or ""):
            return None if found[2] == NO_PARENT else found[2]
    return None


def _parent_by_depth(node: Node, ancestry: list[tuple[int, str]]) -> str | None:
    """Where replies are not nested, the parent is the last comment before it that is less deep."""
    depth = _depth(node)
    if depth is None:
        return None
    return next((other for level, other in reversed(ancestry) if level == depth - 1), None)


def _depth(node: Node) -> int | None:
    return next((int(found[1]) for name in classes(node) if (found := DEPTH.fullmatch(name))), None)


def _own(root: Node, ids: Mapping[int, str]) -> tuple[Index, str]:
    index: dict[str, list[Node]] = {}
    texts: list[str] = []
    # What stands in a reply is the reply's own.
    for node in walk(root, lambda inner: inner.mem_id in ids):
        if node.is_text_node:
            texts.append(node.text_content or "")
        for key in _keys(node):
            index.setdefault(key, []).append(node)
    return index, collapse(" ".join(texts))


def _keys(node: Node) -> set[str]:
    if not node.is_element_node:
        return set()
    attributes, tag = node.attributes, node.tag
    keys = {*(attributes.get("class") or "").split(), f"tag:{tag}", "*"}
    keys |= {f"itemprop={name}" for name in (attributes.get("itemprop") or "").split()}
    if attributes.get("datetime"):
        keys.add("datetime=")
    if tag in PARAGRAPHS:
        keys.add("paragraph")
    return keys
