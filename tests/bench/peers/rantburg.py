"""What the three readers of a section page share: the patterns of its words, and the site's clock."""

import re
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/New_York")
POSTED = re.compile(r"\s*Posted by:(.*?)\|\|\s*(\d+/\d+/\d{4})\s+(\d+:\d\d)", re.DOTALL)
VIEWS = re.compile(r"\[(\d+) views\]")
LABEL = re.compile(r"File under:(.*)", re.DOTALL)
OUTLET = re.compile(r"[\[(]([^\])]+)[\])]")
NUMBER = re.compile(r"\s*#(\d+)\s*")
OWN = re.compile(r"[?&]HC=(\d)&ID=(\d+)")
LATEST = re.compile(r"(\d+)(?: (\d+:\d\d)(?: (.*))?)? \[(\d+)\]")
CATEGORY = re.compile(r'">([^<]*)</a>')
SECTION = re.compile(r"Page (\d): ?(.*)")
FOOT = re.compile(r".*\((\d+)\)")
COUNTERS = re.compile(
    r"(\d+) articles and (\d+) comments are archived.*?Today: (\d+) articles and (\d+) comments", re.DOTALL
)
LIST_END = '<td class="hline">'


def collapse(text: str) -> str:
    """Every run of white space as one blank."""
    return " ".join(text.split())


def day_of(text: str) -> str:
    """``Fri 03/23/2018`` as a date."""
    month, day, year = text.rsplit(maxsplit=1)[-1].split("/")
    return date(int(year), int(month), int(day)).isoformat()


def posted(words: str) -> dict[str, Any]:
    """Author and time out of a footer's words."""
    found = POSTED.match(words)
    if found is None:
        raise ValueError(f"no footer: {words!r}")
    author, day, clock = found.groups()
    local = datetime.strptime(f"{day} {clock}", "%m/%d/%Y %H:%M").replace(tzinfo=ZONE)
    return {
        "author": collapse(author) or None,
        "posted_at": local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "posted_local": local.strftime("%Y-%m-%dT%H:%M"),
    }


def article(
    *, external_id: str, date: str, category: str | None, title: str, link: str | None, words: str, text: str,
    original: str, headline: dict[str, Any], names: dict[int, str], comments: list[dict[str, Any]],
) -> dict[str, Any]:  # fmt: skip
    """An article out of what the tree showed of it."""
    footer, views, label, outlet = (
        posted(words),
        VIEWS.search(words),
        LABEL.search(words),
        OUTLET.match(original),
    )
    return {
        "external_id": external_id,
        "date": date,
        "section": headline["section"],
        "section_name": names.get(headline["section"]) or None,
        "category": headline["category"] or category,
        "title": collapse(title),
        "link": link or None,
        "outlet": outlet[1].strip() if outlet else None,
        "posted_by": footer["author"],
        "posted_at": footer["posted_at"],
        "posted_local": footer["posted_local"],
        "label": (collapse(label[1]) or None) if label else None,
        "views": int(views[1]) if views else None,
        "text": text,
        "text_original": original,
        "comments": comments,
    }


def comment(external_id: str, words: str, footer: str) -> dict[str, Any]:
    """A comment out of its cell's words and its footer's."""
    number = NUMBER.match(words)
    if number is None:
        raise ValueError(f"no number: {words!r}")
    return {
        "number": int(number[1]),
        "external_id": external_id,
        **posted(footer),
        "text": collapse(words[number.end() :]),
    }


def headline(href: str, title: str, hidden: str, words: str, last: str) -> dict[str, Any]:
    """A row of the day's list."""
    own, latest, category = OWN.search(href), LATEST.fullmatch(collapse(words)), CATEGORY.search(hidden)
    if own is None or latest is None:
        raise ValueError(f"no row: {href!r} {words!r}")
    return {
        "external_id": own[2],
        "section": int(own[1]),
        "category": (category[1] or None) if category else None,
        "title": collapse(title),
        "comment_count": int(latest[1]),
        "last_comment_id": last.rpartition("#")[2] or None,
        "last_comment_time": latest[2].zfill(5) if latest[2] else None,
        "last_comment_author": latest[3] or None,
        "views": int(latest[4]),
    }


def counters(words: str, own: int, count: int, links: list[str], addresses: list[str]) -> dict[str, Any]:
    """The site's counters; ``own`` is the page's section, ``links`` the words of links to others."""
    found = COUNTERS.search(words)
    if found is None:
        raise ValueError("no counters")
    sections = {own: count}
    for text, address in zip(links, addresses, strict=True):
        if (counted := FOOT.fullmatch(collapse(text))) is not None:
            sections[int(address[4])] = int(counted[1])
    return {
        "articles": int(found[1]),
        "comments": int(found[2]),
        "articles_today": int(found[3]),
        "comments_today": int(found[4]),
        "sections": {str(key): sections[key] for key in sorted(sections)},
    }


def section_names(links: list[str]) -> dict[int, str]:
    """The sections' names out of the list's own headings."""
    rows = (SECTION.fullmatch(collapse(text)) for text in links)
    return {int(row[1]): row[2] for row in rows if row is not None}
