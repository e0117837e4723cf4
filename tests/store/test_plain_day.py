"""What plain rows tell of a page that is read again, beside what ``decide`` finds."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import pytest
from sqlalchemy import text

from ingest.decide.changes.decide import Reading, decide
from ingest.decide.changes.model import Stored
from ingest.decide.changes.plain_day import PlainDay, unmodified
from ingest.store import Store
from parsers.records import ParsedPage, changed
from tests.kit.parsed import DAY, article, at, comment, comments_page, headline, section_page
from tests.kit.visits import visit

THREAD = (comment("11", 1), comment("12", 2, html="<i>2</i>", position=2))
PAGE = section_page([article("100", THREAD), article("101", [comment("21", 1)])])
READINGS = (Reading(), Reading(again=True), Reading(superseded=True), Reading(again=True, superseded=True))


def pages() -> Iterator[ParsedPage]:
    """The page, and all that may differ in one."""
    first, second = PAGE.articles
    yield PAGE
    for field, value in {
        "title": "Another",
        "label": None,
        "views": 8,
        "text": "Other words.",
        "section_name": "Quay",
        "date": at(24).date(),
        "section": 2,
        "html": "<b>A boat</b>",
        "title ": "\x00Title of 100",
        "comments": (),
    }.items():
        yield replace(PAGE, articles=(changed(first, **{field.strip(): value}), second))
    for field, value in {
        "number": 3,
        "author": "another",
        "posted_at": at(-3),
        "text": "edited",
        "html": "<b>1</b>",
        "external_id": None,
        "position": 9,
        "parent_external_id": "12",
    }.items():
        comments = (changed(THREAD[0], **{field: value}), THREAD[1])
        yield replace(PAGE, articles=(changed(first, comments=comments), second))
    for comments in (THREAD[:1], (THREAD[0], *THREAD), (*THREAD, comment("13", 3))):
        yield replace(PAGE, articles=(changed(first, comments=comments), second))
    yield replace(PAGE, articles=(first,), headlines=PAGE.headlines[:1])
    yield replace(PAGE, articles=(first, first, second))
    yield replace(PAGE, headlines=(*PAGE.headlines, headline("100", 1, 9)))
    yield section_page([])
    yield section_page([article("100", THREAD), article("102")])
    yield comments_page(changed(first, label=None, views=None), ["article.label", "article.views"])
    yield comments_page(changed(first, text="Less"), ["article.text"])


@dataclass(frozen=True)
class Held:
    """A day as plain rows, and as ``decide`` needs it."""

    plain: PlainDay | None
    stored: Stored

    def agrees(self, page: ParsedPage, hour: float, reading: Reading) -> bool:
        """Whether plain rows tell that nothing changes, which then must be what ``decide`` finds."""
        counts = unmodified(page, self.plain, at(hour), reading) if self.plain is not None else None
        if counts is None:
            return False
        for complete in (True, False):
            changes = decide(page, self.stored, captured_at=at(hour), complete=complete, reading=reading)
            assert changes.nothing
            assert counts == (changes.articles.counts.unmodified, changes.comments.counts.unmodified)
            assert sum(numbers(changes.articles.counts)) + sum(numbers(changes.comments.counts)) == sum(
                counts
            )
        return True


def held(store: Store) -> Held:
    return Held(store.plain_day("harbour", DAY)[0], store.held_day("harbour", DAY)[0])


def numbers(counts: object) -> list[int]:
    return [getattr(counts, name) for name in ("new", "modified", "unmodified", "vanished", "returned")]


def test_plain_rows_show_that_the_page_itself_changes_nothing(store: Store) -> None:
    visit(store, PAGE, at(0))
    day = held(store)
    for reading in READINGS:
        assert day.agrees(PAGE, 0, reading)
    assert not day.agrees(PAGE, 1, READINGS[0])
    assert not day.agrees(PAGE, -1, READINGS[0])


HOURS = (-5, -1, 0, 5, 6)
HISTORIES = {
    "seen once": [(0, PAGE)],
    "seen before and after": [(-5, PAGE), (5, PAGE)],
    "edited since": [(-5, PAGE), (5, section_page([article("100", [comment("11", 1, text="new")])]))],
    "gone since": [(-5, PAGE), (5, section_page([]))],
    "listed elsewhere": [(-5, PAGE), (-4, section_page([article("100", THREAD, section=2)], section=2))],
    "nameless": [(-5, section_page([article("100", [comment(None, 1)])])), (0, PAGE)],
}


TOLD = {
    "seen once": 28,
    "seen before and after": 190,
    "edited since": 44,
    "gone since": 28,
    "listed elsewhere": 41,
    "nameless": 28,
}
"""How many of the 580 readings of each are known to change nothing: of fewer, a re-parse would cost more."""


@pytest.mark.parametrize("history", HISTORIES)
def test_where_plain_rows_tell_decide_finds_nothing(store: Store, history: str) -> None:
    for hour, shown in HISTORIES[history]:
        visit(store, shown, at(hour))
    day = held(store)
    found = [day.agrees(page, hour, reading) for page, hour, reading in product(pages(), HOURS, READINGS)]
    assert (found.count(True), len(found)) == (TOLD[history], 580)


EDITS = {
    "articles": ("title", "text", "label", "posted_local", "html", "section_name", "text_original"),
    "comments": ("author", "text", "html", "posted_local", "parent_external_id"),
}


@pytest.mark.parametrize(
    ("table", "column"), [(table, one) for table, columns in EDITS.items() for one in columns]
)
def test_a_row_that_was_edited_by_hand_is_seen(store: Store, table: str, column: str) -> None:
    visit(store, PAGE, at(0))
    with store.transaction() as tx:
        tx._connection.execute(
            text(f"UPDATE {table} SET {column} = 'by hand' WHERE external_id IN ('100', '12')")
        )
    assert not held(store).agrees(PAGE, 0, READINGS[1])


@pytest.mark.parametrize(("article_id", "comment_id"), [("100", None), ("100", "11"), ("101", "99")])
def test_a_day_of_which_something_was_taken_down_is_not_plain(
    store: Store, article_id: str, comment_id: str | None
) -> None:
    visit(store, PAGE, at(0))
    with store.transaction() as tx:
        tx.suppress("harbour", article_id, comment_id, reason="asked", suppressed_at=at(1))
    assert store.plain_day("harbour", DAY)[0] is None
