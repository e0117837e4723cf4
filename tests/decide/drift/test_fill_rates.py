"""What is counted of the pages of a run, and nothing but numbers."""

from dataclasses import replace

from ingest.decide.drift.fill_rates import Census, Rates, fill_rates
from tests.kit.parsed import article, comment, comments_page, section_page


def test_a_field_is_filled_if_it_is_neither_none_nor_empty() -> None:
    shown = [
        article("100", [comment("9", 1), comment("10", 2, author=None)], label=""),
        article("101", outlet="Quay Gazette", views=0),
    ]
    (rates,) = fill_rates([section_page(shown), section_page([])])
    assert (rates.source, rates.kind, rates.parser, rates.revision) == ("harbour", "section", "harbour", 1)
    assert (rates.pages, rates.articles, rates.comments) == (2, 2, 2)
    told = {name: rates.rate(f"article.{name}") for name in ("title", "label", "outlet", "views", "comments")}
    assert told == {"title": 1.0, "label": 0.5, "outlet": 0.5, "views": 1.0, "comments": 0.5}
    assert (rates.rate("comment.author"), rates.rate("comment.html")) == (0.5, 0.0)
    assert (rates.rate("page.articles"), rates.rate("page.headlines")) == (0.5, 0.5)


def test_what_a_kind_of_page_never_shows_is_not_counted() -> None:
    (rates,) = fill_rates([comments_page(article("100"), ["article.label", "comment.external_id"])])
    assert {"article.label", "comment.external_id", "article.title"} & set(rates.filled) == {"article.title"}
    assert rates.rate("comment.author") is None
    assert rates.filled["comment.author"] == 0


def test_revisions_parsers_and_kinds_are_counted_apart() -> None:
    census = Census()
    page = section_page([article()])
    for one in (replace(page, revision=2), page, replace(page, parser="harbour.old"), page):
        census.add(one)
    census.add(comments_page(article()))
    counted = [(one.kind, one.parser, one.revision, one.pages) for one in census.rates()]
    assert counted == [
        ("comments", "harbour", 1, 1),
        ("section", "harbour", 1, 2),
        ("section", "harbour", 2, 1),
        ("section", "harbour.old", 1, 1),
    ]


def test_of_no_pages_there_are_no_rates() -> None:
    assert fill_rates([]) == ()


def test_a_census_holds_no_page() -> None:
    one, two = Census(), Census()
    for _ in range(3):
        one.add(section_page([article("100", [comment("9")])]))
    two.add(section_page([article(str(number), [comment(str(number))]) for number in range(3)]))
    (few,), (many,) = one.rates(), two.rates()
    assert replace(few, pages=1, filled={}) == replace(many, filled={})
    assert isinstance(few, Rates)
    assert all(isinstance(count, int) for count in few.filled.values())


def test_pages_counted_elsewhere_are_added() -> None:
    page = section_page([article("100", [comment("9")])])
    census = Census()
    census.add(page)
    census.include(fill_rates([page, replace(page, revision=2)]))
    first, second = census.rates()
    assert (first.pages, first.articles, first.comments) == (2, 2, 2)
    assert (first.filled["article.title"], first.filled["comment.author"]) == (2, 2)
    assert second == fill_rates([replace(page, revision=2)])[0]
