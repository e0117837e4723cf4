"""Whatever order captures come in, the same content stands in the end."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.records.counts import Counts
from parsers.records import Comment, ParsedPage
from tests.kit.parsed import article, at, comment, section_page
from tests.kit.shelf import Shelf

WORDS = st.sampled_from(["calm", "storm", "fog", "\x00swell", "tide \ud83c"])


@st.composite
def threads(draw: st.DrawFn) -> tuple[Comment, ...]:
    ids = draw(st.lists(st.sampled_from("123456"), unique=True, max_size=5))
    return tuple(
        comment(external_id, number, text=draw(WORDS))
        for number, external_id in enumerate(sorted(ids), start=1)
    )


@st.composite
def pages(draw: st.DrawFn) -> ParsedPage:
    return section_page([article("100", draw(threads()), title=draw(WORDS), views=draw(st.integers(0, 9)))])


def content(shelf: Shelf) -> dict[str | None, object]:
    rows = shelf.articles["100"].comments
    return {"article": shelf.articles["100"].row.content} | {row.external_id: row.content for row in rows}


@settings(max_examples=50)
@given(older=pages(), newer=pages())
def test_two_captures_leave_the_same_content_in_either_order(older: ParsedPage, newer: ParsedPage) -> None:
    forward, backward = Shelf(), Shelf()
    forward.visit(older, at(0))
    forward.visit(newer, at(1))
    backward.visit(newer, at(1))
    backward.visit(older, at(0))
    assert content(backward) == content(forward)
    assert backward.former == []


@settings(max_examples=50)
@given(order=st.permutations(range(4)), shown=st.lists(pages(), min_size=4, max_size=4))
def test_first_and_last_sightings_do_not_depend_on_the_order(
    order: list[int], shown: list[ParsedPage]
) -> None:
    forward, shuffled = Shelf(), Shelf()
    for hour in range(4):
        forward.visit(shown[hour], at(hour))
    for hour in order:
        shuffled.visit(shown[hour], at(hour))
    sightings = [
        {key: (row.first_seen_at, row.last_seen_at, row.content) for key, row in shelf.thread().items()}
        for shelf in (forward, shuffled)
    ]
    assert sightings[0] == sightings[1]


@settings(max_examples=50)
@given(shown=st.lists(pages(), min_size=1, max_size=4))
def test_a_second_look_at_the_newest_capture_finds_nothing(shown: list[ParsedPage]) -> None:
    shelf = Shelf()
    for hour, page in enumerate(shown):
        shelf.visit(page, at(hour))
    before = shelf.held()
    counts = shelf.visit(shown[-1], at(len(shown) - 1)).comments.counts
    assert replace(counts, unmodified=0) == Counts()
    assert shelf.held() == before


@settings(max_examples=50)
@given(shown=st.lists(pages(), min_size=1, max_size=5))
def test_the_living_are_those_of_the_newest_complete_page(shown: list[ParsedPage]) -> None:
    shelf = Shelf()
    for hour, page in enumerate(shown):
        shelf.visit(page, at(hour))
    live = {key for key, row in shelf.thread().items() if row.live}
    assert live == {one.external_id for one in shown[-1].articles[0].comments}


@settings(max_examples=50)
@given(shown=st.lists(pages(), min_size=1, max_size=5))
def test_versions_of_a_row_are_spans_without_gaps(shown: list[ParsedPage]) -> None:
    shelf = Shelf()
    for hour, page in enumerate(shown):
        shelf.visit(page, at(hour))
    for row in shelf.thread().values():
        spans = [(one.valid_from, one.valid_to) for one in shelf.former if one.row_id == row.row_id]
        moments = [moment for span in spans for moment in span]
        assert moments == sorted(moments)
        assert [span[0] for span in spans] == [row.first_seen_at, *(span[1] for span in spans)][: len(spans)]
