"""Comments without ids: who is meant, and who takes whose id over."""

from ingest.decide.changes import Counts
from parsers.records import Article, Comment, ParsedPage
from tests.parsed import article, at, comment, comments_page, section_page
from tests.shelf import Shelf

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
    moved_up = comment(None, 1, author="reader 2", posted_local="2021-05-04T07:02")
    assert shelf.visit(rendition(moved_up), at(1)).comments.counts.new == 1
    shelf.visit(with_ids(comment("2", 1, author="reader 2", posted_local="2021-05-04T07:02")), at(2))
    live = [row for row in shelf.articles["100"].comments if row.live]
    assert [row.external_id for row in live] == ["2"]


def test_matching_does_not_reach_into_other_articles() -> None:
    shelf = Shelf()
    shelf.visit(with_ids(comment("1", 1)), at(0))
    other: Article = article("200", [comment(None, 1)])
    assert shelf.visit(comments_page(other, SILENT), at(1)).comments.counts.new == 1
