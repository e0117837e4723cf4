"""The blocks of a comments page: the article's, and one a comment, with their footers and contents.

A footer and what stands above it are read from the tree if it shows the whole block; else the block's source
is parsed by itself (see ``pieces``).
"""

import re
from dataclasses import dataclass

from parsers.errors import FieldMissing
from parsers.html import Node, Page, attribute
from parsers.source import Document
from parsers.sources.rantburg.cell import (
    FOOTER_START,
    PLAIN_FOOTER,
    Content,
    content_apart,
    content_of,
    row_apart,
)
from parsers.sources.rantburg.comment import COMMENT_ANCHOR, begins_comment
from parsers.sources.rantburg.pieces import UNANCHORED, Piece, pieces_of

BODY_START = re.compile(
    r"<td>\s*\d{4}-\d{2}-\d{2}\s*</td>\s*<td>\s*</td>\s*</tr>\s*<tr>\s*<td[^<>]*>", re.IGNORECASE
)
"""The body has no mark of its own: it is the cell below the day's."""


@dataclass(slots=True)
class Marks:
    """What the tree shows of a block: its anchor (the article has none), and the last footer below it."""

    anchor: Node | None = None
    footer: Node | None = None
    footers: int = 0


@dataclass(frozen=True, slots=True)
class ArticleBlock:
    """The article's source, which ends where the first comment begins, and what the tree shows of it."""

    text: str
    end: int
    marks: Marks


@dataclass(slots=True)
class CommentBlock:
    """A comment's source, and what the tree shows of it."""

    piece: Piece
    marks: Marks

    @property
    def is_hidden(self) -> bool:
        """Whether the tree does not show all of the comment."""
        return self.marks.anchor is None or self.marks.footers != len(self.piece.footers)


def blocks_of(document: Document) -> tuple[ArticleBlock, list[CommentBlock]]:
    """The article's block, and each comment's, in the page's order.

    Where the tree does not show the comments that the source has, all of them are without marks.
    """
    text = document.text
    pieces = pieces_of(text)
    article, *comments = _marks(document.page)
    names = [attribute(marks.anchor, "name") for marks in comments if marks.anchor is not None]
    if names != [piece.external_id for piece in pieces]:
        article, comments = Marks(), [Marks() for _ in pieces]
    end = pieces[0].start if pieces else len(text)
    blocks = [CommentBlock(piece, marks) for piece, marks in zip(pieces, comments, strict=True)]
    return ArticleBlock(text, end, article), blocks


def _marks(page: Page) -> list[Marks]:
    """The marks of the article and of every comment that the tree shows.

    A body can quote a footer, or bring one of its own: the last before the next anchor is the site's.
    """
    marks = [Marks()]
    for mark in page.select(f"td, {COMMENT_ANCHOR}"):
        if mark.tag == "a":
            if begins_comment(mark, attribute(mark, "name")):
                marks.append(Marks(mark))
        elif (mark.text(deep=False) or "").lstrip().startswith(FOOTER_START):
            marks[-1].footer = mark
            marks[-1].footers += 1
    return marks


def article_content(block: ArticleBlock, body: Node, url: str) -> tuple[Content, Node]:
    """The article's content and its footer: by the tree if that shows all footers above the first comment.

    Raises:
        FieldMissing: there is no footer, or nobody knows whose it is.
    """
    text, end, marks = block.text, block.end, block.marks
    opened = BODY_START.search(text, 0, end)
    footers = [found.start() for found in PLAIN_FOOTER.finditer(text, opened.end(), end)] if opened else []
    if not footers or opened is None:
        raise FieldMissing("article.posted_by", url)
    if UNANCHORED.search(text, opened.end(), footers[-1]) is not None:
        raise FieldMissing("comment.number", url)
    begin, last = opened.end(), footers[-1]
    if marks.footer is not None and marks.footers == len(footers):
        return content_of(body, marks.footer, text, begin, last), marks.footer
    return content_apart(text[begin:last]), _footer_apart(text[last:end])


def comment_content(block: CommentBlock, url: str) -> tuple[Content, Node]:
    """A comment's content and its footer: by the tree if that shows all of the comment.

    Raises:
        FieldMissing: there is no footer, or nobody knows whose it is.
    """
    piece, marks = block.piece, block.marks
    footers = piece.footers
    if not footers:
        raise FieldMissing("comment.author", url)
    if piece.lost_anchor:
        raise FieldMissing("comment.number", url)
    text, begin, last = piece.text, piece.begin, footers[-1]
    if marks.anchor is not None and marks.footer is not None and marks.footers == len(footers):
        return content_of(marks.anchor.parent, marks.footer, text, begin, last), marks.footer
    return content_apart(text[begin:last]), _footer_apart(text[last : piece.end])


def _footer_apart(source: str) -> Node:
    cell = row_apart(source).first("td")
    if cell is None:
        raise AssertionError("a footer's pattern begins with its cell")
    return cell
