"""Input that means harm, or nothing at all: only a ThresherError may come of it, and soon."""

import pytest

from parsers.errors import PageBlocked, PageUnrecognised, ParseError, ThresherError
from tests.parsers.pages import DAY, Invented, day_of, pages_of, parse
from tests.site.cases.fixture import article_url, comments_url, section_url

SECTION_URL = section_url(DAY, 1)
URLS = ("", SECTION_URL, article_url(DAY, "1", 1), comments_url(DAY, "1", 1))
NESTED = b"<div>" * 5_000
CELLS = b"<table><tr><td>" * 5_000

HOSTILE = {
    "nothing": b"",
    "blanks": b" \r\n\t" * 10_000,
    "NULs": b"\0" * 10_000,
    "a million brackets": b"<" * 1_000_000,
    "open tags": b"<a " * 50_000,
    "open comments": b"<!--" * 50_000,
    "nested": NESTED,
    "nested in a section page": b"<td class=hline><a name=1></a></td>" + NESTED,
    "nested cells": CELLS + b'<a name="1"></a>#1 x',
    "a huge attribute": b'<td class="hline" style="' + b"x" * 1_000_000 + b'">',
    "a huge number": b'<td><a name="1"></a>#' + b"9" * 100_000,
    "marks without articles": b'<table><td><a name="1"></a>#1 x</td></tr><td>Posted by: x || 03/23/2018 1:11'
    b' <a href="comments.php?ID=1&">',
    "links without addresses": b"<td><div><a href=poparticle.php?HC=></a></div></td><td class=hline><a name>",
    "surrogates": b"<td class=hline>&#xD800;&#0;&#x110000;&#xFFFE;",
    "half of UTF-16": b"\xff\xfe<\0t",
    "all bytes": bytes(range(256)) * 200,
    "a submission alone": b"Submit your comments on this article",
    "bars": b"Submit your comments on this article |" + b" |" * 100_000,
    "a submission in a cell": b"<table><tr><td>Submit your comments on this article</td></tr></table>",
}


@pytest.mark.parametrize("url", URLS, ids=["no address", "section", "article", "comments"])
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_only_our_errors(body: bytes, url: str) -> None:
    with pytest.raises(ThresherError):
        parse(body, url)


@pytest.mark.parametrize("page", list(pages_of(day_of(5), threads=1)), ids=lambda page: page.kind)
@pytest.mark.parametrize(
    "content_type", ["\0", "text/html; charset=", 'a; charset="', "charset=utf-7", "é\r\nx: y"]
)
def test_a_hostile_content_type(page: Invented, content_type: str) -> None:
    assert parse(page.markup, page.url, content_type).kind == page.answer["kind"]


def test_nul_bytes_within_a_page() -> None:
    for page in pages_of(day_of(5), threads=1):
        read = parse(page.markup.replace("the", "t\0he"), page.url)
        assert "\0" not in repr(read)
        assert "\\x00" not in repr(read)


def test_deep_nesting_within_a_body() -> None:
    page = next(pages_of(day_of(5)))
    deep = page.markup.replace("[", "<i>" * 400 + "<div>" * 3_000 + "[", 1)
    assert parse(deep, page.url).headlines == parse(page.markup, page.url).headlines


def test_a_wall() -> None:
    with pytest.raises(PageBlocked, match="captcha"):
        parse(b"<html><h1>Solve the CAPTCHA</h1>", SECTION_URL)


def test_a_page_of_another_kind_than_its_address() -> None:
    section, article, comments, rendition = list(pages_of(day_of(5), threads=1))[-4:]
    for page, url in (
        (comments, section.url),
        (section, comments.url),
        (article, comments.url),
        (rendition, article.url),
    ):
        with pytest.raises(PageUnrecognised):
            parse(page.markup, url)


def test_a_day_that_does_not_exist_in_the_page_s_head() -> None:
    page = next(pages_of(day_of(0)))
    with pytest.raises(ParseError, match=r"page\.date"):
        parse(page.markup.replace("Tue 01/01/2002", "Tue 02/31/2002"), page.url)
    with pytest.raises(ParseError, match=r"page\.date"):
        parse(page.markup.replace("Tue 01/01/2002", "today"), page.url)


def test_another_day_than_asked_for() -> None:
    page = next(pages_of(day_of(0)))
    with pytest.raises(PageUnrecognised, match="asked for 2002-01-02"):
        parse(page.markup, page.url.replace("01/01/2002", "01/02/2002"))


def test_another_article_than_asked_for() -> None:
    article = list(pages_of(day_of(0), threads=1))[-3]
    assert article.kind == "article"
    with pytest.raises(PageUnrecognised, match="does not show article 77"):
        parse(article.markup, article.url.replace("ID=400000", "ID=77"))


def test_a_section_page_that_does_not_say_which() -> None:
    page = next(pages_of(day_of(0)))
    with pytest.raises(ParseError, match=r"page\.section"):
        parse(page.markup.replace("images/pg1.jpg", "images/top.jpg"), "")
