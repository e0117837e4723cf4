"""A Discourse site as a source: its addresses, its pages, and what each page calls for."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from parsers.engines.days import Place, Row, day_part, pages_of_day
from parsers.engines.sites import make
from parsers.errors import AddressUnknown, FieldMalformed, FieldMissing
from parsers.lists import Known, KnownThread, ListVisit
from parsers.records import ParsedPage, Part
from parsers.source import Site
from parsers.urls import Address

BASE = "https://forum.example/"
SITE = Site(name="forum", engine="discourse", base_url=BASE, zone="Europe/Berlin")
SOURCE = make(SITE)
AT = datetime(2024, 5, 3, 9, tzinfo=UTC)
DAY = date(2024, 5, 1)
LISTING = Address(kind="section", day=DAY, section=0)
TOPIC = Address(kind="comments", article_id="7")
LOT = Address(kind="comments", article_id="7", entries=("73", "74"))
VISIT = ListVisit(began_at=AT, rows=(), others=frozenset(), total=None, needs_total=False)


def topic_row(number: int, day: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "title": f"Ropes {number}",
        "slug": "ropes",
        "posts_count": 4,
        "created_at": f"2024-05-0{day}T10:00:00.000Z",
        "last_posted_at": f"2024-05-0{day}T12:00:00.000Z",
        "bumped_at": None,
        **more,
    }


def post(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": 70 + number,
        "topic_id": 7,
        "post_number": number,
        "post_type": 1,
        "username": "ada",
        "created_at": "2024-05-01T10:00:00.000Z",
        "cooked": f"<p>Word {number}.</p>",
        **more,
    }


def parse(address: Address, answer: dict[str, Any]) -> ParsedPage:
    url = SOURCE.url_of(address, BASE)
    return SOURCE.parse(json.dumps(answer).encode(), url=url, captured_at=AT)


def listing(*rows: dict[str, Any], more: bool = True, **about: Any) -> ParsedPage:
    topics: dict[str, Any] = {"topics": list(rows), **about}
    if more:
        topics["more_topics_url"] = "/latest?page=1"
    return parse(LISTING, {"users": [], "topic_list": topics})


def topic(*numbers: int, stream: tuple[int, ...] = (71, 72, 73, 74)) -> ParsedPage:
    return parse(
        TOPIC,
        {
            "id": 7,
            "title": "Ropes",
            "slug": "ropes",
            "posts_count": len(stream),
            "created_at": "2024-05-01T10:00:00.000Z",
            "post_stream": {"posts": [post(number) for number in numbers], "stream": list(stream)},
        },
    )


def lot(*numbers: int) -> ParsedPage:
    return parse(LOT, {"id": 7, "post_stream": {"posts": [post(number) for number in numbers]}})


def known(visit: ListVisit | None, **threads: KnownThread) -> Known:
    return Known(visit=visit, threads=threads, changed=frozenset(), fresh=0, full=False)


def follow(page: ParsedPage, about: Known) -> list[Address]:
    assert SOURCE.lists is not None
    return [one.address for one in SOURCE.lists.follow(page, about)]


@pytest.mark.parametrize("address", [LISTING, replace(LISTING, page=4), TOPIC, LOT])
def test_an_address_is_read_as_it_is_written(address: Address) -> None:
    assert SOURCE.address_of(SOURCE.url_of(address, BASE)) == address


@pytest.mark.parametrize("place", ["5", "boats/5", "boats/sails/5"])
def test_a_category_is_a_section(place: str) -> None:
    source = make(replace(SITE, categories=(place,)))
    assert source.lists is not None
    assert source.lists.latest is not None
    (address,), (late,) = source.lists.entries(DAY), source.lists.latest(AT)
    for one in (address, late, replace(address, section=6)):
        url = source.url_of(one, BASE)
        assert source.address_of(url) == one
        assert url.startswith(f"{BASE}c/{place if one.section == 5 else 6}/none/l/latest.json?order=")


@pytest.mark.parametrize("path", ["", "t/ropes/7", "latest.json", "latest.json?page=x&day=2024-05-01"])
def test_other_addresses_are_none_of_ours(path: str) -> None:
    with pytest.raises(AddressUnknown):
        SOURCE.address_of(BASE + path)


def test_a_listing_claims_the_topics_of_its_day() -> None:
    page = listing(topic_row(9, day=2), topic_row(8), topic_row(7), topic_row(6, day=0 + 1), per_page=30)
    assert [(claim.thread, claim.comments) for claim in page.claims] == [("8", 3), ("7", 3), ("6", 3)]
    assert page.part is not None
    assert (page.part.ids, page.part.starts, page.part.ends) == (("8", "7", "6"), True, False)
    assert page.articles == ()


def test_a_mark_changes_with_the_number_of_posts() -> None:
    marks = {listing(topic_row(7, posts_count=count)).claims[0].mark for count in (4, 5)}
    assert len(marks) == 2


def test_a_topic_without_its_time_is_on_no_day() -> None:
    with pytest.raises(FieldMissing):
        listing(topic_row(7, created_at=None))


def test_a_topic_is_an_article_and_its_other_posts_are_comments() -> None:
    page = topic(1, 2, stream=(71, 72))
    (article,) = page.articles
    assert (article.external_id, article.text, article.title) == ("7", "Word 1.", "Ropes")
    assert [(one.external_id, one.number) for one in article.comments] == [("72", 2)]
    assert page.part is not None
    assert (page.part.stream, page.part.others, page.part.total) == (("71", "72"), {"71"}, 2)


def test_a_lot_names_its_topic_alone() -> None:
    page = lot(3, 4)
    (article,) = page.articles
    assert ([one.external_id for one in article.comments], article.title, page.dated) == (
        ["73", "74"],
        "",
        False,
    )
    assert page.part is not None
    assert (page.part.stream, page.part.total) == (None, 2)
    assert lot().articles[0].date == AT.date()


def test_the_rest_of_a_topic_is_asked_for_by_lots_and_then_the_topic_again() -> None:
    going = replace(VISIT, rows=("71", "72"), stream=("71", "72", "73", "74"))
    assert follow(topic(1, 2), known(going)) == [LOT]
    assert follow(lot(3, 4), known(replace(going, rows=("71", "72", "73", "74")))) == [TOPIC]
    assert follow(topic(1, 2), known(replace(going, status="proven"))) == []


def test_a_topic_whose_mark_is_the_same_is_not_asked_for() -> None:
    page = listing(topic_row(8), topic_row(7), more=False)
    same = KnownThread(settled=True, mark=page.claims[0].mark, comments=3)
    assert follow(page, known(replace(VISIT, status="proven"), **{"8": same})) == [TOPIC]


def test_a_visit_begins_with_the_first_page_of_the_listing() -> None:
    assert SOURCE.lists is not None
    assert SOURCE.lists.entries(DAY) == (LISTING,)


def row(thread: str, day: int, *, pinned: bool = False) -> Row:
    at = datetime(2024, 5, day, 12, tzinfo=UTC)
    return Row(thread=thread, at=at, day=date(2024, 5, day), pinned=pinned)


def seen(*rows: str | None, newer: int = 0, last: int = 0) -> ListVisit:
    return replace(VISIT, rows=rows, ends=True, newer=newer, last=last)


def part(days: str, page: int = 1, *, is_last: bool = False) -> Part:
    rows = [row(str(rank), int(day)) for rank, day in enumerate(days)]
    return day_part(rows, DAY, Place(page=page, per_page=4, is_last=is_last), BASE)


def test_rows_that_are_out_of_order_are_refused() -> None:
    with pytest.raises(FieldMalformed):
        part("12")


def test_pinned_threads_stand_aside() -> None:
    rows = [row("p", 1, pinned=True), row("q", 2, pinned=True), row("a", 2), row("b", 1)]
    found = day_part(rows, DAY, Place(page=1, per_page=4, is_last=True), BASE)
    assert (found.ids, found.aside, found.starts, found.ends) == (("b",), {"p"}, True, True)


@pytest.mark.parametrize(
    ("shown", "visit", "wanted"),
    [
        # All newer: further on, each time twice as far.
        (part("3322"), VISIT, 2),
        (part("2222", page=4), replace(VISIT, newer=2), 8),
        (part("2211", page=2), VISIT, 3),
        # Between a page of newer threads and one with the end.
        (part("", page=8, is_last=True), seen(*([None] * 28), newer=4, last=8), 6),
        # The end is known, and what stands before it is not.
        (part("11", page=3, is_last=True), seen(*([None] * 8), "x", "y", last=3), 2),
        (part("2111", page=2), seen("", "", "", "", "", "a", "b", "c", "x", "y", last=3), 3),
        (part("2211", page=1), seen("", "", "a", "b", None, None, None, None, "x", last=3), 2),
    ],
)
def test_the_pages_of_a_day_are_looked_for(shown: Part, visit: ListVisit, wanted: int) -> None:
    page = replace(listing(topic_row(7)), part=shown)
    assert [one.address.page for one in pages_of_day(page, known(visit), LISTING)] == [wanted]


def test_a_day_that_is_over_asks_for_no_page() -> None:
    page = listing(topic_row(7))
    assert pages_of_day(page, known(None), LISTING) == ()
    assert pages_of_day(page, known(replace(VISIT, status="proven")), LISTING) == ()
    far = replace(page, part=part("3322", page=1 << 20))
    assert pages_of_day(far, known(VISIT), LISTING) == ()
