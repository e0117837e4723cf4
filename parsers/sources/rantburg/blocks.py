"""Article blocks and the comments below them, as section pages and article pages show them.

    tr midnightblue   <a name="Europe"></a> Europe              a category begins
    td.hline          <a name="510764"></a> <a href>title</a>   an article begins
    span#rQuote…      the body
    td                Posted by: … Comments || … File under: …  the article's footer
    td                <a name="4038003"></a>#1&nbsp; text       a comment begins
    td                Posted by: … Comments || Top||            the comment's footer

These marks are asked for in one selector and come in document order, which broken nesting does not change.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from parsers.errors import FieldMalformed, FieldMissing, PageTruncated
from parsers.page import Node, attribute, enclosing, first_link, line_of
from parsers.records import Article, Comment, Headline
from parsers.source import Document
from parsers.sources.rantburg.body import instead, outlet
from parsers.sources.rantburg.cell import LINKED_FOOTER, body_start, comment_start, content_of
from parsers.sources.rantburg.comment import begins_comment, local_time, read_comment
from parsers.sources.rantburg.zone import ZONE
from parsers.text import COUNT, collapse, render, whole_number
from parsers.times import CLOCK_TIME, Thread, read_day

MARKS = 'td.hline, span[id^="rQuote"], td > a[name], td > a[href^="comments.php"]'
CATEGORY_ROW = "midnightblue"
POSTED_BY = "Posted by:"
FOOTER = re.compile(
    rf"\s*Posted by:(.*?)\|\|\s*([0-9]{{1,2}}/[0-9]{{1,2}}/[0-9]{{4}})\s+({CLOCK_TIME})"
    r"(?=\s*(?:\|\||Comments\b|$))",
    re.DOTALL,
)
"""What follows the time belongs to the pattern: without it ``10:00 PM`` and ``10:00:59`` would be 10:00."""

OWN_ADDRESS = re.compile(r"[?&]D=([0-9/-]+)&ID=[0-9]+&HC=([0-9])")
OWN_ID = re.compile(r"[?&]ID=([0-9]+)")
VIEWS = re.compile(rf"\[({COUNT}) views?\]")
LABEL = re.compile(r"File under: ?(.*)")
BODY_TAG = re.compile(r"\s*<span [^>]*rQuote[^>]*>")


@dataclass(slots=True)
class Footer:
    """A footer's cell, what it says (author, day, clock), and its link to the comments page."""

    cell: Node
    said: re.Match[str]
    address: str


@dataclass(slots=True)
class Block:
    """The marks of one article: filled as they are met, read when the page is done."""

    headline: Node
    category: str | None
    article_id: str | None = None
    body: Node | None = None
    footer: Footer | None = None
    comments: list[tuple[Node, str | None, Footer]] = field(default_factory=list)


class Marks:
    """Sorts a page's marks into blocks, one after the other in document order."""

    def __init__(self, url: str) -> None:
        self.blocks: list[Block] = []
        self.last_is_footer = False
        self._url = url
        self._category: str | None = None
        self._open: tuple[Node, str | None] | None = None

    def take(self, mark: Node) -> None:
        """Take the next mark.

        Raises:
            FieldMissing, FieldMalformed: a comment has no footer, or a footer is of another article.
        """
        self.last_is_footer = False
        attributes = mark.attributes
        if "href" in attributes:
            self._link(mark.parent, attributes["href"] or "")
        elif "name" in attributes:
            self._anchor(mark, attributes["name"])
        elif mark.tag == "td":
            self.close()
            self.blocks.append(Block(mark, self._category))
        elif self.blocks and self.blocks[-1].body is None:
            self.blocks[-1].body = mark

    def close(self) -> None:
        """No comment may be open when an article or the page ends.

        Raises:
            FieldMissing: one is.
        """
        if self._open is not None:
            raise FieldMissing("comment.author", self._url, of=self._open[1])

    def _anchor(self, anchor: Node, name: str | None) -> None:
        if begins_comment(anchor, name):
            self.close()
            self._open = (anchor, name) if self.blocks else None
            return
        cell, row = anchor.parent, enclosing(anchor, "tr")
        if row is not None and CATEGORY_ROW in (attribute(row, "style") or ""):
            self._category = collapse(cell.text()) if cell is not None else None
        elif self.blocks and cell is not None and cell.mem_id == self.blocks[-1].headline.mem_id:
            self.blocks[-1].article_id = self.blocks[-1].article_id or name

    def _link(self, cell: Node | None, address: str) -> None:
        kind = "comment" if self._open is not None else "article"
        said = _said(cell, kind, self._url) if cell is not None and self.blocks else None
        if cell is None or said is None:
            return
        block = self.blocks[-1]
        if f"ID={block.article_id}&" not in address:
            self._not_of_another(block, address)
        if self._open is not None:
            block.comments.append((*self._open, Footer(cell, said, address)))
            self._open = None
        elif block.footer is None:
            block.footer = Footer(cell, said, address)
        self.last_is_footer = True

    def _not_of_another(self, block: Block, address: str) -> None:
        named = OWN_ID.search(address)
        if named is not None and named[1] != block.article_id:
            raise FieldMalformed("article.external_id", f"{block.article_id} and {named[1]}", self._url)


def _said(cell: Node, kind: str, url: str) -> re.Match[str] | None:
    """What a footer says; None if the cell is no footer."""
    first = cell.first_child
    begins = (first.text_content if first is not None else None) or ""
    said = FOOTER.match(begins)
    if said is not None or not begins.lstrip().startswith(POSTED_BY):
        return said
    # An author's name with an element in it.
    said = FOOTER.match(cell.text())
    if said is None:
        raise FieldMissing(f"{kind}.posted_at", url)
    return said


def read_articles(
    document: Document, *, headlines: Mapping[str, Headline], names: Mapping[int, str], truncated: bool
) -> tuple[Article, ...]:
    """Every article of the page with its comments, in the page's order.

    Raises:
        FieldMissing: a block lacks its id, body or footer, or a comment its footer.
        PageTruncated: the same, on a page that has no foot.
    """
    try:
        blocks = _blocks(document, truncated=truncated)
        return tuple(_article(document, block, headlines, names) for block in blocks)
    except FieldMissing as exc:
        if truncated:
            raise PageTruncated(f"the page ends where {exc.field} should stand", document.url) from exc
        raise


def _blocks(document: Document, *, truncated: bool) -> list[Block]:
    marks = Marks(document.url)
    for mark in document.page.select(MARKS):
        marks.take(mark)
    marks.close()
    blocks = marks.blocks
    if truncated and marks.last_is_footer and not blocks[-1].comments:
        # The label is the footer's last word: nothing behind it shows that it is whole.
        raise FieldMissing("article.label", document.url)
    return blocks


def _article(
    document: Document, block: Block, headlines: Mapping[str, Headline], names: Mapping[int, str]
) -> Article:
    url = document.url
    if not block.article_id:
        raise FieldMissing("article.external_id", url)
    if block.footer is None:
        raise FieldMissing("article.posted_by", url, of=block.article_id)
    if block.body is None:
        raise FieldMissing("article.text", url, of=block.article_id)
    author, day, clock = block.footer.said.groups()
    local = local_time(day, clock, "article.posted_at", url)
    thread = Thread(ZONE)
    posted_at = thread.instant(local)
    headline = headlines.get(block.article_id)
    own = OWN_ADDRESS.search(block.footer.address)
    section = headline.section if headline is not None else int(own[2]) if own is not None else None
    nodes, html = content_of(
        document,
        enclosing(block.body, "td"),
        block.footer.cell,
        start=body_start(block.article_id),
        end=LINKED_FOOTER,
        field="article.text",
    )
    text, original = render(nodes, instead)
    link = first_link(block.headline)
    # Behind the time: a poster may call himself "File under".
    foot = collapse(block.footer.cell.text())[len(collapse(block.footer.said[0])) :]
    views, label = VIEWS.search(foot), LABEL.search(foot)
    return Article(
        external_id=block.article_id,
        date=_day(own[1], url) if own is not None else local.date(),
        section=section,
        section_name=(names.get(section) if section is not None else None) or None,
        category=(headline.category if headline is not None else None) or block.category,
        title=collapse(line_of(block.headline)),
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
        comments=_comments(document, block, thread),
    )


def _comments(document: Document, block: Block, thread: Thread) -> tuple[Comment, ...]:
    url = document.url
    comments: list[Comment] = []
    for anchor, external_id, footer in block.comments:
        author, day, clock = footer.said.groups()
        content = content_of(
            document,
            anchor.parent,
            footer.cell,
            start=comment_start(external_id or ""),
            end=LINKED_FOOTER,
            field="comment.text",
        )
        comment = read_comment(
            content,
            external_id=external_id,
            author=collapse(author) or None,
            local=local_time(day, clock, "comment.posted_at", url),
            thread=thread,
            url=url,
        )
        comments.append(comment)
    return tuple(comments)


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
