"""What stands in a block: the words of its footer, and the content of the cell above it.

Both are read from the tree if it shows the whole block. A block that hides its own marks, or those below it,
is parsed by itself, from its anchor to its last footer (see ``pieces``).
"""

import re
from dataclasses import dataclass

from parsers.errors import FieldMissing
from parsers.html import Node, attribute, enclosing
from parsers.sources.rantburg.blocks import ArticleBlock, Block
from parsers.sources.rantburg.cell import (
    BODY_START,
    Content,
    content_apart,
    content_of,
    row_apart,
)
from parsers.sources.rantburg.footer import Footer, footer_of, words_of
from parsers.sources.rantburg.pieces import Piece


@dataclass(slots=True)
class Span:
    """A stretch of the source: what stands between a block's anchor and its footer."""

    begin: int
    end: int


@dataclass(slots=True)
class BlockContent:
    """A footer, its words, and the content of the cell above it."""

    words: re.Match[str]
    footer: Footer
    content: Content


def article_content(block: ArticleBlock, article_id: str, url: str) -> tuple[BlockContent, Node]:
    """What an article's marks hold, and its headline's cell.

    Raises:
        FieldMissing: a mark is not in the source either.
    """
    piece, headline, body = block.piece, block.beginning, block.body
    footers = _footers(piece, url)
    begin = _body_begin(piece, article_id)
    inside = Span(begin, footers[-1]) if begin is not None and footers else None
    if headline is not None and body is not None and block.footers == len(footers):
        found = _in_tree(enclosing(body, "td"), block, inside, "article", url)
        if found is not None:
            return found, headline
    if inside is None:
        raise FieldMissing("article.text" if footers else "article.posted_by", url, of=article_id)
    headline = row_apart(piece.text[piece.start : inside.end]).first("td.hline")
    if headline is None:
        raise FieldMissing("article.text", url, of=article_id)
    return _apart(piece, inside, "article", url), headline


def comment_content(block: Block, url: str) -> BlockContent:
    """What a comment's marks hold.

    Raises:
        FieldMissing: a mark is not in the source either.
    """
    piece, anchor = block.piece, block.beginning
    footers = _footers(piece, url)
    inside = Span(piece.begin, footers[-1]) if footers else None
    if anchor is not None and block.footers == len(footers):
        found = _in_tree(anchor.parent, block, inside, "comment", url)
        if found is not None:
            return found
    if inside is None:
        raise FieldMissing("comment.author", url, of=piece.external_id)
    return _apart(piece, inside, "comment", url)


def _footers(piece: Piece, url: str) -> list[int]:
    if piece.lost_anchor:
        raise FieldMissing("comment.number", url)
    return piece.footers


def _body_begin(piece: Piece, article_id: str) -> int | None:
    """Where the article's body begins in the source: a body may bring another's."""
    tags = BODY_START.finditer(piece.text, piece.begin, piece.end)
    return next((tag.end() for tag in tags if tag[1] == article_id), None)


def _in_tree(
    cell: Node | None, block: Block, inside: Span | None, kind: str, url: str
) -> BlockContent | None:
    """A cell's content and its footer by the page's tree; None if the tree does not hold them all."""
    footer = block.footer
    if footer is None or inside is None:
        return None
    content = content_of(cell, footer.cell, block.piece.text[inside.begin : inside.end])
    return BlockContent(words_of(footer, kind, url), footer, content)


def _apart(piece: Piece, inside: Span, kind: str, url: str) -> BlockContent:
    """The same of the block's source, each of its two parts parsed by itself."""
    below = row_apart(piece.text[inside.end : piece.end])
    cell, link = below.first("td"), below.first('td > a[href^="comments.php"]')
    address = attribute(link, "href") if link is not None else None
    footer = footer_of(cell, address) if cell is not None and address is not None else None
    if footer is None:
        raise FieldMissing(f"{kind}.author", url, of=piece.external_id)
    content = content_apart(piece.text[inside.begin : inside.end])
    return BlockContent(words_of(footer, kind, url), footer, content)
