"""Walks, texts and attributes of parsed markup, as every engine asks for them."""

from collections.abc import Callable, Iterator
from urllib.parse import SplitResult, urldefrag, urljoin, urlsplit

from parsers.html import HIDDEN_TAGS, Node, Page, attribute, fragment, nodes_in
from parsers.text import Instead, collapse, render

Skip = Callable[[Node], bool]

MARKUP = frozenset("<&")
"""A text without them, and without control characters, is what it says: most names need no parser."""


def walk(root: Node, skip: Skip) -> Iterator[Node]:
    """The nodes below a root in document order, without the subtrees that ``skip`` names."""
    # No recursion: a thousand nested replies would be as many calls.
    pending = [root.first_child]
    while pending:
        node = pending.pop()
        if node is None:
            continue
        # Before the skip: what follows a skipped element is not skipped.
        pending.append(node.next)
        if node.is_element_node and (node.tag in HIDDEN_TAGS or skip(node)):
            continue
        yield node
        pending.append(node.first_child)


def shown_text(root: Node, skip: Skip) -> str:
    """The words below a root as one line, without what ``skip`` names."""
    return render(walk(root, skip), _nothing_instead)[0]


def text_of(node: Node) -> str:
    """The words below a node as one line."""
    return shown_text(node, lambda _: False)


def text_of_markup(html: str) -> str:
    """The words of a piece of markup as one line."""
    if html.isprintable() and MARKUP.isdisjoint(html):
        return collapse(html)
    return render(nodes_in(fragment(html)), _nothing_instead)[0]


def classes(node: Node) -> frozenset[str]:
    """The names in a node's class."""
    return frozenset((attribute(node, "class") or "").split())


def attribute_of(page: Page | Node, selector: str, name: str) -> str | None:
    """The attribute of the first element that matches, without blanks around it; None if it is empty."""
    node = page.first(selector) if isinstance(page, Page) else page.css_first(selector)
    value = (attribute(node, name) or "").strip() if node is not None else ""
    return value or None


def first_text(page: Page | Node, selector: str) -> str | None:
    """The words of the first element that matches; None if there is none or it has none."""
    node = page.first(selector) if isinstance(page, Page) else page.css_first(selector)
    return (text_of(node) or None) if node is not None else None


def base_of(page: Page, url: str) -> str:
    """The address that relative links start from."""
    # <base href="https://board.example/">, as every page of XenForo 1.x has
    return absolute(url, attribute_of(page, "base[href]", "href") or "") or url


def absolute(base: str, link: str) -> str | None:
    """A link as a whole address without its fragment; None if it is no address."""
    try:
        return urldefrag(urljoin(base, collapse(link))).url
    except ValueError:
        return None


def split_address(url: str) -> SplitResult:
    """The parts of an address; they are empty if it is none, such as ``http://[::1``."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _nothing_instead(_: Node) -> Instead | None:
    return None
