"""The same words in other bytes: old pages, labels, marks, and two encodings in one page."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from tests.site.cases.fixture import Fixture, on_section_page
from tests.site.cases.small import day_of, remark, short_article
from tests.site.model import Day
from tests.site.pieces import Outlet, Text, paragraphs
from tests.site.render import encoded, section_page

CURLY = "\u201cWe\u2019ll paint it cr\u00e8me,\u201d said Zo\u00eb \u2014 \u00a35 a tin."


def cases() -> Iterator[Fixture]:
    """Every case of this kind."""
    old, page = _case(date(2003, 2, 14), 401)
    western = encoded(page, "cp1252")
    yield replace(
        old,
        name="windows-1252-unlabelled",
        why="Old pages are windows-1252, and nothing says so.",
        page=western,
    )
    yield replace(
        old,
        name="windows-1252-by-header",
        why="The HTTP header names the encoding.",
        page=western,
        content_type="text/html; charset=windows-1252",
    )
    yield replace(
        old,
        name="latin-1-by-header-is-windows-1252",
        why="A page labelled ISO-8859-1 is read as windows-1252, curly quotes and all.",
        page=western,
        content_type="text/html; charset=ISO-8859-1",
    )
    new, page = _case(date(2013, 9, 8), 403)
    yield replace(
        new,
        name="utf-8-with-a-mark",
        why="A byte-order mark before the page is no part of it.",
        page=b"\xef\xbb\xbf" + encoded(page),
    )
    yield replace(
        new,
        name="utf-8-by-header",
        why="The HTTP header says UTF-8, in capitals and quotation marks.",
        page=encoded(page),
        content_type='text/html; charset="UTF-8"',
    )
    yield replace(
        new,
        name="windows-1252-comment-in-a-utf-8-page",
        why="One comment's bytes are windows-1252 in a page of UTF-8: they are read one by one.",
        page=encoded(page).replace(CURLY.encode(), CURLY.encode("cp1252"), 1),
    )


def _case(date_: date, number: int) -> tuple[Fixture, str]:
    day = _day(date_, number)
    return on_section_page("", "", day), section_page(day, 1)


def _day(day: date, number: int) -> Day:
    said = remark(number * 10, datetime(day.year, day.month, day.day, 6, 30), CURLY, author="Zo\u00eb")
    body = paragraphs(
        (Outlet("Caf\u00e9 Gazette"), Text("The \u2018m\u00fcesli\u2019 caf\u00e9 opens \u2013 at last.")),
        "Na\u00efve guests asked for cr\u00eape\u2026 and got one for 5\u00bd shillings.",
    )
    return day_of(short_article(number, day, body=body, title="Caf\u00e9 \u2018open\u2019", comments=(said,)))
