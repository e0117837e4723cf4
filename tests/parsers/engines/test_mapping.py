"""What an engine's page says, as the values that every source hands on."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from parsers.engines.mapping import article_of, comment_of, comments_of
from parsers.engines.raw import RawPage
from parsers.engines.records import EngineComment, Entry, Moment
from parsers.errors import FieldMissing

BERLIN = ZoneInfo("Europe/Berlin")
RAW = RawPage(b"{}", "https://quay.example/", zone=BERLIN)
NINE = datetime(2024, 5, 1, 9, tzinfo=UTC)
COMMENT = EngineComment(
    entry_id="7",
    external_id="1",
    number=3,
    position=1,
    parent_external_id=None,
    parent_number=None,
    author="Ada",
    author_id=None,
    posted=Moment(local="2024-05-01T11:00", at=NINE),
    edited=None,
    text="Quite.",
    html=None,
    state="shown",
)
ENTRY = Entry(
    external_id="7",
    url=None,
    title="A crane",
    author="Bo",
    author_id=None,
    posted=Moment(local="2024-05-01T11:00", at=NINE),
    modified=None,
    last_comment=None,
    claimed_comments=None,
    text=None,
    html=None,
)


@pytest.mark.parametrize(
    ("posted", "local", "at"),
    [
        (Moment(local="2024-05-01T11:00", at=NINE), "2024-05-01T11:00", NINE),
        (Moment(local=None, at=NINE), "2024-05-01T11:00", NINE),
        (Moment(local="2024-05-01T11:00", at=None), "2024-05-01T11:00", NINE),
        (Moment(local="2024-05-01", at=None), "2024-05-01", datetime(2024, 4, 30, 22, tzinfo=UTC)),
    ],
)
def test_a_time_is_the_site_s_clock_and_the_instant(posted: Moment, local: str, at: datetime) -> None:
    found = comment_of(replace(COMMENT, posted=posted), RAW)
    assert (found.posted_local, found.posted_at) == (local, at)


@pytest.mark.parametrize("posted", [Moment(local=None, at=None), Moment(local="--05-01T11:00", at=None)])
def test_a_comment_without_a_time_cannot_be_read(posted: Moment) -> None:
    comments, unreadable = comments_of([replace(COMMENT, posted=posted), COMMENT], RAW, "7")
    assert [one.external_id for one in comments] == ["1"]
    assert [(one.article, one.comment) for one in unreadable] == [("7", "1")]


def test_a_time_without_its_zone_is_none() -> None:
    nowhere = RawPage(b"{}", "https://quay.example/")
    with pytest.raises(FieldMissing):
        comment_of(replace(COMMENT, posted=Moment(local="2024-05-01T11:00", at=None)), nowhere)


def test_a_comment_needs_its_id() -> None:
    with pytest.raises(FieldMissing):
        comment_of(replace(COMMENT, external_id=None), RAW)


def test_what_is_no_comment_is_left_out() -> None:
    rows = [replace(COMMENT, state="action"), replace(COMMENT, state="pingback")]
    assert comments_of(rows, RAW, "7") == ((), ())


def test_an_article_has_the_day_of_the_site_s_clock() -> None:
    late = replace(ENTRY, posted=Moment(local="2024-05-02T00:30", at=NINE))
    assert article_of(late, RAW, (), 0).date == date(2024, 5, 2)


@pytest.mark.parametrize("field", ["external_id", "title", "posted"])
def test_an_article_needs_its_id_its_title_and_its_time(field: str) -> None:
    with pytest.raises(FieldMissing):
        article_of(replace(ENTRY, **{field: None}), RAW, (), 0)  # type: ignore[arg-type]
