"""Dates in words: what people write, and what nobody can know."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from parsers.engines.moments import in_zone, placed_moment, read_iso, read_unix, read_utc, read_words
from parsers.engines.printed_dates import DayOrder, order_of, read_printed, read_without_year
from parsers.engines.records import Moment

NOON = datetime(2024, 3, 9, 12, 5)
READABLE = [
    ("March 9, 2024 at 12:05 pm", NOON),
    ("Mar 9th, 2024 12:05PM", NOON),
    ("on 9th of March 2024 at 12:05", NOON),
    ("9. März 2024 um 12:05 Uhr", NOON),
    ("März 9, 2024 um 12:05 pm", NOON),
    ("9 mars 2024 à 12h05", NOON),
    ("9 de marzo de 2024 a las 12:05", NOON),
    ("9 Março, 2024 às 12:05", NOON),
    ("9 marca 2024 o 12:05", NOON),
    ("9 марта 2024 в 12:05", NOON),
    ("9 Mart 2024, 12:05", NOON),
    ("\u0669 مارس \u0662\u0660\u0662\u0664 \u0661\u0662:\u0660\u0665", NOON),
    ("2024年3月9日 12:05 PM", NOON),
    ("2024년 3월 9일 오후 12:05", NOON),
    ("2024-03-09 @ 12:05", NOON),
    ("2024/03/09 12:05:59", NOON),
    ("March 9, 2024 at 12:05 am", datetime(2024, 3, 9, 0, 5)),
    ("2024년 3월 9일 오전 9:05", datetime(2024, 3, 9, 9, 5)),
    ("9. März 2024 um 21:05 am Abend", datetime(2024, 3, 9, 21, 5)),
    ("\u0669 مارس \u0662\u0660\u0662\u0664 في \u0669:\u0660\u0665 م", datetime(2024, 3, 9, 21, 5)),
    ("9 مارس 2024 الساعة 12:05 ص", datetime(2024, 3, 9, 0, 5)),
    ("9 مارس 2024 الساعة 9:05 مساءً", datetime(2024, 3, 9, 21, 5)),
    ("9 марта 2024 в 9:05 пп", datetime(2024, 3, 9, 21, 5)),
    ("9 марта 2024 в 9:05 дп", datetime(2024, 3, 9, 9, 5)),
    ("9 mars 2024 kl. 9:05 e m", datetime(2024, 3, 9, 21, 5)),
    ("9 maart 2024 om 9:05 nm", datetime(2024, 3, 9, 21, 5)),
    ("9 Mart 2024, 9:05 ÖS", datetime(2024, 3, 9, 21, 5)),
    ("25/3/2024, 9:05 μμ", datetime(2024, 3, 25, 21, 5)),
    ("9 марта 2024 в 9:05 петр", datetime(2024, 3, 9, 9, 5)),
    ("9 mars 2024 09:05 en mer", datetime(2024, 3, 9, 9, 5)),
    ("9:05 مارس 9 2024", datetime(2024, 3, 9, 9, 5)),
    ("Posted by Ann on March 9, 2024", date(2024, 3, 9)),
    ("25.12.24", date(2024, 12, 25)),
    ("3/25/2024", date(2024, 3, 25)),
    ("5/5/2024", date(2024, 5, 5)),
]


@pytest.mark.parametrize(("text", "when"), READABLE)
def test_readable(text: str, when: date) -> None:
    assert read_printed(text) == when
    assert type(read_printed(text)) is type(when)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2 weeks ago",
        "Marching 9, 2024",
        "March 2024",
        "5/6/2024",
        "30 February 2024",
        "13/13/2024",
        "March 9, 1066",
        "March 9, 2024 at 25:00",
    ],
)
def test_unreadable(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_printed(text)


@pytest.mark.parametrize(
    ("texts", "language", "order"),
    [
        (["5/6/2024", "25/6/2024"], "en-US", "day first"),
        (["5/6/2024", "6/25/2024"], "de-DE", "month first"),
        (["5/6/2024"], "en-US", "month first"),
        (["5/6/2024"], "en_GB", "day first"),
        (["5.6.2024"], "en-US", None),
        (["5.6.2024"], None, "day first"),
        (["5/6/2024"], None, None),
        (["5/6/2024"], "en", None),
        (["March 9, 2024"], "de", "day first"),
    ],
)
def test_order(texts: list[str], language: str | None, order: DayOrder | None) -> None:
    assert order_of(texts, language) == order


def test_the_order_is_used_where_both_readings_are_days() -> None:
    assert read_printed("5/6/2024", "day first") == date(2024, 6, 5)
    assert read_printed("5/6/2024", "month first") == date(2024, 5, 6)
    assert read_printed("Sa., 09.03.2024 // 12.05", "day first") == NOON


def test_a_date_far_into_a_text_does_not_say_when_it_was_written() -> None:
    with pytest.raises(ValueError, match="names no day"):
        read_printed("word " * 100 + "March 9, 2024")


def test_a_year_that_is_left_out_is_not_made_up() -> None:
    assert read_words("May 19th at 9:55 pm", None) == Moment(local="--05-19T21:55", at=None)
    assert read_without_year("19. Mai um 9:55") == "--05-19T09:55"
    with pytest.raises(ValueError, match="names no day"):
        read_without_year("May 19th")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        (
            "2024-10-08T05:58:20-0500",
            Moment(local="2024-10-08T05:58", at=datetime(2024, 10, 8, 10, 58, 20, tzinfo=UTC)),
        ),
        (
            "2024-10-08T05:58:20.123Z",
            Moment(local="2024-10-08T05:58", at=datetime(2024, 10, 8, 5, 58, 20, tzinfo=UTC)),
        ),
        (
            "2024-10-08 05:58+05:30",
            Moment(local="2024-10-08T05:58", at=datetime(2024, 10, 8, 0, 28, tzinfo=UTC)),
        ),
        ("2024-10-08T05:58:20", Moment(local="2024-10-08T05:58", at=None)),
    ],
)
def test_iso(text: str, moment: Moment) -> None:
    assert read_iso(text) == moment


@pytest.mark.parametrize(
    "text", ["2024-10-08", "0000-00-00T00:00:00", "0001-01-01T00:00:00Z", "2024-10-08T24:00:00Z"]
)
def test_no_iso(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_iso(text)


def test_unix_seconds() -> None:
    zone = ZoneInfo("America/New_York")
    at = datetime(2015, 11, 1, 6, 35, tzinfo=UTC)
    assert read_unix("1446359700", zone) == Moment(local="2015-11-01T01:35", at=at) == in_zone(at, zone)
    assert read_unix("1446359700", None) == Moment(local=None, at=at)
    with pytest.raises(ValueError, match="no Unix time"):
        read_unix("12", zone)


def test_utc_on_the_clock_of_the_site() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert read_utc("2024-01-01T23:30:00", berlin).local == "2024-01-02T00:30"
    assert placed_moment(Moment(local="2024-01-02T00:30", at=None), None).at is None
