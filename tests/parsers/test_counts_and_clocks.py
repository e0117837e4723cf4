"""What a number or a time says is read with all that belongs to it."""

import pytest

from parsers.encoding import decode
from parsers.errors import FieldMissing, PageTruncated, ParseError
from parsers.times import read_time
from tests.parsers.pages import DAY, day_with, parse, remark, shown_on, story
from tests.site.cases.fixture import comments_url
from tests.site.pieces import Markup, Text
from tests.site.render import comments_page, comments_text

COMMENTS_URL = comments_url(DAY, "510764", 1)


@pytest.mark.parametrize(
    ("shown", "local"),
    [
        ("10:00 PM", "22:00"),
        ("10:00 pm", "22:00"),
        ("10:00PM", "22:00"),
        ("9:05 p.m.", "21:05"),
        ("10:00 AM", "10:00"),
        ("12:00 AM", "00:00"),
        ("12:30 PM", "12:30"),
        ("22:00", "22:00"),
    ],
)
def test_the_half_of_the_day_counts(shown: str, local: str) -> None:
    markup, url = shown_on(day_with(story(remark(1))))
    (article,) = parse(markup.replace("03/23/2018 12:01", f"03/23/2018 {shown}"), url).articles
    assert article.comments[0].posted_local == f"2018-03-23T{local}"
    assert f"{read_time(shown):%H:%M}" == local
    thread = comments_page(day_with(story(remark(1))), "510764").replace(
        "2018-03-23 12:01", f"2018-03-23 {shown}"
    )
    assert parse(thread, COMMENTS_URL).articles[0].comments[0].posted_local == f"2018-03-23T{local}"


@pytest.mark.parametrize("shown", ["10:00 PM", "10:00pm"])
def test_the_half_of_the_day_of_an_article(shown: str) -> None:
    markup, url = shown_on(day_with(story(remark(1))))
    (article,) = parse(markup.replace("01:35", shown), url).articles
    assert (article.posted_local, article.views) == ("2018-03-23T22:00", 3)


@pytest.mark.parametrize("shown", ["13:00 PM", "0:30 AM", "10:00 EST", "10:00:59", "10:00 P", "10:00 +0200"])
def test_a_time_that_is_not_understood_is_not_read_by_half(shown: str) -> None:
    markup, url = shown_on(day_with(story(remark(1))))
    with pytest.raises(ParseError, match=r"comment\.posted_at"):
        parse(markup.replace("03/23/2018 12:01", f"03/23/2018 {shown}"), url)


def test_counters_with_commas() -> None:
    markup, url = shown_on(day_with(story(remark(1)), story(remark(2), external_id="510770")))
    plain = parse(markup, url).counters
    assert plain.articles is not None
    grouped = markup.replace(
        f"{plain.articles} articles and {plain.comments}", "390,296 articles and 1,234,567"
    )
    assert grouped != markup
    grouped = grouped.replace("[3 views]", "[1,003 views]").replace("[3]", "[1,003]")
    read = parse(grouped, url)
    assert (read.counters.articles, read.counters.comments) == (390_296, 1_234_567)
    assert [article.views for article in read.articles] == [1003, 1003]
    assert [headline.views for headline in read.headlines] == [1003, 1003]


def test_a_counter_that_is_none_is_not_read_by_its_end() -> None:
    markup, url = shown_on(day_with(story(remark(1))))
    plain = parse(markup, url).counters
    odd = markup.replace(f"{plain.articles} articles and", "39,02 articles and")
    assert parse(odd, url).counters.articles is None


@pytest.mark.parametrize("label", ["x-user-defined", "X-USER-DEFINED"])
@pytest.mark.parametrize(
    "meta", ["<meta charset={}>", '<meta http-equiv="content-type" content="text/html; charset={}">']
)
def test_a_meta_label_that_scripts_made_up_is_windows_1252(label: str, meta: str) -> None:
    decoded = decode(meta.format(label).encode() + b"caf\xe9 \x93x\x94")
    assert decoded.text.endswith("café \u201cx\u201d")
    assert (decoded.encoding, decoded.chosen_by) == ("windows-1252", "meta")


def test_a_rendition_cut_between_any_two_rows_is_seen_as_cut() -> None:
    whole = comments_text(day_with(story(remark(1), remark(2), remark(3))), "510764")
    assert not parse(whole, COMMENTS_URL).truncated
    rows = whole.splitlines(keepends=True)
    kept = set()
    for count in range(1, len(rows)):
        try:
            page = parse("".join(rows[:count]), COMMENTS_URL)
        except PageTruncated:
            continue
        assert page.truncated, count
        kept.add(len(page.articles[0].comments))
    assert kept == {0, 1, 2}


@pytest.mark.parametrize("closed", ["</p>", ""])
def test_a_gloss_that_is_never_closed_leaves_the_source_s_words(closed: str) -> None:
    gloss = "<p>He was <span style='border-bottom-style:dotted' title='arrested'>tossed in the clink"
    rest = " and the mayor went on to speak of other things"
    markup, url = shown_on(day_with(story(remark(1), body=(Markup(gloss), Text(rest), Markup(closed)))))
    (article,) = parse(markup, url).articles
    assert article.text == "He was tossed in the clink and the mayor went on to speak of other things"
    assert article.text_original == article.text


def test_a_gloss_within_one_that_is_never_closed_is_put_back() -> None:
    gloss = "<span style='border-bottom-style:dotted' title='{}'>{}"
    outer, inner = gloss.format("militants", "gunnies"), gloss.format("wounded", "maimed")
    body = f"The {outer} of the north were {inner}</span> at noon"
    markup, url = shown_on(day_with(story(remark(1), body=(Markup(body),))))
    (article,) = parse(markup, url).articles
    assert article.text_original == "The gunnies of the north were wounded at noon"


def test_many_glosses_that_are_never_closed_cost_no_more_than_their_number() -> None:
    body = "<span style='border-bottom-style:dotted' title='x'>" * 2_000 + " one two three four five six"
    markup, url = shown_on(day_with(story(remark(1), body=(Markup(body),))))
    assert parse(markup, url).articles[0].text_original == "one two three four five six"


def test_a_whole_gloss_at_the_end_is_put_back() -> None:
    body = "He was <span style='border-bottom-style:dotted' title='arrested'>tossed in the clink</span>"
    markup, url = shown_on(day_with(story(remark(1), body=(Markup(body),))))
    assert parse(markup, url).articles[0].text_original == "He was arrested"


def test_a_footer_with_words_behind_its_time_is_missed() -> None:
    markup, url = shown_on(day_with(story(remark(1))))
    with pytest.raises(FieldMissing, match=r"comment\.posted_at"):
        parse(markup.replace("03/23/2018 12:01", "03/23/2018 12:01 or so"), url)
