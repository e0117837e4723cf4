"""Which pages of a day are asked for."""

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from parsers.records import Headline, ParsedPage
from parsers.source import highest_number
from schedules.plan import MOST_TRIES, Target, sections_to_fetch, sections_to_try
from tests.kit.parsed import DAY, article, comment, headline, section_page

SECTIONS = (1, 2, 3, 4, 5, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    section: int | None
    comments: int = 0
    comment_ids: frozenset[str] = frozenset()
    also_in: frozenset[int] = frozenset()


def held_of(row: Headline) -> Held:
    ids = frozenset() if row.last_comment_id is None else frozenset({"9", row.last_comment_id})
    return Held(section=row.section, comments=row.comment_count, comment_ids=ids)


def catalogue() -> ParsedPage:
    """Section 1 shown; sections 2 and 3 have articles, 4 has none."""
    others = [headline("200", 2, 2, "21"), headline("201", 2), headline("300", 3, 1, "31")]
    return section_page([article("100", [comment("11")])], others=others, sections={1: 1, 2: 2, 3: 1, 4: 0})


def wanted(page: ParsedPage, *, full: bool = False, **changes: object) -> tuple[int, ...]:
    known = {row.external_id: held_of(row) for row in catalogue().headlines}
    arguments: dict[str, object] = {
        "known": known,
        "unfinished": (),
        "suppressed": (),
        "full": full,
        "newest": highest_number,
    }
    choices = sections_to_fetch(page, **(arguments | changes))  # type: ignore[arg-type]
    return tuple(choice.section for choice in choices if choice.wanted)


def known_but(external_id: str, held: Held | None) -> dict[str, Held]:
    known = {row.external_id: held_of(row) for row in catalogue().headlines}
    del known[external_id]
    return known if held is None else {**known, external_id: held}


def test_nothing_changed_nothing_is_asked_for() -> None:
    assert wanted(catalogue()) == ()


def test_in_full_every_other_section_with_articles_is_asked_for() -> None:
    assert wanted(catalogue(), full=True) == (2, 3)


def test_an_unknown_article() -> None:
    assert wanted(catalogue(), known=known_but("201", None)) == (2,)


def test_another_count_another_last_comment_another_section() -> None:
    for held in (
        Held(section=2, comments=3, comment_ids=frozenset({"21"})),
        Held(section=2, comments=2, comment_ids=frozenset({"29"})),
        Held(section=3, comments=2, comment_ids=frozenset({"21"})),
    ):
        assert wanted(catalogue(), known=known_but("200", held)) == (2,)


def test_what_was_taken_down_asks_for_nothing() -> None:
    assert wanted(catalogue(), known=known_but("200", None), suppressed={"200"}) == ()


def test_an_unfinished_section_is_asked_for_if_it_has_articles() -> None:
    assert wanted(catalogue(), unfinished=(1, 3, 4)) == (3,)


def test_a_section_that_is_counted_and_not_listed_is_asked_for() -> None:
    page = catalogue()
    counters = replace(page.counters, sections={**page.counters.sections, 6: 2})
    assert wanted(replace(page, counters=counters)) == (6,)


def test_a_section_that_is_listed_and_not_counted_is_asked_for_if_it_differs() -> None:
    page = catalogue()
    page = replace(page, headlines=(*page.headlines, headline("600", 6)))
    assert wanted(page) == (6,)


@given(st.lists(st.sampled_from([None, *SECTIONS, 9]), max_size=6))
def test_sections_with_articles_are_tried_first(held: list[int | None]) -> None:
    order = sections_to_try(SECTIONS, [Held(section=section) for section in held])
    found = {section for section in held if section in SECTIONS}
    others = [section for section in SECTIONS if section not in found]
    assert order == (*sorted(found), *others)[:MOST_TRIES]


def test_a_target_is_a_day_and_a_section() -> None:
    assert Target(day=DAY, section=2) == Target(day=DAY, section=2)


def test_each_choice_gives_its_reason() -> None:
    changed = {
        **known_but("200", Held(section=2, comments=1, comment_ids=frozenset({"21"}))),
        "300": Held(section=3, comments=1, comment_ids=frozenset({"9"})),
    }
    arguments = {"unfinished": (), "suppressed": (), "full": False, "newest": highest_number}
    page = catalogue()
    assert [choice.reason for choice in sections_to_fetch(page, known=changed, **arguments)] == [
        "article 200 has 2 comments and 1 are held",
        "article 300 ends with comment 31, held is 9",
    ]
    same = {row.external_id: held_of(row) for row in page.headlines}
    assert {choice.reason for choice in sections_to_fetch(page, known=same, **arguments)} == {
        "nothing differs"
    }
    again = sections_to_fetch(page, known=same, **(arguments | {"unfinished": (3,)}))
    assert [choice.reason for choice in again] == ["nothing differs", "it is unfinished"]
