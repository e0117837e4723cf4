"""What the pages of a list prove together, for each of the three ways in which pages hang together."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ingest.decide.completeness.lists import advance, from_json, to_json
from parsers.lists import ListVisit
from parsers.records import Part

AT = datetime(2024, 5, 1, 12, tzinfo=UTC)


def overlap(first: int, ids: str, total: int | None = 7, *, ends: bool | None = None) -> Part:
    over = total is not None and first + len(ids) >= total
    return Part(
        thread="1",
        paging="overlap",
        first=first,
        ids=tuple(ids),
        total=total,
        starts=first == 0,
        ends=over if ends is None else ends,
    )


def numbers(
    first: int | None, ids: str, total: int | None = None, *, ends: bool = False, needs_total: bool = True
) -> Part:
    return Part(
        thread="1",
        paging="numbers",
        first=first,
        ids=tuple(ids),
        total=total,
        starts=first == 0,
        ends=ends,
        others=frozenset("a"),
        needs_total=needs_total,
    )


def topic(ids: str, stream: str) -> Part:
    return Part(
        thread="1",
        paging="stream",
        first=0,
        ids=tuple(ids),
        total=len(stream),
        starts=True,
        ends=True,
        stream=tuple(stream),
    )


def lot(ids: str, asked: int) -> Part:
    return Part(
        thread="1", paging="stream", first=None, ids=tuple(ids), total=asked, starts=False, ends=False
    )


def read(*parts: Part) -> ListVisit | None:
    visit: ListVisit | None = None
    for number, part in enumerate(parts):
        # As the ledger keeps it between two pages.
        visit = from_json(to_json(visit)) if number else visit
        visit = advance(visit, part, AT + timedelta(seconds=number))
    return visit


def status(*parts: Part) -> str | None:
    visit = read(*parts)
    return visit.status if visit is not None else None


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([overlap(0, "abc", 3)], "proven"),
        ([overlap(0, "", 0)], "proven"),
        ([overlap(0, "abc")], "open"),
        ([overlap(0, "abc"), overlap(2, "cde"), overlap(4, "efg")], "proven"),
        # The first again begins anew, as after a run that was killed.
        ([overlap(0, "abc"), overlap(0, "xbc"), overlap(2, "cde"), overlap(4, "efg")], "proven"),
        ([overlap(2, "cde")], None),
        # b was deleted: c is not where it was, and d is first.
        ([overlap(0, "abc"), overlap(2, "def", 6)], "moved"),
        ([overlap(0, "abc"), overlap(2, "def")], "moved"),
        ([overlap(0, "abc"), overlap(2, "cde", 8)], "moved"),
        ([overlap(0, "abc"), overlap(2, "cab")], "moved"),
        ([overlap(0, "abc"), overlap(2, "c")], "short"),
        ([overlap(0, "", 40)], "short"),
        ([overlap(0, "abc", 2)], "short"),
        ([overlap(0, "abc", None, ends=True)], "unproven"),
        ([overlap(0, "abc", None), overlap(2, "cd", None, ends=True)], "unproven"),
        # One row more than the one that overlaps: the list goes on. Of no row more: it is over.
        ([overlap(0, "abc", None), overlap(2, "cd", None)], "open"),
        ([overlap(0, "abc", None), overlap(2, "c", None)], "unproven"),
        ([overlap(0, "a", None)], "open"),
        ([overlap(0, "", None)], "unproven"),
    ],
)
def test_pages_that_overlap_by_a_row(parts: list[Part], expected: str | None) -> None:
    assert status(*parts) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([topic("abc", "abc")], "proven"),
        ([topic("abc", "abcde")], "open"),
        ([topic("abc", "abcde"), lot("de", 2)], "open"),
        ([topic("abc", "abcde"), lot("de", 2), topic("abc", "abcde")], "proven"),
        ([topic("abc", "abcde"), lot("de", 2), topic("abc", "abcdef")], "moved"),
        ([topic("abc", "abcde"), lot("de", 2), topic("abc", "abcdf")], "moved"),
        ([topic("abc", "abcde"), lot("d", 2)], "moved"),
        ([topic("abc", "abcde"), topic("abc", "abcde")], "open"),
        ([topic("abx", "abcde")], "moved"),
        ([lot("de", 2)], None),
    ],
)
def test_pages_by_the_ids_of_the_whole_list(parts: list[Part], expected: str | None) -> None:
    assert status(*parts) == expected


LAST = numbers(6, "g", 7, ends=True)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([replace(numbers(0, "abc", 3), ends=True)], "proven"),
        ([replace(numbers(0, "abc", 4), ends=True)], "short"),
        ([replace(numbers(0, "abc"), ends=True)], "unproven"),
        ([replace(numbers(0, "abc", needs_total=False), ends=True)], "proven"),
        ([numbers(0, "abc")], None),
        ([LAST], "open"),
        ([numbers(0, "abc"), LAST, numbers(0, "abc"), numbers(3, "def"), LAST], "proven"),
        ([LAST, numbers(0, "abc"), numbers(3, "def")], "open"),
        # A row moved up: d is shown where c was, or g at a second place.
        ([LAST, numbers(0, "abc"), numbers(2, "def")], "moved"),
        ([LAST, numbers(0, "abc"), numbers(3, "efg")], "moved"),
        ([LAST, numbers(0, "abc"), numbers(3, "def"), numbers(6, "h", 7, ends=True)], "moved"),
        ([LAST, numbers(0, "abc"), numbers(3, "def"), numbers(6, "gh", 8, ends=True)], "moved"),
        # The last page before the others were read begins anew.
        ([LAST, numbers(0, "abc"), LAST, numbers(0, "abc"), numbers(3, "def"), LAST], "proven"),
        ([numbers(None, "abc")], "unproven"),
        # The total changed, or the page that knows it.
        ([LAST, numbers(0, "abc", 8)], "moved"),
        ([LAST, numbers(0, "abc", 7), numbers(3, "def"), LAST], "proven"),
    ],
)
def test_pages_that_know_the_ranks_of_their_rows(parts: list[Part], expected: str | None) -> None:
    assert status(*parts) == expected


def test_a_day_of_a_forum_begins_somewhere_in_its_listing() -> None:
    first = replace(numbers(4, "de", needs_total=False), starts=True)
    last = numbers(6, "fg", ends=True, needs_total=False)
    visit = read(last, first, last)
    assert visit is not None
    assert (visit.status, sorted(visit.shown)) == ("proven", ["d", "e", "f", "g"])


def sheet(number: int, ids: str, *, pages: int = 3, total: int | None = None, others: str = "") -> Part:
    return Part(
        thread="1",
        paging="pages",
        first=None,
        ids=tuple(ids),
        total=total,
        starts=False,
        ends=False,
        needs_total=False,
        others=frozenset(others),
        page=number,
        pages=pages,
    )


ONE, TWO, THREE = sheet(1, "ab"), sheet(2, "cd"), sheet(3, "e")
WHOLE = replace(sheet(1, "ab", pages=1), starts=True, ends=True)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([WHOLE], "proven"),
        ([replace(WHOLE, needs_total=True)], "unproven"),
        ([replace(WHOLE, total=2)], "proven"),
        ([replace(WHOLE, total=3)], "short"),
        ([ONE, TWO], "open"),
        ([ONE, TWO, THREE], "open"),
        ([ONE, TWO, THREE, ONE], "open"),
        ([ONE, TWO, THREE, ONE, TWO], "proven"),
        ([ONE, TWO, THREE, TWO, ONE], "proven"),
        # They may come in any order: the one that was read last is read once.
        ([THREE, ONE, TWO, THREE, ONE], "proven"),
        ([THREE, ONE, TWO, ONE], "open"),
        # A row moved from page to page, was written anew, or stands on two.
        ([ONE, TWO, THREE, sheet(1, "ac")], "moved"),
        ([ONE, TWO, THREE, sheet(1, "ab", total=5)], "moved"),
        ([ONE, TWO, sheet(3, "b"), ONE, TWO], "moved"),
        ([ONE, sheet(2, "cd", total=5)], "moved"),
        # A page more than was known of: before all were read it is read too, afterwards it was not there.
        ([ONE, TWO, sheet(3, "e", pages=4), sheet(4, "f"), ONE, TWO, sheet(3, "e")], "proven"),
        ([ONE, TWO, THREE, sheet(4, "f")], "moved"),
        ([ONE, TWO, THREE, sheet(1, "ab", pages=4)], "moved"),
        # One that is not awaited was not asked for by this visit: another begins with it.
        ([ONE, TWO, ONE, TWO, THREE], "open"),
        ([ONE, TWO, ONE, TWO, THREE, ONE, TWO], "proven"),
        ([ONE, TWO, THREE, THREE], "open"),
        ([ONE, TWO, THREE, ONE, ONE], "open"),
        ([sheet(4, "f", pages=1), ONE, TWO, THREE], "open"),
        # A first page, or a last one, alone is no whole list.
        ([replace(ONE, starts=True), TWO, THREE, replace(ONE, starts=True), TWO], "proven"),
        ([replace(ONE, ends=True)], "open"),
        ([replace(ONE, page=None), TWO, THREE, ONE, TWO], "proven"),
    ],
)
def test_pages_without_ranks_are_read_twice(parts: list[Part], expected: str) -> None:
    assert status(*parts) == expected


def test_pages_without_ranks_are_put_in_order() -> None:
    first = sheet(1, "ab", others="a")
    visit = read(THREE, TWO, first, THREE, TWO)
    assert visit is not None
    assert (visit.rows, visit.others, visit.comments) == (tuple("abcde"), frozenset("a"), 4)
    assert visit.began_at == AT


def test_why_a_list_moved_is_said() -> None:
    visit = read(ONE, TWO, THREE, sheet(1, "x"))
    assert visit is not None
    assert visit.reason == "the list changed while it was read"


def of_day(
    page: int, first: int, ids: str, *, starts: bool = False, ends: bool = False, aside: str = ""
) -> Part:
    """A page of a forum's listing, newest first, on which a day is looked for."""
    return Part(
        thread=None,
        paging="numbers",
        first=first,
        ids=tuple(ids),
        total=None,
        starts=starts,
        ends=ends,
        needs_total=False,
        page=page,
        aside=frozenset(aside),
    )


NEWER = of_day(1, 0, "")
MIDDLE = of_day(2, 3, "ab", starts=True)
END = of_day(3, 5, "c", ends=True)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([of_day(1, 0, "abc", starts=True, ends=True)], "proven"),
        ([of_day(1, 0, "", starts=True, ends=True)], "proven"),
        ([NEWER], "open"),
        ([NEWER, END], "open"),
        ([NEWER, END, MIDDLE], "open"),
        ([NEWER, END, MIDDLE, END], "proven"),
        ([END, MIDDLE, END], "proven"),
        # Before its end is found, a page of the day tells nothing.
        ([MIDDLE], "open"),
        ([MIDDLE, END, MIDDLE, END], "proven"),
        ([END, END], "open"),
        # c went over the edge of a page, or stands where b was, or b is missing.
        ([END, MIDDLE, of_day(3, 5, "cd", ends=True)], "moved"),
        ([END, MIDDLE, of_day(3, 5, "", ends=True)], "moved"),
        ([END, MIDDLE, of_day(3, 4, "c", ends=True)], "moved"),
        ([END, of_day(2, 3, "ac", starts=True)], "moved"),
        ([END, of_day(2, 3, "abd", starts=True)], "moved"),
        ([END, of_day(2, 3, "abcd", starts=True)], "moved"),
        ([END, of_day(2, 4, "b", starts=True), END], "proven"),
        # The newer page says where the day begins: nothing of it stands before.
        ([of_day(2, 3, "ab", ends=True), of_day(1, 2, ""), of_day(2, 3, "ab", ends=True)], "open"),
        ([of_day(2, 2, "ab", ends=True), of_day(1, 2, ""), of_day(2, 2, "ab", ends=True)], "proven"),
    ],
)
def test_a_day_is_looked_for_in_a_forums_listing(parts: list[Part], expected: str) -> None:
    assert status(*parts) == expected


def test_a_day_remembers_the_pages_of_newer_threads_and_what_is_pinned() -> None:
    open_visit = read(of_day(1, 0, "", aside="p"), of_day(2, 0, ""), of_day(1, 0, ""))
    assert open_visit is not None
    assert (open_visit.newer, open_visit.last, open_visit.aside) == (2, 0, frozenset("p"))
    found = read(of_day(2, 0, "", aside="p"), of_day(3, 5, "c", ends=True, aside="q"))
    assert found is not None
    assert (found.newer, found.last, found.shown) == (2, 3, frozenset("cpq"))
    whole = read(of_day(1, 0, "", aside="p"), of_day(1, 0, "a", starts=True, ends=True))
    assert whole is not None
    assert (whole.status, whole.shown) == ("proven", frozenset("ap"))


def test_a_days_others_are_gathered_over_its_pages() -> None:
    visit = read(replace(END, others=frozenset("c")), replace(MIDDLE, others=frozenset("a")), END)
    assert visit is not None
    assert (visit.status, visit.others, visit.comments) == ("proven", frozenset("ac"), 1)


def test_the_opening_post_is_no_comment() -> None:
    visit = read(replace(numbers(0, "abc", 3), ends=True))
    assert visit is not None
    assert (visit.comments, visit.reason) == (2, None)


def test_a_visit_begins_with_its_first_page() -> None:
    visit = read(overlap(0, "abc"), overlap(2, "cde"))
    assert visit is not None
    assert visit.began_at == AT
    assert to_json(replace(visit, status="proven")) is None


def test_what_is_no_comment_is_gathered_over_the_pages_of_a_list() -> None:
    parts = [
        replace(overlap(0, "abc"), others=frozenset("a")),
        replace(overlap(2, "cde"), others=frozenset("d")),
    ]
    visit = read(*parts)
    assert visit is not None
    assert visit.others == frozenset("ad")
    stream = [
        replace(topic("abc", "abcde"), others=frozenset("a")),
        replace(lot("de", 2), others=frozenset("e")),
    ]
    visit = read(*stream)
    assert visit is not None
    assert visit.others == frozenset("ae")


def test_a_visit_that_is_over_does_not_go_on() -> None:
    over = advance(None, overlap(0, "abc", 3), AT)
    assert over is not None
    assert over.status == "proven"
    assert advance(over, overlap(2, "cde", 3), AT) is None


def test_a_lot_of_which_no_number_was_asked_may_give_any() -> None:
    assert status(topic("abc", "abcde"), replace(lot("d", 2), total=None)) == "open"


def test_a_visit_is_kept_in_one_way_and_read_as_it_was_kept_before() -> None:
    many = frozenset(f"row-{number}" for number in range(40))
    visit = ListVisit(
        began_at=AT, rows=("a", None), others=many, total=3, needs_total=True, aside=many, newer=2, last=4
    )
    text = to_json(visit)
    assert from_json(text) == visit
    kept = json.loads(text or "")
    assert (kept["others"], kept["aside"]) == (sorted(many), sorted(many))
    for name in ("newer", "last", "aside", "sheets"):
        del kept[name]
    assert from_json(json.dumps(kept)) == replace(visit, newer=0, last=0, aside=frozenset())


def test_a_list_that_one_page_shows_whole_has_no_rows_before_its_first() -> None:
    whole = replace(numbers(5, "abc", 3, ends=True), starts=True)
    for thread in ("1", None):
        visit = read(replace(whole, thread=thread))
        assert visit is not None
        assert (visit.rows, visit.status) == (("a", "b", "c"), "proven")
