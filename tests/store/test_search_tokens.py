"""What PostgreSQL's index knows of a row besides its words stays right, whatever becomes of the row."""

from datetime import date

import pytest

from ingest.records.search import Query
from ingest.store import Store
from ingest.store.search.spans import Sample, spans
from ingest.store.search.tokens import IN_STRETCH, MOST_DAYS, of_days, of_names, of_stretches
from parsers.records import ParsedPage
from tests.kit.parsed import DAY, article, at, comment, section_page
from tests.kit.visits import visit

MAY = date(2021, 5, 31)
TEXT = "the harbour"


def months(since: date | None, until: date | None) -> set[str] | None:
    asked = of_days(Query(words="x", since=since, until=until), date(2019, 11, 3), date(2022, 2, 3))
    return asked and {one.strip("'\x01d") for one in asked.split(" | ")}


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (None, None, None),
        (DAY, DAY, {"", "2021-05"}),
        (date(2021, 11, 30), None, {"", "2021-11", "2021-12", "2022-01", "2022-02"}),
        (None, date(2021, 1, 1), {"", "2019-11", "2019-12", "2020", "2021-01"}),
        (date(2020, 1, 1), date(2021, 12, 31), {"", "2020", "2021"}),
        (date.min, date.max, {"", "2019-11", "2019-12", "2020", "2021", "2022-01", "2022-02"}),
        (date(2023, 1, 1), None, None),
    ],
)
def test_a_window_is_whole_years_and_the_months_beside(
    since: date | None, until: date | None, expected: set[str] | None
) -> None:
    assert months(since, until) == expected


def test_a_window_of_very_many_years_is_compared() -> None:
    asked = Query(words="x", since=date.min)
    assert of_days(asked, date.min, date(MOST_DAYS + 10, 1, 1)) is None


def test_a_name_says_what_it_is_the_name_of() -> None:
    asked = of_names(Query(words="x", sources=("quay", "harbour"), author="quay"))
    quay, harbour = asked[0].split(" | ")
    assert quay != harbour
    assert quay.removeprefix("'\x01s") == asked[1].removeprefix("'\x01a")
    assert of_stretches(3, 5) == "'\x01i3' | '\x01i4'"


@pytest.mark.parametrize("hits", [[], [1], [99_000], [90_000, 80_000, 70_000, 50, 40, 30], [5] * 10])
@pytest.mark.parametrize("looked_at", [10, 100, 1_000])
def test_the_spans_have_every_id_once(hits: list[int], looked_at: int) -> None:
    found = list(spans(Sample.of(hits, 100_000, looked_at)))
    assert found[0][1] == 100_000 // 2_048 + 1
    assert [low for low, _ in found[:-1]] == [high for _, high in found[1:]]
    assert found[-1][0] == 0
    assert all(low < high for low, high in found)


def asked(store: Store, **more: object) -> set[str]:
    rows = store.search(Query(words="harbour", **more)).rows  # type: ignore[arg-type]
    return {row.comment or row.article for row in rows}


@pytest.mark.parametrize(
    ("part", "last", "phrase", "expected"),
    [
        (0.3, 100_000, False, True),
        (0.3, 50_000, False, False),
        (0.03, 100_000, False, False),
        (0.03, 100_000, True, True),
        (0, 100_000, True, False),
    ],
)
def test_rows_are_compared_one_by_one_where_many_match(
    part: float, last: int, phrase: bool, expected: bool
) -> None:
    assert Sample(rows=100_000, part=part, last=last).is_dense(phrase=phrase) == expected


@pytest.mark.parametrize("last", [99_000, 50_000, 2_000])
def test_the_first_span_reaches_below_the_last_row_that_matches(last: int) -> None:
    low, _ = next(iter(spans(Sample(rows=100_000, part=0.5, last=last))))
    assert low * IN_STRETCH < last


@pytest.fixture(params=["whole", "in spans", "one by one"])
def filled(store: Store, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Two threads; a frequent word is looked for in one stretch of ids after another, or row by row."""
    if request.param != "whole":
        monkeypatch.setattr("ingest.store.search.tsvector.FEW", -1)
        monkeypatch.setattr("ingest.store.search.spans.DENSE", 0 if request.param == "one by one" else 2)
    visit(store, page(), at(0))
    return store


def page(author: str = "Old Patriot", local: str = "2021-05-04T07:01", editor: str = "Editor") -> ParsedPage:
    thread = [
        comment("11", 1, text=TEXT, author=author, posted_local=local),
        comment("12", 2, text=TEXT, author="reader", posted_local="--05-19T21:55"),
    ]
    return section_page([article("100", thread, title=TEXT, text=TEXT, posted_by=editor)])


def test_every_filter_finds_its_rows(filled: Store) -> None:
    assert asked(filled) == {"100", "11", "12"}
    assert asked(filled, sources=("harbour", "quay")) == {"100", "11", "12"}
    assert asked(filled, sources=("quay",)) == set()
    assert asked(filled, author="Old Patriot") == {"11"}
    assert asked(filled, author="Old Patriot", sources=("harbour",), until=MAY) == {"11"}
    assert asked(filled, since=DAY) == {"100", "11"}
    assert asked(filled, until=DAY) == {"100", "11", "12"}
    assert asked(filled, until=date(2021, 5, 3)) == {"12"}
    assert asked(filled, since=date.min, until=date.max) == {"100", "11"}


def test_another_author_is_found_in_the_same_transaction(filled: Store) -> None:
    visit(filled, page(author="Somebody", editor="Another"), at(1))
    assert asked(filled, author="Old Patriot") == asked(filled, author="Editor") == set()
    assert asked(filled, author="Somebody") == {"11"}
    assert asked(filled, author="Another") == {"100"}


def test_another_day_is_found(filled: Store) -> None:
    visit(filled, page(local="2019-12-31T23:59"), at(1))
    assert asked(filled, since=date(2019, 12, 31), until=date(2019, 12, 31)) == {"11"}
    assert asked(filled, since=DAY) == {"100"}


def test_what_was_taken_down_has_no_author_in_the_index(filled: Store) -> None:
    with filled.transaction() as tx:
        tx.suppress("harbour", "100", "11", reason="court order", suppressed_at=at(1))
    assert asked(filled, author="Old Patriot") == set()
    with filled.transaction() as tx:
        if tx._connection.dialect.name == "postgresql":
            kept = "SELECT count(*) FROM comment_words WHERE words @@ CAST(%s AS tsquery)"
            (token,) = of_names(Query(words="x", author="Old Patriot"))
            assert tx._connection.exec_driver_sql(kept, (token,)).scalar() == 0


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_an_index_that_is_made_anew_has_the_same_tokens(filled: Store) -> None:
    every = "SELECT id, words FROM {0}_words ORDER BY id"
    with filled.transaction() as tx:
        before = [tx._connection.exec_driver_sql(every.format(kind)).all() for kind in ("article", "comment")]
    filled.reindex(lambda *_: None)
    with filled.transaction() as tx:
        after = [tx._connection.exec_driver_sql(every.format(kind)).all() for kind in ("article", "comment")]
    assert before == after
    assert "\x01s" in before[0][0].words
