"""Pages, captures, runs, and the questions about them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from ingest.errors import ConfigurationError
from ingest.records.pages import Emptying, PageState, Shortfall, Tally
from ingest.store import Store
from parsers.records import changed
from schedules.plan import KnownArticle
from schedules.recrawl import KnownDay
from tests.kit.parsed import DAY, NOON, article, at, comment, headline, section_page
from tests.kit.visits import capture_row, visit

TOMORROW = DAY + timedelta(days=1)


def state(**fields: object) -> PageState:
    return replace(PageState(source="harbour", day=DAY, section=1, state="done"), **fields)  # type: ignore[arg-type]


def put(store: Store, *pages: PageState) -> None:
    with store.transaction() as tx:
        for page in pages:
            tx.ledger.put(page)


def test_a_page_comes_back_as_it_was_put(store: Store) -> None:
    with store.transaction() as tx:
        capture = tx.captures.add(capture_row())
    page = state(
        state="short",
        attempts=3,
        not_before=at(2),
        last_error="short by 1",
        expected_articles=4,
        held_articles=3,
        expected_comments=9,
        held_comments=8,
        capture_id=capture,
        visited_at=at(0),
        changed_at=at(1),
        full_at=at(-1),
    )
    put(store, page)
    assert store.ledger.coverage("harbour") == (page,)


def test_putting_a_page_again_replaces_it_but_keeps_its_moments(store: Store) -> None:
    with store.transaction() as tx:
        capture_id = tx.captures.add(capture_row())
    moments = {"visited_at": at(0), "changed_at": at(0), "full_at": at(0)}
    put(store, state(capture_id=capture_id, last_error="no answer", attempts=2, **moments))
    put(store, state(visited_at=at(3)))
    [page] = store.ledger.coverage()
    assert page.capture_id == capture_id
    assert (page.visited_at, page.changed_at, page.full_at) == (at(3), at(0), at(0))
    assert (page.last_error, page.attempts) == (None, 0)


def test_a_state_that_does_not_exist_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError, match="ck_pages_state"):
        put(store, state(state="lost"))


def test_since_when_a_day_shows_no_article_is_that_days_alone(store: Store) -> None:
    put(store, state(), state(section=2), state(day=TOMORROW), state(source="quay"))
    empty = Emptying(since=at(1), accepted_at=at(2))
    with store.transaction() as tx:
        tx.ledger.put_emptying("harbour", DAY, empty)
        assert tx.ledger.emptying("harbour", DAY) == empty
    assert store.ledger.day_known("harbour", DAY).emptying == empty
    for source, day in (("harbour", TOMORROW), ("quay", DAY)):
        assert store.ledger.day_known(source, day).emptying == Emptying()
    # A section that is known since then does not make the day unknown.
    put(store, state(section=3))
    assert store.ledger.day_known("harbour", DAY).emptying == empty


def test_one_section_may_show_no_article_beside_others(store: Store) -> None:
    put(store, state(), state(section=2), state(day=TOMORROW, section=2))
    empty = Emptying(since=at(1), accepted_at=at(2))
    with store.transaction() as tx:
        tx.ledger.put_emptying("harbour", DAY, empty, 2)
        assert [tx.ledger.emptying("harbour", DAY, one) for one in (1, 2)] == [Emptying(), empty]
        assert tx.ledger.emptying("harbour", TOMORROW, 2) == Emptying()
        assert tx.ledger.emptying("quay", DAY, 2) == Emptying()


def test_responses_are_counted_from_a_moment_on(store: Store) -> None:
    with store.transaction() as tx:
        for hour in (1, 2, 3):
            tx.captures.add(capture_row(captured_at=at(hour)))
    assert [store.runs.captured_since(at(hour)) for hour in (2, 3, 4)] == [2, 1, 0]


def test_enlisting_adds_only_what_is_not_there(store: Store) -> None:
    put(store, state())
    with store.transaction() as tx:
        assert tx.ledger.enlist([state(state="pending"), state(section=2, state="pending")]) == 1
        assert tx.ledger.enlist([]) == 0
    assert [page.state for page in store.ledger.coverage()] == ["done", "pending"]
    put(store, state(section=0))
    assert [page.section for page in store.ledger.coverage()] == [0, 1, 2]


def test_coverage_includes_both_ends_of_its_window(store: Store) -> None:
    days = [DAY + timedelta(days=number) for number in range(4)]
    put(store, *(state(day=day) for day in days), state(source="another", day=days[1]))
    assert [page.day for page in store.ledger.coverage("harbour", days[1], days[2])] == days[1:3]
    assert [page.source for page in store.ledger.coverage(None, days[1], days[1])] == ["another", "harbour"]


def test_known_days_tell_how_fresh_a_day_is(store: Store) -> None:
    put(
        store,
        state(visited_at=at(1), changed_at=at(0), full_at=at(0)),
        state(section=2, state="short", visited_at=at(2), full_at=at(-4)),
        state(day=TOMORROW, state="pending"),
    )
    assert store.ledger.known_days("harbour", DAY, date(2021, 6, 1)) == (
        KnownDay(
            day=DAY,
            visited_at=at(2),
            changed_at=at(0),
            full_at=at(-4),
            not_before=None,
            states={1: "done", 2: "short"},
        ),
        KnownDay(
            day=TOMORROW,
            visited_at=None,
            changed_at=None,
            full_at=None,
            not_before=None,
            states={1: "pending"},
        ),
    )


def test_a_known_day_lists_its_live_articles_and_its_ledger(store: Store) -> None:
    shown = [
        article("100", [comment("9", 1), comment("10", 2)]),
        article("101"),
        article("102", section=None),
    ]
    visit(store, section_page([*shown, article("103")]), at(0))
    visit(store, section_page(shown), at(1))
    put(store, state())
    known = store.ledger.day_known("harbour", DAY)
    assert known.articles == {
        "100": KnownArticle(external_id="100", section=1, comments=2, comment_ids=frozenset({"9", "10"})),
        "101": KnownArticle(external_id="101", section=1, comments=0),
        "102": KnownArticle(external_id="102", section=None, comments=0),
    }
    assert known.pages == {1: state()}
    assert store.ledger.day_known("harbour", TOMORROW).articles == {}


def test_a_transaction_knows_what_it_has_written_itself(store: Store) -> None:
    with store.transaction() as tx:
        tx.ledger.put(state(attempts=1))
        assert tx.ledger.day_known("harbour", DAY).pages == {1: state(attempts=1)}


def test_tallies_count_the_living_by_section(store: Store) -> None:
    first = article("100", [comment("9", 1), comment("10", 2)])
    others = [article("101", [comment("12", 1)]), article("200", section=2), article("300", section=None)]
    visit(store, section_page([first, *others]), at(0))
    visit(store, section_page([changed(first, comments=first.comments[:1]), *others]), at(1))
    with store.transaction() as tx:
        assert tx.tallies("harbour", DAY) == {
            1: Tally(articles=2, comments=2),
            2: Tally(articles=1, comments=0),
        }
        assert tx.tallies("harbour", TOMORROW) == {}


def test_a_shortfall_names_the_article_whose_headline_claims_more(store: Store) -> None:
    visit(store, section_page([article("100", [comment("9", 1)]), article("101")]), at(0))
    assert store.articles.shortfalls() == ()
    visit(store, section_page([article("101")], others=[headline("100", 1, 3)]), at(1), complete=False)
    assert store.articles.shortfalls("harbour", DAY, DAY) == (
        Shortfall(
            source="harbour",
            day=DAY,
            section=1,
            external_id="100",
            title="Title of 100",
            expected_comments=3,
            held_comments=1,
        ),
    )
    assert store.articles.shortfalls("harbour", TOMORROW) == ()
    assert store.articles.shortfalls("another") == ()


def test_a_capture_is_entered_once_for_its_place(store: Store) -> None:
    row = capture_row(offset=5_000_000_000)
    with store.transaction() as tx:
        first = tx.captures.add(row)
        assert (
            tx.captures.add(replace(row, parser="harbour", revision=2, encoding="utf-8", status=500)) == first
        )
        other = tx.captures.add(capture_row(offset=1, captured_at=at(-1)))
    earlier, later = store.captures.between()
    assert (earlier.capture_id, later.capture_id) == (other, first)
    assert later.row == replace(row, parser="harbour", revision=2, encoding="utf-8")
    assert store.captures.indexed_offsets(row.warc_file) == {1, 5_000_000_000}
    assert store.captures.indexed_offsets("another.warc.gz") == frozenset()


def test_captures_of_a_window_without_its_end(store: Store) -> None:
    with store.transaction() as tx:
        for hour in range(3):
            tx.captures.add(capture_row(captured_at=at(hour)))
        tx.captures.add(capture_row(source="another", captured_at=at(1)))
    found = store.captures.between("harbour", at(1), at(2))
    assert [one.row.captured_at for one in found] == [at(1)]


def test_a_run_is_entered_at_its_start_and_at_its_end(store: Store) -> None:
    first = store.runs.begin("harvest", "harbour", NOON)
    second = store.runs.begin("watch", None, at(1))
    store.runs.end(first, at(2), "incomplete", {"new": 3, "failed": 1}, error="1 page failed")
    running, ended = store.runs.newest()
    assert (running.run_id, running.source, running.ended_at, running.outcome) == (second, None, None, None)
    assert (ended.outcome, ended.counts, ended.error) == (
        "incomplete",
        {"new": 3, "failed": 1},
        "1 page failed",
    )
    assert ended.ended_at == at(2)
    assert store.runs.newest(limit=1) == (running,)


def test_the_unfinished_run_of_a_source_is_the_newest_without_an_end(store: Store) -> None:
    store.runs.end(store.runs.begin("harvest", "harbour", NOON), at(1), "complete", {})
    assert store.runs.unfinished("harbour") is None


def test_the_status_counts_the_living_the_vanished_and_the_pages(store: Store) -> None:
    thread = [comment("9", 1), comment("10", 2), comment("11", 3)]
    visit(store, section_page([article("100", thread), article("101"), article("102")]), at(0))
    visit(store, section_page([article("100", thread[:1]), article("101")]), at(1))
    put(store, state(), state(section=2), state(section=3, state="failed"))
    good = store.runs.begin("harvest", "harbour", NOON)
    store.runs.end(good, at(1), "complete", {})
    bad = store.runs.begin("harvest", "harbour", at(2))
    store.runs.begin("harvest", "idle", at(2))
    harbour, idle = store.runs.status(now=at(10_000))
    assert (harbour.articles_live, harbour.articles_vanished) == (2, 1)
    assert (harbour.comments_live, harbour.comments_vanished) == (1, 2)
    assert harbour.pages == {"done": 2, "failed": 1}
    assert harbour.last_run is not None
    assert harbour.last_success is not None
    assert (harbour.last_run.run_id, harbour.last_success.run_id) == (bad, good)
    assert (idle.source, idle.articles_live, idle.pages, idle.last_success) == ("idle", 0, {}, None)
    (at_its_end, _) = store.runs.status(now=at(1))
    assert at_its_end.last_success == harbour.last_success


def test_a_run_under_a_clock_that_was_ahead_is_neither_the_last_nor_a_success_of_today(store: Store) -> None:
    good = store.runs.begin("harvest", "harbour", NOON)
    store.runs.end(good, at(1), "complete", {})
    ahead = store.runs.begin("harvest", "harbour", at(960))
    store.runs.end(ahead, at(961), "complete", {})
    bad = store.runs.begin("harvest", "harbour", at(2))
    (harbour,) = store.runs.status(now=at(3))
    assert harbour.last_run is not None
    assert harbour.last_success is not None
    assert (harbour.last_run.run_id, harbour.last_success.run_id) == (bad, good)


def test_the_status_of_an_empty_store(store: Store) -> None:
    assert store.runs.status(now=at(10_000)) == ()


def test_an_article_is_shown_with_its_vanished_comments(store: Store) -> None:
    visit(store, section_page([article("100", [comment("9", 1), comment("10", 2)])]), at(0))
    visit(store, section_page([article("100", [comment("9", 1)])]), at(1))
    shown = store.articles.named(None, "100")
    assert shown is not None
    assert [(one.row.external_id, one.row.live) for one in shown.comments] == [("9", True), ("10", False)]
    assert (shown.source, shown.article.claimed) == ("harbour", 1)
    assert store.articles.named(None, "999") is None
    assert store.articles.named("another", "100") is None


def test_an_id_that_two_sources_have_needs_a_source(store: Store) -> None:
    visit(store, section_page([article("100")]), at(0))
    visit(store, section_page([article("100")], source="another"), at(0))
    with pytest.raises(ConfigurationError, match="another, harbour"):
        store.articles.named(None, "100")
    assert store.articles.named("another", "100") is not None


def test_what_is_done_does_not_put_its_day_off(store: Store) -> None:
    done = state(visited_at=at(0), not_before=at(1))
    put(store, done, state(section=2, state="short", visited_at=at(0), not_before=at(5)))
    (day,) = store.ledger.known_days("harbour", DAY, DAY)
    assert day.not_before == at(5)


def test_a_day_without_a_first_page_rests_as_its_first_page_does(store: Store) -> None:
    put(store, state(state="failed", not_before=at(5)), state(section=2, state="pending"))
    (day,) = store.ledger.known_days("harbour", DAY, DAY)
    assert (day.visited_at, day.not_before) == (None, at(5))
    put(store, state(section=3, visited_at=at(0)))
    (day,) = store.ledger.known_days("harbour", DAY, DAY)
    # Once the day has been seen, what does not rest is due.
    assert (day.visited_at, day.not_before) == (at(0), None)
