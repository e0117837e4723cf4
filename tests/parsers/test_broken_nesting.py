"""Markup in a body or a comment that breaks the page's tables: no row is lost, no words go to another row."""

from collections.abc import Callable

import pytest

from ingest.decide.completeness.counters import agreement
from parsers.records import Comment, ParsedPage
from tests.parsers.pages import BARGE, DAY, day_with, parse, remark, shown_on, story
from tests.site.cases.fixture import article_url, comments_url
from tests.site.model import Day
from tests.site.pieces import Body, Markup, Text
from tests.site.render import article_page, comments_page

BREAKING = (
    "<table><tr><td>",
    "<table>",
    "</table>",
    "</td>",
    "</td></tr>",
    "</td><td>",
    "</td></tr><tr><td>",
    "</div>",
    "</span>",
    "<b>",
    '<a href="x">',
    "<div>",
    "<ul><li>",
    "<form>",
    "<h2>",
    "</body></html>",
)


def broken(markup: str) -> Body:
    return (Text("before "), Markup(markup), Text(" after"))


def on_section_page(day: Day) -> ParsedPage:
    return parse(*shown_on(day))


def on_article_page(day: Day) -> ParsedPage:
    return parse(article_page(day, "510764"), article_url(DAY, "510764", 1))


def on_comments_page(day: Day) -> ParsedPage:
    return parse(comments_page(day, "510764"), comments_url(DAY, "510764", 1))


def said(comments: tuple[Comment, ...]) -> list[tuple[int, str | None, str]]:
    return [(comment.number, comment.author, comment.text) for comment in comments]


@pytest.mark.parametrize("markup", BREAKING)
@pytest.mark.parametrize("read", [on_section_page, on_article_page])
def test_in_a_body(markup: str, read: Callable[[Day], ParsedPage]) -> None:
    day = day_with(story(remark(1), remark(2), body=broken(markup)), story(remark(3), external_id="510770"))
    page = read(day)
    first = page.articles[0]
    assert (first.text, first.text_original) == ("before after", "before after")
    assert "before" in (first.html or "")
    assert "after" in (first.html or "")
    assert said(first.comments) == [(1, "reader 1", "remark 1"), (2, "reader 2", "remark 2")]
    assert page.kind == "article" or agreement(page) == ()


@pytest.mark.parametrize("markup", BREAKING)
@pytest.mark.parametrize("read", [on_section_page, on_article_page])
def test_in_a_comment(markup: str, read: Callable[[Day], ParsedPage]) -> None:
    day = day_with(story(remark(1, body=broken(markup)), remark(2)), story(remark(3), external_id="510770"))
    page = read(day)
    first = page.articles[0]
    assert first.text == "A barge came by."
    assert said(first.comments) == [(1, "reader 1", "before after"), (2, "reader 2", "remark 2")]
    assert page.kind == "article" or agreement(page) == ()


@pytest.mark.parametrize("markup", [markup for markup in BREAKING if markup != "</table>"])
def test_in_a_comment_of_a_comments_page(markup: str) -> None:
    page = on_comments_page(day_with(story(remark(1, body=broken(markup)), remark(2))))
    assert said(page.articles[0].comments) == [
        (1, "reader 1", "before after"),
        (2, "reader 2", "remark 2"),
    ]


@pytest.mark.parametrize("in_body", [True, False])
def test_a_stray_end_of_a_table_on_a_comments_page(in_body: bool) -> None:
    """Its rows are then no rows any more: each block is read by itself."""
    bodies = (broken("</table>"), BARGE) if in_body else (BARGE, broken("</table>"))
    day = day_with(story(remark(1, body=bodies[1]), remark(2), body=bodies[0]))
    (article,) = on_comments_page(day).articles
    assert article.text == ("before after" if in_body else "A barge came by.")
    texts = ["A barge came by." if in_body else "before after", "remark 2"]
    assert [comment.text for comment in article.comments] == texts


def test_a_category_that_fell_out_of_its_cell_is_no_part_of_the_body() -> None:
    markup, url = shown_on(day_with(story()))
    row = markup.index("midnightblue'>")
    cell = markup.index("<td>", row)
    (article,) = parse(markup[:cell] + markup[cell + 4 :], url).articles
    assert (article.category, article.text) == ("Bridges", "A barge came by.")


def test_a_quoted_footer_in_a_table_is_no_footer_of_a_comments_page() -> None:
    quoted = Markup("<table><tr><td>Posted by: someone 2018-03-20 10:10</td></tr></table>")
    page = on_comments_page(day_with(story(remark(1, body=(quoted,)))))
    assert said(page.articles[0].comments) == [(1, "reader 1", "Posted by: someone 2018-03-20 10:10")]


TAGS = (
    *("<tr>", "</tr>", "<td>", "</td>", "<table>", "</table>", "<tbody>", "</tbody>", "<div>", "</div>"),
    *("<b>", "<li>", "<p>", "</p>", "<form>", "<blockquote>", "</span>"),
)


PIECES = {
    (first, second): (Text("one "), Markup(first), Text(" two "), Markup(second), Text(" three"))
    for first in TAGS
    for second in TAGS
}
TWICE_CLOSED = PIECES.pop(("</table>", "</table>"))


@pytest.mark.parametrize("first", TAGS)
def test_two_stray_tags_lose_no_word(first: str) -> None:
    for (other, second), pieces in PIECES.items():
        if other == first:
            in_body = on_section_page(day_with(story(remark(1), body=pieces))).articles[0]
            in_comment = on_section_page(day_with(story(remark(1, body=pieces)))).articles[0]
            assert in_body.text == in_comment.comments[0].text == "one two three", second


def test_a_page_whose_own_tables_are_closed_is_read_block_by_block() -> None:
    for day in (
        day_with(story(remark(1), body=TWICE_CLOSED)),
        day_with(story(remark(1, body=TWICE_CLOSED))),
    ):
        (article,) = on_section_page(day).articles
        assert "one two three" in {article.text, article.comments[0].text}
        assert (article.posted_by, article.comments[0].author) == ("Tiller", "reader 1")
