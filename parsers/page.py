"""HTML text to a tree; the only door to selectolax.

Selecting costs what you ask: a pack asks a handful of selectors a page, in the parser's own C code, and
walks only the cells that hold text.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, dropwhile, islice, takewhile

from selectolax.lexbor import LexborHTMLParser, LexborNode

Node = LexborNode

HIDDEN_TAGS = frozenset({"iframe", "script", "style", "noscript", "template", "textarea", "title", "object"})
"""Elements whose text nobody sees."""

BLOCK_TAGS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset"),
        *("figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main"),
        *("nav", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    )
)
"""Elements that part words, whether or not there is white space around them."""


class Page:
    """A parsed page. Not thread-safe: a page belongs to the thread that made it."""

    __slots__ = ("_tree",)

    def __init__(self, utf8: bytes) -> None:
        self._tree = LexborHTMLParser(utf8)

    def select(self, selector: str) -> list[Node]:
        """All elements that match, in document order."""
        return self._tree.css(selector)

    def first(self, selector: str) -> Node | None:
        """The first element that matches."""
        return self._tree.css_first(selector)

    def between(self, start: Node, end: Node) -> Iterator[Node]:
        """The nodes behind ``start`` and before ``end`` in document order, whatever encloses them."""
        root = self._tree.root
        walk = root.traverse(include_text=True) if root is not None else iter(())
        behind = dropwhile(lambda node: node.mem_id != start.mem_id, walk)
        return takewhile(lambda node: node.mem_id != end.mem_id, islice(behind, 1, None))


def attribute(node: Node, name: str) -> str | None:
    """The value of an attribute with its entities read, or None if it is absent or has no value."""
    return node.attributes.get(name)


def enclosing(node: Node, tag: str) -> Node | None:
    """The nearest element of that name around the node."""
    parent = node.parent
    while parent is not None and parent.tag != tag:
        parent = parent.parent
    return parent


def next_element(node: Node) -> Node | None:
    """The next sibling that is an element."""
    sibling = node.next
    while sibling is not None and not sibling.is_element_node:
        sibling = sibling.next
    return sibling


def first_link(cell: Node) -> Node | None:
    """The first child that is a link with an address."""
    child = cell.first_child
    while child is not None and not (child.tag == "a" and "href" in child.attributes):
        child = child.next
    return child


def size(node: Node) -> int:
    """How many nodes the subtree has, itself included."""
    return sum(1 for _ in node.traverse(include_text=True))


def region(
    page: Page, cell: Node | None, start: Node, footer: Node, *, alone: bool = True
) -> tuple[Iterable[Node], str]:
    """The nodes from ``start`` in its ``cell`` to the cell ``footer``, in document order, and their markup.

    As a rule that is one cell and the footer stands in the row below. Broken nesting (an unclosed table, a
    ``</table>`` too many) puts the footer inside the cell, or the content behind it: then the
    document's order says what belongs here. ``alone`` says that the table has no other cell whose text could
    have fallen out of it.
    """
    if cell is None or not _row_below(cell, footer):
        nodes = list(page.between(start, footer))
        return nodes, _markup(nodes)
    inside = cell.traverse(include_text=True)
    next(inside)
    html = cell.inner_html or ""
    astray = _astray(cell) if alone else []
    if not astray:
        return inside, html
    outside = chain.from_iterable(node.traverse(include_text=True) for node in astray)
    return chain(inside, outside), html + "".join(node.html or "" for node in astray)


def _astray(cell: Node) -> list[Node]:
    """What stood behind a stray ``</td>``: text that is in no cell of a table is put before the table."""
    row = cell.parent
    group = row.parent if row is not None else None
    table = group.parent if group is not None else None
    before = table.prev if table is not None else None
    if before is None or (before.is_text_node and (before.text_content or "").isspace()):
        return []
    found: list[Node] = []
    while before is not None and before.tag not in BLOCK_TAGS:
        if "name" in before.attributes:
            # A category or a comment whose cell is broken: that is no part of this one.
            return []
        found.append(before)
        before = before.prev
    return found[::-1]


def _row_below(cell: Node, footer: Node) -> bool:
    row, footer_row, beside = cell.parent, footer.parent, cell.next
    while beside is not None:
        if beside.first_child is not None:
            return False
        beside = beside.next
    below = next_element(row) if row is not None else None
    return below is not None and footer_row is not None and below.mem_id == footer_row.mem_id


def _markup(nodes: list[Node]) -> str:
    parts: list[str] = []
    position = 0
    while position < len(nodes):
        length = size(nodes[position])
        if position + length > len(nodes):
            # An element that the end stands in: its content counts, its own tag does not.
            position += 1
            continue
        parts.append(nodes[position].html or "")
        position += length
    return "".join(parts)
