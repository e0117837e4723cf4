"""The blocks of section and article pages: an article's marks, and those of the comments below it.

    tr midnightblue   <a name="Europe"></a> Europe              a category begins
    td.hline          <a name="510764"></a> <a href>title</a>   an article begins
    span#rQuote…      the body
    td                Posted by: … Comments || … File under: …  the article's footer
    td                <a name="4038003"></a>#1&nbsp; text       a comment begins
    td                Posted by: … Comments || Top||            the comment's footer

These marks are asked for in one selector, with the links of the catalogue: a walk over the tree costs far
more than what is asked of its elements. They come in document order, which broken nesting does not change.
Where the tree does not show the blocks that the source has, all of them are without marks.
"""

from dataclasses import dataclass, field

from parsers.errors import PageTruncated
from parsers.html import Node, attribute, enclosing
from parsers.source import Document
from parsers.sources.rantburg.catalogue import FIRST_ARTICLE, HEADLINE_LINK, SECTION_LINK
from parsers.sources.rantburg.comment import begins_comment
from parsers.sources.rantburg.footer import Footer, footer_of
from parsers.sources.rantburg.pieces import COMMENTS_LINK, Piece, pieces_of
from parsers.text import collapse

BLOCK_MARKS = 'td.hline, span[id^="rQuote"], td > a[name]:not([href]), td > a[href^="comments.php"]'
MARKS = f"{BLOCK_MARKS}, {HEADLINE_LINK}, {SECTION_LINK}"
CATEGORY_ROW = "midnightblue"


@dataclass(slots=True)
class Block:
    """The marks of one comment: where it begins, and its last footer; without them it is parsed by itself."""

    piece: Piece
    beginning: Node | None = None
    footer: Footer | None = None
    footers: int = 0

    @property
    def is_hidden(self) -> bool:
        """Whether the tree does not show all of the block, or nobody knows where it ends."""
        piece = self.piece
        return self.beginning is None or self.footers != len(piece.footers) or piece.lost_anchor


@dataclass(slots=True)
class ArticleBlock(Block):
    """The marks of one article, which begins with its headline's cell."""

    category: str | None = None
    article_id: str | None = None
    body: Node | None = None
    comments: list[Block] = field(default_factory=list)


def marks_of(document: Document) -> "Marks":
    """The page's marks, sorted."""
    marks = Marks(pieces_of(document.text, COMMENTS_LINK))
    for mark in document.page.select(MARKS):
        marks.take(mark)
    marks.close()
    return marks


def blocks_of(marks: "Marks", url: str, *, truncated: bool) -> list[ArticleBlock]:
    """The page's articles in its order.

    Raises:
        PageTruncated: the page is cut in the last article's footer.
    """
    if not marks.agrees:
        return _without_marks(marks.pieces)
    blocks = marks.blocks
    if truncated and marks.last_is_footer and not blocks[-1].comments:
        # The label is the footer's last word: nothing behind it shows that it is whole.
        raise PageTruncated("the page ends where article.label should stand", url)
    return blocks


def _without_marks(pieces: list[Piece]) -> list[ArticleBlock]:
    """The source's blocks where the tree does not show them all."""
    blocks: list[ArticleBlock] = []
    for piece in pieces:
        if piece.kind == "article":
            blocks.append(ArticleBlock(piece))
        elif blocks:
            blocks[-1].comments.append(Block(piece))
    return blocks


class Marks:
    """Sorts a page's marks into blocks, one after the other in document order.

    ``headlines`` are the list's links with their addresses: readers may link as the list does, but only below
    an article's headline. ``sections`` are the links to the day's sections.
    """

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces
        self.headlines: list[tuple[Node, str]] = []
        self.sections: list[Node] = []
        self.blocks: list[ArticleBlock] = []
        self.last_is_footer = False
        self.agrees = True
        self._pieces = iter(pieces)
        self._in_list = True
        self._category: str | None = None
        self._open: Block | None = None

    def take(self, mark: Node) -> None:
        """Take the next mark."""
        attributes = mark.attributes
        address = attributes.get("href")
        if address is None:
            self.last_is_footer = False
            self._place(mark, attributes)
        elif address.startswith(COMMENTS_LINK):
            self.last_is_footer = False
            self._footer(mark.parent, address)
        elif not address.startswith(FIRST_ARTICLE):
            self.sections.append(mark)
        elif self._in_list:
            self.headlines.append((mark, address))

    def close(self) -> None:
        """The page is done: the source must have no more blocks than the tree."""
        self.agrees = self.agrees and next(self._pieces, None) is None

    def _next(self, kind: str, external_id: str | None) -> Piece | None:
        """The source's next block; None once tree and source are not of the same blocks."""
        piece = next(self._pieces, None) if self.agrees else None
        if piece is None or piece.kind != kind or (kind == "comment" and piece.external_id != external_id):
            self.agrees = False
            return None
        return piece

    def _place(self, mark: Node, attributes: dict[str, str | None]) -> None:
        if "name" in attributes:
            self._anchor(mark, attributes["name"])
        elif mark.tag == "td":
            self._headline(mark)
        elif self.blocks and self.blocks[-1].body is None:
            self.blocks[-1].body = mark

    def _headline(self, cell: Node) -> None:
        self._in_list = False
        if (piece := self._next("article", None)) is not None:
            self.blocks.append(ArticleBlock(piece, cell, category=self._category))
            self._open = None

    def _anchor(self, anchor: Node, name: str | None) -> None:
        if begins_comment(anchor, name):
            self._comment(anchor, name)
        elif _is_of_category(anchor):
            self._category = collapse(anchor.parent.text()) if anchor.parent is not None else None
        elif self.blocks and _is(anchor.parent, self.blocks[-1].beginning):
            self.blocks[-1].article_id = self.blocks[-1].article_id or name

    def _comment(self, anchor: Node, name: str | None) -> None:
        piece = self._next("comment", name)
        if piece is not None and self.blocks:
            self._open = Block(piece, anchor)
            self.blocks[-1].comments.append(self._open)

    def _footer(self, cell: Node | None, address: str) -> None:
        footer = footer_of(cell, address) if cell is not None and self.blocks else None
        if footer is None:
            return
        # A body can quote a footer, or bring one of its own: the last before the next anchor is the site's.
        block = self._open or self.blocks[-1]
        # A second link in one cell: <a title=" before it has swallowed the row between them.
        again = block.footer is not None and _is(footer.cell, block.footer.cell)
        block.footer, block.footers = footer, block.footers + (not again)
        self.last_is_footer = True


def _is_of_category(anchor: Node) -> bool:
    row = enclosing(anchor, "tr")
    return row is not None and CATEGORY_ROW in (attribute(row, "style") or "")


def _is(node: Node | None, other: Node | None) -> bool:
    return node is not None and other is not None and node.mem_id == other.mem_id
