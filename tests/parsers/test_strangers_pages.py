"""Pages that a stranger wrote to find what the parsers take for granted."""

import pytest

from parsers.errors import FieldMalformed, PageUnrecognised
from tests.parsers.pages import BARGE, DAY, day_with, parse, remark, shown_on, story
from tests.site.cases.fixture import article_url, comments_url, section_url
from tests.site.pieces import Markup, Text
from tests.site.render import article_page, comments_page, comments_text, section_page


def test_a_comments_page_of_another_article_is_not_believed() -> None:
    page = comments_page(day_with(story(remark(1))), "510764")
    with pytest.raises(PageUnrecognised, match="510764"):
        parse(page, comments_url(DAY, "999", 1))


def test_a_rendition_of_another_day_is_not_believed() -> None:
    page = comments_text(day_with(story(remark(1))), "510764")
    with pytest.raises(PageUnrecognised, match="2018-03-24"):
        parse(page, comments_url(DAY.replace(day=24), "510764", 1), None)


def test_a_page_of_another_section_is_not_believed() -> None:
    page = section_page(day_with(story(remark(1))), 1)
    with pytest.raises(PageUnrecognised, match="asked for section 2"):
        parse(page, section_url(DAY, 2))


def test_a_day_that_does_not_exist_in_a_footers_link_is_told() -> None:
    page, url = shown_on(day_with(story()))
    with pytest.raises(FieldMalformed, match="2018-02-30"):
        parse(page.replace(f"comments.php?D={DAY}", "comments.php?D=2018-02-30"), url)


def test_a_title_of_two_lines_is_two_words() -> None:
    page, url = shown_on(day_with(story()))
    parsed = parse(page.replace("Barge</a>", "Barge<br>and <i>tow</i>boat</a>"), url)
    assert parsed.articles[0].title == "Barge and towboat"
    assert parsed.headlines[0].title == "Barge and towboat"


def test_a_category_with_an_arrow_in_it() -> None:
    page, url = shown_on(day_with(story()))
    parsed = parse(page.replace("#Bridges", "#A > B").replace(">Bridges<", ">A > B<"), url)
    assert parsed.headlines[0].category == "A > B"


def test_a_posters_name_is_no_label_and_no_views() -> None:
    page, url = shown_on(day_with(story()))
    parsed = parse(page.replace("Posted by: Tiller", "Posted by: [9 views] File under: x"), url)
    (article,) = parsed.articles
    assert (article.posted_by, article.views, article.label) == ("[9 views] File under: x", 3, None)


def test_a_comment_that_links_as_the_headline_list_does() -> None:
    link = Markup('<div><a href="poparticle.php?D=03/23/2018&SO=&HC=1&ID=1">here</a></div>', shown="here")
    day = day_with(story(remark(1, body=(link,))))
    assert len(parse(*shown_on(day)).headlines) == 1
    assert parse(article_page(day, "510764"), article_url(DAY, "510764", 1)).kind == "article"


@pytest.mark.parametrize(
    ("words", "outlet"),
    [
        ("[Ynet] A barge.", "Ynet"),
        ("(IraqiNews.com) A barge.", "IraqiNews.com"),
        ("(news.example) A barge.", "news.example"),
        ("(Reuters) A barge.", "Reuters"),
        ("(he said) A barge.", None),
        ("(2 hours ago) A barge.", None),
        ("[...] A barge.", None),
        (f"[{'x' * 81}] A barge.", None),
    ],
)
def test_an_outlet_is_a_name_in_brackets(words: str, outlet: str | None) -> None:
    (article,) = parse(*shown_on(day_with(story(body=(Text(words),))))).articles
    assert article.outlet == outlet


@pytest.mark.parametrize("style", ["background:#CCC;color:black", '"background: #FFCCCC; color: #333;"'])
def test_an_editors_note_in_another_dress(style: str) -> None:
    note = Markup(f" <table style={style}><tr><td>a note</td></tr></table>")
    (article,) = parse(*shown_on(day_with(story(body=(*BARGE, note))))).articles
    assert (article.text, article.text_original) == ("A barge came by. a note", "A barge came by.")
