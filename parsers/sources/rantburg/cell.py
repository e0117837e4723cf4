"""The content of a body's or a comment's cell, whatever its markup does to the table around it.

Readers and editors leave tags open, and close tables that are not theirs. Where the tree shows that a cell
does not hold all of its content, the page's source between the two marks is parsed by itself.
"""

import html
import re

from parsers.html import Node, Page, fragment, is_finished, is_whole

FOOTER_START = "Posted by:"
"""The first words of every footer, in the tree; the patterns find the same in the source."""

PLAIN_FOOTER = re.compile(r"<td\b[^<>]*>\s*Posted by:", re.IGNORECASE)

BODY_START = re.compile(r"<span\b[^<>]*?rQuote(\w+)[^<>]*+>", re.IGNORECASE)
"""The tag that opens an article's body, with the article's id."""

TAG = re.compile(r"<[^<>]*>")
TAG_WITHIN_A_TAG = re.compile(r"<(?!!--)[A-Za-z/!?][^<>\s]*+\s[^<>]*+<")
"""``<a  after. </td>``: the site's own tag, and the words before it, are taken for attributes."""

Content = tuple[Node | None, str]
"""The element that a text stands in, and the markup inside it."""


def content_of(cell: Node | None, footer: Node, text: str, begin: int, end: int) -> Content:
    """What stands between the cell's start and the footer.

    ``text`` is the page's own, which has it between the two marks from ``begin`` to ``end``.
    """
    if cell is not None and TAG_WITHIN_A_TAG.search(text, begin, end) is None and is_whole(cell, footer):
        return cell, cell.inner_html or ""
    return content_apart(text[begin:end])


def content_apart(source: str) -> Content:
    """The same of markup that is parsed by itself; no word is lost to a construct that never ends."""
    if TAG_WITHIN_A_TAG.search(source) is not None or not is_finished(source):
        # <script>, <!-- or <a href="http://x.example/ > would swallow the rest of it.
        source = html.escape(html.unescape(TAG.sub(" ", source)))
    body = fragment(source)
    return body, (body.inner_html or "") if body is not None else ""


def row_apart(source: str) -> Page:
    """Cells that are parsed by themselves: outside of a row the parser would drop their tags."""
    return Page(("<table><tr>" + source).encode("utf-8", "replace"))
