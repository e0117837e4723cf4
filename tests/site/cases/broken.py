"""Pages that stop, lack a row, say what cannot be, or are another page altogether."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from tests.site.cases.fixture import Fixture, in_rendition, on_comments_page, on_section_page, section_url
from tests.site.cases.small import day_of, short_article
from tests.site.model import Article, Day
from tests.site.pieces import shown_in
from tests.site.render import comment_block, encoded
from tests.site.truth import cut_section_answer

DAY = date(2018, 7, 14)

CHALLENGE = """<!DOCTYPE html>
<html><head><title>Just a moment...</title>
<meta name="robots" content="noindex,nofollow"></head>
<body><h1>Checking your browser</h1>
<p>You will be let through in five seconds. Please allow scripts.</p>
<form id="challenge-form" action="/?D=07/14/2018&amp;HC=1" method="POST">
<input type="hidden" name="pass" value="8b1"></form></body></html>
"""
LOGIN = """<!DOCTYPE html>
<html><head><title>Rantburg</title></head>
<body><p>Members only this week. Please sign in.</p>
<form action="login.php" method="post"><input type="text" name="who">
<input type="password" name="word"><input type="submit" value="Sign in"></form></body></html>
"""
ERROR_TEXT = """<br />
<b>Fatal error</b>:  Too many connections to the database in <b>index.php</b> on line <b>12</b><br />
"""
STRANGER = """<!DOCTYPE html>
<html><head><title>Allotment Society</title></head>
<body><h1>Seed swap</h1><p>Bring beans and take peas, Saturday from two, in the reading room.</p>
<table><tr><td>Posted by: the secretary</td></tr></table></body></html>
"""


def cases() -> Iterator[Fixture]:
    """Every case of this kind."""
    yield from _cut_pages()
    yield from _damaged_rows()
    yield from _walls()
    rendition = in_rendition("", "", day_of(short_article(531, DAY)))
    yield replace(
        rendition,
        name="comments-text-cut-inside-a-comment",
        why="A rendition's last row is not closed by a bar.",
        page=rendition.page[:-60],
        answer=None,
        error="PageTruncated",
    )
    yield replace(
        rendition,
        name="comments-text-without-an-address",
        why="A rendition has no article id in it: without an address nobody knows which article it is.",
        url="",
        answer=None,
        error="FieldMissing",
        field="article.external_id",
    )


def _cut_pages() -> Iterator[Fixture]:
    first, second = short_article(501, DAY, comments=2), short_article(502, DAY, comments=2)
    day = day_of(first, second, short_article(503, DAY, section=2, comments=0))
    whole = on_section_page("", "", day)
    torn = replace(whole, answer=None, error="PageTruncated")
    for name, why, words in (
        ("cut-inside-a-comment", "The page ends in the middle of a comment.", _middle_of_comment(second)),
        ("cut-inside-a-body", "The page ends in the middle of a body.", shown_in(second.body)[-40:-20]),
        ("cut-inside-the-headline-list", "The page ends in the middle of the list.", f"{second.title[:12]}"),
    ):
        yield replace(torn, name=name, why=why, page=_until(whole.page, words))
    last = comment_block(second, 1, second.comments[0])
    kept = {first.external_id: 2, second.external_id: 1}
    yield replace(
        whole,
        name="cut-after-a-whole-comment",
        why="The page ends between two comments: what stands is whole, but it proves nothing about the rest.",
        page=whole.page[: whole.page.index(last.encode()) + len(last.encode())],
        answer=cut_section_answer(day, 1, url=whole.url, whole=kept),
    )
    thread = on_comments_page("", "", day)
    yield replace(
        thread,
        name="comments-page-cut-inside-a-comment",
        why="The comments page ends in the middle of a comment.",
        page=_until(thread.page, _middle_of_comment(first)),
        answer=None,
        error="PageTruncated",
    )


def _middle_of_comment(article: Article) -> str:
    words = shown_in(article.comments[0].body)
    return words[: len(words) // 2]


def _until(page: bytes, words: str) -> bytes:
    """The page up to and with these words, where they stand first."""
    return page[: page.index(words.encode()) + len(words.encode())]


def _damaged_rows() -> Iterator[Fixture]:
    rows: tuple[tuple[str, str, str, str, dict[str, Any]], ...] = (
        (
            "comment-without-a-footer",
            "A comment's footer is gone though the page's foot is there: nobody may guess the author.",
            "FieldMissing",
            "comment.author",
            {"footless": True},
        ),
        (
            "thirtieth-of-february",
            "A comment is dated the 30th of February.",
            "FieldMalformed",
            "comment.posted_at",
            {"date_shown": "02/30/2018"},
        ),
    )
    for name, why, error, field, damage in rows:
        page = on_section_page("", "", _damaged(damage))
        yield replace(page, name=name, why=why, answer=None, error=error, field=field)


def _damaged(damage: dict[str, Any]) -> Day:
    article = short_article(521, DAY, comments=3)
    first, second, third = article.comments
    return day_of(replace(article, comments=(first, replace(second, **damage), third)))


def _walls() -> Iterator[Fixture]:
    for name, why, page, error in (
        ("challenge-page", "A challenge stands in the page's place.", CHALLENGE, "PageBlocked"),
        ("login-page", "A login stands in the page's place.", LOGIN, "PageBlocked"),
        ("error-text", "The database's complaint stands in the page's place.", ERROR_TEXT, "PageBlocked"),
        ("page-of-another-site", "The page is nobody's that we know.", STRANGER, "PageUnrecognised"),
        ("empty-body", "An answer without a byte is no page.", "", "PageUnrecognised"),
    ):
        yield Fixture(name=name, why=why, page=encoded(page), url=section_url(DAY, 1), day=DAY, error=error)
