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
from datetime import date

from parsers.errors import FieldMalformed, FieldMissing, PageTruncated, PageUnrecognised
from parsers.page import Node, attribute, line_of
from parsers.records import Article, Comment, ParsedPage
from parsers.source import Document, Template
from parsers.sources.rantburg.body import instead, outlet
from parsers.sources.rantburg.cell import PLAIN_FOOTER, comment_start, content_of
from parsers.sources.rantburg.comment import COMMENT_ANCHOR, begins_comment, local_time, read_comment
from parsers.sources.rantburg.zone import ZONE
from parsers.text import collapse, render
from parsers.times import CLOCK_TIME, Thread, read_day

SUBMIT = "Submit your comments on this article"
BODY_START = r"<td>\s*\d{4}-\d{2}-\d{2}\s*</td>\s*<td>\s*</td>\s*</tr>\s*<tr>\s*<td[^>]*>"
"""The body has no mark of its own: it is the cell below the day's."""

ARTICLE_ID = 'input[name="ID"][value]'
POSTED = "Posted by:"
POSTED_BY = re.compile(r"Posted by: ?(.*)")
COMMENT_FOOTER = re.compile(rf"Posted by: ?(.*?) ?([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}) ({CLOCK_TIME})")
Marks = tuple[Node, Node | None]
"""A comment's anchor, and the cell below it."""

SILENT_ON = frozenset(
    f"article.{name}" for name in ("section_name", "posted_at", "posted_local", "label", "views")
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
    try:
        article = _article(document, truncated=truncated)
    except FieldMissing as exc:
        if truncated:
            raise PageTruncated(f"the page ends where {exc.field} should stand", document.url) from exc
        raise
    return template.page(
        document, day=article.date, section=article.section, articles=(article,), truncated=truncated
    )


def _article(document: Document, *, truncated: bool) -> Article:
    url = document.url
    rows = document.page.select("tr")[1:5]
    cells = [row.css_first("td") for row in rows]
    if len(cells) < 4 or any(cell is None for cell in cells):
        raise PageUnrecognised("the page shows no article", url)
    category, title, day, body = (cell for cell in cells if cell is not None)
    when = article_day(collapse(day.text()), url)
    article_footer, comments = _footers(document)
    # The poster's name is the footer's last word: only a comment behind it shows that it is whole.
    if article_footer is None or (truncated and not comments):
        raise FieldMissing("article.posted_by", url)
    nodes, html = content_of(
        document, body, article_footer, start=BODY_START, end=PLAIN_FOOTER, field="article.text"
    )
    text, original = render(nodes, instead)
    link = title.css_first("a[href]")
    field = document.page.first(ARTICLE_ID)
    told = attribute(field, "value") if field is not None else None
    asked = document.address
    if asked is not None and (asked.article_id != told if told else asked.day not in (None, when)):
        raise PageUnrecognised(f"the page is of article {told or '(unnamed)'} of {when}", url)
    posted_by = POSTED_BY.fullmatch(collapse(article_footer.text()))
    return Article(
        external_id=article_id(document, told),
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
        comments=_comments(document, comments),
    )


def _footers(document: Document) -> tuple[Node | None, list[Marks]]:
    """The article's footer, and each comment's anchor with its footer, in the page's order.

    Raises:
        FieldMissing: a comment's footer has no comment of its own above it.
    """
    article_footer: Node | None = None
    comments: list[Marks] = []
    for mark in document.page.select(f"td, {COMMENT_ANCHOR}"):
        if mark.tag == "a":
            if begins_comment(mark, attribute(mark, "name")):
                comments.append((mark, None))
        elif not (mark.text(deep=False) or "").lstrip().startswith(POSTED):
            continue
        elif not COMMENT_FOOTER.fullmatch(collapse(mark.text())):
            article_footer = article_footer if comments else mark
        elif not comments or comments[-1][1] is not None:
            raise FieldMissing("comment.number", document.url)
        else:
            comments[-1] = (comments[-1][0], mark)
    return article_footer, comments


def _comments(document: Document, marks: list[Marks]) -> tuple[Comment, ...]:
    """The comments, oldest first: that is the order of their ids and times."""
    url = document.url
    thread = Thread(ZONE)
    comments: list[Comment] = []
    for anchor, footer in reversed(marks):
        said = COMMENT_FOOTER.fullmatch(collapse(footer.text())) if footer is not None else None
        if footer is None or said is None:
            raise FieldMissing("comment.author", url)
        local = local_time(said[2], said[3], "comment.posted_at", url)
        external_id = attribute(anchor, "name")
        content = content_of(
            document,
            anchor.parent,
            footer,
            start=comment_start(external_id or ""),
            end=PLAIN_FOOTER,
            field="comment.text",
        )
        comment = read_comment(
            content,
            external_id=external_id,
            author=said[1] or None,
            local=local,
            thread=thread,
            url=url,
        )
        comments.append(comment)
    return tuple(comments)


def article_id(document: Document, told: str | None) -> str:
    """The article's id: the address knows it, else the page's form may tell it.

    Raises:
        FieldMissing: neither does.
    """
    found = document.address.article_id if document.address is not None else told
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
