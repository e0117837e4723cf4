"""What stands in a block: the words of its footer, and the content of the cell above it.

Both are read from the tree if it shows the whole block. A block that hides its own marks, or those below it,
is parsed by itself, from its anchor to its last footer (see ``pieces``).
"""

import re

from parsers.errors import FieldMissing
from parsers.html import Node, attribute, enclosing
from parsers.sources.rantburg.blocks import ArticleBlock, Block
from parsers.sources.rantburg.cell import BODY_START, Content, content_apart, content_of, row_apart
from parsers.sources.rantburg.footer import Footer, footer_of, words_of
from parsers.sources.rantburg.pieces import Piece

BlockContent = tuple[re.Match[str], Footer, Content]
"""A footer's words, the footer, and the content of the cell above it."""


def article_content(block: ArticleBlock, article_id: str, url: str) -> tuple[BlockContent, Node]:
    """What an article's marks hold, and its headline's cell.

    Raises:
        FieldMissing: a mark is not in the source either.
    """
    piece, headline, body, footer = block.piece, block.beginning, block.body, block.footer
    footers = _footers(piece, url)
    begin = _body_begin(piece, article_id)
    if begin is None or not footers:
        raise FieldMissing("article.text" if footers else "article.posted_by", url, of=article_id)
    end = footers[-1]
    if headline is not None and body is not None and footer is not None and block.footers == len(footers):
        content = content_of(enclosing(body, "td"), footer.cell, piece.text, begin, end)
        return (words_of(footer, "article", url), footer, content), headline
    headline = row_apart(piece.text[piece.start : end]).first("td.hline")
    if headline is None:
        raise FieldMissing("article.text", url, of=article_id)
    return _apart(piece, begin, "article", url), headline


def comment_content(block: Block, url: str) -> BlockContent:
    """What a comment's marks hold.

    Raises:
        FieldMissing: a mark is not in the source either.
    """
    piece, anchor, footer = block.piece, block.beginning, block.footer
    footers = _footers(piece, url)
    if not footers:
        raise FieldMissing("comment.author", url, of=piece.external_id)
    if anchor is None or footer is None or block.footers != len(footers):
        return _apart(piece, piece.begin, "comment", url)
    content = content_of(anchor.parent, footer.cell, piece.text, piece.begin, footers[-1])
    return words_of(footer, "comment", url), footer, content


def _footers(piece: Piece, url: str) -> list[int]:
    if piece.lost_anchor:
        raise FieldMissing("comment.number", url)
    return piece.footers


def _body_begin(piece: Piece, article_id: str) -> int | None:
    """Where the article's body begins in the source: a body may bring another's."""
    tags = BODY_START.finditer(piece.text, piece.begin, piece.end)
    return next((tag.end() for tag in tags if tag[1] == article_id), None)


def _apart(piece: Piece, begin: int, kind: str, url: str) -> BlockContent:
    """The same of the block's source, each of its two parts parsed by itself."""
    end = piece.footers[-1]
    below = row_apart(piece.text[end : piece.end])
    cell, link = below.first("td"), below.first('td > a[href^="comments.php"]')
    address = attribute(link, "href") if link is not None else None
    footer = footer_of(cell, address) if cell is not None and address is not None else None
    if footer is None:
        raise FieldMissing(f"{kind}.author", url, of=piece.external_id)
    return words_of(footer, kind, url), footer, content_apart(piece.text[begin:end])
