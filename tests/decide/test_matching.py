"""Comments without ids: who is meant, and who takes whose id over."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from ingest.records.counts import Counts
from parsers.records import Article, Comment, ParsedPage, changed
from tests.kit.parsed import article, at, comment, comments_page, section_page
from tests.kit.shelf import Shelf

SILENT = ("article.label", "article.views", "comment.external_id", "comment.html")


def rendition(*comments: Comment) -> ParsedPage:
    return comments_page(article("100", comments, label=None, views=None), SILENT)


def with_ids(*comments: Comment) -> ParsedPage:
    return section_page([article("100", comments)])


def test_a_comment_without_id_is_found_by_number_author_and_time() -> None:
    shelf = Shelf()
    shelf.visit(with_ids(comment("1", 1, html="<b>1</b>"), comment("2", 2)), at(0))
    changes = shelf.visit(rendition(comment(None, 2), comment(None, 1)), at(1))
    assert changes.comments.counts == Counts(unmodified=2)
    assert shelf.thread()["1"].last_seen_at == at(1)


def test_another_author_at_the_same_place_is_another_comment() -> None:
    shelf = Shelf()
    shelf.visit(with_ids(comment("1", 1)), at(0))
    changes = shelf.visit(rendition(comment(None, 1, author="somebody else")), at(1))
    assert changes.comments.counts == Counts(new=1)


def test_a_row_without_id_takes_over_the_id_of_a_later_page() -> None:
    shelf = Shelf()
    shelf.visit(rendition(comment(None, 1), comment(None, 2)), at(0))
    changes = shelf.visit(with_ids(comment("1", 1), comment("2", 2)), at(1))
    assert changes.comments.counts == Counts(unmodified=2)
    assert shelf.thread().keys() == {"1", "2"}
    assert [row.renewed for row in changes.comments.rewritten] == [False, False]


def test_a_row_without_id_takes_over_the_id_of_an_older_page_too() -> None:
    shelf = Shelf()
    shelf.visit(rendition(comment(None, 1)), at(1))
    shelf.visit(with_ids(comment("1", 1)), at(0))
    assert shelf.thread().keys() == {"1"}


def test_the_same_rendition_twice_changes_nothing() -> None:
    shelf = Shelf()
    shelf.visit(rendition(comment(None, 1), comment(None, 2)), at(0))
    before = shelf.held()
    shelf.visit(rendition(comment(None, 1), comment(None, 2)), at(0))
    assert shelf.held() == before


def test_two_equal_places_on_one_page_are_one_comment() -> None:
    changes = Shelf().visit(rendition(comment(None, 1, text="a"), comment(None, 1, text="b")), at(0))
    assert [row.content.text for row in changes.comments.new] == ["b"]


def test_a_sure_id_is_matched_before_any_guess_by_place() -> None:
    shelf = Shelf()
    shelf.visit(with_ids(comment("1", 1)), at(0))
    # On one page an id, and the same place without one: the id has its row, the other is a new comment.
    changes = shelf.visit(rendition(comment(None, 1), comment("1", 1)), at(1))
    assert changes.comments.counts == Counts(new=1, unmodified=1)


def test_an_unknown_id_does_not_take_a_row_that_has_another() -> None:
    shelf = Shelf()
    shelf.visit(with_ids(comment("1", 1)), at(0))
    changes = shelf.visit(with_ids(comment("9", 1)), at(1))
    assert changes.comments.counts == Counts(new=1, vanished=1)


def test_a_place_means_the_living_before_the_vanished() -> None:
    shelf = Shelf()
    shelf.visit(with_ids(comment("1", 1)), at(0))
    shelf.visit(with_ids(comment("9", 1)), at(1))
    shelf.visit(rendition(comment(None, 1)), at(2))
    assert shelf.thread()["1"].vanished_at == at(1)
    assert shelf.thread()["9"].last_seen_at == at(2)


def test_a_stray_row_without_id_vanishes_at_the_next_complete_page() -> None:
    shelf = Shelf()
    shelf.visit(with_ids(comment("1", 1), comment("2", 2)), at(0))
    stray = comment(None, 1, author="reader 3", posted_local="2021-05-04T07:03")
    assert shelf.visit(rendition(stray), at(1)).comments.counts.new == 1
    shelf.visit(with_ids(comment("2", 1, author="reader 2", posted_local="2021-05-04T07:02")), at(2))
    live = [row for row in shelf.articles["100"].comments if row.live]
    assert [row.external_id for row in live] == ["2"]


def test_matching_does_not_reach_into_other_articles() -> None:
    shelf = Shelf()
    shelf.visit(with_ids(comment("1", 1)), at(0))
    other: Article = article("200", [comment(None, 1)])
    assert shelf.visit(comments_page(other, SILENT), at(1)).comments.counts.new == 1


def moved(external_id: str | None, number: int, was: int, **fields: str) -> Comment:
    """The comment that was number ``was`` and is ``number`` now."""
    return changed(comment(external_id, was, **fields), number=number)


def test_numbers_that_moved_up_in_a_rendition_double_nothing() -> None:
    shelf = Shelf()
    shelf.visit(with_ids(*(comment(str(n), n) for n in range(1, 6))), at(0))
    after = [moved(None, n - 1, n) for n in range(2, 6)]
    changes = shelf.visit(rendition(*after), at(1))
    assert changes.comments.counts == Counts(modified=4)
    assert [row.content.number for row in shelf.articles["100"].comments] == [1, 1, 2, 3, 4]
    shelf.visit(with_ids(*(moved(str(n), n - 1, n) for n in range(2, 6))), at(2))
    assert [key for key, row in shelf.thread().items() if not row.live] == ["1"]
    assert shelf.thread().keys() == {"1", "2", "3", "4", "5"}


def test_ids_are_taken_over_by_rows_whose_numbers_moved() -> None:
    shelf = Shelf()
    shelf.visit(rendition(*(comment(None, n) for n in range(1, 4))), at(0))
    changes = shelf.visit(with_ids(moved("2", 1, 2), moved("3", 2, 3)), at(1))
    assert changes.comments.counts == Counts(modified=2, vanished=1)
    assert shelf.thread().keys() == {None, "2", "3"}


def test_of_one_authors_remarks_in_one_minute_the_words_tell_which_is_left() -> None:
    shelf = Shelf()
    same = {"author": "reader 1", "posted_local": "2021-05-04T07:01"}
    shelf.visit(with_ids(comment("1", 1, text="aye", **same), comment("2", 2, text="nay", **same)), at(0))
    shelf.visit(rendition(comment(None, 1, text="nay", **same)), at(1))
    assert shelf.thread()["2"].last_seen_at == at(1)
    assert shelf.thread()["1"].content.text == "aye"


def test_a_comment_that_moved_and_was_edited_is_still_the_same() -> None:
    shelf = Shelf()
    shelf.visit(with_ids(comment("1", 1), comment("2", 2)), at(0))
    changes = shelf.visit(rendition(moved(None, 1, 2, text="softened")), at(1))
    assert changes.comments.counts == Counts(modified=1)
    assert shelf.thread()["2"].content.text == "softened"


@st.composite
def thinned_threads(draw: st.DrawFn) -> tuple[list[Comment], list[bool]]:
    """A thread of few authors, minutes and words, and which of its comments stay."""
    drawn = draw(st.lists(st.tuples(*(st.sampled_from("ab"),) * 3), min_size=1, max_size=8))
    drawn.sort(key=lambda one: one[1])
    thread = [
        comment(str(n), n, author=author, posted_local=f"2021-05-04T07:0{minute}", text=words)
        for n, (author, minute, words) in enumerate(drawn, start=1)
    ]
    return thread, draw(st.lists(st.booleans(), min_size=len(thread), max_size=len(thread)))


def counted_anew(comments: Iterable[Comment]) -> list[Comment]:
    return [changed(one, number=number) for number, one in enumerate(comments, start=1)]


@given(thinned=thinned_threads(), ids_first=st.booleans())
def test_deletions_never_make_a_row_more_than_there_were_comments(
    thinned: tuple[list[Comment], list[bool]], ids_first: bool
) -> None:
    thread, stays = thinned
    left = counted_anew(one for one, stay in zip(thread, stays, strict=True) if stay)
    nameless = [changed(one, external_id=None) for one in thread]
    shelf = Shelf()
    shelf.visit(with_ids(*thread) if ids_first else rendition(*nameless), at(0))
    shelf.visit(rendition(*(changed(one, external_id=None) for one in left)), at(1))
    assert len(shelf.articles["100"].comments) == len(thread)
    shelf.visit(with_ids(*left), at(2))
    rows = shelf.articles["100"].comments
    assert len(rows) == len(thread)
    live = {row.external_id: (row.content.number, row.content.text) for row in rows if row.live}
    assert live == {one.external_id: (one.number, one.text) for one in left}


def test_of_two_that_a_row_could_be_the_one_with_an_id_takes_it() -> None:
    shelf = Shelf()
    shelf.visit(rendition(comment(None, 1)), at(0))
    shelf.visit(with_ids(comment("5", 1), comment(None, 1)), at(1))
    assert [(row.external_id, row.first_seen_at) for row in shelf.articles["100"].comments] == [
        ("5", at(0)),
        (None, at(1)),
    ]


def test_of_two_equal_rows_the_one_with_an_id_is_meant() -> None:
    shelf = Shelf()
    shelf.visit(with_ids(comment(None, 1), comment("1", 1)), at(0))
    shelf.visit(rendition(comment(None, 1)), at(1))
    assert [shelf.thread()[one].last_seen_at for one in ("1", None)] == [at(1), at(0)]
