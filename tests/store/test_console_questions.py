"""The questions that only the console asks, on both databases."""

from datetime import date, timedelta
from itertools import groupby, product
from pathlib import Path

from ingest.console.application import Console
from ingest.decide.completeness.gaps import as_counted, day_state
from ingest.records.pages import PageState
from ingest.settings import Settings
from ingest.store import Store
from tests.console.browser import Browser
from tests.console.held import NOON, SOURCE
from tests.kit.fakes import FakeClock


def test_every_page_is_asked_of_both_databases(store: Store, tmp_path: Path) -> None:
    assert store.authors.beginning("a", 5) == []
    assert store.authors.busiest(5) == []
    assert store.authors.months("a") == {}
    assert store.authors.comments("a", 5, (NOON, 1)) == ()
    assert store.articles.of_day(SOURCE, date(2018, 3, 23)) == ()
    assert store.captures.of_day(SOURCE, date(2018, 3, 23), 5) == ()
    assert store.runs.reported(5) == ()
    console = Console(Settings(database="", archive=tmp_path), store, FakeClock(NOON))
    browser = Browser(console)
    for address in (
        "/",
        "/coverage",
        "/people",
        "/people?author=a",
        "/search?words=a",
        "/quarantine",
        "/diff",
    ):
        assert browser.get(address).status_code == 200
    console.close()


def test_days_that_are_proven_are_judged_as_page_by_page(store: Store) -> None:
    first, counts = date(2021, 1, 1), (None, 0, 3, 4)
    kinds = list(product(("done", "short", "pending", "unproven"), counts, counts, (None, 3), (None, 3)))
    days = [first + timedelta(days=number) for number in range(3 * len(kinds))]
    with store.transaction() as tx:
        for number, day in enumerate(days):
            for section in range(1, 2 + number % 3):
                state, articles, held, comments, below = kinds[(number * section) % len(kinds)]
                tx.ledger.put(
                    PageState(
                        source=SOURCE, day=day, section=section, state=state, expected_articles=articles,
                        held_articles=held, expected_comments=comments, held_comments=below,
                    )
                )  # fmt: skip
    every = groupby(store.ledger.coverage(SOURCE), key=lambda page: page.day)
    expected = {day: day_state([as_counted(page, ()) for page in of_day]) for day, of_day in every}
    found = {day: "done" if some else "empty" for day, some in store.ledger.proven_days(SOURCE).items()}
    others = groupby(store.ledger.other_states(SOURCE), key=lambda page: page.day)
    assert set(found.values()) == {"done", "empty"}
    judged = {day: day_state([as_counted(page, ()) for page in of_day]) for day, of_day in others}
    assert not set(found) & set(judged)
    assert found | judged == expected
