"""WordPress's pages for people as pages of a source: addresses, a day's archive, and what a thread proves."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from parsers.engines.raw import RawPage
from parsers.engines.wordpress.html_addresses import slug_of
from parsers.engines.wordpress.looking import plain_zone_of, pretty_zone_of
from parsers.engines.wordpress.making import make
from parsers.errors import AddressUnknown, ParseError
from parsers.lists import Known, KnownThread, ListVisit, Sheet
from parsers.records import ParsedPage, ThreadClaim
from parsers.source import Site
from parsers.urls import Address

BASE = "https://quay.example/blog/"
SITE = Site(name="quay", engine="wordpress", base_url=BASE, zone="Europe/Berlin", html=True)
SOURCE = make(SITE)
DAY = date(2024, 5, 1)
AT = datetime(2024, 5, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("address", "pretty", "plain"),
    [
        (Address(kind="section", day=DAY, section=0), "2024/05/01/", "?m=20240501"),
        (Address(kind="section", day=DAY, section=0, page=2), "2024/05/01/page/2/", "?m=20240501&paged=2"),
        (Address(kind="comments", article_id="7"), "?p=7", "?p=7"),
        (Address(kind="comments", article_id="7", page=3), "?p=7&cpage=2", "?p=7&cpage=2"),
    ],
)
def test_an_address_is_read_as_it_is_written(address: Address, pretty: str, plain: str) -> None:
    for site, url in ((SITE, pretty), (replace(SITE, rest_route=True), plain)):
        source = make(site)
        assert source.url_of(address, BASE) == BASE + url
        assert source.address_of(BASE + url) == address


@pytest.mark.parametrize("slug", ["2024/05/01/a-crane", "a-crane", "archives/77", "a:b"])
@pytest.mark.parametrize("page", [1, 3])
def test_a_pretty_address_of_an_article(slug: str, page: int) -> None:
    url = SOURCE.url_of(Address(kind="comments", article_id="7", slug=slug, page=page), BASE)
    assert url == f"{BASE}{slug}/" + ("comment-page-2/" if page > 1 else "")
    assert SOURCE.address_of(url) == Address(kind="comments", slug=slug, page=page)
    assert slug_of(SITE, f"{BASE}{slug}/") == slug


@pytest.mark.parametrize(
    "url",
    ["", "2024/13/01/", "?m=2024", "?p=seven", "?p=7&cpage=x", "wp-login.php", "a-crane/?print=1", "?"],
)
def test_other_addresses_are_unknown(url: str) -> None:
    with pytest.raises(AddressUnknown):
        SOURCE.address_of(f"{BASE}{url}")


@pytest.mark.parametrize(
    "url", ["https://tug.example/blog/a/", f"{BASE}?p=7", "https://quay.example/a/", f"{BASE}2024/05/01/"]
)
def test_what_is_no_pretty_address_of_the_site_has_no_slug(url: str) -> None:
    assert slug_of(SITE, url) is None


HEAD = '<!DOCTYPE html><html><head><meta name=generator content="WordPress 6.5"></head>'
FIRST = """<article id="post-9" class="post-9 post-type"><h2 class="entry-title">
<a href="/blog/a-crane/">A crane</a></h2>
<time class="entry-date published" datetime="2024-05-01T00:10:00+02:00">May 1</time>
<span class="comments-link"><a href="/blog/a-crane/#comments">12 Comments</a></span></article>"""
SECOND = """<div class="post-8 hentry"><h3><a href="/blog/?p=8">A tug</a></h3>
<i class="comment-count"></i><p class="comments-link">Leave a comment</p></div>"""
THIRD = """<li class="post-7"><a rel="bookmark" href="https://quay.example/blog/x/">X</a>
<time class="published" datetime="soon"></time></li>"""


def archive(body: str, kind: str = "archive date") -> bytes:
    return f'{HEAD}<body class="{kind}">{body}</body></html>'.encode()


def test_a_day_s_archive_lists_its_articles_and_their_counts() -> None:
    beside = '<aside><div class="post-3"><h3><a href="/blog/recent/">Recent</a></h3></div></aside>'
    body = archive(f"<main>{FIRST}{SECOND}{THIRD}</main>{beside}<a class='next' href='page/2/'>Older</a>")
    page = SOURCE.parse(body, url=f"{BASE}2024/05/01/", captured_at=AT)
    assert page.claims == (
        ThreadClaim(thread="9", mark="12", slug="a-crane"),
        ThreadClaim(thread="8", mark="Leave a comment"),
        ThreadClaim(thread="7", slug="x"),
    )
    assert [(one.external_id, one.date) for one in page.articles] == [("9", DAY), ("8", DAY), ("7", DAY)]
    assert page.part is not None
    assert (page.part.ids, page.part.page, page.part.pages) == (("9", "8", "7"), 1, 2)
    assert (page.part.starts, page.part.ends, page.part.total) == (True, False, None)


def test_a_day_without_articles_is_one_that_wordpress_does_not_find() -> None:
    page = SOURCE.parse(archive("Nothing", "error404"), url=f"{BASE}2024/05/02/", captured_at=AT)
    assert page.part is not None
    assert (page.articles, page.part.ids, page.part.ends) == ((), (), True)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (archive(""), "no list"),
        (archive(FIRST, "single"), "no list"),
        (archive(FIRST.replace("2024-05-01T00:10", "2024-04-30T23:10")), "2024-04-30"),
        (archive('<div id="post-9">Words</div>'), "link"),
        (archive(FIRST)[:-9], "last tag"),
        (b"<html><body>Hello</body></html>", "WordPress"),
        (b"<html><body>Just a moment...</body></html>", "wall"),
    ],
)
def test_what_is_no_archive_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        SOURCE.parse(body, url=f"{BASE}2024/05/01/", captured_at=AT)


def article(comments: str) -> bytes:
    return (
        f'{HEAD}<body class="postid-9"><h1 class="entry-title">A crane</h1>'
        '<time class="entry-date" datetime="2024-05-01T09:00:00+02:00"></time>'
        f'<div class="entry-content"><p>It is red.</p></div>{comments}</body></html>'
    ).encode()


FORM = '<form action="/blog/wp-comments-post.php"><input name="comment_post_ID" value="9"></form>'


@pytest.mark.parametrize(("comments", "total"), [(FORM, 0), ("<p>Comments are elsewhere.</p>", None)])
def test_no_comments_are_proved_by_the_site_s_own_form_alone(comments: str, total: int | None) -> None:
    page = SOURCE.parse(article(comments), url=f"{BASE}a-crane/", captured_at=AT)
    assert page.part is not None
    assert (page.part.total, page.part.ids, page.part.ends) == (total, (), True)
    assert [(one.title, one.text) for one in page.articles] == [("A crane", "It is red.")]
    assert "article.text" not in page.silent_on


def test_a_list_is_asked_for_page_by_page_and_then_again() -> None:
    page = SOURCE.parse(article(FORM), url=f"{BASE}a-crane/comment-page-2/", captured_at=AT)
    visit = ListVisit(began_at=AT, rows=(), others=frozenset(), total=9, last=3)
    sheets = (Sheet(number=3, ids=("5",)), Sheet(number=1, ids=("1",)), Sheet(number=2, ids=("3",)))
    asked = [
        asked_for(page, replace(visit, sheets=sheets[:1])),
        asked_for(page, replace(visit, sheets=sheets[:2])),
        asked_for(page, replace(visit, sheets=sheets)),
        asked_for(page, replace(visit, sheets=(replace(sheets[0], again=True), *sheets[1:]))),
        asked_for(page, replace(visit, sheets=tuple(replace(one, again=True) for one in sheets))),
        asked_for(page, None),
    ]
    assert asked == [[2], [3], [1], [2], [], []]
    listing = SOURCE.parse(archive(FIRST), url=f"{BASE}2024/05/01/page/2/", captured_at=AT)
    assert asked_for(listing, replace(visit, sheets=sheets[:1]))[:1] == [1]


def test_threads_are_asked_for_whose_count_differs_or_is_not_printed() -> None:
    page = SOURCE.parse(archive(FIRST + SECOND + THIRD), url=f"{BASE}2024/05/01/", captured_at=AT)
    settled = {
        thread: KnownThread(settled=True, mark=mark, comments=1)
        for thread, mark in (("9", "11"), ("8", "Leave a comment"), ("7", None))
    }
    known = Known(visit=None, threads=settled, changed=frozenset(), fresh=0, full=False)
    assert SOURCE.lists is not None
    assert [one.address for one in SOURCE.lists.follow(page, known)] == [
        Address(kind="comments", article_id="9", slug="a-crane"),
        Address(kind="comments", article_id="7", slug="x"),
    ]


def asked_for(page: ParsedPage, visit: ListVisit | None) -> list[int]:
    known = Known(visit=visit, threads={}, changed=frozenset(), fresh=0, full=False)
    assert SOURCE.lists is not None
    return [one.address.page for one in SOURCE.lists.follow(page, known)]


def test_a_home_page_says_whether_addresses_are_pretty() -> None:
    pretty, plain = RawPage(archive(FIRST), BASE), RawPage(archive(SECOND), BASE)
    pretty_zone_of(pretty)
    plain_zone_of(plain)
    for look, raw in ((pretty_zone_of, plain), (plain_zone_of, pretty)):
        with pytest.raises(ParseError, match="pretty"):
            look(raw)
