"""What a takedown leaves in the tables, and that no page brings the words back."""

import threading
from dataclasses import replace
from typing import Any

import pytest

from ingest.decide.changes.decide import Reading, decide
from ingest.pipeline.load import load_page
from ingest.records.pages import Failure, PageState
from ingest.records.takedown import TakedownTarget
from ingest.store import Store
from ingest.store.takedown.suppression import ErasedCounts
from parsers.records import Comment, ParsedPage, changed
from tests.kit import rows
from tests.kit.parsed import DAY, NOON, article, at, comment, section_page
from tests.kit.visits import article_of, capture_row, visit

FIRST, SECOND, THIRD = (comment(str(10 + number), number, text=f"word{number}") for number in (1, 2, 3))
WITHOUT_IDS = {"kind": "comments", "parser": "harbour.text"}


def page(*thread: Comment, **fields: Any) -> ParsedPage:
    return section_page([article("100", thread, **fields), article("101", [SECOND])])


def text_page(*thread: Comment) -> ParsedPage:
    """A rendition that shows no ids, and no counters."""
    shown = [changed(one, external_id=None) for one in thread]
    return replace(section_page([article("100", shown)]), kind="comments", headlines=())


def forget(store: Store, article_id: str = "100", comment_id: str | None = None, **more: Any) -> ErasedCounts:
    with store.transaction() as tx:
        return tx.suppress("harbour", article_id, comment_id, reason="asked", suppressed_at=at(9), **more)


def table(url: str, name: str) -> rows.Rows:
    return sorted(rows.table(url, name), key=lambda row: row["id"])


def everything(url: str) -> str:
    return "\n".join(str(row) for name in sorted(rows.schema.tables) for row in table(url, name))


def test_of_an_article_only_its_id_and_place_stay(store: Store, url: str) -> None:
    visit(store, page(FIRST, html="<b>old words</b>", text="old words"), at(0))
    visit(store, page(FIRST, SECOND), at(1))
    assert forget(store) == ErasedCounts(already=False, articles=1, comments=2, versions=1)
    (row, other) = table(url, "articles")
    assert (row["external_id"], row["date"], row["section"]) == ("100", DAY, 1)
    assert {row[name] for name in ("title", "text", "content_digest")} == {""}
    left = ("section_name", "category", "link", "outlet", "posted_by", "posted_at", "posted_local", "label")
    assert {row[name] for name in (*left, "text_original", "html", "views")} == {None}
    assert other["title"] == "Title of 101"
    mine = [one for one in table(url, "comments") if one["article_id"] == row["id"]]
    assert [(one["external_id"], one["text"], one["author"], one["html"]) for one in mine] == [
        ("11", "", None, None),
        ("12", "", None, None),
    ]
    assert rows.versions(url) == []
    assert "old words" not in everything(url)
    (told,) = store.takedown.suppressed("harbour")
    assert (told.what, told.reason, told.suppressed_at) == (
        TakedownTarget(source="harbour", article="100"),
        "asked",
        at(9),
    )
    assert told.thread == {"11", "12"}
    assert store.takedown.suppressed("another") == ()


def test_twice_is_once(store: Store, url: str) -> None:
    visit(store, page(FIRST), at(0))
    forget(store)
    before = everything(url)
    assert forget(store).already
    assert everything(url) == before


def test_an_article_that_was_never_held_does_not_come_in(store: Store, url: str) -> None:
    assert forget(store) == ErasedCounts(already=False, articles=0, comments=0, versions=0)
    visit(store, page(FIRST), at(0))
    assert [row["external_id"] for row in rows.table(url, "articles")] == ["101"]


def test_the_ledger_expects_the_article_no_more(store: Store, url: str) -> None:
    visit(store, page(FIRST, SECOND), at(0))
    plain = PageState(source="harbour", day=DAY, section=1, state="done")
    counts = {"expected_articles": 2, "held_articles": 2, "expected_comments": 3, "held_comments": 3}
    with store.transaction() as tx:
        tx.ledger.put(replace(plain, **counts))
    forget(store)
    forget(store)
    (state,) = store.ledger.coverage("harbour")
    assert (state.expected_articles, state.held_articles) == (1, 1)
    assert (state.expected_comments, state.held_comments) == (1, 1)


def test_a_vanished_article_was_not_expected(store: Store) -> None:
    visit(store, page(FIRST), at(0))
    visit(store, section_page([article("101", [SECOND])]), at(1))
    with store.transaction() as tx:
        tx.ledger.put(PageState(source="harbour", day=DAY, section=1, state="done", expected_articles=1))
    forget(store)
    (state,) = store.ledger.coverage("harbour")
    assert state.expected_articles == 1


def thread(store: Store) -> list[tuple[str | None, str | None, str]]:
    found = article_of(store).comments
    return [(row.external_id, row.content.author, row.content.text) for row in found]


@pytest.mark.parametrize(
    "shown",
    [
        (FIRST, SECOND, THIRD),
        (changed(FIRST, number=7), changed(SECOND, number=8), THIRD),
        (changed(FIRST, number=9), changed(FIRST, number=10), THIRD),
    ],
    ids=["as-it-was", "under-another-number", "twice"],
)
def test_a_page_without_ids_does_not_bring_a_comment_back(
    store: Store, url: str, shown: tuple[Comment, ...]
) -> None:
    visit(store, page(FIRST, SECOND, THIRD), at(0))
    assert forget(store, "100", "11").comments == 1
    for hours in (1, -1):
        visit(store, text_page(*shown), at(hours))
    assert ("11", None, "") in thread(store)
    assert "word1" not in everything(url)
    assert ("13", "reader 3", "word3") in thread(store)
    assert article_of(store).comments[0].last_seen_at == at(1)


def test_a_comment_that_shows_again_is_not_vanished(store: Store) -> None:
    visit(store, page(FIRST, SECOND), at(0))
    forget(store, "100", "11")
    visit(store, page(FIRST, SECOND), at(1))
    assert [row.live for row in article_of(store).comments] == [True, True]
    visit(store, page(SECOND), at(2))
    assert [row.live for row in article_of(store).comments] == [False, True]


def test_a_row_that_learns_its_id_later_loses_its_words_then(store: Store, url: str) -> None:
    visit(store, text_page(FIRST), at(0))
    visit(store, text_page(changed(FIRST, text="word1 edited")), at(1))
    forget(store, "100", "11")
    assert "word1" in everything(url)  # nobody could know that it was meant
    visit(store, page(FIRST, SECOND), at(2))
    assert thread(store) == [("11", None, ""), ("12", "reader 2", "word2")]
    assert "word1" not in everything(url)


def test_the_same_comment_under_another_number_and_without_an_id_goes_too(store: Store, url: str) -> None:
    visit(store, page(FIRST, SECOND), at(0))
    # A page that shows it twice: the second is another comment, as far as anybody can tell.
    visit(store, text_page(FIRST, SECOND, changed(FIRST, number=5)), at(1))
    assert forget(store, "100", "11").comments == 2
    assert "word1" not in everything(url)
    assert forget(store, "100", "11").comments == 1
    assert ("12", "reader 2", "word2") in thread(store)


def test_a_page_that_is_being_loaded_is_waited_for(store: Store, url: str) -> None:
    visit(store, page(SECOND), at(0))
    with store.transaction() as tx:
        tx.ledger.put(PageState(source="harbour", day=DAY, section=1, state="done"))
    taking_down = threading.Thread(target=forget, args=(store, "100", "11"))
    shown = page(FIRST, SECOND)
    with store.transaction() as tx:
        held = tx.held("harbour", {"100", "101"}, DAY)
        taking_down.start()
        taking_down.join(0.3)
        assert taking_down.is_alive()
        changes = decide(shown, held, captured_at=at(1), complete=True)
        tx.load(changes, tx.captures.add(capture_row(captured_at=at(1))))
    taking_down.join(100)
    assert "word1" not in everything(url)
    assert ("11", None, "") in thread(store)


def test_ids_are_found_wherever_they_stand(store: Store) -> None:
    visit(store, section_page([article("11", [FIRST]), article("101", [FIRST, THIRD])]), at(0))
    forget(store, "900", "11")
    forget(store, "11", None)
    assert store.takedown.named("11") == (
        TakedownTarget(source="harbour", article="101", comment="11"),
        TakedownTarget(source="harbour", article="11"),
        TakedownTarget(source="harbour", article="11", comment="11"),
        TakedownTarget(source="harbour", article="900", comment="11"),
    )
    assert store.takedown.named("13") == (TakedownTarget(source="harbour", article="101", comment="13"),)
    assert store.takedown.named("999") == ()


def sample(article_id: str, comment_id: str | None) -> dict[str, object]:
    return {"article": article_id, "comment": comment_id, "before": "word1", "after": "x"}


def report(capture_id: int) -> dict[str, object]:
    samples = [
        sample("100", "11"),
        sample("100", "#1"),
        sample("100", "12"),
        sample("100", None),
        sample("101", "11"),
    ]
    failures = [
        {"capture_id": number, "source": "harbour", "error": "text cannot be 'word1' (url)"}
        for number in (capture_id, 99)
    ]
    return {"fields": [{"field": "comment.text", "rows": 5, "samples": samples}], "failures": failures}


def reported(store: Store, run_id: int) -> tuple[list[object], list[object]]:
    told: Any = next(run.report for run in store.runs.newest() if run.run_id == run_id)
    samples = [(one["article"], one["comment"]) for one in told["fields"][0]["samples"]]
    return samples, [one["error"] for one in told["failures"]]


@pytest.mark.parametrize(
    ("comment_id", "left"),
    [("11", [("100", "12"), ("100", None), ("101", "11")]), (None, [("101", "11")])],
    ids=["comment", "article"],
)
def test_reports_of_runs_forget_too(store: Store, comment_id: str | None, left: list[object]) -> None:
    visit(store, page(FIRST, SECOND), at(0))
    run_ids = [store.runs.begin("reparse", name, NOON) for name in ("harbour", "another")]
    with store.transaction() as tx:
        for run_id in run_ids:
            tx.put_report(run_id, report(1))
    forget(store, "100", comment_id, capture_ids=[1])
    quoted = "text cannot be 'word1' (url)"
    unquoted = "text cannot be '…' (url)"
    assert reported(store, run_ids[0]) == (left, ["its words were taken down", unquoted])
    assert reported(store, run_ids[1])[1] == [quoted, quoted]
    with store.transaction() as tx:
        tx.put_report(run_ids[0], report(1))
    assert reported(store, run_ids[0])[1] == [unquoted] * 2


def failed(store: Store, error: str, **known: int) -> int:
    row = capture_row(captured_at=NOON, error=error, **known)
    with store.transaction() as tx:
        capture_id = tx.captures.add(row)
        failure = Failure(
            capture_id=capture_id,
            source="harbour",
            url=row.url,
            error_kind="FieldMalformed",
            error=error,
            field="comment.number",
            failed_at=NOON,
        )
        tx.captures.put_aside(failure)
        tx.ledger.put(
            PageState(
                source="harbour", day=DAY, section=1, state="failed", last_error=error, capture_id=capture_id
            )
        )
    return capture_id


def errors(url: str) -> set[str]:
    told = {row["error"] for name in ("captures", "quarantine") for row in rows.table(url, name)}
    return told | {row["last_error"] for row in rows.table(url, "pages")}


def test_errors_quote_it_no_more_and_never_again(store: Store, url: str) -> None:
    quoting = "comment.number cannot be 'word1' (http://x/)"
    capture_id = failed(store, quoting, offset=1)
    assert errors(url) == {quoting}
    forget(store, "100", "11", capture_ids=[capture_id])
    assert errors(url) == {"its words were taken down"}
    failed(store, quoting, offset=1)
    assert errors(url) == {"comment.number cannot be '…' (http://x/)"}


def test_what_is_redacted_keeps_saying_so(store: Store, url: str) -> None:
    capture_id = failed(store, "redacted: by a court", offset=1)
    forget(store, "100", "11", capture_ids=[capture_id])
    failed(store, "a new error", offset=1)
    assert [row["error"] for row in rows.table(url, "captures")] == ["redacted: by a court"]
    with store.transaction() as tx:
        load_page(tx, page(FIRST), capture_row(offset=1, captured_at=NOON), reading=Reading(first=True))
    (kept,) = store.captures.between("harbour")
    assert kept.row.redacted
    assert store.captures.kept_after("harbour", None, 10) == ()
