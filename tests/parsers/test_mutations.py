"""Damaged pages: an error, or rows that are all true; a row that went missing is told by the counters."""

import random
import re
from collections.abc import Iterator
from html import unescape

import pytest

from ingest.decide.completeness.counters import agreement
from ingest.records.json_output import answer_of
from parsers.errors import ParseError
from parsers.records import ParsedPage
from tests.parsers.pages import (
    DAY,
    Invented,
    answered,
    day_of,
    day_with,
    pages_of,
    parse,
    remark,
    story,
)
from tests.site.cases.fixture import comments_url
from tests.site.render import comments_text, encoded
from tests.site.truth import Answer

TAG = re.compile(r"<!--|-->|</?[A-Za-z][^>]*>")
ELEMENT = re.compile(r"<([A-Za-z]+)(\s+[^<>]*?)(/?)>")
ATTRIBUTE = re.compile(r"""([\w-]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")
STRICT = ("number", "author", "posted_local", "posted_at", "external_id")

Rows = dict[tuple[str, ...], tuple[object, ...]]


@pytest.mark.parametrize("seed", range(10))
def test_shuffled_attributes(seed: int) -> None:
    order = random.Random(seed)
    for page in pages_of(day_of(seed)):
        shuffled = ELEMENT.sub(lambda tag: with_shuffled_attributes(tag, order), page.markup)
        assert (shuffled != page.markup) == (page.kind != "rendition")
        assert answered(shuffled, page.url) == page.answer


@pytest.mark.parametrize("seed", range(6))
def test_a_cut_page(seed: int) -> None:
    for page in pages_of(day_of(seed)):
        body = encoded(page.markup)
        for percent in range(0, 100, 5):
            assert cut_is_told(body[: len(body) * percent // 100], page)


def test_a_page_cut_anywhere_behind_its_first_article() -> None:
    page = next(pages_of(day_of(3)))
    body = encoded(page.markup)
    for end in range(body.index(b"hline"), len(body) - 1, 97):
        assert cut_is_told(body[:end], page)


def cut_is_told(body: bytes, page: Invented) -> bool:
    try:
        read = parse(body, page.url)
    except ParseError:
        return True
    whole = strict_rows(page.answer)
    # A rendition cut between two rows is a rendition of an earlier minute.
    return strict_rows(answer_of(read)).items() <= whole.items() and (
        read.truncated or page.kind == "rendition"
    )


@pytest.mark.parametrize("seed", range(5))
def test_any_one_tag_dropped(seed: int) -> None:
    draw = random.Random(seed)
    for page in pages_of(day_of(seed), threads=1):
        for markup in sampled(list(without_one_tag(page.markup)), draw):
            try:
                read = parse(markup, page.url)
            except ParseError:
                continue
            assert nothing_wrong(read, page.answer)


def sampled(markups: list[str], draw: random.Random) -> list[str]:
    return draw.sample(markups, min(60, len(markups)))


def nothing_wrong(read: ParsedPage, truth: Answer) -> bool:
    rows, true_rows = strict_rows(answer_of(read)), strict_rows(truth)
    return rows.items() <= true_rows.items() and (len(rows) == len(true_rows) or agreement(read) != ())


def without_one_tag(markup: str) -> Iterator[str]:
    for tag in TAG.finditer(markup):
        yield markup[: tag.start()] + markup[tag.end() :]


def with_shuffled_attributes(tag: re.Match[str], order: random.Random) -> str:
    attributes = [found[0] for found in ATTRIBUTE.finditer(tag[2])]
    order.shuffle(attributes)
    return f"<{tag[1]} {' '.join(attributes)}{' /' if tag[3] else ''}>"


def strict_rows(answer: Answer) -> Rows:
    rows: Rows = {}
    for article in listed(answer, "articles"):
        rows["article", str(article["external_id"])] = (article["posted_by"], article["posted_local"])
        for comment in listed(article, "comments"):
            key = ("comment", str(article["external_id"]), str(comment["number"]))
            rows[key] = tuple(comment[name] for name in STRICT)
    for headline in listed(answer, "headlines"):
        said = ("comment_count", "last_comment_id", "last_comment_time", "last_comment_author")
        rows["headline", str(headline["external_id"])] = tuple(headline[name] for name in said)
    return rows


def listed(answer: Answer, name: str) -> list[Answer]:
    found = answer[name]
    assert isinstance(found, list)
    return found


def test_a_row_swallowed_by_an_open_markup_comment() -> None:
    page = next(pages_of(day_of(2)))
    with pytest.raises(ParseError, match=r"headline\.category"):
        parse(page.markup.replace("\t-->", "", 1), page.url)


def test_a_headline_whose_comments_have_no_link() -> None:
    page = next(pages_of(day_of(2)))
    link = next(tag for tag in TAG.findall(page.markup) if "most recent" in unescape(tag))
    with pytest.raises(ParseError, match=r"headline\.last_comment_id"):
        parse(page.markup.replace(link, "", 1), page.url)


def test_a_headline_that_names_no_article() -> None:
    page = next(pages_of(day_of(2)))
    with pytest.raises(ParseError, match=r"headline\.external_id"):
        parse(page.markup.replace("HC=1&ID=", "HC=1&NO=", 1), page.url)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("#1 ", "", "comment.number"),
        ("Posted by: ", "Posted by ", "comment.author"),
        ("Posted by:", "By:", "article.posted_by"),
        ("2018-03-23 | |", "2018-03-33 | |", "article.date"),
    ],
)
def test_a_damaged_rendition(old: str, new: str, field: str) -> None:
    rendition = comments_text(day_with(story(remark(1))), "510764")
    assert old in rendition
    with pytest.raises(ParseError) as raised:
        parse(rendition.replace(old, new), comments_url(DAY, "510764", 1))
    assert raised.value.field == field
