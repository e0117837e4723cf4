"""What a section page says of the whole day: its date, its counters, and the headline list.

The list has a row ``Page N: <section>`` a section and a row an article: the title in one cell, the
category inside an HTML comment, the comment count with the last comment's id in the other cell.
"""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from parsers.errors import FieldMalformed, FieldMissing
from parsers.html import Node, Page, line_of
from parsers.records import Counters, Headline
from parsers.source import Document
from parsers.text import COUNT, collapse, whole_number
from parsers.times import read_day

HEADLINE_LINK = 'td > div > a[href^="poparticle.php"][href*="HC="]'
"""The latest-comments box links the same page, without a section."""

LIST_OR_ARTICLE = f"{HEADLINE_LINK}, td.hline"

SECTION_LINK = 'a[href^="?D="], td[align="center"] > a[href^="?HC="]'
"""The rows that part the headline list, and the other sections at the page's foot."""

OWN_DATE = "td > big, td > b, td > strong"
FIRST_ARTICLE = "poparticle.php"
LAST_FOOTER = "Posted by:"

PAGE_DATE = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([0-9]{1,2}/[0-9]{1,2}/[0-9]{4})")
ARCHIVE_COUNTERS = re.compile(
    rf"(?<![0-9,])({COUNT})\s+articles?\s+and\s+({COUNT})\s+comments?\s+are\s+archived"
)
TODAY_COUNTERS = re.compile(rf"Today:\s+({COUNT})\s+articles?\s+and\s+({COUNT})\s+comments?")
SECTION_ROW = re.compile(r"Page ([0-9]): ?(.*)")
HEADLINE_ADDRESS = re.compile(r"[?&]HC=([0-9])&ID=([0-9]+)")
SECTION_OF = re.compile(r"[?&]HC=([0-9])(?![0-9])")
FOOT_COUNT = re.compile(rf".*\(({COUNT})\)")
LATEST = re.compile(rf"({COUNT})(?: ([0-9]{{1,2}}:[0-9]{{2}})(?: (.*))?)? \[({COUNT})\]")
"""How many comments, the last one's time and author, and the views."""


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


@dataclass(slots=True)
class Sections:
    """The sections' names as the headline list gives them, and the other sections' counts from the foot.

    The foot is the last thing a whole page shows: without it ``counts`` is empty.
    """

    names: dict[int, str]
    counts: dict[int, int]


def read_sections(links: Iterable[Node], text: str) -> Sections:
    """What the links to the day's sections say.

    A comment that opens ``<script>`` hides the foot from the tree: then the source below the last footer is
    parsed by itself.
    """
    found = _sections(links)
    if not found.counts:
        below = text.rfind(LAST_FOOTER)
        foot = Page(text[max(0, below) :].encode("utf-8", "replace"))
        found.counts.update(_sections(foot.select(SECTION_LINK)).counts)
    return found


def _sections(links: Iterable[Node]) -> Sections:
    found = Sections({}, {})
    for link in links:
        words = collapse(link.text())
        if row := SECTION_ROW.fullmatch(words):
            found.names.setdefault(int(row[1]), row[2])
        elif (count := FOOT_COUNT.fullmatch(words)) and (
            other := SECTION_OF.search(link.attributes["href"] or "")
        ):
            found.counts[int(other[1])] = whole_number(count[1])
    return found


def read_headlines(links: Iterable[tuple[Node, str]], url: str) -> tuple[Headline, ...]:
    """The day's catalogue over all sections, in the page's order, of its links and their addresses.

    Raises:
        FieldMissing: a row lacks its article's id or its comment count.
    """
    return tuple([_headline(link, address, url) for link, address in links])


def has_list(page: Page) -> bool:
    """Whether the page has a headline list: a link of one stands before the first article."""
    first = page.first(LIST_OR_ARTICLE)
    return first is not None and first.tag == "a"


def _headline(link: Node, address: str, url: str) -> Headline:
    named = HEADLINE_ADDRESS.search(address)
    if named is None:
        raise FieldMissing("headline.external_id", url)
    category, cell = _beside(link, url)
    if cell is None:
        raise FieldMissing("headline.comment_count", url)
    section, external_id = named.groups()
    # An author with a quotation mark in the name cuts the link's title short; its words are whole.
    latest = LATEST.fullmatch(collapse(cell.text()))
    if latest is None:
        raise FieldMissing("headline.comment_count", url)
    count, time, author, views = latest.groups()
    last_id = _last_comment_id(cell)
    if count != "0" and last_id is None:
        raise FieldMissing("headline.last_comment_id", url)
    return Headline(
        external_id=external_id,
        section=int(section),
        category=category,
        title=collapse(line_of(link)),
        comment_count=whole_number(count),
        last_comment_id=last_id,
        last_comment_time=time.zfill(5) if time else None,
        last_comment_author=author or None,
        views=whole_number(views),
    )


def _beside(link: Node, url: str) -> tuple[str | None, Node | None]:
    """The category inside the HTML comment behind the title's cell, and the cell behind that."""
    division = link.parent
    cell = division.parent if division is not None else None
    beside = cell.next if cell is not None else None
    category: str | None = None
    while beside is not None and not beside.is_element_node:
        if (hidden := beside.comment_content) is not None:
            if FIRST_ARTICLE in hidden:
                raise FieldMalformed("headline.category", "a comment that hides a row", url)
            category = _category(hidden)
        beside = beside.next
    return category, beside


@lru_cache(maxsize=1024)
def _category(markup: str) -> str | None:
    words = markup.rpartition("</a>")[0].rpartition('">')[2]
    return collapse(html.unescape(words)) or None


def _last_comment_id(cell: Node) -> str | None:
    child = cell.first_child
    while child is not None:
        # An author with a quotation mark leaves its link many attributes: none but this one is made a string.
        address = child.attrs.get("href") if child.is_element_node else None
        if address is not None:
            fragment = address.rpartition("#")[2]
            return fragment if fragment.isascii() and fragment.isdecimal() else None
        child = child.next
    return None


def read_counters(
    document: Document, headlines: tuple[Headline, ...], section: int, sections: Sections
) -> Counters:
    """The site's own counters; the page's own section is counted by its rows, the others by the foot."""
    text = document.text
    # Readers quote the counters too: they stand above the first article.
    end = text.find(FIRST_ARTICLE)
    head = text[:end] if end >= 0 else text
    # Looking for digits from the top of the page would cost more than all the rest of this.
    archive = ARCHIVE_COUNTERS.search(head, max(0, head.find("are archived") - 100))
    today = TODAY_COUNTERS.search(head)
    own = sum(1 for headline in headlines if headline.section == section)
    return Counters(
        articles=whole_number(archive[1]) if archive is not None else None,
        comments=whole_number(archive[2]) if archive is not None else None,
        articles_today=whole_number(today[1]) if today is not None else None,
        comments_today=whole_number(today[2]) if today is not None else None,
        sections=dict(sorted({section: own, **sections.counts}.items())),
    )
