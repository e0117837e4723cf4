"""Which way PostgreSQL is asked, by how many rows its planner estimates; and all find the same."""

from datetime import date

import pytest

from ingest.records.search import Query
from ingest.store import Store
from ingest.store.search.ways import Estimate, Plan, Way, cheapest
from tests.kit.parsed import DAY, article, at, comment, section_page
from tests.kit.visits import visit

MILLION = 1_000_000


def way(with_words: int, fulfilling: int | None = None, *, sure: bool = True, phrase: bool = False) -> Way:
    estimate = Estimate(rows=MILLION, with_words=with_words, fulfilling=fulfilling, sure=sure, phrase=phrase)
    return cheapest("comment", estimate, 500).way


@pytest.mark.parametrize(
    ("with_words", "expected"),
    [(0, "index"), (2_000, "index"), (20_000, "stretch"), (200_000, "walk"), (MILLION, "walk")],
)
def test_the_more_rows_have_a_word_the_fewer_are_passed_over(with_words: int, expected: Way) -> None:
    assert way(with_words) == expected


def test_an_estimate_that_is_not_sure_is_the_planners_own() -> None:
    assert way(20_000, sure=False) == "planned"
    assert way(2_000, sure=False, phrase=True) == "index"
    assert way(200_000, sure=False, phrase=True) == "planned"


def test_a_few_rows_that_fulfil_the_conditions_are_listed() -> None:
    assert way(200_000, 500) == "list"
    assert way(200_000, 50_000) == "planned"


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "plan",
    [
        Plan(way="walk"),
        Plan(way="stretch", ids=1),
        Plan(way="index"),
        Plan(way="list"),
        Plan(way="planned"),
    ],
    ids=lambda plan: plan.way,
)
def test_every_way_finds_the_same(store: Store, monkeypatch: pytest.MonkeyPatch, plan: Plan) -> None:
    thread = [
        comment("11", 1, text="The harbour master"),
        comment("12", 2, text="A harbour", posted_local="2021-05-05T00:10"),
    ]
    visit(store, section_page([article("100", thread, title="Harbour", text="The harbour.")]), at(0))
    monkeypatch.setattr("ingest.store.search.tsvector.cheapest", lambda *_: plan)

    def found(**more: object) -> set[str]:
        rows = store.search(Query(words="harb* -ferry", **more)).rows  # type: ignore[arg-type]
        return {row.comment or row.article for row in rows}

    assert found() == {"100", "11", "12"}
    assert found(sources=("harbour",)) == {"100", "11", "12"}
    assert found(sources=("quay",)) == set()
    assert found(author="reader 2") == {"12"}
    assert found(since=DAY, until=DAY) == {"100", "11"}
    assert found(since=date(2021, 5, 5)) == {"12"}
    assert found(since=date.min, until=date.max, sources=("harbour",)) == {"100", "11", "12"}
