"""Which page of how many this is, by the page's own navigation: past the end the site shows the last one."""

import re
from dataclasses import dataclass

from parsers.engines.counts import read_count
from parsers.engines.raw import RawPage
from parsers.engines.tree import absolute, attribute_of, base_of, first_text, text_of
from parsers.html import Node, attribute

# <div class="PageNav" data-page="2" data-last="13">
NAVIGATION_1 = "div.PageNav[data-last]"
# <ul class="pageNav-main"><li class="pageNav-page pageNav-page--current"><a href="...">2</a></li>
NAVIGATION_2 = "nav.pageNavWrapper .pageNav-main, .pageNav-main"
PAGES_2 = ".pageNav-page"
CURRENT_2 = ".pageNav-page--current"
# <a class="pageNavSimple-el pageNavSimple-el--current">2 of 13</a>
SIMPLE_2 = ".pageNavSimple-el--current"
NEXT = "link[rel=next], a.pageNav-jump--next, .pageNavSimple-el--next"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageNumbers:
    """The number of this page and of all pages; one of one where the page prints no navigation."""

    page: int
    pages: int
    next_urls: tuple[str, ...]


def page_numbers(raw: RawPage) -> PageNumbers:
    """What the navigation of a 1.x or 2.x page says."""
    link = attribute_of(raw.page, NEXT, "href")
    following = absolute(base_of(raw.page, raw.url), link) if link else None
    page, pages = _old(raw) or _full(raw) or _simple(raw) or (1, 1)
    next_urls = (following,) if following and page < pages else ()
    return PageNumbers(page=page, pages=pages, next_urls=next_urls)


def _old(raw: RawPage) -> tuple[int, int] | None:
    node = raw.page.first(NAVIGATION_1)
    if node is None:
        return None
    page, last = (_number(attribute(node, name) or "") for name in ("data-page", "data-last"))
    # A page without data-page is the first.
    return (page or 1, last) if last else None


def _full(raw: RawPage) -> tuple[int, int] | None:
    navigation = raw.page.first(NAVIGATION_2)
    current = _number(first_text(navigation, CURRENT_2) or "") if navigation is not None else None
    if navigation is None or current is None:
        return None
    numbers = [_number(_words(node)) for node in navigation.css(PAGES_2)]
    # "1 ... 6 [7] 8 ... 13": the last page is always printed, those between are not.
    return current, max(number or 0 for number in (*numbers, current))


def _simple(raw: RawPage) -> tuple[int, int] | None:
    """``2 of 13`` in whatever language."""
    words = first_text(raw.page, SIMPLE_2) or ""
    numbers = [int(number) for number in re.findall(r"[0-9]+", words)]
    return (numbers[0], numbers[1]) if len(numbers) == len(("page", "pages")) else None


def _words(node: Node) -> str:
    link = node.css_first("a")
    return text_of(link if link is not None else node)


def _number(text: str) -> int | None:
    count = read_count(text)
    return count.value if count is not None and count.exact else None
