"""Article pages, comments pages and renditions, and addresses written another way."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from tests.site.cases.fixture import (
    BASE,
    Fixture,
    article_url,
    comments_url,
    in_rendition,
    on_article_page,
    on_comments_page,
    on_section_page,
)
from tests.site.cases.small import day_of, remark, short_article
from tests.site.model import Day
from tests.site.pieces import Break, Gloss, Note, Outlet, Text, film, paragraphs
from tests.site.render import article_page, comments_page, encoded
from tests.site.truth import Answer

DAY = date(2025, 8, 21)


def cases() -> Iterator[Fixture]:
    """Every case of this kind."""
    rich = _rich()
    bare = day_of(short_article(302, DAY, comments=0, category=None, title="", link=""))
    yield on_article_page("article-page", "One article and its comments, without the headline list.", rich)
    yield on_article_page(
        "article-page-without-a-category", "An article page need not name a category, nor a title.", bare
    )
    yield on_comments_page(
        "comments-page", "Comments stand newest first here; the answer has them oldest first.", rich
    )
    yield on_comments_page(
        "comments-page-without-comments", "An article nobody has spoken about, with empty cells.", bare
    )
    yield in_rendition(
        "comments-text", "The text rendition of a comments page has no ids but the address's.", rich
    )
    yield in_rendition(
        "comments-text-without-comments", "A rendition can end with the one who posted the article.", bare
    )
    yield _folded()
    yield from _addresses()
    yield from _unknown_ids()


def _rich() -> Day:
    body = paragraphs(
        (
            Outlet("Quay.Gazette"),
            film(),
            Break(),
            Text("The ferry is "),
            Gloss("kaput", "out of order"),
            Text("."),
        ),
        (Text("A raft will do "), Note("It did not."), Text("until June.")),
    )
    comments = (
        remark(3011, datetime(2025, 8, 21, 10, 10), "I can row.", author=" Quince"),
        remark(3012, datetime(2025, 8, 21, 13, 30), "#1 So can my aunt. Posted by: Ludo 2025-08-20 09:00"),
        remark(3013, datetime(2025, 8, 22, 6, 2), (Text("Rafts leak."), Note("All of them."))),
    )
    title = 'The ferry & "the raft"\n'
    return day_of(short_article(301, DAY, section=3, title=title, body=body, comments=comments))


def _folded() -> Fixture:
    day = date(2018, 11, 4)
    comments = (
        remark(3031, datetime(2018, 11, 4, 1, 55)),
        remark(3032, datetime(2018, 11, 4, 1, 5, fold=1)),
        remark(3033, datetime(2018, 11, 4, 7, 0)),
    )
    why = "Newest first on the page, yet the repeated hour is told by the order of ids, oldest first."
    return on_comments_page(
        "comments-page-clock-goes-back", why, day_of(short_article(303, day, comments=comments))
    )


def _addresses() -> Iterator[Fixture]:
    day = date(2018, 5, 6)
    shown = day_of(short_article(304, day), short_article(305, day, section=4, comments=0))
    plain = on_section_page("", "", shown)
    for name, why, url in (
        ("address-without-a-day", "An address without a day is the site's today: the page says which.", BASE),
        (
            "address-with-index-php",
            "index.php in the path is the same page.",
            f"{BASE}index.php?D=05/06/2018&HC=1",
        ),
        ("address-with-an-iso-day", "The day is written either way round.", f"{BASE}?D=2018-05-06&HC=1&SO="),
    ):
        yield replace(plain, name=name, why=why, url=url, answer=_at(plain, url))


def _at(fixture: Fixture, url: str) -> Answer:
    return {key: url if key == "url" else value for key, value in (fixture.answer or {}).items()}


def _unknown_ids() -> Iterator[Fixture]:
    day = Day(day=date(2018, 5, 7))
    yield Fixture(
        name="article-page-of-an-unknown-id",
        why="An id the site does not know answers 200 with the frame and no article.",
        page=encoded(article_page(day, "999999")),
        url=article_url(day.day, "999999", 1),
        day=day.day,
        error="PageUnrecognised",
    )
    yield Fixture(
        name="comments-page-of-an-unknown-id",
        why="An id the site does not know answers 200 with the form and empty cells.",
        page=encoded(comments_page(day, "999999")),
        url=comments_url(day.day, "999999", 1),
        day=day.day,
        error="PageUnrecognised",
    )
