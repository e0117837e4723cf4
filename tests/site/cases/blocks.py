"""Section pages: titles, categories, footers and the headline list."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from tests.site.cases.fixture import Fixture, on_section_page
from tests.site.cases.small import day_of, short_article
from tests.site.model import Day
from tests.site.pieces import Break, picture


def cases() -> Iterator[Fixture]:
    """Every case of this kind."""
    yield _plain()
    yield from _titles()
    yield from _categories()
    yield from _footers()
    yield _all_sections()
    yield _nameless()
    yield _nothing()


def _plain() -> Fixture:
    day = date(2018, 3, 23)
    articles = (short_article(1, day, comments=2), short_article(2, day, category="Tea & Trade"))
    return on_section_page("section-page-plain", "A section page without any trap.", day_of(*articles))


def _titles() -> Iterator[Fixture]:
    day = date(2016, 8, 2)
    traps: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("empty-title", "A title can be empty while its link is not.", {"title": ""}),
        (
            "title-ends-in-a-newline",
            "Titles were pasted with the line break that ended them.",
            {"title": "Ferry to run again on Sundays from May\n"},
        ),
        (
            "title-starts-with-a-blank",
            "A title can begin with a blank, which is none of its words.",
            {"title": "  'Ducks have the right of way' rules the lock keeper"},
        ),
        (
            "title-with-ampersand-and-quotes",
            "Titles hold bare ampersands and quotation marks.",
            {"title": "\"Salt & Vinegar\" wins 'best of R&D' at the chip fair"},
        ),
        (
            "picture-alone",
            "An article can be a picture alone, with an empty title and an empty link.",
            {
                "title": "",
                "link": "",
                "body": (picture("images/greenhouse.jpg", "the greenhouse at dusk"), Break(2)),
            },
        ),
    )
    for number, (name, why, trap) in enumerate(traps, 11):
        trapped = short_article(number, day, **trap)
        yield on_section_page(name, why, day_of(short_article(number + 20, day, comments=0), trapped))


def _categories() -> Iterator[Fixture]:
    day = date(2014, 10, 9)
    yield on_section_page(
        "category-carried-down",
        "A block without a category row has the category of the block above.",
        day_of(
            short_article(41, day, category="-Signs of the Weather-"),
            short_article(42, day, category="-Signs of the Weather-", comments=0),
            short_article(43, day, category="Gardens/Orchards/Hedges"),
            short_article(44, day, category="Gardens/Orchards/Hedges"),
        ),
    )
    yield on_section_page(
        "first-block-without-a-category-row",
        "The first block can lack its category row; the headline list still knows the category.",
        day_of(short_article(45, day), short_article(46, day), category_hidden=True),
    )
    yield on_section_page(
        "first-block-without-any-category",
        "The first block has no category row, and the headline list has no category for it either.",
        day_of(short_article(47, day, category=None), short_article(48, day, category="Bridges")),
    )


def _footers() -> Iterator[Fixture]:
    day = date(2012, 6, 30)
    yield on_section_page(
        "article-without-comments",
        "Without comments a headline's anchor has no title and its address ends at the number sign.",
        day_of(short_article(51, day, comments=0), short_article(52, day, section=3, comments=0)),
    )
    yield on_section_page(
        "file-under-blank",
        "Nothing behind File under is no label.",
        day_of(short_article(53, day, label=""), short_article(54, day, label="Gardeners' Union (GU)")),
    )
    yield on_section_page(
        "body-span-closed",
        "The span around a body is at times closed where it should be.",
        day_of(short_article(55, day, span_closed=True), short_article(56, day, span_closed=True)),
    )
    yield on_section_page(
        "body-span-never-closed",
        "The span around a body is never closed, and two stray row ends follow it.",
        day_of(short_article(57, day, comments=2), short_article(58, day, comments=1)),
    )
    yield on_section_page(
        "poster-with-odd-signs",
        "The one who posted an article can have blanks and signs around the name too.",
        day_of(short_article(59, day, posted_by=" J. O'Dell (mod)", comments=0)),
    )


def _all_sections() -> Fixture:
    day = date(2018, 12, 1)
    articles = [
        short_article(60 + section, day, section=section, comments=section % 3) for section in (1, 2, 3)
    ]
    articles += [short_article(70 + section, day, section=section, comments=1) for section in (1, 4, 6)]
    why = "The headline list holds the day's articles of all sections, the page the text of one."
    return on_section_page("headlines-of-all-sections", why, day_of(*articles), section=2)


def _nameless() -> Fixture:
    day = date(2009, 1, 20)
    nameless = short_article(81, day, section=5, category=None)
    articles = (nameless, short_article(82, day, section=1, comments=0))
    return on_section_page(
        "section-without-a-name",
        "The fifth section has no name, neither in the headline list nor anywhere else.",
        day_of(*articles),
        section=5,
    )


def _nothing() -> Fixture:
    why = "A day with nothing is a page with its frame, its date and counters of nought."
    return on_section_page("day-with-nothing", why, Day(day=date(2001, 4, 7), articles_archived=12))
