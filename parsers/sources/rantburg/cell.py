"""The content of a body's or a comment's cell, whatever its markup does to the table around it.

Readers and editors leave tags open, and close tables that are not theirs. Where the tree shows that a cell
does not hold all of its content, the page's source between the two marks is parsed by itself.
"""

import re
from collections.abc import Iterable

from parsers.errors import FieldMalformed
from parsers.page import Node, cell_content, fragment
from parsers.source import Document

LINKED_FOOTER = re.compile(
    r"<td\b[^>]*>\s*Posted by:(?=(?:(?!<td\b).)*?comments\.php\?)", re.DOTALL | re.IGNORECASE
)
"""The footers of section and article pages link the comments page."""

PLAIN_FOOTER = re.compile(r"<td\b[^>]*>\s*Posted by:", re.IGNORECASE)

Content = tuple[Iterable[Node], str]


def body_start(article_id: str) -> str:
    """The source of the tag that opens an article's body."""
    return rf"<span\b[^>]*rQuote{article_id}\b[^>]*>"


def comment_start(comment_id: str) -> str:
    """The source of the anchor that opens a comment."""
    return rf"<a\b[^>]*name=[\"']?{comment_id}\b[^>]*>\s*</a>"


def content_of(
    document: Document, cell: Node | None, footer: Node, *, start: str, end: re.Pattern[str], field: str
) -> Content:
    """Nodes in document order and markup, from the cell's start to the footer.

    Raises:
        FieldMalformed: the cell is broken, and its marks are not found in the source.
    """
    whole = cell_content(cell, footer) if cell is not None and cell.tag == "td" else None
    if whole is not None:
        return whole
    begun = re.search(start, document.text, re.IGNORECASE)
    ended = end.search(document.text, begun.end()) if begun is not None else None
    if begun is None or ended is None:
        raise FieldMalformed(field, "a cell that the table around it breaks", document.url)
    return fragment(document.text[begun.end() : ended.start()])
