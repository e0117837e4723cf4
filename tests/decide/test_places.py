"""An article that the site lists at two places: one home, and no version of it at any visit."""

from dataclasses import replace
from datetime import timedelta

from ingest.records.counts import Counts
from parsers.records import Article, ParsedPage, changed
from tests.kit.parsed import DAY, article, at, comment, comments_page, headline_of, section_page
from tests.kit.shelf import Shelf

TOMORROW = DAY + timedelta(days=1)
THREAD = (comment("1", 1), comment("2", 2))


def shared(section: int = 1, **fields: object) -> Article:
    return article("100", THREAD, section=section, section_name=f"Pier {section}", **fields)


def of_section(section: int, *elsewhere: Article) -> ParsedPage:
    """The page of one section, whose catalogue lists the shared article there and where it is besides."""
    return section_page([shared(section)], others=[headline_of(one) for one in elsewhere], section=section)


def of_tomorrow(*shown: Article) -> ParsedPage:
    return section_page(shown, date=TOMORROW)


def home(shelf: Shelf) -> tuple[object, ...]:
    content = shelf.articles["100"].row.content
    return content.date, content.section, content.section_name


def places(shelf: Shelf) -> list[tuple[object, int]]:
    return [(place.day, place.section) for place in shelf.articles["100"].elsewhere]


def test_two_sections_of_a_day_take_turns_without_a_version() -> None:
    shelf = Shelf()
    for hour in range(0, 8, 2):
        shelf.visit(of_section(1, shared(4)), at(hour))
        shelf.visit(of_section(4, shared(1)), at(hour + 1))
    assert (home(shelf), places(shelf), shelf.former) == ((DAY, 1, "Pier 1"), [(DAY, 4)], [])


def test_two_days_take_turns_without_a_version() -> None:
    shelf = Shelf()
    for hour in range(0, 8, 2):
        shelf.visit(section_page([shared()]), at(hour))
        shelf.visit(of_tomorrow(shared(date=TOMORROW)), at(hour + 1))
    assert (home(shelf), places(shelf), shelf.former) == ((DAY, 1, "Pier 1"), [(TOMORROW, 1)], [])


def test_the_second_visit_of_a_place_changes_nothing_of_it() -> None:
    shelf = Shelf()
    shelf.visit(section_page([shared()]), at(0))
    assert not shelf.visit(of_tomorrow(shared(date=TOMORROW)), at(1)).places.nothing
    assert shelf.visit(of_tomorrow(shared(date=TOMORROW)), at(1)).nothing


def test_what_an_article_says_is_taken_from_either_place() -> None:
    shelf = Shelf()
    shelf.visit(section_page([shared()]), at(0))
    changes = shelf.visit(of_tomorrow(shared(date=TOMORROW, title="Corrected")), at(1))
    assert changes.articles.counts == Counts(modified=1)
    assert shelf.articles["100"].row.content.title == "Corrected"
    assert home(shelf) == (DAY, 1, "Pier 1")


def test_an_article_that_moved_takes_its_home_along() -> None:
    shelf = Shelf()
    shelf.visit(of_section(1), at(0))
    changes = shelf.visit(of_section(4), at(1))
    assert (home(shelf), places(shelf)) == ((DAY, 4, "Pier 4"), [])
    assert changes.articles.counts == Counts(modified=1)


def test_of_two_sections_the_home_that_is_left_goes_to_the_other() -> None:
    shelf = Shelf()
    shelf.visit(of_section(1, shared(4)), at(0))
    shelf.visit(of_section(4, shared(1)), at(1))
    shelf.visit(of_section(4), at(2))
    assert (home(shelf), places(shelf), len(shelf.former)) == ((DAY, 4, "Pier 4"), [], 1)


def test_a_home_that_no_longer_lists_the_article_hands_it_over() -> None:
    shelf = Shelf()
    shelf.visit(section_page([shared()]), at(0))
    shelf.visit(of_tomorrow(shared(date=TOMORROW)), at(1))
    changes = shelf.visit(section_page([article("7")]), at(2))
    assert changes.articles.counts == Counts(new=1, modified=1)
    assert shelf.articles["100"].row.live
    assert (home(shelf), places(shelf)) == ((TOMORROW, 1, "Pier 1"), [])
    assert shelf.visit(section_page([article("7")]), at(2)).nothing
    assert shelf.visit(of_tomorrow(), at(3)).articles.counts == Counts(vanished=1)


def test_another_place_that_no_longer_lists_the_article_is_forgotten() -> None:
    shelf = Shelf()
    shelf.visit(section_page([shared()]), at(0))
    shelf.visit(of_tomorrow(shared(date=TOMORROW)), at(1))
    changes = shelf.visit(of_tomorrow(), at(2))
    assert (changes.articles.counts, places(shelf)) == (Counts(), [])
    assert home(shelf) == (DAY, 1, "Pier 1")


def test_an_older_page_that_did_not_list_it_yet_takes_no_place_away() -> None:
    shelf = Shelf()
    shelf.visit(section_page([shared()]), at(0))
    shelf.visit(of_tomorrow(shared(date=TOMORROW)), at(2))
    shelf.visit(of_tomorrow(), at(1))
    assert places(shelf) == [(TOMORROW, 1)]


def test_a_page_that_proves_nothing_takes_no_place_away() -> None:
    shelf = Shelf()
    shelf.visit(section_page([shared()]), at(0))
    shelf.visit(of_tomorrow(shared(date=TOMORROW)), at(1))
    shelf.visit(of_tomorrow(), at(2), complete=False)
    assert places(shelf) == [(TOMORROW, 1)]


def test_an_article_gone_from_all_its_places_at_once_vanishes() -> None:
    shelf = Shelf()
    shelf.visit(of_section(1, shared(4)), at(0))
    shelf.visit(of_section(4, shared(1)), at(1))
    assert shelf.visit(section_page([article("7")]), at(2)).articles.counts.vanished == 1
    assert places(shelf) == []


def test_a_page_of_another_day_than_its_article_names_is_a_place_of_it() -> None:
    shelf = Shelf()
    for hour in range(2):
        shelf.visit(of_tomorrow(shared()), at(hour))
        assert (home(shelf), places(shelf), shelf.former) == ((DAY, 1, "Pier 1"), [(TOMORROW, 1)], [])
    shelf.visit(section_page([article("7")]), at(3))
    assert (home(shelf), places(shelf)) == ((TOMORROW, 1, "Pier 1"), [])


def at_two_days() -> Shelf:
    """At home on the day, and listed the day after as well."""
    shelf = Shelf()
    shelf.visit(section_page([shared()]), at(0))
    shelf.visit(of_tomorrow(shared(date=TOMORROW)), at(1))
    return shelf


def test_a_page_that_proves_nothing_hands_no_home_over() -> None:
    shelf = at_two_days()
    changes = shelf.visit(section_page([article("7")]), at(2), complete=False)
    assert changes.articles.counts == Counts(new=1)
    assert (home(shelf), places(shelf)) == ((DAY, 1, "Pier 1"), [(TOMORROW, 1)])


def test_an_older_page_hands_no_home_over() -> None:
    shelf = at_two_days()
    shelf.visit(section_page([article("7")]), at(-1))
    assert (home(shelf), places(shelf)) == ((DAY, 1, "Pier 1"), [(TOMORROW, 1)])


def test_an_older_page_adds_no_place() -> None:
    shelf = Shelf()
    shelf.visit(section_page([shared()]), at(2))
    shelf.visit(of_tomorrow(shared(date=TOMORROW)), at(1))
    assert (home(shelf), places(shelf)) == ((DAY, 1, "Pier 1"), [])


def test_places_that_are_gone_are_in_order() -> None:
    shelf = Shelf()
    ids = [str(number) for number in range(101, 109)]
    shelf.visit(section_page([article(one) for one in ids]), at(0))
    shelf.visit(of_tomorrow(*(article(one, date=TOMORROW) for one in ids)), at(1))
    gone = shelf.visit(of_tomorrow(), at(2)).places.gone
    assert [(one, place.day) for one, place in gone] == [(one, TOMORROW) for one in ids]


def test_the_home_is_what_a_page_of_the_article_alone_says() -> None:
    shelf = Shelf()
    shelf.visit(section_page([shared()]), at(0))
    changes = shelf.visit(comments_page(shared(date=TOMORROW), date=TOMORROW), at(1))
    assert (home(shelf), places(shelf), changes.places.nothing) == ((TOMORROW, 1, "Pier 1"), [], True)


def test_what_had_vanished_returns_to_where_it_is_shown() -> None:
    shelf = Shelf()
    shelf.visit(section_page([shared()]), at(0))
    shelf.visit(section_page([article("7")]), at(1))
    shelf.visit(of_tomorrow(shared(date=TOMORROW)), at(2))
    assert (home(shelf), places(shelf)) == ((TOMORROW, 1, "Pier 1"), [])


def test_an_article_without_a_section_gets_its_home_from_the_first_that_lists_it() -> None:
    shelf = Shelf()
    shelf.visit(comments_page(shared(section=None)), at(0))  # type: ignore[arg-type]
    shelf.visit(of_tomorrow(shared(date=TOMORROW)), at(1))
    assert (home(shelf), places(shelf)) == ((TOMORROW, 1, "Pier 1"), [])


def test_a_section_that_is_renamed_renames_the_homes_in_it() -> None:
    shelf = Shelf()
    shelf.visit(section_page([shared()]), at(0))
    shelf.visit(section_page([changed(shared(), section_name="Quay 1")]), at(1))
    assert home(shelf) == (DAY, 1, "Quay 1")


def test_another_section_of_another_day_is_a_place() -> None:
    shelf = Shelf()
    shelf.visit(section_page([shared()]), at(0))
    shelf.visit(replace(of_tomorrow(shared(2, date=TOMORROW)), section=2), at(1))
    assert (home(shelf), places(shelf)) == ((DAY, 1, "Pier 1"), [(TOMORROW, 2)])


def test_a_page_without_a_section_is_no_place() -> None:
    shelf = Shelf()
    shelf.visit(section_page([shared()]), at(0))
    nowhere = replace(of_tomorrow(shared(date=TOMORROW)), section=None)
    of_one = replace(comments_page(shared(date=TOMORROW), date=TOMORROW), section=4)
    assert shelf.visit(nowhere, at(1)).places.nothing
    assert shelf.visit(of_one, at(2)).places.nothing


def test_an_article_that_names_no_section_has_no_place_besides() -> None:
    shelf = Shelf()
    assert shelf.visit(section_page([article("100", section=None)]), at(0)).places.nothing


def test_a_page_of_another_day_does_not_hand_the_home_over() -> None:
    shelf = at_two_days()
    third = DAY + timedelta(days=2)
    shelf.visit(section_page([shared(date=third)], date=third), at(2))
    shelf.visit(of_tomorrow(), at(3))
    assert (home(shelf), places(shelf)) == ((DAY, 1, "Pier 1"), [(third, 1)])
