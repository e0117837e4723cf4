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
from datetime import date, datetime
from enum import Enum, auto

from parsers.errors import FieldMissing, PageTruncated
from parsers.page import Node, Page, attribute, enclosing, first_link, region
from parsers.records import Article, Comment, Headline
from parsers.source import Document
from parsers.sources.rantburg.body import instead, outlet
from parsers.sources.rantburg.comment import begins_comment, local_time, read_comment
from parsers.sources.rantburg.zone import ZONE
from parsers.text import collapse, render
from parsers.times import Thread, read_day

MARKS = 'td.hline, span[id^="rQuote"], td > a[name], td > a[href^="comments.php"]'
CATEGORY_ROW = "midnightblue"
FOOTER = re.compile(r"Posted by: ?(.*?) ?\|\| ?(\d{1,2}/\d{1,2}/\d{4}) (\d{1,2}:\d{2})(?!\d)")
OWN_ADDRESS = re.compile(r"[?&]D=([\d/-]+)&ID=\d+&HC=(\d)")
VIEWS = re.compile(r"\[(\d{1,9}) views?\]")
LABEL = re.compile(r"File under: ?(.*)")
BODY_TAG = re.compile(r"\s*<span id=\"rQuote[^>]*>")


@dataclass(slots=True)
class Block:
    """The marks of one article: filled as they are met, read when the page is done."""

    headline: Node
    category: str | None
    article_id: str | None = None
    body: Node | None = None
    footer: Node | None = None
    comments: list[tuple[Node, Node]] = field(default_factory=list)

    def fill(self, mark: Node) -> None:
        """Take the body's span, or the anchor that names the article."""
        if mark.tag == "span":
            self.body = self.body or mark
        elif mark.parent is not None and mark.parent.mem_id == self.headline.mem_id:
            self.article_id = self.article_id or attribute(mark, "name")

    def close(self, comment: Node | None, footer: Node) -> None:
        """Give a footer to the open comment, else to the article."""
        if comment is not None:
            self.comments.append((comment, footer))
        elif self.footer is None:
            self.footer = footer


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
    blocks: list[Block] = []
    category: str | None = None
    comment: Node | None = None
    footer: Node | None = None
    for mark in document.page.select(MARKS):
        footer = None
        if mark.tag == "td":
            _all_closed(comment, document)
            blocks.append(Block(mark, category))
        elif (kind := _kind(mark)) is Mark.CATEGORY:
            category = collapse(mark.parent.text()) if mark.parent is not None else None
        elif not blocks or kind is None:
            continue
        elif kind is Mark.FOOTER:
            footer = mark
            blocks[-1].close(comment, mark)
            comment = None
        elif kind is Mark.COMMENT:
            _all_closed(comment, document)
            comment = mark
        else:
            blocks[-1].fill(mark)
    _all_closed(comment, document)
    if truncated and footer is not None and not blocks[-1].comments:
        # The label is the footer's last word: nothing behind it shows that it is whole.
        raise FieldMissing("article.label", document.url)
    return blocks


class Mark(Enum):
    """What an anchor, a link or a span stands for."""

    CATEGORY = auto()
    FOOTER = auto()
    COMMENT = auto()
    PART = auto()


def _kind(mark: Node) -> Mark | None:
    attributes = mark.attributes
    if mark.tag == "span":
        return Mark.PART
    if "href" in attributes:
        return Mark.FOOTER if _is_footer(mark.parent) else None
    if begins_comment(mark, attributes["name"]):
        return Mark.COMMENT
    row = enclosing(mark, "tr")
    is_category = row is not None and CATEGORY_ROW in (attribute(row, "style") or "")
    return Mark.CATEGORY if is_category else Mark.PART


def _is_footer(cell: Node | None) -> bool:
    first = cell.first_child if cell is not None else None
    return first is not None and (first.text_content or "").lstrip().startswith("Posted by:")


def _all_closed(comment: Node | None, document: Document) -> None:
    if comment is not None:
        raise FieldMissing("comment.author", document.url)


def _article(
    document: Document, block: Block, headlines: Mapping[str, Headline], names: Mapping[int, str]
) -> Article:
    url = document.url
    if not block.article_id:
        raise FieldMissing("article.external_id", url)
    if block.footer is None:
        raise FieldMissing("article.posted_by", url)
    if block.body is None:
        raise FieldMissing("article.text", url)
    headline = headlines.get(block.article_id)
    footer = _read_footer(block.footer, "article", url)
    thread = Thread(ZONE)
    posted_at = thread.instant(footer.local)
    section = headline.section if headline is not None else footer.section
    body = region(document.page, block.body, footer.cell)
    text = render(body.nodes, instead)
    link = first_link(block.headline)
    views, label = VIEWS.search(footer.rest), LABEL.search(footer.rest)
    return Article(
        external_id=block.article_id,
        date=footer.day or footer.local.date(),
        section=section,
        section_name=(names.get(section) if section is not None else None) or None,
        category=block.category or (headline.category if headline is not None else None),
        title=collapse(block.headline.text()),
        link=((attribute(link, "href") or "").strip() or None) if link is not None else None,
        outlet=outlet(text.original),
        posted_by=footer.author,
        posted_at=posted_at,
        posted_local=footer.local.isoformat(timespec="minutes"),
        label=(label[1] or None) if label is not None else None,
        views=int(views[1]) if views is not None else None,
        text=text.shown,
        text_original=text.original,
        html=_body_markup(body.html),
        comments=tuple(_comment(document.page, pair, thread, url) for pair in block.comments),
    )


def _comment(page: Page, pair: tuple[Node, Node], thread: Thread, url: str) -> Comment:
    anchor, mark = pair
    footer = _read_footer(mark, "comment", url)
    content = region(page, anchor, footer.cell)
    return read_comment(anchor, content, author=footer.author, local=footer.local, thread=thread, url=url)


@dataclass(slots=True)
class Footer:
    """What a footer says: who and when, then the rest; and what its link says: which day and section."""

    cell: Node
    author: str | None
    local: datetime
    rest: str
    day: date | None
    section: int | None


def _read_footer(link: Node, kind: str, url: str) -> Footer:
    cell = link.parent
    text = collapse(cell.text()) if cell is not None else ""
    found = FOOTER.match(text)
    if cell is None or found is None:
        raise FieldMissing(f"{kind}.posted_at", url)
    own = OWN_ADDRESS.search(attribute(link, "href") or "")
    return Footer(
        cell=cell,
        author=found[1] or None,
        local=local_time(found[2], found[3], f"{kind}.posted_at", url),
        rest=text[found.end() :],
        day=read_day(own[1]) if own is not None else None,
        section=int(own[2]) if own is not None else None,
    )


def _body_markup(html: str) -> str:
    opened = BODY_TAG.match(html)
    if opened is None:
        return html.strip()
    return html[opened.end() :].rstrip().removesuffix("</span>").strip()
