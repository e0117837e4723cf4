"""A WordPress site as a source: its addresses, its pages, and what each page calls for."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ingest.records.json_output import answer_of
from parsers import registry
from parsers.engines.sites import make
from parsers.errors import AddressUnknown, FieldMalformed, FieldMissing, PageUnrecognised
from parsers.lists import Known, KnownThread, ListVisit
from parsers.records import ParsedPage
from parsers.source import Site, Source
from parsers.urls import Address

BASE = "https://quay.example/"
SITE = Site(name="quay", engine="wordpress", base_url=BASE, zone="Europe/Berlin")
SOURCE = make(SITE)
AT = datetime(2024, 5, 2, 9, tzinfo=UTC)
DAY = date(2024, 5, 1)
ADDRESSES = [
    Address(kind="section", day=DAY, section=0),
    Address(kind="section", day=DAY, section=0, offset=99),
    Address(kind="comments", article_id="7"),
    Address(kind="comments", article_id="7", offset=198),
    Address(kind="latest", since=AT),
    Address(kind="latest", entries=("7", "8")),
]
NOTHING = Known(visit=None, threads={}, changed=frozenset(), fresh=0, full=False)


def post(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "date": "2024-05-01T10:00:00",
        "date_gmt": "2024-05-01T08:00:00",
        "link": f"{BASE}?p={number}",
        "title": {"rendered": "A crane"},
        "content": {"rendered": "<p>It <b>stood</b>.</p>"},
        **more,
    }


def comment(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "post": 7,
        "parent": 0,
        "author_name": "Ada",
        "date": "2024-05-01T11:00:00",
        "date_gmt": "2024-05-01T09:00:00",
        "content": {"rendered": "<p>Quite.</p>"},
        "type": "comment",
        "status": "approved",
        **more,
    }


def parse(
    address: Address, rows: list[dict[str, Any]], total: int | None = None, *, source: Source = SOURCE
) -> ParsedPage:
    headers: Mapping[str, str] = {"x-wp-total": str(total)} if total is not None else {}
    url = source.url_of(address, BASE)
    return source.parse(json.dumps(rows).encode(), url=url, captured_at=AT, headers=headers)


def follow(page: ParsedPage, known: Known) -> list[Address]:
    assert SOURCE.lists is not None
    return [one.address for one in SOURCE.lists.follow(page, known)]


def open_visit(*rows: str) -> ListVisit:
    return ListVisit(began_at=AT, rows=rows, others=frozenset(), total=9)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("rest_route", [False, True])
def test_an_address_is_read_as_it_is_written(address: Address, rest_route: bool) -> None:
    source = make(Site(name="quay", engine="wordpress", base_url=BASE, zone="UTC", rest_route=rest_route))
    url = source.url_of(address, BASE)
    assert url.startswith(f"{BASE}?rest_route=/wp/v2/" if rest_route else f"{BASE}wp-json/wp/v2/")
    assert source.address_of(url) == address


@pytest.mark.parametrize(
    "path", ["", "wp-json/wp/v2/tags", "wp-json/wp/v2/posts", "wp-json/wp/v2/comments?after=soon"]
)
def test_other_addresses_are_none_of_ours(path: str) -> None:
    with pytest.raises(AddressUnknown):
        SOURCE.address_of(BASE + path)


def test_a_day_s_listing_has_whole_articles_and_claims_their_threads() -> None:
    page = parse(ADDRESSES[0], [post(7), post(8)], 2)
    (first, second) = page.articles
    assert (first.external_id, first.date, first.section, first.posted_local) == (
        "7",
        DAY,
        0,
        "2024-05-01T10:00",
    )
    assert (first.title, first.text, first.link) == ("A crane", "It stood.", f"{BASE}?p=7")
    assert [claim.thread for claim in page.claims] == ["7", "8"]
    assert page.part is not None
    assert (page.part.ids, page.part.total, page.part.ends, page.part.thread) == (("7", "8"), 2, True, None)
    assert second.comments == ()


def test_an_article_of_another_day_shows_that_the_site_counts_otherwise() -> None:
    with pytest.raises(FieldMalformed):
        parse(ADDRESSES[0], [post(7, date="2024-05-02T00:30:00", date_gmt="2024-05-01T22:30:00")], 1)


def test_a_category_is_a_section_without_the_articles_of_those_before() -> None:
    source = make(replace(SITE, categories=("7", "4")))
    assert source.lists is not None
    urls = [source.url_of(one, BASE) for one in source.lists.entries(DAY)]
    assert [url.partition("&categories=")[2].partition("&order=")[0] for url in urls] == [
        "4",
        "7&categories_exclude=4",
    ]
    addresses = [source.address_of(url) for url in urls]
    assert (addresses, source.sections) == ([*source.lists.entries(DAY)], (4, 7))
    page = parse(addresses[1], [post(7)], 1, source=source)
    assert (page.section, page.articles[0].section, page.claims[0].mark) == (7, 7, "7")


def test_late_comments_of_all_categories_name_their_articles_alone() -> None:
    source = make(replace(SITE, categories=("4",)))
    page = parse(ADDRESSES[4], [comment(1), comment(2, post=8)], 2, source=source)
    assert page.articles == ()
    read = KnownThread(settled=True, mark="4", comments=0)
    assert follow(page, replace(NOTHING, threads={"7": read})) == [Address(kind="latest", entries=("7",))]
    named = parse(ADDRESSES[5], [comment(1)], 1, source=source)
    assert [article.external_id for article in named.articles] == ["7"]


def test_a_thread_names_its_article_and_guesses_its_day() -> None:
    page = parse(ADDRESSES[2], [comment(1), comment(2, parent=1)], 2)
    (article,) = page.articles
    assert (article.external_id, article.date, article.title, page.dated) == ("7", DAY, "", False)
    assert [(one.external_id, one.parent_external_id, one.position) for one in article.comments] == [
        ("1", None, 1),
        ("2", "1", 2),
    ]
    assert {"article.title", "article.date", "article.text"} <= page.silent_on


def test_a_thread_as_json_has_its_list_and_where_each_comment_stands() -> None:
    answer: Any = answer_of(parse(ADDRESSES[2], [comment(1), comment(2, parent=1)], 9))
    assert answer["date"] is None
    assert answer["list"] == {"thread": "7", "first": 0, "rows": 2, "total": 9, "ends": False}
    (article,) = answer["articles"]
    assert [(one["position"], one["parent_external_id"]) for one in article["comments"]] == [
        (1, None),
        (2, "1"),
    ]


def test_a_later_page_counts_on() -> None:
    page = parse(ADDRESSES[3], [comment(1)], 300)
    assert page.articles[0].comments[0].position == 199
    assert page.part is not None
    assert (page.part.starts, page.part.ends, page.part.first) == (False, False, 198)


def test_an_empty_thread_proves_nothing_by_itself() -> None:
    page = parse(ADDRESSES[2], [])
    assert page.part is not None
    assert (page.part.total, page.part.ends, page.articles[0].date) == (None, True, AT.date())


def test_late_comments_stand_below_their_articles() -> None:
    page = parse(ADDRESSES[4], [comment(1), comment(2, post=9), comment(3, post=0)], 3)
    assert [(one.external_id, len(one.comments)) for one in page.articles] == [("7", 1), ("9", 1)]
    assert page.kind == "latest"
    assert page.claims == ()


def test_an_article_s_page_in_html_is_read_too() -> None:
    body = b"""<!DOCTYPE html><html lang=en><head><meta name=generator content="WordPress 6.5">
    <link rel=shortlink href="https://quay.example/?p=7"></head><body class="single postid-7">
    <article id=post-7 class="post-7 post"><h1 class=entry-title>A crane</h1>
    <time class="entry-date published" datetime="2024-05-01T10:00:00+02:00">May 1</time></article>
    <h2 class=comments-title>2 comments</h2><ol class=comment-list>
    <li id=comment-1 class="comment"><article class=comment-body><b class=fn>Ada</b>
    <time datetime="2024-05-01T11:00:00+02:00">x</time>
    <div class=comment-content><p>Quite.</p></div></article></li>
    <li id=comment-2 class="pingback">Pingback: <a href="https://a.example/">Elsewhere</a></li>
    </ol></body></html>"""
    page = SOURCE.parse(body, url=f"{BASE}?p=7", captured_at=AT, content_type="text/html")
    (article,) = page.articles
    assert (article.external_id, [one.external_id for one in article.comments]) == ("7", ["1"])
    assert page.part is not None
    assert (page.part.ids, page.part.others, page.part.total) == (("1", "2"), {"2"}, 2)


def test_an_article_s_page_must_say_which_article_it_is() -> None:
    body = b"""<!DOCTYPE html><html><head><meta name=generator content="WordPress 6.5"></head><body>
    <h1>A crane</h1><ol class=comment-list><li id=comment-1 class="comment"><b class=fn>Ada</b>
    <time datetime="2024-05-01T11:00:00+02:00">x</time><div class=comment-content><p>Quite.</p></div></li>
    </ol></body></html>"""
    with pytest.raises(FieldMissing):
        SOURCE.parse(body, url=f"{BASE}a-crane/", captured_at=AT, content_type="text/html")


def test_what_is_no_page_of_wordpress_is_refused() -> None:
    with pytest.raises(PageUnrecognised):
        SOURCE.parse(b"<html><body>Hello</body></html>", url=f"{BASE}?p=7", captured_at=AT)


def test_a_list_goes_on_from_the_last_row_that_was_shown() -> None:
    page = parse(ADDRESSES[2], [comment(1), comment(2)], 9)
    known = Known(visit=open_visit("1", "2"), threads={}, changed=frozenset(), fresh=0, full=False)
    assert follow(page, known) == [Address(kind="comments", article_id="7", offset=1)]
    assert follow(page, NOTHING) == []


def test_a_listing_calls_for_threads_that_are_unknown_or_unfinished() -> None:
    page = parse(ADDRESSES[0], [post(7), post(8), post(9)], 3)
    threads = {
        "7": KnownThread(settled=True, mark=None, comments=4),
        "8": KnownThread(settled=False, mark=None, comments=None),
    }
    known = Known(visit=None, threads=threads, changed=frozenset(), fresh=0, full=False)
    assert follow(page, known) == [
        Address(kind="comments", article_id="8"),
        Address(kind="comments", article_id="9"),
        Address(kind="latest", entries=("7",)),
    ]
    everything = Known(visit=None, threads=threads, changed=frozenset(), fresh=0, full=True)
    assert {one.article_id for one in follow(page, everything)} == {"7", "8", "9"}


@pytest.mark.parametrize(("total", "wanted"), [(5, ["8"]), (4, ["7", "8"])])
def test_late_comments_call_for_their_thread_or_where_the_total_differs_for_all(
    total: int, wanted: list[str]
) -> None:
    page = parse(ADDRESSES[5], [comment(4, post=8)], total)
    threads = {
        "7": KnownThread(settled=True, mark=None, comments=1),
        "8": KnownThread(settled=True, mark=None, comments=3),
    }
    known = Known(visit=None, threads=threads, changed=frozenset({"8"}), fresh=1, full=False)
    assert [one.article_id for one in follow(page, known)] == wanted


def test_late_comments_of_articles_that_are_unknown_call_for_nothing() -> None:
    page = parse(ADDRESSES[4], [comment(4, post=8)], 1)
    known = Known(visit=None, threads={}, changed=frozenset({"8"}), fresh=1, full=False)
    assert follow(page, known) == []


def test_a_visit_begins_with_the_day_s_listing() -> None:
    assert SOURCE.lists is not None
    assert SOURCE.lists.entries(DAY) == (ADDRESSES[0],)
    assert SOURCE.lists.latest is not None
    assert SOURCE.lists.latest(AT) == (ADDRESSES[4],)


def test_the_operator_s_sites_are_sources_until_others_are() -> None:
    registry.configure((SITE,))
    try:
        assert registry.source_named("quay").site == SITE
        assert registry.configured() == (SITE,)
    finally:
        registry.configure(())
    assert "quay" not in {source.name for source in registry.sources()}


@pytest.mark.parametrize("field", ["author_name", "date", "id"])
def test_a_comment_without_a_required_field_fails_its_page(field: str) -> None:
    row = comment(1)
    del row[field]
    with pytest.raises(FieldMissing):
        parse(ADDRESSES[2], [row], 1)
