"""Article blocks and the comments below them, as section pages and article pages show them.

    tr midnightblue   <a name="Europe"></a> Europe              a category begins
    td.hline          <a name="510764"></a> <a href>title</a>   an article begins
    span#rQuote…      the body
    td                Posted by: … Comments || … File under: …  the article's footer
    td                <a name="4038003"></a>#1&nbsp; text       a comment begins
    td                Posted by: … Comments || Top||            the comment's footer

These marks are asked for in one selector and come in document order, which broken nesting does not change. A
block that hides the marks below it is parsed by itself, see ``pieces``; what cannot be read then is named.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from parsers.errors import FieldMalformed, FieldMissing, PageTruncated, ParseError
from parsers.html import Node, Page, attribute, enclosing, first_link, line_of
from parsers.records import Article, Comment, Headline, Unreadable
from parsers.source import Document
from parsers.sources.rantburg.body import instead, outlet
from parsers.sources.rantburg.cell import LINKED_FOOTER, Content, body_start, content_apart, content_of
from parsers.sources.rantburg.comment import begins_comment, local_time, read_comment
from parsers.sources.rantburg.pieces import Piece, pieces_of
from parsers.sources.rantburg.zone import ZONE
from parsers.text import COUNT, collapse, render, whole_number
from parsers.times import CLOCK_TIME, Thread, read_day

MARKS = 'td.hline, span[id^="rQuote"], td > a[name], td > a[href^="comments.php"]'
CATEGORY_ROW = "midnightblue"
POSTED_BY = "Posted by:"
FOOTER = re.compile(
    rf"\s*Posted by:(.*)\|\|\s*([0-9]{{1,2}}/[0-9]{{1,2}}/[0-9]{{4}})\s+({CLOCK_TIME})"
    r"(?=\s*(?:\|\||Comments\b|$))",
    re.DOTALL,
)
"""What follows the time belongs to the pattern: without it ``10:00 PM`` and ``10:00:59`` would be 10:00."""

OWN_ADDRESS = re.compile(r"[?&]D=([0-9/-]+)&ID=[0-9]+&HC=([0-9])")
OWN_ID = re.compile(r"[?&]ID=([0-9]+)")
VIEWS = re.compile(rf"\[({COUNT}) views?\]")
LABEL = re.compile(r"File under: ?(.*)")
IN_A_TABLE = "<table><tr>"
BODY_TAG = re.compile(r"\s*<span [^>]*rQuote[^>]*>")


@dataclass(slots=True)
class Footer:
    """A footer's cell, and its link to the comments page."""

    cell: Node
    address: str


@dataclass(slots=True)
class CommentBlock:
    """The marks of one comment; without an anchor it is to be parsed by itself."""

    piece: Piece
    anchor: Node | None = None
    footer: Footer | None = None
    footers: int = 0

    @property
    def is_hidden(self) -> bool:
        """Whether the tree does not show all of the comment, or nobody knows where it ends."""
        footers = self.piece.footers(LINKED_FOOTER)
        return self.anchor is None or self.footers != len(footers) or self.piece.lost_anchor(footers)


@dataclass(slots=True)
class Block:
    """The marks of one article: filled as they are met, read when the page is done."""

    piece: Piece
    headline: Node | None = None
    category: str | None = None
    article_id: str | None = None
    body: Node | None = None
    footer: Footer | None = None
    footers: int = 0
    comments: list[CommentBlock] = field(default_factory=list)

    @property
    def is_hidden(self) -> bool:
        """Whether the tree does not show all of the article, or nobody knows where it ends."""
        footers = self.piece.footers(LINKED_FOOTER)
        return self.headline is None or self.footers != len(footers) or self.piece.lost_anchor(footers)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the source: what stands between a block's anchor and its footer."""

    begin: int
    end: int


@dataclass(slots=True)
class Reading:
    """A footer's words, and the content of the cell above it."""

    said: re.Match[str]
    footer: Footer
    content: Content


class Marks:
    """Sorts a page's marks into blocks, one after the other in document order."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.blocks: list[Block] = []
        self.last_is_footer = False
        self.agrees = True
        self._pieces = iter(pieces)
        self._category: str | None = None
        self._open: CommentBlock | None = None

    def take(self, mark: Node) -> None:
        """Take the next mark."""
        self.last_is_footer = False
        attributes = mark.attributes
        if "href" in attributes:
            self._link(mark.parent, attributes["href"] or "")
        elif "name" in attributes:
            self._anchor(mark, attributes["name"])
        elif mark.tag == "td":
            if (piece := self._next("article", None)) is not None:
                self.blocks.append(Block(piece, mark, self._category))
                self._open = None
        elif self.blocks and self.blocks[-1].body is None:
            self.blocks[-1].body = mark

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

    def _anchor(self, anchor: Node, name: str | None) -> None:
        if begins_comment(anchor, name):
            piece = self._next("comment", name)
            if piece is not None and self.blocks:
                self._open = CommentBlock(piece, anchor)
                self.blocks[-1].comments.append(self._open)
            return
        cell, row = anchor.parent, enclosing(anchor, "tr")
        if row is not None and CATEGORY_ROW in (attribute(row, "style") or ""):
            self._category = collapse(cell.text()) if cell is not None else None
        elif self.blocks and cell is not None and _is(cell, self.blocks[-1].headline):
            self.blocks[-1].article_id = self.blocks[-1].article_id or name

    def _link(self, cell: Node | None, address: str) -> None:
        if cell is None or not self.blocks or not _begins_footer(cell):
            return
        # A body can quote a footer, or bring one of its own: the last before the next anchor is the site's.
        block = self._open or self.blocks[-1]
        # A second link in one cell: <a title=" before it has swallowed the row between them.
        again = block.footer is not None and _is(cell, block.footer.cell)
        block.footer, block.footers = Footer(cell, address), block.footers + (not again)
        self.last_is_footer = True


def _is(node: Node, other: Node | None) -> bool:
    return other is not None and node.mem_id == other.mem_id


def _begins_footer(cell: Node) -> bool:
    first = cell.first_child
    return ((first.text_content if first is not None else None) or "").lstrip().startswith(POSTED_BY)


def _said(cell: Node, kind: str, url: str) -> re.Match[str]:
    """What a footer says."""
    first = cell.first_child
    said = FOOTER.match((first.text_content if first is not None else None) or "")
    # An author's name with an element in it.
    said = said or FOOTER.match(cell.text())
    if said is None:
        raise FieldMissing(f"{kind}.posted_at", url)
    return said


def read_articles(
    document: Document, *, headlines: Mapping[str, Headline], names: Mapping[int, str], truncated: bool
) -> tuple[tuple[Article, ...], tuple[Unreadable, ...]]:
    """Every article of the page with its comments, in the page's order, and what of them cannot be read.

    Raises:
        FieldMissing, FieldMalformed: no article can be read.
        PageTruncated: a block that lacks something, on a page that has no foot.
    """
    unreadable: list[Unreadable] = []
    errors: list[ParseError] = []
    articles: list[Article] = []
    blocks = _blocks(document, truncated=truncated)
    try:
        for block in blocks:
            try:
                articles.append(
                    _article(document, block, headlines, names, None if truncated else unreadable)
                )
            except (FieldMissing, FieldMalformed) as exc:
                if truncated or not block.is_hidden:
                    raise
                errors.append(exc)
                unreadable.append(
                    Unreadable(article=block.piece.external_id, comment=None, reason=exc.reason)
                )
    except FieldMissing as exc:
        if truncated:
            raise PageTruncated(f"the page ends where {exc.field} should stand", document.url) from exc
        raise
    if errors and not articles:
        raise errors[0]
    return tuple(articles), tuple(unreadable)


def _blocks(document: Document, *, truncated: bool) -> list[Block]:
    pieces = pieces_of(document.text)
    marks = Marks(pieces)
    for mark in document.page.select(MARKS):
        marks.take(mark)
    marks.close()
    if not marks.agrees:
        return _blocks_apart(pieces)
    blocks = marks.blocks
    if truncated and marks.last_is_footer and not blocks[-1].comments:
        # The label is the footer's last word: nothing behind it shows that it is whole.
        raise PageTruncated("the page ends where article.label should stand", document.url)
    return blocks


def _blocks_apart(pieces: list[Piece]) -> list[Block]:
    """The source's blocks where the tree does not show them all."""
    blocks: list[Block] = []
    for piece in pieces:
        if piece.kind == "article":
            blocks.append(Block(piece))
        elif blocks:
            blocks[-1].comments.append(CommentBlock(piece))
    return blocks


def _article(
    document: Document,
    block: Block,
    headlines: Mapping[str, Headline],
    names: Mapping[int, str],
    unreadable: list[Unreadable] | None,
) -> Article:
    """One article; its comments that cannot be read go to ``unreadable``, or are an error if that is None."""
    url = document.url
    article_id = block.article_id or block.piece.external_id
    if not article_id:
        raise FieldMissing("article.external_id", url)
    reading, headline_cell = _article_reading(block, article_id, url)
    footer = reading.footer
    author, day, clock = reading.said.groups()
    local = local_time(day, clock, "article.posted_at", url)
    thread = Thread(ZONE)
    posted_at = thread.instant(local)
    headline = headlines.get(article_id)
    own = OWN_ADDRESS.search(footer.address)
    section = headline.section if headline is not None else int(own[2]) if own is not None else None
    nodes, html = reading.content
    text, original = render(nodes, instead)
    link = first_link(headline_cell)
    # Behind the time: a poster may call himself "File under".
    foot = collapse(footer.cell.text())[len(collapse(reading.said[0])) :]
    views, label = VIEWS.search(foot), LABEL.search(foot)
    return Article(
        external_id=article_id,
        date=_day(own[1], url) if own is not None else local.date(),
        section=section,
        section_name=(names.get(section) if section is not None else None) or None,
        category=(headline.category if headline is not None else None) or block.category,
        title=collapse(line_of(headline_cell)),
        link=((attribute(link, "href") or "").strip() or None) if link is not None else None,
        outlet=outlet(original),
        posted_by=collapse(author) or None,
        posted_at=posted_at,
        posted_local=local.isoformat(timespec="minutes"),
        label=(label[1] or None) if label is not None else None,
        views=whole_number(views[1]) if views is not None else None,
        text=text,
        text_original=original,
        html=_body_markup(html),
        comments=_comments(block, article_id, thread, url, unreadable),
    )


def _article_reading(block: Block, article_id: str, url: str) -> tuple[Reading, Node]:
    """What an article's marks hold, and its headline's cell: from the tree, else from the source by itself.

    Raises:
        FieldMissing, FieldMalformed: a mark is not in the source either, or says what cannot be right.
    """
    piece = block.piece
    opened = body_start(article_id).search(piece.text, piece.begin, piece.end)
    footers = piece.footers(LINKED_FOOTER)
    headline, body = block.headline, block.body
    if piece.lost_anchor(footers):
        raise FieldMissing("comment.number", url)
    if headline is not None and body is not None and block.footers == len(footers):
        inside = Span(opened.end(), footers[-1]) if opened is not None and footers else None
        reading = _in_tree(enclosing(body, "td"), block.footer, piece, inside, kind="article", url=url)
        if reading is not None:
            return _of_article(reading, article_id, url), headline
    if not footers:
        raise FieldMissing("article.posted_by", url, of=article_id)
    headline = Page((IN_A_TABLE + piece.text[piece.start : footers[-1]]).encode("utf-8", "replace")).first(
        "td.hline"
    )
    if opened is None or headline is None:
        raise FieldMissing("article.text", url, of=article_id)
    reading = _apart(piece, Span(opened.end(), footers[-1]), "article", url)
    return _of_article(reading, article_id, url), headline


def _comments(
    block: Block, article_id: str, thread: Thread, url: str, unreadable: list[Unreadable] | None
) -> tuple[Comment, ...]:
    comments: list[Comment] = []
    for marks in block.comments:
        try:
            comments.append(_comment(marks, article_id, thread, url))
        except (FieldMissing, FieldMalformed) as exc:
            if unreadable is None or not marks.is_hidden:
                raise
            lost = Unreadable(article=article_id, comment=marks.piece.external_id, reason=exc.reason)
            unreadable.append(lost)
    return tuple(comments)


def _comment(marks: CommentBlock, article_id: str, thread: Thread, url: str) -> Comment:
    external_id = marks.piece.external_id
    reading = _of_article(_comment_reading(marks, url), article_id, url)
    author, day, clock = reading.said.groups()
    return read_comment(
        reading.content,
        external_id=external_id,
        author=collapse(author) or None,
        local=local_time(day, clock, "comment.posted_at", url),
        thread=thread,
        url=url,
    )


def _comment_reading(marks: CommentBlock, url: str) -> Reading:
    piece, anchor = marks.piece, marks.anchor
    footers = piece.footers(LINKED_FOOTER)
    inside = Span(piece.begin, footers[-1]) if footers else None
    if piece.lost_anchor(footers):
        raise FieldMissing("comment.number", url)
    if anchor is not None and marks.footers == len(footers):
        reading = _in_tree(anchor.parent, marks.footer, piece, inside, kind="comment", url=url)
        if reading is not None:
            return reading
    if inside is None:
        raise FieldMissing("comment.author", url, of=piece.external_id)
    return _apart(piece, inside, "comment", url)


def _in_tree(
    cell: Node | None, footer: Footer | None, piece: Piece, inside: Span | None, *, kind: str, url: str
) -> Reading | None:
    """A cell's content and its footer by the page's tree; None if the tree does not hold them all."""
    if footer is None or inside is None:
        return None
    content = content_of(cell, footer.cell, piece.text[inside.begin : inside.end])
    return Reading(_said(footer.cell, kind, url), footer, content)


def _apart(piece: Piece, inside: Span, kind: str, url: str) -> Reading:
    """The same of the block's source, each of its two parts parsed by itself."""
    below = Page((IN_A_TABLE + piece.text[inside.end : piece.end]).encode("utf-8", "replace"))
    cell, link = below.first("td"), below.first('td > a[href^="comments.php"]')
    address = attribute(link, "href") if link is not None else None
    if cell is None or address is None:
        raise FieldMissing(f"{kind}.author", url, of=piece.external_id)
    content = content_apart(piece.text[inside.begin : inside.end])
    return Reading(_said(cell, kind, url), Footer(cell, address), content)


def _of_article(reading: Reading, article_id: str, url: str) -> Reading:
    """The reading, if its footer is of that article.

    Raises:
        FieldMalformed: it names another.
    """
    named = OWN_ID.search(reading.footer.address)
    if named is not None and named[1] != article_id:
        raise FieldMalformed("article.external_id", f"{article_id} and {named[1]}", url)
    return reading


def _day(text: str, url: str) -> date:
    try:
        return read_day(text)
    except ValueError as exc:
        raise FieldMalformed("article.date", text, url) from exc


def _body_markup(html: str) -> str:
    opened = BODY_TAG.match(html)
    if opened is None:
        return html.strip()
    return html[opened.end() :].rstrip().removesuffix("</span>").strip()
