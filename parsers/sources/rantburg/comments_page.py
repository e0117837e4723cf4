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

from parsers.errors import FieldMalformed, FieldMissing, PageUnrecognised
from parsers.html import Node, attribute, line_of, link_address, nodes_in
from parsers.records import Article, Comment, ParsedPage
from parsers.source import Document, Template
from parsers.sources.rantburg.body import instead, outlet
from parsers.sources.rantburg.comment import local_time, read_comment
from parsers.sources.rantburg.comments_blocks import CommentBlock, article_content, blocks_of, comment_content
from parsers.sources.rantburg.damage import Damage, cut_where_missing
from parsers.sources.rantburg.zone import ZONE
from parsers.text import collapse, render
from parsers.times import CLOCK_TIME, Thread, read_day

SUBMIT = "Submit your comments on this article"
ARTICLE_ROWS = 4
ARTICLE_ID = 'input[name="ID"][value]'
POSTED_BY = re.compile(r"Posted by: ?(.*)")
COMMENT_FOOTER = re.compile(rf"Posted by: ?(.*?) ?([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}) ({CLOCK_TIME})")

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
    damage = Damage(truncated=not document.is_closed)
    with cut_where_missing(document.url, truncated=damage.truncated):
        article = _article(document, damage)
    return template.page(
        document,
        day=article.date,
        section=article.section,
        articles=(article,),
        truncated=damage.truncated,
        unreadable=damage.unreadable,
    )


def _article(document: Document, damage: Damage) -> Article:
    url = document.url
    category, title, day, body = _rows(document)
    when = article_day(collapse(day.text()), url)
    block, comments = blocks_of(document)
    # The poster's name is the footer's last word: only a comment behind it shows that it is whole.
    if damage.truncated and not comments:
        raise FieldMissing("article.posted_by", url)
    (element, html), footer = article_content(block, body, url)
    text, original = render(nodes_in(element), instead)
    identity = _identity(document, when)
    posted_by = POSTED_BY.fullmatch(collapse(footer.text()))
    return Article(
        external_id=identity,
        date=when,
        section=section_asked(document),
        section_name=None,
        category=collapse(category.text()) or None,
        title=collapse(line_of(title)),
        link=link_address(title.css_first("a[href]")),
        outlet=outlet(original),
        posted_by=(posted_by[1] or None) if posted_by is not None else None,
        posted_at=None,
        posted_local=None,
        label=None,
        views=None,
        text=text,
        text_original=original,
        html=html.strip(),
        comments=_comments(url, comments, damage, identity),
    )


def _rows(document: Document) -> list[Node]:
    """The cells of the article's category, title, day and body.

    Raises:
        PageUnrecognised: there are fewer rows.
    """
    cells = [row.css_first("td") for row in document.page.select("tr")[1:5]]
    shown = [cell for cell in cells if cell is not None]
    if len(shown) < ARTICLE_ROWS:
        raise PageUnrecognised("the page shows no article", document.url)
    return shown


def _identity(document: Document, when: date) -> str:
    """The article's id.

    Raises:
        PageUnrecognised: it is not the article that the address asks for.
        FieldMissing: neither the address nor the page has it.
    """
    field = document.page.first(ARTICLE_ID)
    form_id = attribute(field, "value") if field is not None else None
    asked = document.address
    if asked is not None and (asked.article_id != form_id if form_id else asked.day not in (None, when)):
        raise PageUnrecognised(f"the page is of article {form_id or '(unnamed)'} of {when}", document.url)
    return article_id(document, form_id)


def _comments(url: str, blocks: list[CommentBlock], damage: Damage, identity: str) -> tuple[Comment, ...]:
    """The comments, oldest first: that is the order of their ids and times."""
    thread = Thread(ZONE)

    def read(block: CommentBlock) -> Comment:
        return _comment(block, thread, url)

    return tuple(damage.read_each(reversed(blocks), read, article=identity))


def _comment(block: CommentBlock, thread: Thread, url: str) -> Comment:
    content, footer = comment_content(block, url)
    words = COMMENT_FOOTER.fullmatch(collapse(footer.text()))
    if words is None:
        raise FieldMissing("comment.author", url)
    author, day, clock = words.groups()
    return read_comment(
        content,
        external_id=block.piece.external_id,
        author=author or None,
        local=local_time(day, clock, "comment.posted_at", url),
        thread=thread,
        url=url,
    )


def section_asked(document: Document) -> int | None:
    """The section that the page's address names: the page itself names none."""
    return document.address.section if document.address is not None else None


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
