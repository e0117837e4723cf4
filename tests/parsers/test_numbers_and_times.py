"""Comment numbers and times that a site can come to show."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ingest.decide.completeness.counters import agreement
from parsers.errors import FieldMalformed, FieldMissing
from parsers.times import Thread, read_clock, read_day, read_time
from tests.parsers.pages import DAY, day_with, parse, remark, shown_on, story
from tests.site.cases.fixture import comments_url
from tests.site.render import comments_page, comments_text

NEW_YORK = ZoneInfo("America/New_York")


def thread_page(*numbers: str) -> tuple[str, str]:
    """A section page whose comments are printed with these numbers, whatever their place."""
    markup, url = shown_on(day_with(story(*(remark(place + 1) for place in range(len(numbers))))))
    for place, number in enumerate(numbers):
        markup = markup.replace(f"></a>#{place + 1}&nbsp;", f"></a>@{number}&nbsp;")
    return markup.replace("></a>@", "></a>#"), url


@pytest.mark.parametrize("numbers", [(1, 3), (1, 1, 2), (3, 1, 2), (0, 1), (7,), (999_999_999,)], ids=str)
def test_a_number_is_what_the_page_prints(numbers: tuple[int, ...]) -> None:
    markup, url = thread_page(*map(str, numbers))
    comments = parse(markup, url).articles[0].comments
    assert tuple(comment.number for comment in comments) == numbers
    assert [comment.text for comment in comments] == [f"remark {n + 1}" for n in range(len(numbers))]
    assert len({comment.external_id for comment in comments}) == len(numbers)


@pytest.mark.parametrize("number", ["1000000000000", "-1", "x", "", "1a"])
def test_a_number_that_cannot_be_right(number: str) -> None:
    markup, url = thread_page("1", number)
    with pytest.raises(FieldMalformed) as raised:
        parse(markup, url)
    assert raised.value.field == "comment.number"


@pytest.mark.parametrize("page", [comments_page, comments_text])
def test_a_number_with_too_many_digits_on_a_comments_page(page: Callable[..., str]) -> None:
    day = day_with(story(remark(1)))
    with pytest.raises(FieldMalformed, match=r"comment\.number"):
        parse(page(day, "510764").replace("#1", "#1000000000000"), comments_url(DAY, "510764", 1))


def test_a_comment_without_its_anchor_is_missed_by_the_counters() -> None:
    markup, url = shown_on(day_with(story(remark(1), remark(2), remark(3))))
    read = parse(markup.replace('<a name="4000014"></a>', ""), url)
    # The footer below comment 2 may be that of comment 1 just as well: neither is read, both are missed.
    assert [comment.number for comment in read.articles[0].comments] == [3]
    assert any("shows 1 of 3 comments" in why for why in agreement(read))
    assert [block.comment for block in read.unreadable] == ["4000007"]


def test_a_comment_without_its_footer() -> None:
    markup, url = shown_on(day_with(story(remark(1), remark(2), remark(3))))
    with pytest.raises(FieldMissing, match=r"comment\.author"):
        parse(markup.replace("Posted by: reader 2", ""), url)


@pytest.mark.parametrize("place", [1, 2, 3])
def test_a_lost_anchor_never_moves_a_footer_to_another_comment(place: int) -> None:
    day = day_with(story(remark(1), remark(2), remark(3)))
    markup = comments_page(day, "510764").replace(f'<a name="{4_000_000 + 7 * place}"></a>', "")
    with pytest.raises(FieldMissing, match=r"comment\.number"):
        parse(markup, comments_url(DAY, "510764", 1))


def test_comments_below_another_article() -> None:
    """Without its headline cell an article's comments would fall to the article above."""
    markup, url = shown_on(day_with(story(remark(1)), story(remark(2), external_id="510765")))
    first, headline, rest = markup.rpartition('<td class="hline">')
    assert headline
    with pytest.raises(FieldMalformed, match="510764 and 510765"):
        parse(first + "<td>" + rest, url)


@pytest.mark.parametrize("link", ["comments.php", "comments.php?D=2018-03-23"])
def test_a_footer_that_names_no_article(link: str) -> None:
    markup, url = shown_on(day_with(story(remark(1))))
    markup = markup.replace("comments.php?D=2018-03-23&ID=510764&HC=1", link)
    (article,) = parse(markup, url).articles
    assert (article.date, article.comments[0].author) == (DAY, "reader 1")


@pytest.mark.parametrize(
    ("local", "instant"),
    [
        ("2016-02-29T23:59", "2016-03-01T04:59"),
        ("1969-07-20T22:56", "1969-07-21T02:56"),
        ("2038-01-19T03:14", "2038-01-19T08:14"),
        ("2150-06-01T00:00", "2150-06-01T04:00"),
        ("9998-12-31T23:59", "9999-01-01T04:59"),
        ("0002-01-01T00:00", "0002-01-01T04:56"),
        ("2018-03-11T02:30", "2018-03-11T07:30"),
        ("2018-11-04T01:30", "2018-11-04T05:30"),
        ("2018-11-04T03:00", "2018-11-04T08:00"),
    ],
)
def test_a_wall_clock_in_utc(local: str, instant: str) -> None:
    shown = Thread(NEW_YORK).instant(datetime.fromisoformat(local))
    assert shown.replace(second=0) == datetime.fromisoformat(instant).replace(tzinfo=UTC)


def test_the_repeated_hour_goes_on_in_the_order_of_ids() -> None:
    thread = Thread(NEW_YORK)
    clocks = ["01:10", "01:50", "01:05", "01:40", "02:00"]
    instants = [thread.instant(read_clock("11/04/2018", clock)) for clock in clocks]
    assert [f"{instant:%H:%M}" for instant in instants] == ["05:10", "05:50", "06:05", "06:40", "07:00"]


@pytest.mark.parametrize("day", ["02/29/2018", "13/01/2018", "3/3/18", "12/31/9999", "0001-01-01", "x", ""])
def test_no_such_day(day: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_day(day)


@pytest.mark.parametrize("clock", ["24:00", "7:60", "7", "noon", "1:2", "٣:15"])
def test_no_such_time(clock: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_time(clock)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ("02/30/2018 1:11", "comment.posted_at"),
        ("03/24/9999 1:11", "comment.posted_at"),
        ("03/24/2018 25:11", "comment.posted_at"),
    ],
)
def test_a_time_that_cannot_be_right(said: str, field: str) -> None:
    markup, url = shown_on(day_with(story(remark(1))))
    with pytest.raises(FieldMalformed) as raised:
        parse(markup.replace("03/23/2018 12:01", said), url)
    assert raised.value.field == field


@pytest.mark.parametrize("said", ["03/24/18 1:11", "yesterday", ""])
def test_a_footer_without_a_time(said: str) -> None:
    markup, url = shown_on(day_with(story(remark(1))))
    with pytest.raises(FieldMissing, match=r"comment\.posted_at"):
        parse(markup.replace("03/23/2018 12:01", said), url)


def test_an_author_with_markup_in_the_name() -> None:
    markup, url = shown_on(day_with(story(remark(1))))
    markup = markup.replace("Posted by: reader 1", "Posted by: <i>reader</i> 1")
    assert parse(markup, url).articles[0].comments[0].author == "reader 1"
