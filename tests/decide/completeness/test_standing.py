"""The ledger after a page: what reopens a section, and what a success takes back."""

from dataclasses import replace

import pytest

from ingest.decide.completeness.transitions import back_off, next_states, restate
from ingest.records.pages import DayKnown, PageState
from parsers.records import ParsedPage
from schedules.plan import KnownArticle
from tests.kit.parsed import DAY, article, at, comment, headline, section_page

THREAD = (comment("1", 1), comment("2", 2))


def known(*rows: PageState, comments: int = 2, elsewhere: int = 1) -> DayKnown:
    """The article of section 1, and that of section 2 with one comment."""
    held = {
        "100": KnownArticle(external_id="100", section=1, comments=comments, comment_ids=frozenset({"2"})),
        "200": KnownArticle(external_id="200", section=2, comments=elsewhere, comment_ids=frozenset({"9"})),
    }
    pages = {row.section: row for row in rows}
    return DayKnown(source="harbour", day=DAY, articles=held, pages=pages, suppressed=frozenset())


def row(section: int, state: str, **fields: object) -> PageState:
    counts = {"expected_articles": 1, "held_articles": 1, "expected_comments": 1, "held_comments": 1}
    plain = PageState(source="harbour", day=DAY, section=section, state=state)  # type: ignore[arg-type]
    return replace(plain, **(counts | fields))  # type: ignore[arg-type]


def page(claimed_elsewhere: int = 1) -> ParsedPage:
    return section_page([article("100", THREAD)], others=[headline("200", 2, claimed_elsewhere, "9")])


@pytest.mark.parametrize(("claimed", "state"), [(1, "done"), (2, "pending"), (0, "pending")])
def test_a_done_section_whose_claim_changed_waits_for_its_own_page(claimed: int, state: str) -> None:
    after = next_states(page(claimed), known(row(2, "done")), doubts=())
    assert (after[2].state, after[2].expected_comments, after[2].held_comments) == (state, claimed, 1)


def test_a_done_section_without_its_article_waits_for_its_own_page() -> None:
    day = known(row(2, "done"))
    day = replace(day, articles={"100": day.articles["100"]})
    assert next_states(page(), day, doubts=())[2].state == "pending"


@pytest.mark.parametrize("state", ["failed", "short", "pending"])
def test_only_a_page_of_its_own_clears_a_section(state: str) -> None:
    before = row(2, state, attempts=3, not_before=at(9), last_error="no answer")
    after = next_states(page(), known(before), doubts=())[2]
    assert (after.state, after.attempts, after.not_before) == (state, 3, at(9))
    assert after.last_error == "no answer"


@pytest.mark.parametrize("state", ["failed", "short"])
def test_attempts_and_patience_fall_back_after_success(state: str) -> None:
    before = row(1, state, attempts=4, not_before=at(30), last_error="no answer")
    after = next_states(page(), known(before), doubts=())[1]
    assert (after.state, after.attempts, after.not_before, after.last_error) == ("done", 0, None, None)


def test_a_page_that_is_short_again_is_left_alone_for_longer() -> None:
    before = row(1, "short", attempts=1, not_before=at(1))
    after = next_states(page(), known(before, comments=1), doubts=())[1]
    assert (after.state, after.attempts, after.not_before) == ("short", 1, at(1))
    later = back_off(after, at(2))
    assert later.attempts == 2
    assert later.not_before is not None
    assert later.not_before - at(2) > back_off(replace(after, attempts=0), at(2)).not_before - at(2)  # type: ignore[operator]


def test_a_section_that_the_site_counts_as_empty_owes_nothing() -> None:
    before = row(3, "failed", attempts=4, not_before=at(30), last_error="no answer")
    shown = section_page([article("100", THREAD)], sections={1: 1, 3: 0})
    after = next_states(shown, known(before), doubts=())[3]
    assert (after.state, after.attempts, after.not_before, after.last_error) == ("done", 0, None, None)


def test_attempts_and_patience_fall_back_when_an_older_page_is_read_better() -> None:
    before = row(
        1,
        "short",
        expected_comments=2,
        held_comments=1,
        attempts=4,
        not_before=at(30),
        last_error="short by 1 comments of 2",
        visited_at=at(5),
        full_at=at(0),
    )
    after = restate(page(), known(before), doubts=(), captured_at=at(0), capture_id=7)[1]
    assert (after.state, after.held_comments) == ("done", 2)
    assert (after.attempts, after.not_before, after.last_error) == (0, None, None)
