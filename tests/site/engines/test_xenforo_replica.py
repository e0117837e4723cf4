"""Every answer of the XenForo replica is read by the parsers, and says what its model holds."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from parsers.engines.raw import RawPage
from parsers.engines.records import EngineComment, Moment
from parsers.engines.xenforo import read_listing, read_thread
from parsers.errors import PageBlocked, PageTruncated, PageUnrecognised
from tests.site.engines import faults
from tests.site.engines.reading import ask, comments_of, walk
from tests.site.engines.xenforo.model import Post, small_board
from tests.site.engines.xenforo.site import XenForoServer

BERLIN = ZoneInfo("Europe/Berlin")
VERSIONS = [
    pytest.param(version, times, language, id=f"{version}.x-{times}-{language}")
    for version, times, language in (
        *((2, "offset", "en-US"), (2, "unix", "ar"), (2, "words", "de-DE"), (2, "words", "en-US")),
        *((1, "words", "en-US"), (1, "words", "de-DE"), (1, "words", "ar"), (1, "unix", "ar")),
    )
]


@pytest.fixture
def site() -> Iterator[XenForoServer]:
    with XenForoServer(small_board()) as site:
        yield site


def moment(when: datetime) -> Moment:
    local = when.astimezone(BERLIN).replace(tzinfo=None)
    return Moment(local=local.isoformat(timespec="minutes"), at=when)


def truth(number: int, post: Post) -> tuple[object, ...]:
    return (
        str(post.thread),
        str(post.id),
        number,
        post.author,
        str(post.user_id) if post.user_id else None,
        moment(post.posted),
        post.shown_text,
    )


def read(comment: EngineComment) -> tuple[object, ...]:
    return (
        comment.entry_id,
        comment.external_id,
        comment.number,
        comment.author,
        comment.author_id,
        comment.posted,
        comment.text,
    )


def truths(site: XenForoServer, thread_id: int) -> list[tuple[object, ...]]:
    return [truth(number, post) for number, post in enumerate(site.model.shown(thread_id), start=1)]


@pytest.mark.parametrize(("version", "times", "language"), VERSIONS)
def test_a_thread_over_pages_is_the_model_s(
    site: XenForoServer, version: int, times: str, language: str
) -> None:
    site.version, site.times, site.language, site.per_page = version, times, language, 3
    site.model.edit(9007, "Better words.", at=datetime(2024, 5, 3, 12, tzinfo=UTC))
    site.model.add_post(303, "Night watch", "Late.", posted=datetime(2024, 5, 1, 21, 30, tzinfo=UTC))
    pages = walk(site.thread_url(303), read_thread)
    assert list(map(read, comments_of(pages))) == truths(site, 303)
    assert [(page.page, page.pages) for page in pages] == [(1, 3), (2, 3), (3, 3)]
    edited = comments_of(pages)[1].edited
    assert edited is not None
    assert edited.local == "2024-05-03T14:00"
    claims = {(claim.of, claim.count) for page in pages for claim in page.claims}
    assert claims == {("last-number", 8)} | ({("replies", 7)} if version == 2 else set())
    entry = pages[0].entries[0]
    assert (entry.title, entry.author) == (site.model.threads[303].title, "Bowline")


@pytest.mark.parametrize(("version", "times", "language"), VERSIONS)
def test_a_forum_is_the_model_s(site: XenForoServer, version: int, times: str, language: str) -> None:
    board = site.model
    site.version, site.times, site.language, site.threads_per_page = version, times, language, 2
    board.add_thread(datetime(2024, 4, 1, tzinfo=UTC), "Rules of the slip", sticky=True)
    start = f"{site.forum_url()}?order=post_date&direction=asc"
    pages = [
        read_listing(ask(f"{start.replace('?', f'page-{page}?' if page > 1 else '?')}").raw())
        for page in (1, 2)
    ]
    assert [[entry.external_id for entry in page.entries] for page in pages] == [
        ["304", "301", "302"],
        ["303"],
    ]
    for entry in (entry for page in pages for entry in page.entries):
        thread = board.threads[int(entry.external_id or "")]
        posts = board.shown(thread.id)
        assert (entry.title, entry.url, entry.pinned) == (
            thread.title,
            site.thread_url(thread.id),
            thread.sticky,
        )
        assert (entry.posted, entry.last_comment) == (moment(posts[0].posted), moment(posts[-1].posted))
        assert (entry.author, entry.claimed_comments) == (posts[0].author, len(posts) - 1)
    assert [(page.page, page.pages) for page in pages] == [(1, 2), (2, 2)]
    newest = read_listing(ask(site.forum_url()).raw())
    assert [entry.external_id for entry in newest.entries] == ["304", "303", "301"]


@pytest.mark.parametrize(
    ("language", "printed"),
    [("en-US", "#1,021"), ("de-DE", "#1.021"), ("ar", "#\u0661\u066c\u0660\u0662\u0661")],
)
@pytest.mark.parametrize("version", [1, 2])
def test_numbers_have_separators(site: XenForoServer, version: int, language: str, printed: str) -> None:
    site.version, site.language = version, language
    site.model.fill(302, 1_025)
    response = ask(site.thread_url(302, 52))
    page = read_thread(response.raw())
    assert printed in response.body.decode()
    assert [comment.number for comment in page.comments] == list(range(1_021, 1_026))
    [listed] = [e for e in read_listing(ask(site.forum_url()).raw()).entries if e.external_id == "302"]
    assert listed.claimed_comments is None
    site.short_counts = False
    [listed] = [e for e in read_listing(ask(site.forum_url()).raw()).entries if e.external_id == "302"]
    assert listed.claimed_comments == 1_024


def test_a_deletion_renumbers(site: XenForoServer) -> None:
    site.json_ld = False
    before = read_thread(ask(site.thread_url(303)).raw())
    site.model.delete(9008)
    after = read_thread(ask(site.thread_url(303)).raw())
    assert [c.external_id for c in before.comments] == [
        "9006",
        "9007",
        "9008",
        "9009",
        "9010",
        "9011",
        "9012",
    ]
    assert list(map(read, after.comments)) == truths(site, 303)
    assert [(c.external_id, c.number) for c in after.comments][2] == ("9009", 3)
    assert [claim.of for claim in after.claims] == ["last-number"]
    site.model.restore(9008)
    assert read_thread(ask(site.thread_url(303)).raw()) == before


@pytest.mark.parametrize("version", [1, 2])
def test_a_page_past_the_end_is_the_last(site: XenForoServer, version: int) -> None:
    site.version, site.per_page, site.threads_per_page = version, 3, 2
    past = read_thread(ask(site.thread_url(303, 9)).raw())
    assert (past.page, past.pages, [c.number for c in past.comments]) == (3, 3, [7])
    assert read_listing(ask(site.forum_url(4, 9)).raw()).page == 2
    site.past_end = "redirect"
    response = ask(site.thread_url(303, 9))
    assert (response.status, response.headers["location"]) == (303, site.thread_url(303, 3))
    assert ask(site.forum_url(4, 9)).headers["location"] == site.forum_url(4, 2)


def test_addresses_redirect(site: XenForoServer) -> None:
    site.per_page = 3
    base = site.base_url
    assert ask(f"{base}threads/303/").headers["location"] == site.thread_url(303)
    old = site.thread_url(303, 2)
    site.model.rename(303, "Another name")
    assert ask(old).headers["location"] == site.thread_url(303, 2) == f"{base}threads/another-name.303/page-2"
    assert (
        ask(f"{site.thread_url(303)}post-9009").headers["location"] == f"{site.thread_url(303, 2)}#post-9009"
    )
    assert ask(f"{site.thread_url(303)}post-1").status == 404
    site.model.merge(302, into=303)
    merged = ask(f"{base}threads/x.302/")
    assert (merged.status, merged.headers["location"]) == (301, site.thread_url(303))
    with pytest.raises(PageUnrecognised, match="thread 302 was asked for, thread 303 is shown"):
        read_thread(RawPage(ask(site.thread_url(303)).body, f"{base}threads/x.302/"))
    rows = {e.external_id: e.claimed_comments for e in read_listing(ask(site.forum_url()).raw()).entries}
    assert rows == {"301": 3, "302": None, "303": 7}


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("prefix", ["", "community/", "index.php?"])
def test_boards_stand_below_a_prefix(version: int, prefix: str) -> None:
    with XenForoServer(small_board(), prefix=prefix) as site:
        site.version, site.per_page, site.threads_per_page = version, 3, 2
        pages = walk(site.thread_url(303), read_thread)
        assert [len(page.comments) for page in pages] == [3, 3, 1]
        listing = walk(site.forum_url(), read_listing)
        assert [[entry.url for entry in page.entries] for page in listing] == [
            [site.thread_url(303), site.thread_url(301)],
            [site.thread_url(302)],
        ]
        home = ask(site.base_url).body.decode()
        assert "knots-and-ropes.4" in home
        assert "xenforo.com" in home
        if prefix == "community/":
            assert ask(f"{site.url}threads/x.303/").status == 404
        assert b"posts/" in ask(f"{site.url}robots.txt").body


@pytest.mark.parametrize("version", [1, 2])
def test_what_guests_may_not_see(site: XenForoServer, version: int) -> None:
    site.version = version
    site.model.move_thread(302, 6)
    for address in (site.thread_url(302), site.forum_url(6)):
        response = ask(address)
        assert response.status == 403
        with pytest.raises(PageBlocked):
            read_thread(response.raw())
    site.model.delete_thread(301)
    for address in (site.thread_url(301), f"{site.base_url}threads/999/", f"{site.base_url}forums/9/"):
        response = ask(address)
        assert response.status == 404
        with pytest.raises(PageUnrecognised, match="not here"):
            read_thread(response.raw())
    site.model.restore_thread(301)
    assert ask(site.thread_url(301)).status == 200


def test_paging_moves_under_the_reader(site: XenForoServer) -> None:
    site.per_page = 3
    site.after(1, lambda board: board.delete(9007))
    pages = walk(site.thread_url(303), read_thread)
    assert [c.external_id for c in comments_of(pages)] == ["9006", "9007", "9008", "9010", "9011", "9012"]
    assert [claim.count for page in pages for claim in page.claims] == [6, 5, 6]
    site.model.restore(9007)
    site.after(1, lambda board: (board.delete(9007), board.add_post(303, "Late", "At last.")))
    pages = walk(site.thread_url(303), read_thread)
    assert [c.external_id for c in comments_of(pages)] == [
        "9006",
        "9007",
        "9008",
        "9010",
        "9011",
        "9012",
        "9013",
    ]
    assert {claim.count for page in pages for claim in page.claims if claim.of == "replies"} == {6}


@pytest.mark.parametrize("version", [1, 2])
def test_faults(site: XenForoServer, version: int) -> None:
    site.version = version
    for fault, status, error in (
        (faults.challenge(), 403, PageBlocked),
        (faults.login(), 200, PageBlocked),
        (faults.wall(), 200, PageBlocked),
        (faults.cut_json(), 200, PageTruncated),
        (faults.server_error(), 500, PageUnrecognised),
    ):
        site.faults = [fault]
        response = ask(site.thread_url(303))
        assert response.status == status
        with pytest.raises(error):
            read_thread(response.raw())
        assert ask(site.thread_url(303)).status == 200
