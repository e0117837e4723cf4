"""What was counted of each run's pages, put and asked for on both databases."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from ingest.decide.drift.fill_rates import Rates
from ingest.store import Store
from tests.kit.parsed import at
from tests.kit.visits import capture_row

RATES = Rates(
    source="harbour",
    kind="section",
    parser="harbour.section",
    revision=1,
    pages=2,
    articles=3,
    comments=0,
    filled={"article.title": 3, "article.label": 0},
)
OTHER = replace(RATES, kind="comments", parser="harbour.comments")


def counted(store: Store, hour: int, *rates: Rates, command: str = "harvest", source: str = "harbour") -> int:
    run = store.runs.begin(command, source, at(hour))
    store.runs.put_rates(run, rates)
    return run


def test_rates_come_back_with_their_run(store: Store) -> None:
    first = counted(store, 1, RATES)
    second = counted(store, 2, RATES, OTHER)
    found = store.runs.rates()
    assert [(one.run_id, one.rates) for one in found] == [(second, RATES), (second, OTHER), (first, RATES)]
    assert {(one.command, one.started_at) for one in found[:2]} == {("harvest", at(2))}


def test_of_each_source_and_command_the_newest_runs_come(store: Store) -> None:
    runs = [counted(store, hour, RATES, OTHER) for hour in range(4)]
    again = counted(store, 9, RATES, command="reparse")
    quay = counted(store, 10, replace(RATES, source="quay"), source="quay")
    assert {one.run_id for one in store.runs.rates(limit=2)} == {*runs[2:], again, quay}
    assert {one.run_id for one in store.runs.rates(["quay"])} == {quay}
    assert store.runs.rates(["nobody"]) == ()


def test_a_run_that_read_nothing_has_no_rows(store: Store) -> None:
    counted(store, 1)
    assert store.runs.rates() == ()


def test_a_parser_is_counted_once_a_run(store: Store) -> None:
    run = counted(store, 1, RATES)
    with pytest.raises(IntegrityError, match="parser_health"):
        store.runs.put_rates(run, [RATES])


def test_the_newest_pages_that_a_parser_read_in_some_runs(store: Store) -> None:
    runs = [store.runs.begin("harvest", "harbour", at(hour)) for hour in range(3)]
    elsewhere = "https://harbour.example/elsewhere"
    with store.transaction() as transaction:
        read = [
            transaction.captures.add(
                capture_row(
                    run_id=runs[hour],
                    captured_at=at(hour),
                    url=f"https://harbour.example/{hour}",
                    parser="harbour.section",
                )
            )
            for hour in range(3)
        ]
        transaction.captures.add(capture_row(run_id=runs[2], captured_at=at(5), parser="another"))
        transaction.captures.add(
            capture_row(run_id=None, captured_at=at(6), parser="harbour.section", url=elsewhere)
        )
    asked = {"kind": "section", "parser": "harbour.section"}
    assert store.runs.pages_read("harbour", runs[1:], **asked, limit=3) == (
        (read[2], "https://harbour.example/2"),
        (read[1], "https://harbour.example/1"),
    )
    assert len(store.runs.pages_read("harbour", runs, **asked, limit=2)) == 2
    assert store.runs.pages_read("quay", runs, **asked, limit=2) == ()
    a_reparse = store.runs.begin("reparse", "harbour", at(7))
    newest = store.runs.pages_read("harbour", [a_reparse], **asked, limit=2)
    assert [url for _, url in newest] == [elsewhere, "https://harbour.example/2"]


def test_of_two_pages_of_one_moment_the_later_capture_is_the_newer(store: Store) -> None:
    run = store.runs.begin("harvest", "harbour", at(0))
    fields = {"run_id": run, "parser": "harbour.section"}
    with store.transaction() as transaction:
        for kind, path in (("section", "a"), ("section", "b"), ("comments", "c")):
            url = f"https://harbour.example/{path}"
            transaction.captures.add(capture_row(kind=kind, url=url, **fields))
        transaction.captures.add(capture_row(source="quay", url="https://quay.example/", **fields))
        older = capture_row(url="https://harbour.example/d", captured_at=at(-1), **fields)
        transaction.captures.add(older)
    read = store.runs.pages_read("harbour", [run], kind="section", parser="harbour.section", limit=9)
    assert [url for _, url in read] == [f"https://harbour.example/{path}" for path in "bad"]


def test_a_capture_is_found_by_its_id(store: Store) -> None:
    row = capture_row()
    with store.transaction() as transaction:
        capture_id = transaction.captures.add(row)
    found = store.captures.one(capture_id)
    assert found is not None
    assert (found.capture_id, found.row) == (capture_id, row)
    assert store.captures.one(capture_id + 1) is None
