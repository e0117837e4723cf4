"""What the pages of a list prove together, for each of the three ways in which pages hang together."""

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


def test_the_opening_post_is_no_comment() -> None:
    visit = read(replace(numbers(0, "abc", 3), ends=True))
    assert visit is not None
    assert (visit.comments, visit.reason) == (2, None)


def test_a_visit_begins_with_its_first_page() -> None:
    visit = read(overlap(0, "abc"), overlap(2, "cde"))
    assert visit is not None
    assert visit.began_at == AT
    assert to_json(replace(visit, status="proven")) is None
