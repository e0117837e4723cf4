"""What decide found is what the tables then say."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, StatementError

from ingest.decide.changes.content import digest_of
from ingest.decide.changes.decide import decide
from ingest.decide.changes.model import Stored, StoredArticle
from ingest.store import Store
from parsers.records import ParsedPage
from tests.kit.parsed import DAY, article, at, comment, comments_page, headline, section_page
from tests.kit.shelf import Shelf
from tests.kit.visits import article_of, capture_row, held_of, visit

THREAD = (comment("11", 1), comment("12", 2, html="<i>2</i>"))


def page(*comments: object, **fields: object) -> ParsedPage:
    return section_page([article("100", comments, **fields)])  # type: ignore[arg-type]


def without_row_ids(article: StoredArticle) -> StoredArticle:
    comments = sorted(
        article.comments, key=lambda row: (row.content.number, row.external_id or "", row.since)
    )
    return replace(
        article,
        row=replace(article.row, row_id=0, origin=replace(article.row.origin, capture_id=0)),
        comments=tuple(replace(row, row_id=0, origin=replace(row.origin, capture_id=0)) for row in comments),
    )


LIFE = [
    (0, page(*THREAD)),
    (1, page(comment("11", 1, text="edited"), THREAD[1], views=12)),
    (2, page(comment("12", 1, author="reader 2", posted_local="2021-05-04T07:02"))),
    (-1, page(*THREAD, comment("10", 3), outlet="Daily Wave")),
    (3, comments_page(article("100", [comment(None, 1), comment(None, 4)], label=None), ["article.label"])),
    (4, page(*THREAD, comment("14", 4), label=None)),
    (5, section_page([article("200")], others=[headline("100", 2, 3)])),
    (6, section_page([])),
    (7, page(*THREAD)),
    (7, page(*THREAD)),
]


def test_a_store_holds_what_a_shelf_holds_after_the_same_visits(store: Store) -> None:
    shelf = Shelf()
    for hour, shown in LIFE:
        told = visit(store, shown, at(hour))
        expected = shelf.visit(shown, at(hour))
        assert (told.articles.counts, told.comments.counts) == (
            expected.articles.counts,
            expected.comments.counts,
        )
        held = held_of(store, *shelf.articles).articles
        assert {key: without_row_ids(one) for key, one in held.items()} == {
            key: without_row_ids(one) for key, one in shelf.articles.items()
        }


def test_versions_are_kept_with_their_spans_and_origins(store: Store) -> None:
    visit(store, page(*THREAD, title="first"), at(0))
    visit(store, page(comment("11", 1, text="edited"), THREAD[1], title="second"), at(1))
    visit(store, page(comment("11", 1, text="edited"), THREAD[1], title="third"), at(4))
    shown = store.articles.named("harbour", "100")
    assert shown is not None
    spans = [(one.content.title, one.valid_from, one.valid_to) for one in shown.versions]
    assert spans == [("first", at(0), at(1)), ("second", at(1), at(4))]
    assert shown.versions[0].origin.capture_id < shown.versions[1].origin.capture_id
    [former] = shown.comments[0].versions
    assert (former.content.text, former.valid_from, former.valid_to) == ("remark 1", at(0), at(1))
    assert shown.comments[1].versions == ()


def test_a_row_names_the_capture_parser_and_revision_it_came_from(store: Store) -> None:
    visit(store, page(*THREAD), at(0))
    first = article_of(store)
    visit(store, replace(page(comment("11", 1, text="edited"), THREAD[1]), revision=4), at(1))
    edited, untouched = article_of(store).comments
    assert (edited.origin.revision, untouched.origin.revision) == (4, 1)
    assert edited.origin.capture_id > untouched.origin.capture_id == first.comments[1].origin.capture_id


def test_the_digest_of_a_row_is_that_of_its_content(store: Store) -> None:
    visit(store, page(*THREAD), at(0))
    visit(store, page(comment("11", 1, text="edited"), THREAD[1]), at(1))
    held = article_of(store)
    with store.transaction() as tx:
        digests = tx._connection.execute(
            text("SELECT content_digest FROM comments ORDER BY number")
        ).scalars()
        assert [bytes(one).hex() for one in digests] == [digest_of(row.content) for row in held.comments]


def test_an_unchanged_page_writes_two_narrow_statements_and_no_row(store: Store) -> None:
    visit(store, page(*THREAD), at(0))
    written: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")) and "INTO captures" not in statement:
            written.append(statement)

    event.listen(store._engine, "before_cursor_execute", note)
    visit(store, page(*THREAD), at(1))
    assert [statement.split(" SET ")[0] for statement in written] == ["UPDATE articles", "UPDATE comments"]
    assert all("last_seen_at" in statement and "text" not in statement for statement in written)
    written.clear()
    visit(store, page(*THREAD), at(1))
    assert written == []


def test_loading_the_same_changes_twice_is_loading_them_once(store: Store) -> None:
    nothing = Stored(articles={}, suppressed_articles=frozenset(), suppressed_comments=frozenset())
    changes = decide(page(*THREAD), nothing, captured_at=at(0), complete=True)
    with store.transaction() as tx:
        capture = tx.captures.add(capture_row())
        tx.load(changes, capture)
        once = tx.held("harbour", {"100"})
        tx.load(changes, capture)
        assert tx.held("harbour", {"100"}) == once


def test_a_row_that_a_newer_page_put_there_meanwhile_is_not_overwritten(store: Store) -> None:
    nothing = Stored(articles={}, suppressed_articles=frozenset(), suppressed_comments=frozenset())
    visit(store, page(*THREAD, title="newer"), at(5))
    late = decide(page(*THREAD, title="older"), nothing, captured_at=at(1), complete=True)
    with store.transaction() as tx:
        tx.load(late, tx.captures.add(capture_row()))
    assert article_of(store).row.content.title == "newer"


def test_more_comments_than_one_statement_binds(store: Store) -> None:
    many = [
        comment(str(1000 + number), number, posted_local="x", posted_at=at(0)) for number in range(1, 1201)
    ]
    visit(store, page(*many), at(0))
    assert visit(store, page(*many), at(1)).comments.counts.unmodified == 1200
    assert {row.last_seen_at for row in article_of(store).comments} == {at(1)}


@pytest.mark.parametrize(
    ("told", "stored"),
    [
        ("nul\x00 inside", "nul inside"),
        ("noncharacters \ufffe \uffff", "noncharacters \ufffe \uffff"),
        ("half a pair \ud83d", "half a pair \ufffd"),
        ("astral \U0001f6a2, combining e\u0301, right-to-left \u202e", None),
        ("'; DROP TABLE comments; -- %s :name ? $1 {}", None),
        ("", None),
        ("<!---->", None),
        ("<!----><!----> and more", None),
    ],
)
def test_any_text_comes_back_and_is_unmodified_the_next_time(
    store: Store, told: str, stored: str | None
) -> None:
    odd = page(comment("11", 1, text=told, author=told), title=told, html=told)
    visit(store, odd, at(0))
    held = article_of(store)
    wanted = told if stored is None else stored
    assert (held.row.content.title, held.comments[0].content.text) == (wanted, wanted)
    counts = visit(store, odd, at(1))
    assert (counts.articles.counts.unmodified, counts.comments.counts.unmodified) == (1, 1)


def test_instants_come_back_in_utc_to_the_microsecond(store: Store) -> None:
    abroad = datetime(2021, 5, 4, 23, 59, 59, 123456, tzinfo=timezone(timedelta(hours=-4)))
    visit(store, page(posted_at=abroad), at(0))
    stored = article_of(store).row.content.posted_at
    assert stored == abroad
    assert stored is not None
    assert stored.tzinfo is UTC


def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="has no zone"):
        visit(store, page(posted_at=datetime(2021, 5, 4)), at(0))


def test_two_articles_may_each_have_a_comment_of_one_id(store: Store) -> None:
    visit(store, section_page([article("100", THREAD), article("101", THREAD)]), at(0))
    assert len(held_of(store, "100", "101").articles["101"].comments) == 2


def test_a_day_brings_its_articles_without_their_comments(store: Store) -> None:
    visit(store, section_page([article("100", THREAD), article("101", THREAD)]), at(0))
    with store.transaction() as tx:
        held = tx.held("harbour", {"100"}, DAY)
        elsewhere = tx.held("another", {"100"}, DAY)
    assert (len(held.articles["100"].comments), held.articles["101"].comments) == (2, ())
    assert elsewhere.articles == {}


def test_an_article_cannot_be_deleted_from_under_its_comments(store: Store) -> None:
    visit(store, page(*THREAD), at(0))
    with pytest.raises(IntegrityError), store.transaction() as tx:
        tx._connection.execute(text("DELETE FROM articles"))
    assert len(article_of(store).comments) == 2


def test_a_page_is_compared_without_reading_the_whole_source(tmp_path: Path) -> None:
    with Store.open(str(tmp_path / "held.db")) as store, store.transaction() as tx:
        asked: list[tuple[str, Any]] = []

        def note(_connection: object, _cursor: object, statement: str, values: Any, *_rest: object) -> None:
            asked.append((statement, values))

        event.listen(store._engine, "before_cursor_execute", note)
        tx.held("harbour", {"100", "101"}, DAY)
        tx.tallies("harbour", DAY)
        event.remove(store._engine, "before_cursor_execute", note)
        plans = [
            row[3]
            for statement, values in asked
            for row in tx._connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    reads = [plan for plan in plans if plan.startswith(("SEARCH articles", "SCAN articles"))]
    assert len(reads) == 5
    assert all(re.search(r"external_id=\?|date|rowid=\?", plan) for plan in reads)


def test_a_filled_gap_keeps_the_name_of_the_capture_that_the_words_came_from(store: Store) -> None:
    nameless = article("100", [comment("11", 1)], label=None, views=None, category=None)
    visit(store, comments_page(nameless, ["article.label", "article.views", "article.category"]), at(5))
    named = article_of(store)
    older = page(comment("11", 1, text="former words", html="<i>former</i>"), title="Former title")
    visit(store, replace(older, revision=9), at(0))
    held = article_of(store)
    assert (held.row.content.title, held.row.content.label) == ("Title of 100", "Ferries")
    assert (held.comments[0].content.text, held.comments[0].content.html) == ("remark 1", "<i>former</i>")
    assert (held.row.origin, held.comments[0].origin) == (named.row.origin, named.comments[0].origin)
    with store.transaction() as tx:
        for table in ("article_versions", "comment_versions"):
            assert tx._connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0


@pytest.mark.parametrize("seen", [(0, 1, 2, 3), (0, 3, 1, 2), (3, 2, 1, 0)])
def test_the_first_sighting_is_the_earliest_whatever_comes_behind_it(
    store: Store, seen: tuple[int, ...]
) -> None:
    shown = {
        0: page(*THREAD),
        1: page(comment("11", 1, text="edited"), THREAD[1], title="Edited"),
        2: section_page([article("7")]),
        3: page(*THREAD),
    }
    for hour in seen:
        visit(store, shown[hour], at(hour))
    held = article_of(store)
    assert {row.first_seen_at for row in (held.row, *held.comments)} == {at(0)}
    assert {row.last_seen_at for row in (held.row, *held.comments)} == {at(3)}


def test_two_writers_of_one_new_row_keep_its_first_sighting(store: Store) -> None:
    nothing = Stored(articles={}, suppressed_articles=frozenset(), suppressed_comments=frozenset())
    visit(store, page(*THREAD), at(0))
    late = decide(page(*THREAD, title="newer"), nothing, captured_at=at(5), complete=True)
    with store.transaction() as tx:
        tx.load(late, tx.captures.add(capture_row()))
    held = article_of(store)
    assert (held.row.content.title, held.row.first_seen_at, held.row.last_seen_at) == ("newer", at(0), at(5))
    assert {row.first_seen_at for row in held.comments} == {at(0)}


def test_comments_go_to_the_article_of_their_own_source(store: Store) -> None:
    visit(store, replace(page(), source="quay"), at(0))
    visit(store, page(*THREAD), at(1))
    assert [row.external_id for row in article_of(store).comments] == ["11", "12"]
    with store.transaction() as tx:
        assert tx.held("quay", {"100"}).articles["100"].comments == ()
