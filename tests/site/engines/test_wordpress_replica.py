"""Every answer of the WordPress replica is read by the parsers, and says what its model holds."""

import json
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from parsers.engines.records import EngineComment, Moment, SiteFacts
from parsers.engines.wordpress import read_comments, read_html, read_posts, read_site
from parsers.errors import PageBlocked, PageTruncated, PageUnrecognised
from tests.site.engines import faults
from tests.site.engines.reading import ask, comments_of, walk
from tests.site.engines.wordpress.html import shown_order
from tests.site.engines.wordpress.model import Comment, line, small_blog, utc
from tests.site.engines.wordpress.site import WordPressServer


@pytest.fixture
def site() -> Iterator[WordPressServer]:
    with WordPressServer(small_blog()) as site:
        yield site


def rest(site: WordPressServer, route: str, **query: object) -> str:
    return f"{site.url}wp-json/wp/v2/{route}?{urlencode(query, safe=',:')}"


def thread(site: WordPressServer, post: int, **query: object) -> str:
    return rest(site, "comments", **{"post": post, "orderby": "id", "order": "asc", "per_page": 3} | query)


def truth(site: WordPressServer, comment: Comment, parent: int | None = None) -> tuple[object, ...]:
    parent = comment.parent if parent is None else parent
    local = site.model.local(comment.posted).isoformat(timespec="minutes")
    return (
        str(comment.post),
        str(comment.id),
        str(parent) if parent else None,
        comment.author,
        Moment(local=local, at=comment.posted),
        line(comment.text),
    )


def read(comment: EngineComment) -> tuple[object, ...]:
    return (
        comment.entry_id,
        comment.external_id,
        comment.parent_external_id,
        comment.author,
        comment.posted,
        comment.text,
    )


@pytest.mark.parametrize("pretty", [True, False])
def test_a_thread_over_pages_is_the_model_s(site: WordPressServer, pretty: bool) -> None:
    site.pretty = pretty
    start = thread(site, 103)
    if not pretty:
        assert ask(start).status == 404
        start = start.replace("wp-json/wp/v2/comments?", "?rest_route=/wp/v2/comments&")
    pages = walk(start, read_comments)
    assert list(map(read, comments_of(pages))) == [truth(site, c) for c in site.model.thread(103)]
    assert [page.claims[0].count for page in pages] == [7, 7, 7]
    assert [(page.page, page.pages) for page in pages] == [(1, 3), (2, 3), (3, 3)]


def test_the_articles_of_a_day_in_the_site_s_time(site: WordPressServer) -> None:
    early = site.model.add_post(utc(2024, 4, 30, 22, 0, 0), "Midnight in Berlin")
    site.model.add_post(utc(2024, 4, 30, 21, 59, 59), "Still the day before")
    site.model.add_post(utc(2024, 5, 1, 22), "The day after")
    site.model.add_post(utc(2024, 5, 1, 12), "Staff only", visibility="private")
    hidden = site.model.add_post(utc(2024, 5, 1, 13), visibility="password")
    day = {"after": "2024-04-30T23:59:59", "before": "2024-05-02T00:00:00"}
    listing = rest(site, "posts", **day, orderby="date", order="asc", per_page=2)
    pages = walk(listing, read_posts)
    entries = [entry for page in pages for entry in page.entries]
    assert [entry.external_id for entry in entries] == [str(early.id), "101", "102", "103", str(hidden.id)]
    assert [page.claims[0].count for page in pages] == [5, 5, 5]
    assert [entry.protected for entry in entries] == [False] * 4 + [True]
    first = site.model.posts[101]
    assert entries[1].title == first.title
    assert entries[1].text == line(first.text)
    assert entries[1].posted == Moment(local="2024-05-01T08:00", at=first.posted)
    assert entries[1].url == site.post_url(101)
    in_utc = rest(site, "posts", after="2024-05-01T21:59:59Z")
    assert [entry.title for entry in walk(in_utc, read_posts)[0].entries] == ["The day after"]
    changed = rest(site, "posts", modified_after="2024-05-01T23:00:00")
    assert [entry.title for entry in walk(changed, read_posts)[0].entries] == ["The day after"]


def test_pages_past_the_end_differ(site: WordPressServer) -> None:
    [past] = walk(thread(site, 103, page=9), read_comments)
    assert (past.comments, past.claims[0].count) == ((), 7)
    with pytest.raises(PageUnrecognised, match="rest_post_invalid_page_number"):
        read_posts(ask(rest(site, "posts", page=9)).raw())
    assert ask(rest(site, "posts", page=9, after="2030-01-01T00:00:00")).body == b"[]"


@pytest.mark.parametrize(
    ("route", "query", "status", "code"),
    [
        ("posts", {"per_page": 101}, 400, "rest_invalid_param"),
        ("comments", {"per_page": 0}, 400, "rest_invalid_param"),
        ("posts", {"after": "yesterday"}, 400, "rest_invalid_param"),
        ("comments", {"orderby": "size"}, 400, "rest_invalid_param"),
        ("comments", {"order": "up"}, 400, "rest_invalid_param"),
        ("comments", {"post": "x"}, 400, "rest_invalid_param"),
        ("comments", {"status": "hold", "type": "pingback"}, 401, "rest_forbidden_param"),
        ("comments", {"context": "edit"}, 401, "rest_forbidden_context"),
        ("posts/9", {}, 404, "rest_post_invalid_id"),
        ("comments/9", {}, 404, "rest_comment_invalid_id"),
        ("pages", {}, 404, "rest_no_route"),
    ],
)
def test_refusals_have_a_code(
    site: WordPressServer, route: str, query: dict[str, object], status: int, code: str
) -> None:
    response = ask(rest(site, route, **query))
    assert (response.status, json.loads(response.body)["code"]) == (status, code)


def test_late_comments_of_any_post_by_one_question(site: WordPressServer) -> None:
    late = site.model.add_comment(101, "Late", "At last.", posted=utc(2024, 6, 1, 9))
    site.model.add_comment(101, "Ferry", "", posted=utc(2024, 6, 1, 9), kind="pingback")
    [page] = walk(
        rest(site, "comments", after="2024-06-01T00:00:00", orderby="id", order="asc"), read_comments
    )
    assert list(map(read, page.comments)) == [truth(site, late)]
    assert (
        ask(rest(site, "comments", per_page=2, _fields="id,post")).body
        == b'[{"id":22,"post":101},{"id":21,"post":103}]'
    )


def test_comments_of_a_hidden_article_are_counted_and_not_shown(site: WordPressServer) -> None:
    site.model.set_visibility(101, "password")
    [page] = walk(rest(site, "comments", per_page=100), read_comments)
    assert (len(page.comments), page.claims[0].count) == (7, 11)
    with pytest.raises(PageBlocked, match="rest_cannot_read_post"):
        read_comments(ask(thread(site, 101)).raw())
    site.refuses_protected = False
    response = ask(thread(site, 101))
    assert (response.body, response.headers["x-wp-total"]) == (b"[]", "4")
    html = read_html(ask(site.post_url(101)).raw())
    assert (html.comments, html.entries[0].protected) == ((), True)
    site.model.set_visibility(101, "private")
    assert ask(site.url + "?p=101").status == 404
    assert ask(rest(site, "posts/101")).status == 401
    site.model.set_visibility(101, "trash")
    assert walk(rest(site, "comments", per_page=100), read_comments)[0].claims[0].count == 7


@pytest.mark.parametrize("language", ["en-US", "de-DE"])
@pytest.mark.parametrize("layout", ["html5", "classic"])
@pytest.mark.parametrize("newest", [False, True])
def test_comments_in_html_are_the_model_s(
    site: WordPressServer, layout: str, newest: bool, language: str
) -> None:
    site.rest, site.layout, site.newest_first_page = "closed", layout, newest
    site.comments_per_page, site.model.language = 2, language
    site.model.add_comment(103, "A ferry's log", "", kind="pingback")
    deep = 0
    for rank in range(7):
        deep = site.model.add_comment(103, f"Deep {rank}", "Down.", parent=deep).id
    pages = walk(site.post_url(103), read_html)
    found = sorted(comments_of(pages), key=lambda comment: int(comment.external_id or ""))
    due = sorted(shown_order(site.theme, 103), key=lambda pair: pair[0].id)
    once = {comment.external_id: comment for comment in found}
    assert [read(once[str(c.id)]) for c, _ in due if c.kind == "comment"] == [
        truth(site, c, parent) for c, parent in due if c.kind == "comment"
    ]
    assert [c.author for c in once.values() if c.state == "pingback"] == ["A ferry's log"]
    assert len(once) == len(due) == 15
    assert {claim.count for page in pages for claim in page.claims} == {15}
    assert len(pages) == (5 if newest else 4)


def test_replies_to_what_is_in_the_trash_are_counted_and_not_shown(site: WordPressServer) -> None:
    site.change(lambda blog: blog.delete(12))
    page = read_html(ask(site.post_url(101)).raw())
    assert ([c.external_id for c in page.comments], page.claims[0].count) == (["11", "14"], 3)
    [kept] = walk(thread(site, 101), read_comments)
    assert [(c.external_id, c.parent_external_id) for c in kept.comments] == [
        ("11", None),
        ("13", "12"),
        ("14", None),
    ]
    site.model.restore(12)
    site.model.delete_for_ever(12)
    assert [comment.parent for comment in site.model.thread(101)] == [0, 0, 0]


def test_the_site_says_what_it_is(site: WordPressServer) -> None:
    facts = read_site(ask(site.url + "wp-json/").raw())
    assert facts == SiteFacts(
        engine="wordpress", name="The Quay & Crane", url=site.url.rstrip("/"), zone="Europe/Berlin",
        utc_offset_hours=1, lists_comments=True,
    )  # fmt: skip
    site.model.zone, site.model.offset_hours = None, 5.5
    facts = read_site(ask(site.url + "?rest_route=/").raw())
    assert (facts.zone, facts.utc_offset_hours) == (None, 5.5)
    home = ask(site.url)
    assert b'content="WordPress' in home.body
    assert "api.w.org" in home.headers["link"]
    assert ask(site.url + "robots.txt").body.startswith(b"User-agent: *")
    site.rest = "closed"
    with pytest.raises(PageBlocked, match="rest_login_required"):
        read_site(ask(site.url + "wp-json/").raw())
    site.rest = "absent"
    assert ask(site.url + "wp-json/").status == 404


def test_listings_for_people(site: WordPressServer) -> None:
    site.posts_per_page = 2
    first = ask(site.url + "2024/05/01/").body.decode()
    assert f'href="{site.post_url(103)}"' in first
    assert f'href="{site.url}2024/05/01/page/2/"' in first
    assert f'href="{site.post_url(101)}"' in ask(site.url + "2024/05/01/page/2/").body.decode()
    for nothing in ("2024/05/02/", "2024/05/32/", "page/9/", "2024/05/01/nothing/", "?p=999"):
        assert ask(site.url + nothing).status == 404
    assert ask(site.url + "?p=101").headers["location"] == site.post_url(101)
    assert ask(site.post_url(101).rstrip("/")).headers["location"] == site.post_url(101)
    site.pretty, site.comments_per_page = False, 2
    assert f'href="{site.post_url(103)}"' in ask(site.url + "?m=20240501").body.decode()
    pages = walk(site.post_url(103), read_html)
    assert len({comment.external_id for comment in comments_of(pages)}) == 7


def test_head_and_gzip(site: WordPressServer) -> None:
    head = ask(thread(site, 103), "HEAD")
    assert (head.body, head.headers["x-wp-total"]) == (b"", "7")
    packed = ask(thread(site, 103), Accept_Encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.body == ask(thread(site, 103)).body
    assert [request.method for request in site.log] == ["HEAD", "GET", "GET"]


def test_paging_moves_under_the_reader(site: WordPressServer) -> None:
    site.after(1, lambda blog: blog.delete(15), path=r"post=103")
    pages = walk(thread(site, 103), read_comments)
    assert [page.claims[0].count for page in pages] == [7, 6]
    assert [c.external_id for c in comments_of(pages)] == ["15", "16", "17", "19", "20", "21"]
    assert len(site.requests) == 2


def test_settings_of_plug_ins(site: WordPressServer) -> None:
    site.totals, site.page_cap = False, 2
    pages = walk(thread(site, 103, per_page=100), read_comments)
    assert ([len(page.comments) for page in pages], pages[0].claims) == ([2, 2, 2, 1], ())


def test_faults_of_json(site: WordPressServer) -> None:
    def fails(fault: faults.Fault, error: type[Exception], status: int = 200) -> None:
        site.faults = [fault]
        response = ask(thread(site, 103))
        assert response.status == status
        with pytest.raises(error):
            read_comments(response.raw())
        assert ask(thread(site, 103)).status == 200

    fails(faults.notice_before("comments"), PageUnrecognised)
    fails(faults.cut_json(), PageTruncated)
    fails(faults.wall(), PageBlocked)
    fails(faults.login(), PageBlocked)
    fails(faults.challenge(), PageBlocked, 403)
    fails(faults.forbidden(), PageBlocked, 403)
    fails(faults.server_error(), PageUnrecognised, 500)
    site.faults = [faults.emptied("page=2", total=40)]
    page = walk(thread(site, 103), read_comments)[1]
    assert (page.comments, page.claims[0].count) == ((), 40)
    site.faults = [faults.without_headers("post=103", times=None)]
    assert walk(thread(site, 103), read_comments)[0].claims == ()
