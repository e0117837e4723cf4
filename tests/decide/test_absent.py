"""What a proven list did not show is gone; what was taken down, or came meanwhile, is not."""

from dataclasses import replace

import pytest

from ingest.decide.changes.absent import gone_from_listing, gone_from_thread, with_absent, with_claim
from ingest.decide.changes.model import Changes, Claim, Stored
from parsers.lists import ListVisit
from tests.kit.parsed import article, at, comment, section_page
from tests.kit.shelf import Shelf


@pytest.fixture
def shelf() -> Shelf:
    """Two articles of section 1 and one of section 2, seen at noon; the first has two comments."""
    filled = Shelf()
    thread = [comment("1", 1), comment("2", 2)]
    filled.visit(section_page([article("100", thread), article("101")]), at(0))
    filled.visit(section_page([article("200", section=2)], section=2), at(0))
    return filled


def held(shelf: Shelf) -> Stored:
    return Stored(articles=shelf.articles, suppressed_articles=frozenset(), suppressed_comments=frozenset())


def visit(*rows: str, hour: int = 1, total: int | None = None) -> ListVisit:
    return ListVisit(
        began_at=at(hour), rows=rows, others=frozenset(), total=total, needs_total=False, status="proven"
    )


def row_ids(shelf: Shelf, *names: str) -> tuple[int, ...]:
    return tuple(shelf.thread()[name].row_id for name in names)


@pytest.mark.parametrize(
    ("shown", "gone"), [((), ("1", "2")), (("1",), ("2",)), (("1", "2"), ()), (("2", "9"), ("1",))]
)
def test_comments_that_a_proven_thread_does_not_show_are_gone(
    shelf: Shelf, shown: tuple[str, ...], gone: tuple[str, ...]
) -> None:
    assert gone_from_thread(visit(*shown), "100", held(shelf)) == row_ids(shelf, *gone)


@pytest.mark.parametrize(("hour", "number"), [(-1, 0), (0, 2), (1, 2)])
def test_what_was_seen_after_the_visit_began_is_not_gone(shelf: Shelf, hour: int, number: int) -> None:
    assert len(gone_from_thread(visit(hour=hour), "100", held(shelf))) == number
    assert len(gone_from_listing(visit(hour=hour), held(shelf), 1)) == number


def test_what_is_gone_already_does_not_go_again(shelf: Shelf) -> None:
    shelf.visit(section_page([article("100", [comment("1", 1)])]), at(1))
    assert gone_from_thread(visit(hour=2), "100", held(shelf)) == row_ids(shelf, "1")
    assert gone_from_listing(visit(hour=2), held(shelf), 1) == ("100",)


def test_an_unknown_thread_loses_nothing(shelf: Shelf) -> None:
    assert gone_from_thread(visit(), "999", held(shelf)) == ()


def test_articles_of_the_listings_section_alone_are_gone(shelf: Shelf) -> None:
    known = held(shelf)
    assert gone_from_listing(visit("100"), known, 1) == ("101",)
    assert gone_from_listing(visit(), known, 2) == ("200",)
    assert gone_from_listing(visit(), replace(known, suppressed_articles=frozenset({"101"})), 1) == ("100",)


def changes(shelf: Shelf) -> Changes:
    return shelf.visit(section_page([article("100", [comment("1", 1)])]), at(1))


def test_rows_that_are_absent_vanish_beside_those_of_the_page(shelf: Shelf) -> None:
    before = changes(shelf)
    after = with_absent(before, articles=[7], comments=[8, 9])
    assert after.articles.vanished == (*before.articles.vanished, 7)
    assert after.comments.vanished == (*before.comments.vanished, 8, 9)
    assert after.articles.counts.vanished == before.articles.counts.vanished + 1
    assert after.comments.counts.vanished == before.comments.counts.vanished + 2
    assert with_absent(before) == before


def claims(shelf: Shelf, seen: ListVisit, thread: str = "100", **more: object) -> tuple[Claim, ...]:
    before = replace(changes(shelf), claims=())
    return with_claim(before, seen, thread, replace(held(shelf), **more)).claims


@pytest.mark.parametrize("status", ["proven", "short"])
def test_the_sites_own_count_is_a_claim(shelf: Shelf, status: str) -> None:
    seen = replace(visit("1", "o", total=9), status=status, others=frozenset("o"))
    assert claims(shelf, seen) == (Claim(article="100", comments=8),)
    assert claims(shelf, seen, "999") == (Claim(article="999", comments=8),)


@pytest.mark.parametrize("status", ["open", "moved", "unproven"])
def test_what_is_not_settled_claims_nothing(shelf: Shelf, status: str) -> None:
    assert claims(shelf, replace(visit("1", total=9), status=status)) == ()


def test_nothing_is_claimed_without_a_count_or_of_what_was_taken_down_or_anew(shelf: Shelf) -> None:
    assert claims(shelf, visit("1")) == ()
    assert claims(shelf, visit("1", total=9), suppressed_articles=frozenset({"100"})) == ()
    known = held(shelf)
    said = {**known.articles, "100": replace(known.articles["100"], claimed=9)}
    assert claims(shelf, visit("1", total=9), articles=said) == ()
    assert len(claims(shelf, visit("1", total=8), articles=said)) == 1


def test_claims_come_behind_those_of_the_page(shelf: Shelf) -> None:
    first = Claim(article="1", comments=2)
    after = with_claim(replace(changes(shelf), claims=(first,)), visit(total=3), "999", held(shelf))
    assert after.claims == (first, Claim(article="999", comments=3))
