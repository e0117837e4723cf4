"""The comments page: rows of two cells for the article, then its comments, newest first.

td  Submit your comments on this article
td  category
td  <a href>title</a>
td  2025-08-21
td  body
td  Posted by:Skidmark
td  <a name="4038350"></a>#3&nbsp; text      and so on, down to #1
td  Posted by: <b>author</b>&nbsp; 2025-08-21 20:28
"""

import re
from dataclasses import dataclass
from datetime import date

from parsers.errors import FieldMalformed, FieldMissing, PageTruncated, PageUnrecognised
from parsers.html import Node, Page, attribute, line_of
from parsers.records import Article, Comment, ParsedPage, Unreadable
from parsers.source import Document, Template
from parsers.sources.rantburg.body import instead, outlet
from parsers.sources.rantburg.cell import PLAIN_FOOTER, Content, content_apart, content_of
from parsers.sources.rantburg.comment import COMMENT_ANCHOR, begins_comment, local_time, read_comment
from parsers.sources.rantburg.pieces import UNANCHORED, Piece, pieces_of
from parsers.sources.rantburg.zone import ZONE
from parsers.text import collapse, render
from parsers.times import CLOCK_TIME, Thread, read_day

SUBMIT = "Submit your comments on this article"
BODY_START = re.compile(
    r"<td>\s*\d{4}-\d{2}-\d{2}\s*</td>\s*<td>\s*</td>\s*</tr>\s*<tr>\s*<td[^<>]*>", re.IGNORECASE
)
"""The body has no mark of its own: it is the cell below the day's."""

ARTICLE_ID = 'input[name="ID"][value]'
POSTED = "Posted by:"
POSTED_BY = re.compile(r"Posted by: ?(.*)")
COMMENT_FOOTER = re.compile(rf"Posted by: ?(.*?) ?([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}) ({CLOCK_TIME})")
IN_A_TABLE = "<table><tr>"

SILENT_ON = frozenset(
    f"article.{name}" for name in ("section_name", "posted_at", "posted_local", "label", "views")
)


@dataclass(slots=True)
class Marks:
    """A comment's source, its anchor, and the last footer below it, the article's without the first two."""

    piece: Piece | None
    anchor: Node | None
    cell: Node | None
    footers: int = 0

    @property
    def is_hidden(self) -> bool:
        """Whether the tree does not show all of the comment."""
        return self.anchor is None or (
            self.piece is not None and self.footers != len(self.piece.footers(PLAIN_FOOTER))
        )


def recognises(document: Document) -> bool:
    """A page whose first cell offers to submit comments."""
    first = document.page.first("td")
    return first is not None and collapse(first.text()) == SUBMIT


def read(document: Document, template: Template) -> ParsedPage:
    """Read the page.

    Raises:
        PageTruncated, FieldMissing, FieldMalformed: a row is absent or says nothing that can be right.
    """
    truncated = not document.is_closed
    unreadable: list[Unreadable] = []
    try:
        article = _article(document, truncated=truncated, unreadable=unreadable)
    except FieldMissing as exc:
        if truncated:
            raise PageTruncated(f"the page ends where {exc.field} should stand", document.url) from exc
        raise
    return template.page(
        document,
        day=article.date,
        section=article.section,
        articles=(article,),
        truncated=truncated,
        unreadable=tuple(unreadable),
    )


def _article(document: Document, *, truncated: bool, unreadable: list[Unreadable]) -> Article:
    url = document.url
    rows = document.page.select("tr")[1:5]
    cells = [row.css_first("td") for row in rows]
    if len(cells) < 4 or any(cell is None for cell in cells):
        raise PageUnrecognised("the page shows no article", url)
    category, title, day, body = (cell for cell in cells if cell is not None)
    when = article_day(collapse(day.text()), url)
    pieces = pieces_of(document.text)
    footer, comments = _footers(document, pieces)
    # The poster's name is the footer's last word: only a comment behind it shows that it is whole.
    if truncated and not pieces:
        raise FieldMissing("article.posted_by", url)
    footer_cell, content = _article_reading(document, body, footer, pieces)
    nodes, html = content
    text, original = render(nodes, instead)
    link = title.css_first("a[href]")
    field = document.page.first(ARTICLE_ID)
    form_id = attribute(field, "value") if field is not None else None
    asked = document.address
    if asked is not None and (asked.article_id != form_id if form_id else asked.day not in (None, when)):
        raise PageUnrecognised(f"the page is of article {form_id or '(unnamed)'} of {when}", url)
    identity = article_id(document, form_id)
    posted_by = POSTED_BY.fullmatch(collapse(footer_cell.text()))
    return Article(
        external_id=identity,
        date=when,
        section=document.address.section if document.address is not None else None,
        section_name=None,
        category=collapse(category.text()) or None,
        title=collapse(line_of(title)),
        link=((attribute(link, "href") or "").strip() or None) if link is not None else None,
        outlet=outlet(original),
        posted_by=(posted_by[1] or None) if posted_by is not None else None,
        posted_at=None,
        posted_local=None,
        label=None,
        views=None,
        text=text,
        text_original=original,
        html=html.strip(),
        comments=_comments(url, comments, None if truncated else unreadable, identity),
    )


def _article_reading(
    document: Document, body: Node, footer: Marks, pieces: list[Piece]
) -> tuple[Node, Content]:
    """The article's footer, and its body: by the tree if that shows all footers above the first comment.

    Raises:
        FieldMissing: there is no footer.
    """
    text = document.text
    first = pieces[0].start if pieces else len(text)
    begun = BODY_START.search(text, 0, first)
    footers = [found.start() for found in PLAIN_FOOTER.finditer(text, begun.end() if begun else 0, first)]
    if not footers or begun is None:
        raise FieldMissing("article.posted_by", document.url)
    if UNANCHORED.search(text, begun.end(), footers[-1]) is not None:
        raise FieldMissing("comment.number", document.url)
    source = text[begun.end() : footers[-1]]
    if footer.cell is not None and footer.footers == len(footers):
        return footer.cell, content_of(body, footer.cell, source)
    return _footer_apart(text[footers[-1] : first]), content_apart(source)


def _footer_apart(source: str) -> Node:
    cell = Page((IN_A_TABLE + source).encode("utf-8", "replace")).first("td")
    if cell is None:
        raise AssertionError("a footer's pattern begins with its cell")
    return cell


def _footers(document: Document, pieces: list[Piece]) -> tuple[Marks, list[Marks]]:
    """The article's footer, and each comment's anchor with its footer, in the page's order.

    A body can quote a footer, or bring one of its own: the last before the next anchor is the site's. Where
    the tree does not show the comments that the source has, their marks are empty.
    """
    marks = [Marks(None, None, None)]
    for mark in document.page.select(f"td, {COMMENT_ANCHOR}"):
        if mark.tag == "a":
            if begins_comment(mark, attribute(mark, "name")):
                marks.append(Marks(None, mark, None))
        elif (mark.text(deep=False) or "").lstrip().startswith(POSTED):
            marks[-1].cell = mark
            marks[-1].footers += 1
    article, *comments = marks
    names = [attribute(comment.anchor, "name") for comment in comments if comment.anchor is not None]
    if names != [piece.external_id for piece in pieces]:
        return Marks(None, None, None), [Marks(piece, None, None) for piece in pieces]
    for comment, piece in zip(comments, pieces, strict=True):
        comment.piece = piece
    return article, comments


def _comments(
    url: str, marks: list[Marks], unreadable: list[Unreadable] | None, identity: str
) -> tuple[Comment, ...]:
    """The comments, oldest first: that is the order of their ids and times.

    Those that cannot be read go to ``unreadable``, or are an error if that is None.
    """
    thread = Thread(ZONE)
    comments: list[Comment] = []
    for comment in reversed(marks):
        try:
            comments.append(_comment(comment, thread, url))
        except (FieldMissing, FieldMalformed) as exc:
            if unreadable is None or not comment.is_hidden:
                raise
            lost = comment.piece.external_id if comment.piece is not None else None
            unreadable.append(Unreadable(article=identity, comment=lost, reason=exc.reason))
    return tuple(comments)


def _comment(marks: Marks, thread: Thread, url: str) -> Comment:
    piece, footer = marks.piece, marks.cell
    footers = piece.footers(PLAIN_FOOTER) if piece is not None else []
    if piece is None or not footers:
        raise FieldMissing("comment.author", url)
    if piece.lost_anchor(footers):
        raise FieldMissing("comment.number", url)
    source = piece.text[piece.begin : footers[-1]]
    if marks.anchor is not None and footer is not None and marks.footers == len(footers):
        content = content_of(marks.anchor.parent, footer, source)
    else:
        footer = _footer_apart(piece.text[footers[-1] : piece.end])
        content = content_apart(source)
    match = COMMENT_FOOTER.fullmatch(collapse(footer.text()))
    if match is None:
        raise FieldMissing("comment.author", url)
    return read_comment(
        content,
        external_id=piece.external_id,
        author=match[1] or None,
        local=local_time(match[2], match[3], "comment.posted_at", url),
        thread=thread,
        url=url,
    )


def article_id(document: Document, form_id: str | None) -> str:
    """The article's id, from the address or else from the page's form.

    Raises:
        FieldMissing: neither has it.
    """
    found = document.address.article_id if document.address is not None else form_id
    if not found:
        raise FieldMissing("article.external_id", document.url)
    return found


def article_day(text: str, url: str) -> date:
    """The day in the article's fourth row.

    Raises:
        PageUnrecognised: the row is empty, as on the page of an id that does not exist.
        FieldMalformed: there is no such day.
    """
    if not text:
        raise PageUnrecognised("the page shows no article", url)
    try:
        return read_day(text)
    except ValueError as exc:
        raise FieldMalformed("article.date", text, url) from exc


TEMPLATE = Template(
    name="rantburg.comments",
    kind="comments",
    revision=2,
    recognises=recognises,
    read=read,
    silent_on=SILENT_ON,
)
