"""What a section page says of the whole day: its date, its counters, and the headline list.

The list has a row ``Page N: <section>`` a section and a row an article: the title in one cell, the
category inside an HTML comment, the comment count with the last comment's id in the other cell.
"""

import html
import re
from datetime import date

from parsers.errors import FieldMalformed, FieldMissing
from parsers.page import Node, Page, attribute, first_link
from parsers.records import Counters, Headline
from parsers.source import Document
from parsers.text import collapse
from parsers.times import read_day

HEADLINE_LINK = 'td > div > a[href^="poparticle.php"][href*="HC="]'
"""The latest-comments box links the same page, without a section."""

SECTION_LINK = 'td[colspan] a[href*="HC="]'
FOOT_LINK = 'td[align="center"] > a[href*="HC="]'
OWN_DATE = "td > big, td > b, td > strong"
FIRST_ARTICLE = "poparticle.php"

PAGE_DATE = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\d\d/\d\d/\d{4})")
ARCHIVE_COUNTERS = re.compile(r"(\d{1,12})\s+articles?\s+and\s+(\d{1,12})\s+comments?\s+are\s+archived")
TODAY_COUNTERS = re.compile(r"Today:\s+(\d{1,9})\s+articles?\s+and\s+(\d{1,9})\s+comments?")
SECTION_ROW = re.compile(r"Page (\d): ?(.*)")
SECTION_OF = re.compile(r"[?&]HC=(\d)(?!\d)")
HEADLINE_ADDRESS = re.compile(r"[?&]HC=(\d)&ID=(\d+)")
FOOT_COUNT = re.compile(r"\((\d{1,6})\)$")
CATEGORY = re.compile(r">([^<>]*)</a>")
LAST_COMMENT = re.compile(
    r"(\d{1,9}) comments?, most recent at (\d{1,2}:\d{2}) by (.*) \d+ views?", re.DOTALL
)
LAST_SHOWN = re.compile(r"(\d{1,9})(?: (\d{1,2}:\d{2}) (.*))?$")
VIEWS = re.compile(r"\[(\d{1,9})\]")


def page_date(page: Page, url: str) -> date | None:
    """The day the page is of, from the first bold cell; None if no such cell is there.

    Raises:
        FieldMalformed: the cell names a day that does not exist.
    """
    cell = page.first(OWN_DATE)
    found = PAGE_DATE.fullmatch(collapse(cell.text())) if cell is not None else None
    if found is None:
        return None
    try:
        return read_day(found[1])
    except ValueError as exc:
        raise FieldMalformed("page.date", found[1], url) from exc


def section_names(page: Page) -> dict[int, str]:
    """Section numbers and names as the headline list and the foot give them."""
    names: dict[int, str] = {}
    for link in page.select(SECTION_LINK):
        row = SECTION_ROW.fullmatch(collapse(link.text()))
        if row is not None:
            names[int(row[1])] = row[2]
    return names


def read_headlines(document: Document) -> tuple[Headline, ...]:
    """The day's catalogue over all sections, in the page's order.

    Raises:
        FieldMissing: a row lacks its article's id or its comment count.
    """
    return tuple(_headline(link, document.url) for link in document.page.select(HEADLINE_LINK))


def _headline(link: Node, url: str) -> Headline:
    named = HEADLINE_ADDRESS.search(attribute(link, "href") or "")
    if named is None:
        raise FieldMissing("headline.external_id", url)
    category, cell = _beside(link)
    count_link = first_link(cell) if cell is not None else None
    if count_link is None:
        raise FieldMissing("headline.comment_count", url)
    told = count_link.attributes
    count, time, author = _last_comment(told.get("title"), count_link, url)
    last_id = (told["href"] or "").rpartition("#")[2]
    behind = count_link.next
    views = VIEWS.search((behind.text_content if behind is not None else None) or "")
    return Headline(
        external_id=named[2],
        section=int(named[1]),
        category=category,
        title=collapse(link.text()),
        comment_count=count,
        last_comment_id=last_id if last_id.isdecimal() else None,
        last_comment_time=time,
        last_comment_author=author,
        views=int(views[1]) if views is not None else None,
    )


def _beside(link: Node) -> tuple[str | None, Node | None]:
    """The category inside the HTML comment behind the title's cell, and the cell behind that."""
    division = link.parent
    cell = division.parent if division is not None else None
    beside = cell.next if cell is not None else None
    category: str | None = None
    while beside is not None and not beside.is_element_node:
        if beside.is_comment_node:
            named = CATEGORY.search(beside.comment_content or "")
            category = collapse(html.unescape(named[1])) or None if named is not None else None
        beside = beside.next
    return category, beside


def _last_comment(title: str | None, link: Node, url: str) -> tuple[int, str | None, str | None]:
    """How many comments, and the last one's time as ``HH:MM`` and author."""
    # Without comments there is no title; an author with a quotation mark in the name cuts it short.
    told = LAST_COMMENT.fullmatch(title or "") or LAST_SHOWN.fullmatch(collapse(link.text()))
    if told is None:
        raise FieldMissing("headline.comment_count", url)
    count, time, author = told.groups()
    return int(count), time.zfill(5) if time else None, collapse(author or "") or None


def read_counters(document: Document, headlines: tuple[Headline, ...], section: int) -> Counters:
    """The site's own counters; the page's own section is counted by its rows, the others by the foot."""
    # Readers quote the counters too: they stand above the first article.
    head = document.text.partition(FIRST_ARTICLE)[0]
    archive, today = ARCHIVE_COUNTERS.search(head), TODAY_COUNTERS.search(head)
    sections = {section: sum(1 for headline in headlines if headline.section == section)}
    for link in document.page.select(FOOT_LINK):
        other = SECTION_OF.search(attribute(link, "href") or "")
        count = FOOT_COUNT.search(collapse(link.text()))
        if other is not None and count is not None:
            sections[int(other[1])] = int(count[1])
    return Counters(
        articles=int(archive[1]) if archive is not None else None,
        comments=int(archive[2]) if archive is not None else None,
        articles_today=int(today[1]) if today is not None else None,
        comments_today=int(today[2]) if today is not None else None,
        sections=dict(sorted(sections.items())),
    )


def has_foot(page: Page) -> bool:
    """Whether the other sections' counts stand at the bottom: the last thing a whole page shows."""
    return any(FOOT_COUNT.search(collapse(link.text())) for link in page.select(FOOT_LINK))
