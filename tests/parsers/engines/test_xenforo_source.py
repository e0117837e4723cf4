"""A XenForo board as a source: its addresses, its pages, and what each page calls for."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingest.decide.completeness.lists import advance
from parsers.engines.sites import FORUMS, make, named_categories, named_forums
from parsers.errors import AddressUnknown, FieldMissing, PageUnrecognised
from parsers.lists import Known, ListVisit
from parsers.records import ParsedPage
from parsers.source import Site
from parsers.urls import Address

FIXTURES = Path(__file__).parents[3] / "fixtures" / "engines" / "xenforo"
BASE = "https://slip.example/community/"
SITE = Site(name="slip", engine="xenforo", base_url=BASE, zone="Europe/Berlin", forums=("knots.4", "9"))
SOURCE = make(SITE)
AT = datetime(2024, 10, 9, tzinfo=UTC)
DAY = date(2024, 10, 8)
MORE = (
    '<div class="block--messages">',
    '<div class="pageNavSimple-el--current">1 of 2</div><div class="block--messages">',
)
VISIT = ListVisit(began_at=AT, rows=(None, None, "3"), others=frozenset(), total=3)


@pytest.mark.parametrize(
    ("address", "path"),
    [
        (
            Address(kind="section", day=DAY, section=4),
            "forums/knots.4/?order=post_date&direction=desc&no_date_limit=1&day=2024-10-08",
        ),
        (
            Address(kind="section", day=DAY, section=9, page=3, offset=40),
            "forums/9/page-3?order=post_date&direction=desc&no_date_limit=1&from=40&day=2024-10-08",
        ),
        (Address(kind="comments", article_id="310"), "threads/310/"),
        (Address(kind="comments", article_id="310", slug="a-b", page=2), "threads/a-b.310/page-2"),
    ],
)
@pytest.mark.parametrize("plain", [False, True])
def test_an_address_is_read_as_it_is_written(address: Address, path: str, *, plain: bool) -> None:
    source = make(replace(SITE, plain_urls=plain))
    url = source.url_of(address, BASE)
    assert url == BASE + (f"index.php?{path.replace('?', '&')}" if plain else path)
    assert source.address_of(url) == address


@pytest.mark.parametrize(
    "path",
    [
        "",
        "posts/7/",
        "threads/x/",
        "forums/knots.4/",
        "forums/knots.4/?day=soon",
        "forums/4/?day=2024-10-08&from=x",
    ],
)
def test_other_addresses_are_unknown(path: str) -> None:
    with pytest.raises(AddressUnknown):
        SOURCE.address_of(f"{BASE}{path}")


@pytest.mark.parametrize(
    ("setting", "forum"),
    [
        ("4", (4, "4")),
        (" knots.4 ", (4, "knots.4")),
        (f"{BASE}forums/knots.4/page-2?order=title", (4, "knots.4")),
        ("https://slip.example/index.php?forums/knots.4/", (4, "knots.4")),
        ("knots", None),
        ("0", None),
        ("", None),
    ],
)
def test_a_forum_is_named_by_its_id_or_its_address(setting: str, forum: tuple[int, str] | None) -> None:
    assert FORUMS["xenforo"](setting) == forum


def test_a_day_begins_at_each_forum() -> None:
    assert SOURCE.sections == (4, 9)
    assert SOURCE.lists is not None
    assert [one.section for one in SOURCE.lists.entries(DAY)] == [4, 9]


def parse(case: str, url: str, *changes: tuple[str, str]) -> ParsedPage:
    text = (FIXTURES / case / "page.html").read_text("utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return SOURCE.parse(text.encode(), url=f"{BASE}{url}", captured_at=AT, content_type="text/html")


def followed(page: ParsedPage, visit: ListVisit | None) -> list[tuple[int, bool]]:
    assert SOURCE.lists is not None
    known = Known(visit=visit, threads={}, changed=frozenset(), fresh=0, full=False)
    return [(one.address.page, one.again) for one in SOURCE.lists.follow(page, known)]


def numbered(page: int, pages: int) -> ParsedPage:
    parsed = parse("thread-of-one-page", f"threads/310/page-{page}")
    assert parsed.part is not None
    part = replace(parsed.part, page=page, pages=pages, starts=page == 1, ends=page == pages, ids=("1",))
    return replace(parsed, part=part)


def test_a_thread_is_read_from_its_end_and_to_its_end() -> None:
    assert followed(numbered(1, 3), None) == [(3, True)]
    assert followed(numbered(3, 3), VISIT) == [(1, True)]
    assert followed(numbered(1, 3), replace(VISIT, rows=("1", None, "3"))) == [(2, True)]
    assert followed(numbered(2, 3), replace(VISIT, rows=("1", "2", "3"))) == [(3, True)]
    assert followed(numbered(3, 3), replace(VISIT, status="proven")) == []
    assert followed(replace(numbered(1, 3), part=None), VISIT) == []


def test_a_skin_without_numbers_is_read_to_its_end_and_proves_nothing() -> None:
    page = numbered(2, 3)
    assert page.part is not None
    unnumbered = replace(page, part=replace(page.part, first=None))
    assert followed(unnumbered, None) == [(3, False)]
    last = numbered(3, 3)
    assert last.part is not None
    assert followed(replace(last, part=replace(last.part, first=None)), None) == []


def test_posts_that_print_no_number_are_in_order_if_the_page_has_all() -> None:
    page = parse("no-numbers-printed", "threads/knots-that-hold.310/")
    assert page.part is not None
    assert (page.part.first, page.part.ids, page.part.ends) == (0, ("9001",), True)


def test_one_page_with_a_hole_between_its_numbers_shows_less_than_it_counts() -> None:
    """As a skin does that hides replies until a button is pressed."""
    page = parse("thread-of-one-page", "threads/310/", (">#2<", ">#5<"))
    assert page.part is not None
    visit = advance(None, page.part, AT)
    assert visit is not None
    assert (visit.status, visit.reason) == ("short", "the site counts 5 rows and shows 2")


def test_numbers_with_a_hole_between_them_give_no_ranks_where_there_are_more_pages() -> None:
    page = parse("thread-of-one-page", "threads/310/", (">#2<", ">#5<"), MORE)
    assert page.part is not None
    assert page.part.first is None


def test_a_listing_of_another_forum_or_without_times_is_refused() -> None:
    url = "forums/knots.4/?order=post_date&direction=desc&day=2024-10-08"
    with pytest.raises(PageUnrecognised, match="forum 9 was asked for"):
        parse("listing", url.replace("knots.4", "9"), ("<html id", '<html data-container-key="node-4" id'))
    with pytest.raises(FieldMissing, match="posted_at"):
        parse("listing-row-without-times", url)


@pytest.mark.parametrize(
    ("engine", "settings", "why"),
    [
        ("xenforo", [], "name its forums"),
        ("xenforo", ["knots"], "no forum's id"),
        ("xenforo", [4, "knots.4"], "named twice"),
        ("wordpress", [4], "has no forums"),
    ],
)
def test_forums_that_cannot_be_read(engine: str, settings: list[int | str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        named_forums(engine, settings)


@pytest.mark.parametrize(
    ("engine", "settings", "html", "why"),
    [
        ("xenforo", [4], False, "has no categories"),
        ("wordpress", ["boats/4"], False, "no category's id"),
        ("discourse", ["boats"], False, "no category's id"),
        ("discourse", [5, "boats/5"], False, "category 5 is named twice"),
        ("wordpress", [4], True, "by the interface alone"),
    ],
)
def test_categories_that_cannot_be_read(
    engine: str, settings: list[int | str], why: str, *, html: bool
) -> None:
    with pytest.raises(ValueError, match=why):
        named_categories(engine, settings, html=html)


def test_categories_by_their_ids_and_addresses() -> None:
    named = [5, "boats/6", f"{BASE}c/boats/sails/7", f"{BASE}c/tar/8/l/latest", "/c/tar/oakum/9/none/"]
    found = ("5", "boats/6", "boats/sails/7", "tar/8", "tar/oakum/9")
    assert named_categories("discourse", named, html=False) == found
    assert named_categories("wordpress", [7, " 4"], html=False) == ("7", "4")
    assert named_categories("wordpress", [], html=True) == named_categories("xenforo", [], html=False) == ()


def test_forums_by_their_ids_and_addresses() -> None:
    assert named_forums("xenforo", [4, f"{BASE}forums/knots.9/"]) == ("4", "knots.9")
    assert named_forums("wordpress", []) == ()


def test_a_mark_changes_with_a_title_and_does_not_hold_it() -> None:
    url = "forums/knots.4/?order=post_date&direction=desc&day=2024-10-08"
    before, after = (parse("listing", url, *changes).claims for changes in ((), (("Knots", "Bends"),)))
    assert [claim.mark for claim in before] != [claim.mark for claim in after]
    assert not any("Knots" in str(claim.mark) for claim in before)


@pytest.mark.parametrize(("pages", "asked"), [(9, [(2, True)]), (1, [(1, True)])])
def test_a_listing_is_asked_for_up_to_the_last_page_that_it_names(
    pages: int, asked: list[tuple[int, bool]]
) -> None:
    page = parse("listing", "forums/knots.4/?order=post_date&direction=desc&day=2024-10-08")
    assert page.part is not None
    part = replace(page.part, pages=pages, ids=("310",), page=1, first=0)
    visit = replace(VISIT, rows=(), total=None, needs_total=False)
    found = followed(replace(page, part=part, claims=()), visit)
    assert found == asked


def test_a_post_without_a_number_behind_one_with_a_number_gives_no_ranks() -> None:
    page = parse("thread-of-one-page", "threads/310/", (">#2<", "><"), MORE)
    assert page.part is not None
    assert page.part.first is None


def test_a_page_that_does_not_begin_the_thread_shows_comments_of_a_stub() -> None:
    page = parse("middle-page-with-thousands", "threads/310/page-2")
    (article,) = page.articles
    assert (article.title, article.posted_at, page.dated) == ("", None, False)
    assert page.part is not None
    assert not page.part.starts
    assert article.comments
