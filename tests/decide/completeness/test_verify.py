"""Does a page agree with itself, and is what it claims held?"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decide.completeness.counters import Totals, Verdict, agreement, expected, judge, summary
from ingest.records.pages import PageState, Tally
from parsers.records import Article, Counters, ParsedPage, Unreadable, changed
from tests.kit.parsed import DAY, article, at, comment, comments_page, headline, section_page

THREAD = (comment("11", 1), comment("12", 2))
NEXT_DAY = at(24).date()


@pytest.fixture
def page() -> ParsedPage:
    """Two articles of section 1, one of section 2, none of section 5."""
    shown = [article("100", THREAD), article("101")]
    return section_page(shown, others=[headline("200", 2, 4, "40")], sections={1: 2, 2: 1, 5: 0})


def counters(page: ParsedPage, **fields: object) -> ParsedPage:
    return replace(page, counters=replace(page.counters, **fields))  # type: ignore[arg-type]


def shows(page: ParsedPage, *articles: Article) -> ParsedPage:
    return replace(page, articles=articles)


def test_a_page_that_shows_what_it_counts_is_complete(page: ParsedPage) -> None:
    assert agreement(page) == ()


@pytest.mark.parametrize("kind", ["article", "comments"])
def test_other_pages_prove_nothing(kind: str) -> None:
    other = replace(comments_page(article("100")), kind=kind)
    assert agreement(other) == (f"a page of the kind {kind} has no counters",)


def test_a_truncated_page_is_not_complete(page: ParsedPage) -> None:
    assert agreement(replace(page, truncated=True)) == ("the page ends before its foot",)


def test_articles_missing_from_the_headlines(page: ParsedPage) -> None:
    assert agreement(counters(page, articles_today=5)) == (
        "the day has 5 articles by its counter and 3 by its headlines",
    )


def test_comments_missing_from_the_headlines(page: ParsedPage) -> None:
    assert agreement(counters(page, comments_today=9)) == (
        "the day has 9 comments by its counter and 6 by its headlines",
    )


def test_missing_counters_of_the_day(page: ParsedPage) -> None:
    assert agreement(counters(page, articles_today=None, comments_today=None)) == (
        "the page does not count the day's articles",
        "the page does not count the day's comments",
    )


def test_a_section_that_counts_more_than_it_lists(page: ParsedPage) -> None:
    assert agreement(counters(page, sections={1: 2, 2: 1, 3: 4})) == (
        "section 3 has 4 articles by its counter and 0 by its headlines",
    )


def test_a_section_that_is_listed_and_not_counted(page: ParsedPage) -> None:
    assert agreement(counters(page, sections={1: 2})) == (
        "the page does not count the articles of section 2",
    )


def test_a_page_need_not_count_its_own_section(page: ParsedPage) -> None:
    assert agreement(counters(page, sections={2: 1})) == ()


def test_an_article_that_is_listed_and_not_shown(page: ParsedPage) -> None:
    assert agreement(shows(page, page.articles[0])) == (
        "section 1 lists 1 articles that the page does not show",
    )


def test_an_article_that_is_shown_and_not_listed(page: ParsedPage) -> None:
    assert agreement(shows(page, *page.articles, article("999"))) == (
        "the page shows 1 articles that section 1 does not list",
    )


def test_as_many_articles_but_others_are_not_agreement(page: ParsedPage) -> None:
    assert len(agreement(shows(page, page.articles[0], article("999")))) == 2


def test_a_page_of_no_section_shows_nothing_in_full(page: ParsedPage) -> None:
    reasons = agreement(replace(page, section=None))
    assert "the page does not say which section it is" in reasons


def test_a_thread_that_is_cut(page: ParsedPage) -> None:
    cut = changed(page.articles[0], comments=THREAD[:1])
    assert agreement(shows(page, cut, page.articles[1])) == ("article 100 shows 1 of 2 comments",)


def test_a_thread_that_shows_one_comment_twice_is_one_short(page: ParsedPage) -> None:
    twice = changed(page.articles[0], comments=(THREAD[1], THREAD[1]))
    assert agreement(shows(page, twice, page.articles[1])) == ("article 100 shows 1 of 2 comments",)


def test_a_thread_that_ends_otherwise_than_its_headline_says(page: ParsedPage) -> None:
    other = changed(page.articles[0], comments=(THREAD[0], comment("19", 2)))
    assert agreement(shows(page, other, page.articles[1])) == ("article 100 ends with comment 19, not 12",)


def test_each_section_is_expected_to_have_what_the_page_claims(page: ParsedPage) -> None:
    assert expected(page) == {
        1: Tally(articles=2, comments=2),
        2: Tally(articles=1, comments=4),
        5: Tally(articles=0, comments=0),
    }


def test_the_larger_claim_is_expected(page: ParsedPage) -> None:
    claimed = expected(counters(page, sections={1: 1, 2: 7}))
    assert (claimed[1].articles, claimed[2].articles) == (2, 7)


def test_a_page_without_any_headline_still_answers_for_its_own_section() -> None:
    empty = replace(section_page(), counters=Counters(sections={}))
    assert expected(empty) == {1: Tally(articles=0, comments=0)}


def test_a_page_of_no_section_and_no_claims_expects_nothing() -> None:
    assert expected(comments_page(article("100"))) == {}


def test_what_was_taken_down_is_not_expected(page: ParsedPage) -> None:
    assert expected(page, suppressed=frozenset({"100", "777"}))[1] == Tally(articles=1, comments=0)


def test_done_is_exactly_what_is_expected_and_no_doubt() -> None:
    tally = Tally(articles=2, comments=6)
    assert judge(tally, tally, ()) == Verdict(state="done", last_error=None)


def test_short_says_by_how_many() -> None:
    verdict = judge(Tally(articles=16, comments=20), Tally(articles=14, comments=15), ())
    assert verdict == Verdict(
        state="short", last_error="short by 2 articles of 16; short by 5 comments of 20"
    )


def test_more_than_expected_is_not_done_either() -> None:
    verdict = judge(Tally(articles=1, comments=2), Tally(articles=1, comments=5), ())
    assert verdict == Verdict(state="short", last_error="3 comments more than the 2 expected")


def test_a_doubtful_page_is_short_even_if_the_counts_agree() -> None:
    tally = Tally(articles=2, comments=6)
    assert judge(tally, tally, ("the page ends before its foot",)).state == "short"


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_only_equal_tallies_are_done(a: int, b: int, c: int, d: int) -> None:
    done = judge(Tally(articles=a, comments=b), Tally(articles=c, comments=d), ()).state == "done"
    assert done == ((a, b) == (c, d))


def row(**fields: object) -> PageState:
    plain: dict[str, object] = {"source": "harbour", "day": DAY, "section": 1, "state": "done"}
    return PageState(**(plain | fields))  # type: ignore[arg-type]


def counted(articles: int, held_articles: int, comments: int, held_comments: int) -> dict[str, int]:
    return {
        "expected_articles": articles,
        "held_articles": held_articles,
        "expected_comments": comments,
        "held_comments": held_comments,
    }


def test_a_summary_adds_up_and_names_the_short_days() -> None:
    rows = [
        row(**counted(16, 16, 20, 20)),
        row(section=2, state="short", **counted(18, 17, 9, 4)),
        row(day=NEXT_DAY, state="pending"),
    ]
    assert summary(rows) == Totals(
        pages=3,
        states={"done": 1, "short": 1, "pending": 1},
        expected=Tally(articles=34, comments=29),
        held=Tally(articles=33, comments=24),
        short_days=(DAY,),
    )


def test_a_failed_page_makes_its_day_short_and_a_day_is_named_once() -> None:
    rows = [row(day=NEXT_DAY, state="failed"), row(state="short"), row(section=2, state="short")]
    assert summary(rows).short_days == (DAY, NEXT_DAY)


def test_counts_that_differ_make_a_day_short_whatever_its_state() -> None:
    assert summary([row(**counted(1, 1, 5, 4))]).short_days == (DAY,)


def test_a_summary_of_nothing() -> None:
    assert summary([]).pages == 0


def test_a_comment_that_cannot_be_read_is_named(page: ParsedPage) -> None:
    lost = replace(page, unreadable=(Unreadable(article="100", comment="12", reason="no author"),))
    assert agreement(lost) == ("comment 12 of article 100 cannot be read: no author",)


def test_a_template_may_say_that_its_pages_are_counted() -> None:
    listing = replace(section_page([article("100")]), kind="article", counted=True)
    assert agreement(listing) == ()
    assert agreement(replace(listing, counted=False)) == ("a page of the kind article has no counters",)
