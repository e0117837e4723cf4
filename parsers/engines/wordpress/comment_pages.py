"""The pages of a long thread: ``/comment-page-2/``, or ``?cpage=2``."""

import re

from parsers.engines.raw import RawPage
from parsers.engines.tree import absolute, base_of, split_address
from parsers.html import attribute

# https://quay.example/2024/05/01/a-crane/comment-page-2/, https://quay.example/?p=7&cpage=2
PAGE = re.compile(r"/comment-page-([0-9]{1,6})(?:/|$)|[?&]cpage=([0-9]{1,6})(?:&|$)")
LINKS = 'a[href*="comment-page-"], a[href*="cpage="]'
# <a href="/a-crane/comment-page-2/#comment-12">, <a href="/a-crane/?replytocom=12#respond">
OF_A_COMMENT = re.compile(r"#(?:li-)?comment-[0-9]+|replytocom=|#respond|#reply")


def comment_page_of(url: str) -> int | None:
    """The page of comments that an address names."""
    parts = split_address(url)
    found = PAGE.search(parts.path) or PAGE.search(f"?{parts.query}")
    return int(found[1] or found[2]) if found else None


def linked_pages(raw: RawPage) -> dict[int, str]:
    """The pages of the same article's comments that the page links to, by their numbers."""
    base, article = base_of(raw.page, raw.url), _article_of(raw.url)
    pages: dict[int, str] = {}
    for link in raw.page.select(LINKS):
        href = attribute(link, "href") or ""
        address = absolute(base, href) if not OF_A_COMMENT.search(href) else None
        number = comment_page_of(address) if address else None
        # A box of the latest comments links to pages of other articles.
        if address and number is not None and (not article or _article_of(address) == article):
            pages.setdefault(number, address)
    return dict(sorted(pages.items()))


def shown_page(raw: RawPage) -> int | None:
    """The page that this is, by the links of its own comments where they name one."""
    permalinks = (attribute(link, "href") or "" for link in raw.page.select('a[href*="#comment-"]'))
    numbers = {number for href in permalinks if (number := comment_page_of(href)) is not None}
    # The plain address is the newest or the oldest page, by a setting: the comments' own addresses say which.
    asked = comment_page_of(raw.url)
    return asked if asked is not None else (numbers.pop() if len(numbers) == 1 else None)


def _article_of(url: str) -> str:
    parts = split_address(url)
    path = PAGE.sub("/", parts.path).rstrip("/")
    query = PAGE.sub("", f"?{parts.query}")
    return f"{path}{query}" if path or len(query) > 1 else ""
