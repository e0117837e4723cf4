"""A window of the ledger against the store: what was visited, what is short, year by year and day by day."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingest.jobs.verify import Coverage, cover, window_of
from ingest.records.pages import PageState
from ingest.store import Store
from schedules.windows import Window

NOON = datetime(2021, 5, 4, 12, tzinfo=UTC)
EVE, NEW_YEAR = date(2019, 12, 31), date(2020, 1, 1)
EMPTY = PageState(
    source="harbour",
    day=NEW_YEAR,
    section=1,
    state="done",
    expected_articles=0,
    held_articles=0,
    expected_comments=0,
    held_comments=0,
    full_at=NOON,
)
ENLISTED = PageState(source="harbour", day=NEW_YEAR, section=1, state="pending")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(str(tmp_path / "held.sqlite3")) as store:
        yield store


def put(store: Store, *pages: PageState) -> None:
    with store.transaction() as tx:
        for page in pages:
            tx.ledger.put(page)


def covered(store: Store, since: date | None = None, until: date | None = None) -> Coverage:
    return cover(store, "harbour", since=since, until=until, window=window_of(since, until))


def test_of_nothing_nothing_is_proven(store: Store) -> None:
    found = covered(store)
    assert (found.complete, found.years(), found.days()) == (False, {}, {})
    assert found.verdict == "NOT complete: no page of these days was ever harvested"


def test_days_that_are_only_enlisted_were_never_visited(store: Store) -> None:
    put(store, replace(EMPTY, day=EVE), ENLISTED, replace(ENLISTED, section=2))
    found = covered(store)
    assert found.unvisited == (NEW_YEAR,)
    assert found.totals.short_days == ()
    assert found.verdict == "NOT complete: days never visited: 1"
    assert covered(store, EVE, EVE).complete
    window = covered(store, date(2019, 12, 30), NEW_YEAR)
    assert window.unvisited == (date(2019, 12, 30), NEW_YEAR)


def test_pages_that_wait_are_named_beside_the_days_never_visited(store: Store) -> None:
    told = replace(ENLISTED, section=2, expected_articles=2, held_articles=0, expected_comments=0)
    put(store, replace(EMPTY, section=1), told, replace(ENLISTED, day=EVE))
    assert covered(store).verdict == (
        "NOT complete: days never visited: 1, days short: 1, pages not loaded: 1"
    )


def test_years_are_added_up_by_themselves(store: Store) -> None:
    lost = replace(EMPTY, section=2, expected_articles=3, expected_comments=7)
    put(store, replace(EMPTY, day=EVE), EMPTY, lost)
    years = covered(store, EVE, date(2020, 1, 2)).as_json()["years"]
    assert years == {
        "2019": {
            "complete": True,
            "expected": {"articles": 0, "comments": 0},
            "held": {"articles": 0, "comments": 0},
            "pages": 1,
            "states": {"done": 1},
            "pages_incomplete": 0,
            "articles_short": 0,
            "days_unvisited": 0,
        },
        "2020": {
            "complete": False,
            "expected": {"articles": 3, "comments": 7},
            "held": {"articles": 0, "comments": 0},
            "pages": 2,
            "states": {"done": 2},
            "pages_incomplete": 1,
            "articles_short": 0,
            "days_unvisited": 1,
        },
    }


def test_days_are_told_by_source_and_as_counted_now(store: Store) -> None:
    lost = replace(EMPTY, section=2, expected_articles=3, expected_comments=7)
    put(store, replace(EMPTY, day=EVE), EMPTY, lost, replace(ENLISTED, source="another"))
    every = cover(store, None, since=None, until=None, window=None)
    assert every.days() == {"another": {NEW_YEAR: "pending"}, "harbour": {EVE: "empty", NEW_YEAR: "short"}}
    assert [page.state for page in every.counted] == ["pending", "done", "done", "short"]


def test_a_window_needs_both_its_ends() -> None:
    assert window_of(EVE, NEW_YEAR) == Window.of(EVE, NEW_YEAR)
    assert window_of(EVE, None) is None
    assert window_of(None, NEW_YEAR) is None
