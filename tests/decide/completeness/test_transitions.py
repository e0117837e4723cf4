"""Every transition of the ledger: what stood there, what a page shows, what stands there afterwards."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ingest.decide.completeness.counters import agreement
from ingest.decide.completeness.transitions import Seen, counted, next_states
from ingest.records.pages import DayKnown, PageState
from parsers.records import Counters, ParsedPage
from schedules.plan import KnownArticle
from tests.kit.parsed import DAY, article, at, comment, headline, section_page

DOUBT = ("the page ends before its foot",)
SHORT = "short by 1 comments of 2"
TRIED: dict[str, Any] = {"attempts": 3, "not_before": at(9), "last_error": "no answer"}
FRESH: dict[str, Any] = {"attempts": 0, "not_before": None, "last_error": None}


def page(**fields: object) -> ParsedPage:
    """Section 1 with its article and two comments; section 2 has an article, section 3 has none."""
    shown = article("100", [comment("1", 1), comment("2", 2)])
    counted = {1: 1, 2: 1, 3: 0}
    return section_page([shown], others=[headline("200", 2, 1, "9")], sections=counted, **fields)  # type: ignore[arg-type]


def day(*rows: PageState, own: int = 2, sibling: int = 1) -> DayKnown:
    """What is held: so many comments of section 1 and of section 2."""
    held = {
        "100": KnownArticle(external_id="100", section=1, comments=own, comment_ids=frozenset({"2"})),
        "200": KnownArticle(external_id="200", section=2, comments=sibling, comment_ids=frozenset({"9"})),
    }
    pages = {row.section: row for row in rows}
    return DayKnown(source="harbour", day=DAY, articles=held, pages=pages, suppressed=frozenset())


def row(section: int, state: str, **fields: Any) -> PageState:
    """A row whose counts are those of the page, all held."""
    comments = {1: 2, 2: 1, 3: 0}[section]
    counts = {
        "expected_articles": 1,
        "held_articles": 1,
        "expected_comments": comments,
        "held_comments": comments,
    }
    plain = PageState(source="harbour", day=DAY, section=section, state=state)  # type: ignore[arg-type]
    return replace(plain, **(counts | fields))


def of(state: PageState) -> tuple[object, ...]:
    return state.state, state.attempts, state.not_before, state.last_error


STATES = ("pending", "leased", "done", "short", "failed")


@pytest.mark.parametrize("before", [None, *STATES])
def test_a_complete_page_of_its_own_makes_it_done_whatever_it_was(before: str | None) -> None:
    rows = () if before is None else (row(1, before, **TRIED),)
    assert of(counted(page(), day(*rows), doubts=())[1]) == ("done", 0, None, None)


@pytest.mark.parametrize("before", [None, *STATES])
@pytest.mark.parametrize(
    ("held", "doubts", "error"), [(1, (), SHORT), (2, DOUBT, DOUBT[0]), (1, DOUBT, f"{SHORT}; {DOUBT[0]}")]
)
def test_a_page_of_its_own_that_lacks_something_makes_it_short(
    before: str | None, held: int, doubts: tuple[str, ...], error: str
) -> None:
    rows = () if before is None else (row(1, before, **TRIED),)
    expected = ("short", 0, None, error) if before is None else ("short", 3, at(9), error)
    assert of(counted(page(), day(*rows, own=held), doubts=doubts)[1]) == expected


@pytest.mark.parametrize(
    ("before", "held", "after"),
    [
        (None, 1, ("pending", 0, None, None)),
        (None, 0, ("pending", 0, None, None)),
        *(
            (state, held, (state, 3, at(9), "no answer"))
            for state in STATES
            if state != "done"
            for held in (0, 1)
        ),
        ("done", 1, ("done", 3, at(9), "no answer")),
        ("done", 0, ("pending", 3, at(9), "no answer")),
        ("done", 2, ("pending", 3, at(9), "no answer")),
    ],
)
@pytest.mark.parametrize("doubts", [(), DOUBT])
def test_a_page_of_another_section_reopens_what_was_done_and_clears_nothing(
    before: str | None, held: int, after: tuple[object, ...], doubts: tuple[str, ...]
) -> None:
    rows = () if before is None else (row(2, before, **TRIED),)
    found = counted(page(), day(*rows, sibling=held), doubts=doubts)[2]
    assert of(found) == after
    assert (found.expected_articles, found.expected_comments) == (1, 1)
    assert (found.held_articles, found.held_comments) == (1, held)


def test_a_done_section_without_its_article_waits_for_its_own_page() -> None:
    known = day(row(2, "done"))
    without = replace(known, articles={"100": known.articles["100"]})
    assert counted(page(), without, doubts=())[2].state == "pending"


@pytest.mark.parametrize("before", [None, *STATES])
def test_a_section_that_the_site_counts_as_empty_is_done(before: str | None) -> None:
    rows = () if before is None else (row(3, before, **TRIED),)
    assert of(counted(page(), day(*rows), doubts=DOUBT)[3]) == ("done", 0, None, None)


def test_an_article_counts_where_the_catalogue_lists_it() -> None:
    moved = section_page([], others=[headline("100", 2, 2, "2")], sections={1: 0, 2: 1})
    held = {"100": replace(day().articles["100"], also_in=frozenset({2}))}
    after = counted(moved, replace(day(), articles=held), doubts=())
    assert [(one.held_articles, one.held_comments) for one in after.values()] == [(0, 0), (1, 2)]
    unlisted = replace(moved, headlines=(), articles=())
    after = counted(unlisted, replace(day(), articles=held), doubts=())
    assert [(one.held_articles, one.held_comments) for one in after.values()] == [(1, 2), (1, 2)]


def loaded(shown: ParsedPage, known: DayKnown, *, changed: bool = True) -> dict[int, PageState]:
    """What stands there after the newest page of its day, whose capture is 7."""
    return next_states(shown, known, Seen(captured_at=at(5), capture_id=7, changed=changed), doubts=())


@pytest.mark.parametrize(("changed", "changed_at"), [(True, at(5)), (False, None)])
def test_a_loaded_page_is_named_and_dated(changed: bool, changed_at: object) -> None:
    before = day(row(1, "failed", **TRIED), row(2, "done"))
    after = loaded(page(), before, changed=changed)
    assert of(after[1]) == ("done", 0, None, None)
    assert {number: (one.capture_id, one.changed_at) for number, one in after.items()} == {
        1: (7, changed_at),
        2: (None, None),
        3: (None, None),
    }
    # A look at a sibling that has articles is no full visit of it.
    assert {number: (one.visited_at, one.full_at) for number, one in after.items()} == {
        1: (at(5), at(5)),
        2: (at(5), None),
        3: (at(5), at(5)),
    }


def test_a_loaded_page_that_is_short_is_left_alone_for_longer() -> None:
    found = []
    for attempts in (0, 1):
        known = day(row(1, "short", attempts=attempts), own=1)
        found.append(loaded(page(), known)[1])
    assert [of(one) for one in found] == [
        ("short", 1, at(5) + timedelta(hours=1), SHORT),
        ("short", 2, at(5) + timedelta(hours=2), SHORT),
    ]
    assert {one.capture_id for one in found} == {7}


def test_a_page_that_does_not_say_its_section_names_no_row() -> None:
    nowhere = replace(page(), section=None)
    after = loaded(nowhere, day())
    assert [(one.state, one.capture_id) for one in after.values()] == [("pending", None)] * 2 + [
        ("done", None)
    ]


def again(*rows: PageState, own: int = 2, sibling: int = 1, **more: Any) -> dict[int, PageState]:
    """What changes when capture 7, of noon, is read again."""
    doubts: tuple[str, ...] = more.pop("doubts", ())
    seen = Seen(captured_at=at(0), capture_id=7, again=True, **more)
    return next_states(page(), day(*rows, own=own, sibling=sibling), seen, doubts=doubts)


@pytest.mark.parametrize(
    ("visited", "full", "superseded", "catalogue_superseded", "after"),
    [
        (None, None, False, False, "done"),
        (-1, -1, False, False, "done"),
        (-1, -1, True, False, "done"),
        (0, 0, False, False, "done"),
        (0, 0, False, True, "done"),
        (0, 0, True, True, None),
        (0, None, True, True, "done"),
        (1, 0, False, True, "done"),
        (1, None, True, True, "done"),
        (1, 0, True, False, None),
        (1, 1, False, False, None),
    ],
)
def test_a_kept_page_speaks_of_its_section_until_that_is_seen_anew(
    visited: int | None, full: int | None, superseded: bool, catalogue_superseded: bool, after: str | None
) -> None:
    moments = {"visited_at": visited, "full_at": full}
    seen = {name: None if hour is None else at(hour) for name, hour in moments.items()}
    before = row(1, "short", held_comments=1, **TRIED, **seen)
    found = again(before, superseded=superseded, catalogue_superseded=catalogue_superseded)
    assert (of(found[1]) if 1 in found else None) == ((after, 0, None, None) if after else None)


@pytest.mark.parametrize(
    ("visited", "catalogue_superseded", "after"),
    [(None, True, 1), (-1, True, 1), (0, False, 1), (0, True, None), (1, False, None)],
)
def test_only_the_newest_catalogue_says_what_other_sections_have(
    visited: int | None, catalogue_superseded: bool, after: int | None
) -> None:
    seen = None if visited is None else at(visited)
    before = row(2, "pending", expected_comments=5, visited_at=seen)
    found = again(before, catalogue_superseded=catalogue_superseded)
    assert (found[2].expected_comments if 2 in found else None) == after


@pytest.mark.parametrize(("full", "after"), [(-1, "done"), (0, None), (1, None), (None, "done")])
def test_a_fetch_that_failed_behind_a_capture_is_not_mended_by_it(
    full: int | None, after: str | None
) -> None:
    before = row(1, "failed", **TRIED, visited_at=at(-1), full_at=None if full is None else at(full))
    found = again(before)
    assert (found[1].state if 1 in found else None) == after


def test_a_row_that_nobody_wrote_is_written() -> None:
    assert {number: one.state for number, one in again().items()} == {1: "done", 2: "pending", 3: "done"}


def test_what_a_capture_says_again_changes_nothing() -> None:
    seen: dict[str, Any] = {"visited_at": at(0), "full_at": at(0), "changed_at": at(-5), "capture_id": 3}
    empty = row(3, "done", expected_articles=0, held_articles=0, **seen)
    assert again(row(1, "done", **seen), row(2, "pending", **seen), empty) == {}


@pytest.mark.parametrize(
    ("before", "held", "fields", "after"),
    [
        ("done", 2, {}, None),
        ("short", 2, TRIED, None),
        ("short", 2, {**TRIED, "held_comments": 1}, ("done", 0, None, None)),
        ("failed", 2, {**TRIED, "capture_id": 7}, ("done", 0, None, None)),
        ("failed", 2, {**TRIED, "capture_id": 6}, None),
        ("short", 2, {**TRIED, "capture_id": 7}, None),
        ("done", 1, {}, ("short", 0, None, SHORT)),
        ("done", 0, {}, ("short", 0, None, "short by 2 comments of 2")),
        ("failed", 1, TRIED, ("short", 0, at(9), SHORT)),
        ("pending", 1, {}, ("pending", 0, None, None)),
        ("pending", 2, {"held_comments": 1}, ("done", 0, None, None)),
        ("pending", 2, {"expected_articles": None, "held_articles": None}, ("done", 0, None, None)),
        ("pending", 2, {"expected_comments": None, "held_comments": None}, ("done", 0, None, None)),
    ],
)
def test_an_older_page_says_what_is_held_of_what_a_newer_one_expects(
    before: str, held: int, fields: dict[str, Any], after: tuple[object, ...] | None
) -> None:
    known = row(1, before, visited_at=at(5), **fields)
    found = again(known, own=held)
    assert (of(found[1]) if 1 in found else None) == after
    if after is not None:
        assert found[1].held_comments == held


def test_a_doubtful_older_page_does_not_make_a_section_done() -> None:
    found = again(row(1, "done", held_comments=1, visited_at=at(5)), doubts=DOUBT)
    assert of(found[1]) == ("short", 0, None, DOUBT[0])


def test_a_newer_capture_is_written_though_it_says_the_same() -> None:
    empty = row(3, "done", expected_articles=0, held_articles=0, visited_at=at(-1))
    rows = (row(1, "done", visited_at=at(-1)), row(2, "pending", visited_at=at(-1)), empty)
    assert {number: one.state for number, one in again(*rows).items()} == {1: "done", 2: "pending", 3: "done"}


def uncounted(**fields: Any) -> ParsedPage:
    return replace(page(**fields), counted=False, headlines=(), counters=Counters(sections={}))


def test_a_section_whose_page_counts_nothing_is_unproven() -> None:
    shown = uncounted()
    seen = Seen(captured_at=at(9), capture_id=7)
    (state,) = next_states(shown, day(), seen, doubts=agreement(shown)).values()
    assert (state.section, *of(state)) == (1, "unproven", 0, None, "the site gives no total")
    assert (state.expected_articles, state.held_articles, state.held_comments) == (None, 1, 2)
    assert state.full_at == at(9)
    # It was asked for once more and answered: what went wrong before is over.
    tried = day(row(1, "short", **TRIED))
    assert next_states(shown, tried, seen, doubts=agreement(shown))[1].attempts == 0
    # What is held and not shown any more is no error: nothing says how much there should be.
    fewer = day(row(1, "unproven", expected_articles=None, expected_comments=None), own=3)
    assert next_states(shown, fewer, seen, doubts=agreement(shown))[1].state == "unproven"


def test_a_section_whose_page_counts_nothing_and_is_cut_is_short() -> None:
    shown = uncounted(truncated=True)
    known = day(row(1, "short", **TRIED))
    state = next_states(shown, known, Seen(captured_at=at(9), capture_id=7), doubts=agreement(shown))[1]
    assert (state.state, state.attempts) == ("short", 4)
    assert state.last_error == "the page ends before its foot; the site gives no total"
