"""The questions that only the console asks, on both databases."""

from datetime import date
from pathlib import Path

from ingest.console.application import Console
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
