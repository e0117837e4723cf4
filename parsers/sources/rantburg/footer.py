"""The footer of an article or a comment on section and article pages: its words, and its link.

Posted by: Fred || 03/23/2018 02:07 || Comments || [1,204 views] || File under: Europe
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from parsers.errors import FieldMalformed, FieldMissing
from parsers.html import Node
from parsers.sources.rantburg.cell import FOOTER_START
from parsers.sources.rantburg.comment import local_time
from parsers.text import COUNT, collapse, whole_number
from parsers.times import CLOCK_TIME, read_day

WORDS = re.compile(
    rf"\s*Posted by:(.*)\|\|\s*([0-9]{{1,2}}/[0-9]{{1,2}}/[0-9]{{4}})\s+({CLOCK_TIME})"
    r"(?=\s*(?:\|\||Comments\b|$))",
    re.DOTALL,
)
"""What follows the time belongs to the pattern: without it ``10:00 PM`` and ``10:00:59`` would be 10:00."""

OWN_ADDRESS = re.compile(r"[?&]D=([0-9/-]+)&ID=[0-9]+&HC=([0-9])")
OWN_ID = re.compile(r"[?&]ID=([0-9]+)")
VIEWS = re.compile(rf"\[({COUNT}) views?\]")
LABEL = re.compile(r"File under: ?(.*)")


@dataclass(slots=True)
class Footer:
    """A footer's cell, its link to the comments page, and the words that the cell begins with."""

    cell: Node
    address: str
    beginning: str


def footer_of(cell: Node, address: str) -> Footer | None:
    """The footer that the cell is; None if it does not begin as one."""
    first = cell.first_child
    beginning = (first.text_content if first is not None else None) or ""
    return Footer(cell, address, beginning) if beginning.lstrip().startswith(FOOTER_START) else None


def words_of(footer: Footer, kind: str, url: str) -> re.Match[str]:
    """What a footer says: author, day and clock.

    Raises:
        FieldMissing: it does not say them.
    """
    # An author's name with an element in it is not in the first words.
    words = WORDS.match(footer.beginning) or WORDS.match(footer.cell.text())
    if words is None:
        raise FieldMissing(f"{kind}.posted_at", url)
    return words


def author_and_time(words: re.Match[str], kind: str, url: str) -> tuple[str | None, datetime]:
    """The author, and the naive local time of posting.

    Raises:
        FieldMalformed: there is no such time.
    """
    author, day, clock = words.groups()
    return collapse(author) or None, local_time(day, clock, f"{kind}.posted_at", url)


def require_article(footer: Footer, article_id: str, url: str) -> None:
    """Pass a footer whose link is of that article, or of none.

    Raises:
        FieldMalformed: it names another.
    """
    named = _article_id(footer.address)
    if named is not None and named != article_id:
        raise FieldMalformed("article.external_id", f"{article_id} and {named}", url)


@lru_cache(maxsize=64)
def _article_id(address: str) -> str | None:
    """The article that a footer links: all footers of one article have the same link."""
    named = OWN_ID.search(address)
    return named[1] if named is not None else None


def day_and_section(footer: Footer, url: str) -> tuple[date, int] | tuple[None, None]:
    """The article's day and section as the footer's link names them.

    Raises:
        FieldMalformed: there is no such day.
    """
    own = OWN_ADDRESS.search(footer.address)
    if own is None:
        return None, None
    try:
        return read_day(own[1]), int(own[2])
    except ValueError as exc:
        raise FieldMalformed("article.date", own[1], url) from exc


def views_and_label(footer: Footer, words: re.Match[str]) -> tuple[int | None, str | None]:
    """The counter of views and the label that an article's footer ends with."""
    # Behind the time: a poster may call himself "File under".
    foot = collapse(footer.cell.text()[words.end() :])
    views, label = VIEWS.search(foot), LABEL.search(foot)
    return (
        whole_number(views[1]) if views is not None else None,
        (label[1] or None) if label is not None else None,
    )
