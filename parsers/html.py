"""HTML text to a tree; the only door to selectolax.

Selecting costs what you ask: a pack asks a handful of selectors a page, in the parser's own C code, and
walks only the cells that hold text.
"""

from collections.abc import Iterable

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


# A cell of few words may have this many elements more, such as links and bold letters.
SPARE_NODES = 16

# Put behind markup: it is in the tree only if nothing before it is still open and swallows it.
END_MARK = "<wbr data-thresher=end>"
END_OF_MARKUP = "wbr[data-thresher=end]"
UNCLOSED_TAGS = frozenset({"noscript", "object"})
"""Hiding elements that end with the cell around them where nobody closes them."""

# <svg><style>: within these, names of HTML mean other elements.
FOREIGN_TAGS = frozenset({"svg", "math"})


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


def is_last(node: Node) -> bool:
    """Whether nothing but white space and markup comments follows the node in the element around it."""
    beside = node.next
    while beside is not None and (beside.is_comment_node or _is_blank(beside)):
        beside = beside.next
    return beside is None


def has_more_words(node: Node, most: int) -> bool:
    """Whether the subtree has more words than so many, or far more nodes than words."""
    words = 0
    for count, inner in enumerate(node.traverse(include_text=True)):
        if inner.is_text_node:
            words += len((inner.text_content or "").split())
        # Nodes are bounded as well: a million empty elements have no word.
        if words > most or count > 2 * most + SPARE_NODES:
            return True
    return False


def first_link(cell: Node) -> Node | None:
    """The first child that is a link with an address."""
    child = cell.first_child
    while child is not None and not (child.tag == "a" and "href" in child.attributes):
        child = child.next
    return child


def link_address(link: Node | None) -> str | None:
    """Where a link leads, or None if there is no link, or no address in it."""
    address = attribute(link, "href") if link is not None else None
    return (address or "").strip() or None


def size(node: Node) -> int:
    """How many nodes the subtree has, itself included."""
    return sum(1 for _ in node.traverse(include_text=True))


def is_whole(cell: Node, footer: Node) -> bool:
    """Whether all of a cell's content is in it.

    All of it is, if the cell ``footer`` stands in the row below and nothing lies right before the table:
    there the parser puts what stands in a table outside its cells.
    """
    return _row_below(cell, footer) and not _astray(cell)


def fragment(html: str) -> Node | None:
    """The element around markup that is parsed by itself; None if the markup has done away with it.

    Tags of a table that is not in it fall away, every word stays in its place.
    """
    body = LexborHTMLParser(html).body
    # A frameset takes the body's place, and the parser still names the one that it took out.
    return body if body is not None and body.parent is not None else None


def nodes_in(node: Node | None) -> Iterable[Node]:
    """The nodes inside an element, in document order."""
    if node is None:
        return ()
    # The first node is the element itself.
    inside = node.traverse(include_text=True)
    next(inside)
    return inside


def is_finished(html: str) -> bool:
    """Whether markup ends outside of any tag, comment, template or text-only element: more can follow."""
    return LexborHTMLParser(html + END_MARK).css_first(END_OF_MARKUP) is not None


def line_of(node: Node) -> str:
    """The text of an element that as a rule holds words alone, before white space is collapsed."""
    only = node.first_child
    if only is None or (only.is_text_node and only.next is None):
        return node.text()
    return "".join(
        (inner.text_content or "") if inner.is_text_node else " " if inner.tag == "br" else ""
        for inner in node.traverse(include_text=True)
    )


def _astray(cell: Node) -> bool:
    row = cell.parent
    group = row.parent if row is not None else None
    table = group.parent if group is not None else None
    before = table.prev if table is not None else None
    # <table>words<tr><td>...: the parser puts "words" before the table.
    return before is not None and not _is_blank(before)


def _is_blank(node: Node) -> bool:
    return node.is_text_node and not (node.text_content or "").strip()


def _row_below(cell: Node, footer: Node) -> bool:
    row, footer_row, beside = cell.parent, footer.parent, cell.next
    while beside is not None:
        # Words in a cell to the right may be the article's as well.
        if beside.first_child is not None:
            return False
        beside = beside.next
    below = next_element(row) if row is not None else None
    return below is not None and footer_row is not None and below.mem_id == footer_row.mem_id
