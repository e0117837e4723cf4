"""An article that is listed at two places counts at both."""

from datetime import timedelta

import pytest

from ingest.records.pages import Shortfall, Tally
from ingest.store import Store
from ingest.store.database import upsert
from parsers.records import Article, changed
from schedules.plan import KnownArticle
from tests.kit.parsed import DAY, article, at, comment, headline_of, section_page
from tests.kit.visits import article_of, visit

TOMORROW = DAY + timedelta(days=1)
THREAD = (comment("1", 1), comment("2", 2))
BOTH = Tally(articles=1, comments=2)


def shared(section: int = 1, **fields: object) -> Article:
    return article("100", THREAD, section=section, section_name=f"Pier {section}", **fields)


def visit_sections(store: Store, hours: float) -> None:
    for section, other in ((1, 4), (4, 1)):
        page = section_page([shared(section)], others=[headline_of(shared(other))], section=section)
        visit(store, page, at(hours))


def visit_days(store: Store, hours: float) -> None:
    visit(store, section_page([shared()]), at(hours))
    visit(store, section_page([shared(date=TOMORROW)], date=TOMORROW), at(hours))


def test_two_sections_of_a_day(store: Store) -> None:
    visit_sections(store, 0)
    assert store.articles.tallies("harbour") == {("harbour", DAY, 1): BOTH, ("harbour", DAY, 4): BOTH}
    assert store.ledger.day_known("harbour", DAY).articles == {
        "100": KnownArticle(
            external_id="100",
            section=1,
            also_in=frozenset({4}),
            comments=2,
            comment_ids=frozenset({"1", "2"}),
        )
    }


def test_two_days(store: Store) -> None:
    visit_days(store, 0)
    both = {("harbour", DAY, 1): BOTH, ("harbour", TOMORROW, 1): BOTH}
    assert store.articles.tallies("harbour") == both
    assert store.articles.tallies("harbour", TOMORROW, TOMORROW) == {("harbour", TOMORROW, 1): BOTH}
    for day in (DAY, TOMORROW):
        known = store.ledger.day_known("harbour", day).articles["100"]
        assert (known.section, known.comments, known.comment_ids) == (1, 2, {"1", "2"})
        assert store.held_day("harbour", day)[0].articles["100"] == article_of(store)


def test_the_second_visit_of_both_changes_nothing(store: Store) -> None:
    for visits in (visit_sections, visit_days):
        visits(store, 0)
        before = article_of(store)
        visits(store, 0)
        assert article_of(store) == before
    assert before.row.content.date == DAY


def test_both_are_short_of_what_their_headline_claims(store: Store) -> None:
    visit_days(store, 0)
    visit(store, section_page(others=[headline_of(article("100", [*THREAD, comment("3", 3)]))]), at(1))
    assert store.articles.shortfalls("harbour") == tuple(
        Shortfall(
            source="harbour",
            day=day,
            section=1,
            external_id="100",
            title="Title of 100",
            expected_comments=3,
            held_comments=2,
        )
        for day in (DAY, TOMORROW)
    )


def test_a_home_handed_over_is_written(store: Store) -> None:
    visit_days(store, 0)
    visit(
        store,
        section_page(
            [article("7", section_name="Pier 1", date=TOMORROW)],
            date=TOMORROW,
            others=[headline_of(shared())],
        ),
        at(1),
    )
    visit(store, section_page(), at(2))
    assert store.articles.tallies("harbour", DAY, DAY) == {}
    assert store.articles.tallies("harbour", TOMORROW) == {
        ("harbour", TOMORROW, 1): Tally(articles=2, comments=2)
    }
    held = article_of(store)
    assert (held.row.content.date, held.row.content.section_name) == (TOMORROW, "Pier 1")
    assert (held.row.live, held.elsewhere) == (True, ())


@pytest.mark.parametrize("visits", [visit_sections, visit_days])
def test_a_takedown_leaves_it_out_of_both(store: Store, visits: object) -> None:
    visits(store, 0)  # type: ignore[operator]
    with store.transaction() as tx:
        tx.suppress("harbour", "100", None, reason="asked for", suppressed_at=at(1))
    assert store.articles.tallies("harbour") == {}


def test_only_the_place_that_is_gone_is_gone(store: Store) -> None:
    third = TOMORROW + timedelta(days=1)
    visit_days(store, 0)
    visit(store, section_page([shared(date=third)], date=third), at(1))
    visit(store, section_page([], date=TOMORROW), at(2))
    assert [place.day for place in article_of(store).elsewhere] == [third]
    assert list(store.held_day("harbour", third)[0].articles) == ["100"]
    assert store.held_day("harbour", TOMORROW)[0].articles == {}


def test_only_the_article_that_is_gone_leaves_the_place(store: Store) -> None:
    other = article("101", section_name="Pier 1")
    for source in ("harbour", "quay"):
        for day in (DAY, TOMORROW):
            both = [changed(one, date=day) for one in (shared(), other)]
            visit(store, section_page(both, date=day, source=source), at(0))
    visit(store, section_page([shared(date=TOMORROW)], date=TOMORROW), at(2))
    assert {
        source: sorted(store.held_day(source, TOMORROW)[0].articles) for source in ("harbour", "quay")
    } == {"harbour": ["100"], "quay": ["100", "101"]}


def test_places_are_those_of_the_article_however_many_are_asked_for(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upsert, "IDS_AT_ONCE", 1)
    for day in (DAY, TOMORROW):
        visit(store, section_page([shared(date=day), article("101", date=day)], date=day), at(0))
    held = store.held_day("harbour", DAY)[0].articles
    assert {name: [place.day for place in one.elsewhere] for name, one in held.items()} == {
        "100": [TOMORROW],
        "101": [TOMORROW],
    }


def test_a_place_has_the_name_that_its_own_source_and_day_give_the_section(store: Store) -> None:
    third = TOMORROW + timedelta(days=1)
    own = article("7", section_name="Pier 7", date=TOMORROW)
    visit(store, section_page([shared()]), at(0))
    visit(store, section_page([shared(date=TOMORROW), own], date=TOMORROW), at(0))
    aside = article("8", section=4, section_name="Pier 8", date=TOMORROW)
    visit(store, section_page([aside], date=TOMORROW, section=4), at(0), complete=False)
    later = article("9", section_name="Pier 9", date=third)
    for source, day, other in (
        ("quay", TOMORROW, changed(own, section_name="Quay")),
        ("harbour", third, later),
    ):
        visit(store, section_page([other], date=day, source=source), at(0))
    assert [(one.day, one.section_name) for one in article_of(store).elsewhere] == [(TOMORROW, "Pier 7")]
