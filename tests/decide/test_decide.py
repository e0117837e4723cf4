"""One test for each rule of what a page changes."""

from dataclasses import replace

import pytest

from ingest.decide.changes.decide import ONCE_MORE, decide, leaving
from ingest.records.counts import Counts
from parsers.records import ParsedPage
from tests.kit.parsed import article, at, comment, comments_page, headline, section_page
from tests.kit.shelf import Shelf


@pytest.fixture
def shelf() -> Shelf:
    """A shelf that has seen one article with two comments at noon."""
    filled = Shelf()
    filled.visit(section_page([article("100", [comment("1", 1), comment("2", 2)])]), at(0))
    return filled


def page(*comments: object, **fields: object) -> ParsedPage:
    return section_page([article("100", comments, **fields)])  # type: ignore[arg-type]


BOTH = (comment("1", 1), comment("2", 2))


def test_what_was_never_seen_is_new() -> None:
    changes = Shelf().visit(page(*BOTH), at(0))
    assert changes.articles.counts == Counts(new=1)
    assert changes.comments.counts == Counts(new=2)
    assert [row.external_id for row in changes.comments.new] == ["1", "2"]


def test_the_same_page_of_the_same_capture_changes_nothing(shelf: Shelf) -> None:
    before = shelf.held()
    changes = shelf.visit(page(*BOTH), at(0))
    assert (changes.articles.counts, changes.comments.counts) == (Counts(unmodified=1), Counts(unmodified=2))
    assert shelf.held() == before


def test_an_unchanged_row_seen_again_only_gets_a_later_sighting(shelf: Shelf) -> None:
    changes = shelf.visit(page(*BOTH), at(1))
    assert changes.comments.rewritten == ()
    assert len(changes.comments.seen) == 2
    assert shelf.thread()["1"].last_seen_at == at(1)
    assert shelf.thread()["1"].first_seen_at == at(0)


def test_a_changed_text_is_a_modification_with_the_former_text_as_a_version(shelf: Shelf) -> None:
    changes = shelf.visit(page(comment("1", 1, text="softened"), BOTH[1]), at(2))
    assert changes.comments.counts == Counts(modified=1, unmodified=1)
    [former] = changes.comments.former
    assert (former.content.text, former.valid_from, former.valid_to) == ("remark 1", at(0), at(2))
    assert former.origin.capture_id == 1
    assert shelf.thread()["1"].origin.capture_id == 2


def test_a_second_change_is_valid_from_the_end_of_the_first(shelf: Shelf) -> None:
    shelf.visit(page(comment("1", 1, text="second"), BOTH[1]), at(2))
    [former] = shelf.visit(page(comment("1", 1, text="third"), BOTH[1]), at(5)).comments.former
    assert (former.content.text, former.valid_from, former.valid_to) == ("second", at(2), at(5))


def test_an_article_is_modified_field_by_field(shelf: Shelf) -> None:
    changes = shelf.visit(page(*BOTH, label=None), at(1))
    assert changes.articles.counts == Counts(modified=1)
    assert changes.articles.former[0].content.label == "Ferries"
    assert shelf.articles["100"].row.content.label is None


def test_a_comment_that_moves_up_after_a_deletion_keeps_its_identity(shelf: Shelf) -> None:
    changes = shelf.visit(page(comment("2", 1, author="reader 2", posted_local="2021-05-04T07:02")), at(1))
    assert changes.comments.counts.vanished == 1
    assert changes.comments.counts.new == 0
    assert shelf.thread()["2"].content.number == 1


def test_what_the_page_is_silent_on_is_kept(shelf: Shelf) -> None:
    silent = comments_page(article("100", BOTH, label=None, views=None), ["article.label", "article.views"])
    changes = shelf.visit(silent, at(1))
    assert changes.articles.counts == Counts(unmodified=1)
    assert shelf.articles["100"].row.content.label == "Ferries"
    assert shelf.articles["100"].views == 7


def test_silence_on_a_comments_field_says_nothing_of_the_articles(shelf: Shelf) -> None:
    changes = shelf.visit(comments_page(article("100", BOTH, text="b"), ["comment.text"]), at(1))
    assert changes.articles.counts == Counts(modified=1)


def test_views_move_without_a_modification(shelf: Shelf) -> None:
    changes = shelf.visit(page(*BOTH, views=9), at(1))
    assert changes.articles.counts == Counts(unmodified=1)
    assert changes.articles.former == ()
    assert shelf.articles["100"].views == 9


def test_views_of_an_older_page_are_passed_over(shelf: Shelf) -> None:
    assert shelf.visit(page(*BOTH, views=3), at(-1)).views == ()


def test_views_of_an_older_page_fill_a_gap(shelf: Shelf) -> None:
    shelf.visit(page(*BOTH, views=None), at(1))
    shelf.visit(page(*BOTH, views=3), at(0.5))
    assert shelf.articles["100"].views == 3


def test_an_older_page_overwrites_nothing_and_only_moves_the_first_sighting(shelf: Shelf) -> None:
    changes = shelf.visit(page(comment("1", 1, text="rough draft"), BOTH[1]), at(-3))
    assert changes.comments.former == ()
    assert changes.comments.counts == Counts(unmodified=2)
    row = shelf.thread()["1"]
    assert (row.content.text, row.first_seen_at, row.last_seen_at) == ("remark 1", at(-3), at(0))


def test_an_older_page_fills_empty_fields_and_leaves_the_origin(shelf: Shelf) -> None:
    shelf.visit(page(*BOTH, outlet="Daily Wave"), at(-3))
    row = shelf.articles["100"].row
    assert row.content.outlet == "Daily Wave"
    assert row.origin.capture_id == 1
    assert shelf.former == []


def test_an_older_page_never_makes_anything_vanish(shelf: Shelf) -> None:
    changes = shelf.visit(page(BOTH[0]), at(-3), complete=True)
    assert changes.comments.vanished == ()


def test_an_older_page_brings_ids_that_were_never_seen(shelf: Shelf) -> None:
    changes = shelf.visit(page(*BOTH, comment("0", 3)), at(-3))
    assert [row.external_id for row in changes.comments.new] == ["0"]
    assert shelf.thread()["0"].last_seen_at == at(-3)


def test_a_page_between_two_sightings_is_an_older_one(shelf: Shelf) -> None:
    shelf.visit(page(*BOTH), at(4))
    changes = shelf.visit(page(comment("1", 1, text="in between"), BOTH[1]), at(2))
    assert changes.comments.counts.modified == 0
    assert changes.comments.seen_earlier == ()


def test_the_same_capture_read_by_a_better_parser_may_overwrite(shelf: Shelf) -> None:
    better = replace(page(comment("1", 1, text="whole remark 1"), BOTH[1]), revision=2)
    changes = shelf.visit(better, at(0))
    assert changes.comments.counts.modified == 1
    [former] = changes.comments.former
    assert (former.valid_from, former.valid_to, former.origin.revision) == (at(0), at(0), 1)
    assert shelf.thread()["1"].origin.revision == 2


def test_a_comment_that_a_complete_page_no_longer_lists_has_vanished(shelf: Shelf) -> None:
    changes = shelf.visit(page(BOTH[0]), at(1))
    assert changes.comments.counts == Counts(unmodified=1, vanished=1)
    row = shelf.thread()["2"]
    assert (row.vanished_at, row.content.text) == (at(1), "remark 2")


def test_what_has_vanished_does_not_vanish_again(shelf: Shelf) -> None:
    shelf.visit(page(BOTH[0]), at(1))
    assert shelf.visit(page(BOTH[0]), at(2)).comments.counts.vanished == 0
    assert shelf.thread()["2"].vanished_at == at(1)


def test_an_incomplete_page_makes_nothing_vanish(shelf: Shelf) -> None:
    changes = shelf.visit(section_page([]), at(1), complete=False)
    assert (changes.articles.vanished, changes.comments.vanished) == ((), ())


def test_a_comments_page_makes_nothing_vanish_even_if_it_is_called_complete(shelf: Shelf) -> None:
    changes = shelf.visit(comments_page(article("100", [])), at(1), complete=True)
    assert changes.comments.vanished == ()


def test_the_capture_that_showed_a_row_cannot_make_it_vanish(shelf: Shelf) -> None:
    assert shelf.visit(page(BOTH[0]), at(0), complete=True).comments.vanished == ()


def test_an_article_that_left_the_headline_list_has_vanished(shelf: Shelf) -> None:
    changes = shelf.visit(section_page([]), at(1))
    assert changes.articles.counts == Counts(vanished=1)
    assert shelf.articles["100"].row.vanished_at == at(1)
    assert shelf.thread()["1"].vanished_at == at(1)


def test_comments_return_with_their_article_though_a_cut_page_does_not_show_them(shelf: Shelf) -> None:
    shelf.visit(section_page([]), at(1))
    shelf.visit(section_page([article("100")], truncated=True), at(2), complete=False)
    assert shelf.articles["100"].row.live
    assert {one.vanished_at for one in shelf.thread().values()} == {None}


def test_a_comment_that_vanished_before_its_article_stays_vanished(shelf: Shelf) -> None:
    shelf.visit(page(), at(1))
    shelf.visit(section_page([]), at(2))
    shelf.visit(section_page([article("100")], truncated=True), at(3), complete=False)
    assert {one.vanished_at for one in shelf.thread().values()} == {at(1)}


def test_an_article_of_another_section_is_listed_by_its_headline(shelf: Shelf) -> None:
    changes = shelf.visit(section_page([], others=[headline("100", section=1)]), at(1))
    assert changes.articles.vanished == ()


def test_an_article_of_another_day_is_out_of_a_pages_reach(shelf: Shelf) -> None:
    tomorrow = replace(section_page([]), date=at(24).date())
    assert shelf.visit(tomorrow, at(24)).articles.vanished == ()


def test_comments_of_articles_that_are_not_shown_do_not_vanish(shelf: Shelf) -> None:
    changes = shelf.visit(section_page([article("200")], others=[headline("100", section=2)]), at(1))
    assert changes.comments.vanished == ()


def test_a_comment_that_comes_back_is_counted_as_returned_and_makes_no_version(shelf: Shelf) -> None:
    shelf.visit(page(BOTH[0]), at(1))
    changes = shelf.visit(page(*BOTH), at(2))
    assert changes.comments.counts == Counts(unmodified=2, returned=1)
    assert changes.comments.former == ()
    assert shelf.thread()["2"].vanished_at is None


def test_a_comment_that_comes_back_edited_is_modified_as_well(shelf: Shelf) -> None:
    shelf.visit(page(BOTH[0]), at(1))
    changes = shelf.visit(page(BOTH[0], comment("2", 2, text="tamed")), at(2))
    assert changes.comments.counts == Counts(modified=1, unmodified=1, returned=1)


def test_a_page_from_before_it_vanished_does_not_bring_a_comment_back(shelf: Shelf) -> None:
    shelf.visit(page(BOTH[0]), at(4))
    changes = shelf.visit(page(*BOTH), at(2))
    assert changes.comments.returned == ()
    row = shelf.thread()["2"]
    assert (row.vanished_at, row.last_seen_at) == (at(4), at(2))


def test_of_two_comments_with_one_id_the_last_counts() -> None:
    changes = Shelf().visit(page(comment("1", 1, text="first"), comment("1", 2, text="last")), at(0))
    assert [row.content.text for row in changes.comments.new] == ["last"]


def test_of_two_articles_with_one_id_the_last_counts() -> None:
    twice = section_page([article("100", title="first"), article("100", title="last")])
    changes = Shelf().visit(twice, at(0))
    assert [row.content.title for row in changes.articles.new] == ["last"]


def test_a_suppressed_article_is_passed_over_with_its_comments() -> None:
    shelf = Shelf()
    shelf.suppressed_articles = frozenset({"100"})
    changes = shelf.visit(page(*BOTH), at(0))
    assert (changes.articles.counts, changes.comments.counts) == (Counts(), Counts())
    assert (changes.views, changes.claims) == ((), ())


def test_a_suppressed_article_does_not_vanish(shelf: Shelf) -> None:
    shelf.suppressed_articles = frozenset({"100"})
    assert shelf.visit(section_page([]), at(1)).articles.vanished == ()


def test_a_suppressed_comment_is_not_loaded() -> None:
    shelf = Shelf()
    shelf.suppressed_comments = frozenset({("100", "2")})
    changes = shelf.visit(page(*BOTH), at(0))
    assert [row.external_id for row in changes.comments.new] == ["1"]


def test_a_suppressed_comment_of_another_article_is_another_comment() -> None:
    shelf = Shelf()
    shelf.suppressed_comments = frozenset({("999", "2")})
    assert shelf.visit(page(*BOTH), at(0)).comments.counts == Counts(new=2)


def test_the_row_of_a_suppressed_comment_takes_no_words_but_its_sightings(shelf: Shelf) -> None:
    shelf.suppressed_comments = frozenset({("100", "2")})
    shelf.visit(page(BOTH[0], comment("2", 2, text="again")), at(1))
    assert shelf.thread()["2"].content.text == "remark 2"
    assert shelf.thread()["2"].last_seen_at == at(1)
    shelf.visit(page(BOTH[0]), at(2))
    assert shelf.thread()["2"].vanished_at == at(2)


def test_a_rendition_without_ids_cannot_bring_a_suppressed_comment_back(shelf: Shelf) -> None:
    shelf.suppressed_comments = frozenset({("100", "2")})
    rendition = comments_page(article("100", [comment(None, 1), comment(None, 2, text="again")]))
    assert shelf.visit(rendition, at(1)).comments.counts.new == 0
    assert shelf.thread()["2"].content.text == "remark 2"


def test_claims_are_the_headlines_counts_where_they_differ(shelf: Shelf) -> None:
    assert shelf.articles["100"].claimed == 2
    assert shelf.visit(page(*BOTH), at(1)).claims == ()
    shelf.visit(section_page([article("200")], others=[headline("100", 2, 5), headline("300", 2, 9)]), at(2))
    assert (shelf.articles["100"].claimed, shelf.articles["100"].claimed_at) == (5, at(2))
    assert "300" not in shelf.articles


def test_an_older_claim_is_passed_over(shelf: Shelf) -> None:
    assert shelf.visit(page(BOTH[0]), at(-1)).claims == ()


def test_deciding_leaves_what_it_was_given_alone(shelf: Shelf) -> None:
    held = shelf.held()
    first = decide(page(BOTH[0]), held, captured_at=at(1), complete=True)
    assert decide(page(BOTH[0]), held, captured_at=at(1), complete=True) == first


EIGHT = [str(number) for number in range(101, 109)]


def test_what_vanishes_is_in_order() -> None:
    shelf = Shelf()
    shelf.visit(section_page([article(one, [comment(f"9{one}", 1)]) for one in EIGHT]), at(0))
    rows = [shelf.thread(one)[f"9{one}"].row_id for one in EIGHT]
    assert list(shelf.visit(section_page([]), at(1)).comments.vanished) == rows


@pytest.mark.parametrize(
    ("shown", "hour", "leave"),
    [
        (section_page([article("200")]), 1, {"100"}),
        (section_page([article("200")]), 0, set()),
        (section_page([article("200")]), -1, set()),
        (comments_page(article("200")), 1, set()),
    ],
)
def test_those_that_leave_are_not_on_a_newer_section_page(
    shelf: Shelf, shown: ParsedPage, hour: int, leave: set[str]
) -> None:
    assert leaving(shown, shelf.held(), at(hour), ONCE_MORE) == leave


def test_what_has_left_does_not_leave_again(shelf: Shelf) -> None:
    shelf.visit(section_page([]), at(1))
    assert leaving(section_page([]), shelf.held(), at(2), ONCE_MORE) == frozenset()


def test_an_article_that_is_shown_without_a_headline_does_not_vanish(shelf: Shelf) -> None:
    changes = shelf.visit(replace(page(*BOTH), headlines=()), at(1))
    assert changes.articles.counts == Counts(unmodified=1)


def test_comments_do_not_return_by_a_page_from_before_their_article_vanished(shelf: Shelf) -> None:
    shelf.visit(section_page([]), at(4))
    assert shelf.visit(page(), at(2), complete=False).comments.returned == ()
    assert {one.vanished_at for one in shelf.thread().values()} == {at(4)}


def test_a_comment_that_returns_with_its_article_is_counted_once(shelf: Shelf) -> None:
    shelf.visit(section_page([]), at(1))
    changes = shelf.visit(page(BOTH[0]), at(2), complete=False)
    assert changes.comments.counts == Counts(unmodified=1, returned=2)


def test_of_two_claims_for_one_article_the_larger_counts(shelf: Shelf) -> None:
    shelf.visit(section_page([], others=[headline("100", 1, 5), headline("100", 2, 3)]), at(1))
    assert shelf.articles["100"].claimed == 5


def test_a_claim_of_the_same_moment_may_correct_and_one_from_before_may_not(shelf: Shelf) -> None:
    shelf.visit(section_page([], others=[headline("100", 2, 5)]), at(0))
    assert (shelf.articles["100"].claimed, shelf.articles["100"].claimed_at) == (5, at(0))
    shelf.visit(section_page([], others=[headline("100", 2, 7)]), at(-1))
    assert shelf.articles["100"].claimed == 5


@pytest.fixture
def emptied(shelf: Shelf) -> Shelf:
    """The second comment was taken down: its row has lost its author and its words."""
    first, second = shelf.articles["100"].comments
    second = replace(second, content=replace(second.content, author=None, text=""))
    shelf.articles["100"] = replace(shelf.articles["100"], comments=(first, second))
    shelf.suppressed_comments = frozenset({("100", "2")})
    return shelf


SECONDS_TIME = "2021-05-04T07:02"


def test_a_comment_that_was_taken_down_is_known_by_its_time(emptied: Shelf) -> None:
    shown = comment(None, 1, author="reader 2", text="remark 2", posted_local=SECONDS_TIME)
    changes = emptied.visit(comments_page(article("100", [shown])), at(1))
    assert changes.comments.counts == Counts(unmodified=1)
    assert (emptied.thread()["2"].content.text, emptied.thread()["2"].last_seen_at) == ("", at(1))


def test_of_two_that_could_have_been_taken_down_neither_is_loaded(emptied: Shelf) -> None:
    both = [comment(None, number, posted_local=SECONDS_TIME) for number in (5, 6)]
    changes = emptied.visit(comments_page(article("100", both)), at(1))
    assert changes.comments.counts == Counts(unmodified=1)


def test_a_comment_with_another_id_was_not_taken_down(emptied: Shelf) -> None:
    changes = emptied.visit(page(BOTH[0], comment("3", 3, posted_local=SECONDS_TIME)), at(1))
    assert [row.external_id for row in changes.comments.new] == ["3"]


def test_a_comment_that_is_known_is_not_taken_for_one_of_its_minute() -> None:
    same = [comment(str(number), number, posted_local=SECONDS_TIME) for number in (1, 2)]
    shelf = Shelf()
    shelf.visit(page(*same), at(0))
    shelf.suppressed_comments = frozenset({("100", "2")})
    shelf.visit(comments_page(article("100", [comment(None, 1, posted_local=SECONDS_TIME)])), at(1))
    assert [shelf.thread()[one].last_seen_at for one in ("1", "2")] == [at(1), at(0)]


NOTHING = Shelf().visit(comments_page(article("100")), at(0))
NOTHING = replace(NOTHING, articles=replace(NOTHING.articles, new=()), views=())
ROWS = ("new", "rewritten", "former", "seen", "seen_earlier", "returned", "vanished")


def test_nothing_is_nothing_to_write() -> None:
    assert NOTHING.nothing


@pytest.mark.parametrize("table", ["articles", "comments"])
@pytest.mark.parametrize("name", ROWS)
def test_any_changed_row_is_something_to_write(table: str, name: str) -> None:
    rows = replace(getattr(NOTHING, table), **{name: (1,)})
    assert not rows.nothing
    assert not replace(NOTHING, **{table: rows}).nothing


@pytest.mark.parametrize("name", ["views", "claims"])
def test_any_number_is_something_to_write(name: str) -> None:
    assert not replace(NOTHING, **{name: (1,)}).nothing


@pytest.mark.parametrize("name", ["listed", "gone"])
def test_any_place_is_something_to_write(name: str) -> None:
    places = replace(NOTHING.places, **{name: (1,)})
    assert not places.nothing
    assert not replace(NOTHING, places=places).nothing


@pytest.mark.parametrize("table", ["articles", "comments"])
@pytest.mark.parametrize("name", ["new", "modified", "vanished", "returned", "unmodified"])
def test_a_reader_sees_every_change_but_views_and_claims(table: str, name: str) -> None:
    before = replace(NOTHING, articles=replace(NOTHING.articles, counts=Counts()))
    assert not replace(before, views=(1,), claims=(1,)).visible
    rows = replace(getattr(before, table), counts=Counts(**{name: 1}))
    assert replace(before, **{table: rows}).visible is (name != "unmodified")
