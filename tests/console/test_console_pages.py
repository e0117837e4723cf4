"""What each page of the console shows, asked without a network."""

import re

import pytest

from ingest.console.pages import overview
from ingest.records.fleet import FleetState, QueueCounts, WorkerSeen
from tests.console.browser import Browser
from tests.console.held import DAY, NOON, SOURCE, Held
from tests.kit.fakes import FakeClock

SEARCH = "/search?words=weir"
MAIN = ("/", "/coverage", f"/day?source={SOURCE}&day={DAY}", f"/thread?source={SOURCE}&id=7", "/people")
OTHERS = ("/search", SEARCH, "/people?author=Quince", "/quarantine", "/diff", "/capture?id=1", "/login")
POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


def words(html: str) -> str:
    """The text of a page, as one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize("address", [*MAIN, *OTHERS])
def test_every_page_is_shown_with_headers_that_keep_content_from_acting(
    browser: Browser, address: str
) -> None:
    answer = browser.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert "http://" not in re.sub(r">[^<]*<", "", answer.text)


def test_the_styles_are_ours_and_load_nothing(browser: Browser) -> None:
    answer = browser.get("/static/console.css")
    assert answer.headers["content-type"].startswith("text/css")
    assert "url(" not in answer.text
    assert "@import" not in answer.text


def test_the_overview_says_how_it_stands_with_each_source(browser: Browser) -> None:
    shown = words(browser.get("/").text)
    assert "rantburg articles 1 comments 2 vanished 1 last success 2 hours ago quarantine 1" in shown
    assert "= complete 1" in shown
    assert "S short 1" in shown
    assert "Articles and comments a day: rantburg" in shown
    assert "Requests for each new comment" in shown


def test_the_overview_shows_the_fleet_where_there_is_one(
    browser: Browser, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Fleet" not in browser.get("/").text
    state = FleetState(
        workers=(
            WorkerSeen(worker_id=3, silent=90.0, doing=("site.example",)),
            WorkerSeen(worker_id=4, silent=1.0, doing=()),
        ),
        stalled_after=45,
        queues=(QueueCounts(name="fetch", waiting=2, failed=1, per_hour=12),),
        open_orders=5,
        pages_per_hour=2400,
        stuck=("site.example: worker 3 is silent",),
    )
    monkeypatch.setattr(overview, "fleet_state", lambda *_: state)
    clock.advance(60)
    shown = words(browser.get("/").text)
    assert "workers alive 1 silent 1 open orders 5 pages an hour 2,400" in shown
    assert "fetch 2 0 0 1 12 Worker 3: site.example Stuck: site.example: worker 3 is silent" in shown


def test_an_empty_database_has_its_pages_too(tmp_path: object, held: Held, browser: Browser) -> None:
    for table in (
        "pages",
        "quarantine",
        "comment_versions",
        "article_versions",
        "comments",
        "articles",
        "runs",
    ):
        held.write(lambda connection, name=table: connection.exec_driver_sql(f"DELETE FROM {name}"))
    for address in ("/", "/coverage", "/people", "/quarantine", "/diff"):
        assert browser.get(address).status_code == 200
    assert "Nothing was harvested yet" in browser.get("/").text


def test_the_calendar_has_a_sign_for_each_day_and_leads_to_it(browser: Browser) -> None:
    html = browser.get(f"/coverage?source={SOURCE}").text
    for day, sign in (("2018-03-23", "="), ("2018-03-24", "S"), ("2018-03-25", "F"), ("2018-03-27", "~")):
        assert re.search(
            rf'<a href="/day\?source=rantburg&amp;day={day}"[^>]*>{re.escape(sign)}</a>', html
        ), day
    assert html.index("<h2>2018</h2>") < html.index("<h2>2017</h2>")
    assert browser.get("/coverage?source=nobody").status_code == 404


def test_a_day_shows_its_pages_articles_and_captures(browser: Browser) -> None:
    html = browser.get(f"/day?source={SOURCE}&day={DAY}").text
    assert f'href="/thread?source={SOURCE}&amp;id=7">The weir &amp; the lock</a>' in html
    assert 'href="/capture?id=1"' in html
    assert "articles whose thread is not as long as claimed" in html.lower()
    assert "2 of 3 comments" in words(html)


@pytest.mark.parametrize(
    "address",
    [
        "/day",
        f"/day?source={SOURCE}",
        f"/day?source={SOURCE}&day=yesterday",
        f"/day?source={SOURCE}&day=1999-01-01",
        "/thread?id=nix",
        "/thread?id=7&page=0",
        "/thread?id=7&page=x",
        "/capture?id=99",
        "/capture/page?id=99",
        "/diff?run=99",
        "/search?words=x&in=both",
        "/search?words=x&since=never",
        "/search?words=x&page=-1",
        "/people?author=Quince&before=x",
        "/people?author=Quince&before=2018-03-23/1",
        "/nix",
    ],
)
def test_what_is_not_there_is_said_so(browser: Browser, address: str) -> None:
    answer = browser.get(address)
    assert answer.status_code == 404
    assert answer.headers["content-security-policy"] == POLICY


def test_a_day_that_is_short_can_be_repaired(browser: Browser) -> None:
    assert '<form method="post"' in browser.get(f"/day?source={SOURCE}&day=2018-03-25").text


def test_a_thread_shows_what_vanished_and_what_was_edited(browser: Browser) -> None:
    html = browser.get(f"/thread?source={SOURCE}&id=7").text
    shown = words(html)
    assert "The site claims 3. 1 vanished, 1 edited." in shown
    assert "So it does <b>now</b>." in html
    assert "<del>did</del><ins>does</ins>" in html
    assert "title: The mill The weir &amp; the lock" in shown
    assert "capture 1 , rantburg.section 2" in shown
    assert 'rel="noopener noreferrer nofollow">https://news.example/weir</a>' in html


def test_a_thread_has_its_original_and_its_tree(browser: Browser) -> None:
    assert "It holds well." not in browser.get("/thread?id=7").text
    original = browser.get("/thread?id=7&as=original").text
    assert "It holds well." in original
    tree = browser.get("/thread?id=7&order=tree").text
    assert 'class="comment level-1 gone"' in tree
    assert "answers Old Tiller" in tree


def test_a_ring_of_answers_is_shown_once_each(held: Held, browser: Browser) -> None:
    ring = [{"parent_external_id": "82"}, {"parent_external_id": "81"}, {"parent_external_id": "nobody"}]
    held.article(8, [*ring, {"external_id": None, "parent_external_id": "84"}])
    html = browser.get("/thread?id=8&order=tree").text
    assert html.count('<li class="comment') == 4


def test_a_long_thread_has_pages(held: Held, browser: Browser) -> None:
    held.article(9, [{"text": f"number {number}."} for number in range(1, 206)])
    first, second = browser.get("/thread?id=9").text, browser.get("/thread?id=9&page=2").text
    assert "number 200." in first
    assert "number 201." not in first
    assert "number 205." in second


def test_the_stored_page_is_only_ever_a_download(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.console.pages.captures.read_stored", lambda *_: b"<script>x</script>")
    answer = browser.get("/capture/page?id=1")
    assert answer.content == b"<script>x</script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="capture-1.bin"'
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_stored_page_that_is_lost_is_said_so(browser: Browser) -> None:
    answer = browser.get("/capture/page?id=1")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_an_author_has_comments_and_a_plot(browser: Browser) -> None:
    shown = words(browser.get("/people?author=Quince").text)
    assert "2 comments, from 2018-03 to 2018-03." in shown
    assert "Comments a month" in shown


def test_an_author_of_many_comments_has_pages(held: Held, browser: Browser) -> None:
    held.article(9, [{"author": "Bramble", "text": f"number {number}."} for number in range(1, 61)])
    first = browser.get("/people?author=Bramble").text
    assert "number 60." in first
    assert "number 10." not in first
    further = re.search(r'rel="next" href="([^"]+)"', first)
    assert further
    second = browser.get(further[1].replace("&amp;", "&")).text
    assert "number 10." in second
    assert "number 11." not in second
    assert 'rel="next"' not in second


def test_authors_are_found_by_how_their_names_begin(browser: Browser) -> None:
    shown = words(browser.get("/people?author=Old").text)
    assert "Old Tiller 1" in shown
    assert "Quince" not in shown
    assert "There is none." in browser.get("/people?author=zzz").text
    assert "Quince 2" in words(browser.get("/people").text)


def test_an_author_whose_months_are_none_has_comments_all_the_same(held: Held, browser: Browser) -> None:
    held.article(9, [{"author": "Clock", "posted_local": "sometime"}])
    assert browser.get("/people?author=Clock").status_code == 200


def test_the_quarantine_names_page_error_and_field(browser: Browser) -> None:
    shown = words(browser.get("/quarantine").text)
    assert "comment.author FieldMissing: comment.author is missing 2 2018-03-23 13:00 UTC" in shown


def test_a_report_is_shown_by_field_with_samples(browser: Browser) -> None:
    html = browser.get("/diff?run=2").text
    assert "comment.text: 1" in html
    assert "<ins>&lt;b&gt;the lock&lt;/b&gt;</ins>" in html
    assert "capture 2" in html


def test_what_is_dear_is_counted_anew_after_a_while(held: Held, browser: Browser, clock: object) -> None:
    assert "articles 1 " in words(browser.get("/").text)
    held.article(9)
    assert "articles 1 " in words(browser.get("/").text)
    clock.advance(60)  # type: ignore[attr-defined]
    assert "articles 2 " in words(browser.get("/").text)


def test_a_bug_shows_no_more_than_that(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.store.ledger.runs.Runs.newest", lambda *_: 1 / 0)
    answer = browser.get("/")
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text


def test_moments_are_written_in_utc(browser: Browser) -> None:
    assert f"{NOON:%Y-%m-%d %H:%M} UTC" in browser.get("/capture?id=1").text


def test_a_search_shows_what_it_found_and_marks_it(browser: Browser) -> None:
    html = browser.get(SEARCH).text
    assert '<h2 id="found">1 found</h2>' in html
    assert '<a href="/thread?source=rantburg&amp;id=7">The <mark>weir</mark> &amp; the lock</a>' in html
    assert 'value="weir"' in html
    assert "0 found" in browser.get("/search?words=nowhere").text
    assert browser.get("/search").text.count("found") == 0


def test_what_the_best_have_in_common_narrows_a_search(held: Held, browser: Browser) -> None:
    held.article(9, [{"author": "Bramble", "text": "a weir"}, {}], date=DAY.replace(year=2016))
    html = browser.get("/search?words=weir").text
    for value in ("in=comment", "author=Bramble", "since=2016-01-01&amp;until=2016-12-31"):
        assert f'href="/search?words=weir&amp;{value}"' in html
    narrowed = browser.get("/search?words=weir&author=Bramble").text
    assert "1 found" in narrowed
    assert "author=Quince" not in narrowed


def test_a_long_answer_has_pages(held: Held, browser: Browser) -> None:
    held.article(9, [{"text": f"a quay {number}"} for number in range(25)])
    first, second = browser.get("/search?words=quay").text, browser.get("/search?words=quay&page=2").text
    assert first.count('<li class="comment') == 20
    assert second.count('<li class="comment') == 5
    assert 'href="/search?words=quay&amp;page=2"' in first


@pytest.mark.parametrize("words", ["-weir", "%22", "*", "a" * 5000])
def test_what_cannot_be_searched_for_is_said_so(browser: Browser, words: str) -> None:
    answer = browser.get(f"/search?words={words}")
    assert answer.status_code == 200
