"""The text rendition of a comments page: a row a line, cells parted by bars, newest comment first.

    Submit your comments on this article | |
    category | |
    title | |
    2025-08-21 | |
    body | |
    Posted by:Skidmark |
    #4 text |
    Posted by: SteveS 2025-08-21 20:28 |

A line without a bar at its end goes on in the next. Markup, links and ids are not in it.
"""

import re

from parsers.errors import FieldMissing, PageTruncated, PageUnrecognised
from parsers.records import Article, Comment, ParsedPage
from parsers.source import Document, Template
from parsers.sources.rantburg.body import outlet
from parsers.sources.rantburg.comment import local_time, number_of
from parsers.sources.rantburg.comments_page import (
    COMMENT_FOOTER,
    POSTED_BY,
    SILENT_ON,
    SUBMIT,
    article_day,
    article_id,
    section_asked,
)
from parsers.sources.rantburg.zone import ZONE
from parsers.text import collapse
from parsers.times import Thread

BEGINNING = re.compile(rf"\s*{SUBMIT}")
ARTICLE_ROWS = 5
FIRST_NUMBER = 1
ROW_END = re.compile(r"(?:[ \t]*\|)+[ \t]*(?:\r?\n|\r|$)")
"""The bars that close a row; white space between them is an empty cell."""


def recognises(document: Document) -> bool:
    """Text, not HTML, that begins with the page's first cell."""
    return BEGINNING.match(document.text) is not None


def read(document: Document, template: Template) -> ParsedPage:
    """Read the rendition.

    Raises:
        PageTruncated, FieldMissing, FieldMalformed: a row is absent or says nothing that can be right.
    """
    article = _article(_rows(document), document)
    return template.page(
        document,
        day=article.date,
        section=article.section,
        articles=(article,),
        truncated=not _reaches_its_end(article.comments),
    )


def _rows(document: Document) -> list[str]:
    """The rows' words, the article's five at least.

    Raises:
        PageTruncated: the last row is not closed, or there are fewer.
    """
    *rows, rest = (collapse(row) for row in ROW_END.split(document.text.replace("\0", "")))
    if rest:
        raise PageTruncated(f"the last row is not closed: {rest[:40]!r}", document.url)
    if len(rows) < ARTICLE_ROWS:
        raise PageTruncated("the page ends before its article does", document.url)
    return rows


def _article(rows: list[str], document: Document) -> Article:
    _, category, title, day, body, *below = rows
    when = article_day(day, document.url)
    if document.address is not None and document.address.day not in {None, when}:
        raise PageUnrecognised(f"asked for {document.address.day}, the page is of {when}", document.url)
    posted_by = _posted_by(below, document.url)
    return Article(
        external_id=article_id(document, None),
        date=when,
        section=section_asked(document),
        section_name=None,
        category=category or None,
        title=title,
        link=None,
        outlet=outlet(body),
        posted_by=posted_by,
        posted_at=None,
        posted_local=None,
        label=None,
        views=None,
        text=body,
        text_original=None,
        html=None,
        comments=_comments(below[1:], document.url),
    )


def _posted_by(below: list[str], url: str) -> str | None:
    """The article's poster, from the row below its body.

    Raises:
        PageTruncated: there is no such row.
        FieldMissing: the row is none of a poster.
    """
    if not below:
        raise PageTruncated("the page ends where article.posted_by should stand", url)
    posted_by = POSTED_BY.fullmatch(below[0])
    if posted_by is None:
        raise FieldMissing("article.posted_by", url)
    return posted_by[1] or None


def _reaches_its_end(comments: tuple[Comment, ...]) -> bool:
    """Whether the thread's first comment is there: it is the last row, and nothing else shows the end."""
    return bool(comments) and comments[0].number == FIRST_NUMBER


def _comments(rows: list[str], url: str) -> tuple[Comment, ...]:
    """The comments, oldest first: rows come in pairs of a text and its footer."""
    if len(rows) % 2:
        raise PageTruncated("the page ends where comment.author should stand", url)
    thread = Thread(ZONE)
    pairs = list(zip(rows[::2], rows[1::2], strict=True))
    return tuple(_comment(text, footer, thread, url) for text, footer in reversed(pairs))


def _comment(text: str, footer: str, thread: Thread, url: str) -> Comment:
    numbered, match = number_of(text, url), COMMENT_FOOTER.fullmatch(footer)
    if match is None:
        raise FieldMissing("comment.author", url)
    local = local_time(match[2], match[3], "comment.posted_at", url)
    return Comment(
        number=int(numbered[1]),
        external_id=None,
        author=match[1] or None,
        posted_at=thread.instant(local),
        posted_local=local.isoformat(timespec="minutes"),
        text=text[numbered.end() :],
        html=None,
    )


TEMPLATE = Template(
    name="rantburg.comments_text",
    kind="comments",
    revision=2,
    recognises=recognises,
    read=read,
    silent_on=SILENT_ON | {"article.link", "article.text_original", "article.html", "comment.html"},
)
