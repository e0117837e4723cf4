"""What is searched for is found on both databases alike; nothing that a person types is syntax."""

import random
import re
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from alembic import command

from ingest.errors import QueryInvalid
from ingest.records.search import Found, Query
from ingest.store import Store
from ingest.store.database import migrate, upgrading
from ingest.store.database.engine import open_engine, read_url
from ingest.store.search import matching
from tests.kit.parsed import DAY, article, at, comment, section_page
from tests.kit.visits import visit

THREAD = (
    comment("11", 1, text="The harbour master sold the boats, and/or the ropes."),
    comment("12", 2, text="Boats in the harbour: an ÉLAN of “old” sailors", posted_local="2021-05-05T00:10"),
    comment("13", 3, text="No ship here", author="harbour master"),
)
ARTICLE = article("100", THREAD, title="Ferry strike", text="All ferries stay in port.")


@pytest.fixture
def filled(store: Store) -> Store:
    visit(store, section_page([ARTICLE, article("101", title="The ferry", text="It sails.")]), at(0))
    return store


def named(found: Found) -> set[str]:
    return {row.comment or row.article for row in found.rows}


def ask(store: Store, words: str, **more: object) -> set[str]:
    return named(store.search(Query(words=words, **more)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("harbour", {"11", "12"}),
        ("HARBOUR boats", {"11", "12"}),
        ('"harbour master"', {"11"}),
        ('"master harbour"', set()),
        ("harbour -master", {"12"}),
        ('boats -"harbour master"', {"12"}),
        ("harb*", {"11", "12"}),
        ('"the rop*"', {"11"}),
        ("elan", {"12"}),
        ("élan", {"12"}),
        ("old", {"12"}),
        ("and/or", {"11"}),
        ("ropes", {"11"}),
        ("strike", {"100"}),
        ("ferr*", {"100", "101"}),
        ("reader", set()),
        ("harbor", set()),
    ],
)
def test_words_find(filled: Store, words: str, found: set[str]) -> None:
    assert ask(filled, words) == found


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"author": "reader 2"}, {"12"}),
        ({"author": "reader"}, set()),
        ({"author": "?!"}, set()),
        ({"sources": ("harbour",)}, {"11", "12"}),
        ({"sources": ("quay",)}, set()),
        ({"since": date(2021, 5, 5)}, {"12"}),
        ({"until": DAY}, {"11"}),
        ({"since": DAY, "until": date(2021, 5, 5)}, {"11", "12"}),
        ({"only": "comment"}, {"11", "12"}),
        ({"only": "article"}, set()),
    ],
)
def test_what_rows_must_be_besides(filled: Store, more: dict[str, object], found: set[str]) -> None:
    assert ask(filled, "harbour", **more) == found


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"author": "Editor"}, {"100", "101"}),
        ({"since": DAY, "until": DAY}, {"100", "101"}),
        ({"since": date(2021, 5, 5)}, set()),
    ],
)
def test_articles_are_asked_by_the_same(filled: Store, more: dict[str, object], found: set[str]) -> None:
    assert ask(filled, "ferr*", **more) == found


WAYS = {
    "in stretches": {},
    "in stretches of a row": {"MOST_BETWEEN": 0},
    "in a list": {"MOST_IN_STRETCHES": 0},
    "one by one": {"MOST_LISTED": 0},
}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_rows_of_a_frequent_word_are_found_in_every_way(
    filled: Store, monkeypatch: pytest.MonkeyPatch, way: dict[str, int]
) -> None:
    monkeypatch.setattr("ingest.store.search.fts5.MOST_COUNTED", 0)
    for name, number in way.items():
        monkeypatch.setattr(f"ingest.store.search.narrowing.{name}", number)
    later = date(2021, 5, 5)
    assert ask(filled, "harbour", since=later) == {"12"}
    assert ask(filled, "harbour", until=DAY) == {"11"}
    assert ask(filled, "harb*", since=DAY, until=later, sources=("harbour",)) == {"11", "12"}
    assert ask(filled, "harbour", author="reader 2") == {"12"}
    assert ask(filled, "harbour", author="reader 2", until=DAY) == set()
    assert ask(filled, "harbour -master", sources=("harbour", "quay")) == {"12"}
    assert ask(filled, "harbour", sources=("quay",)) == set()
    assert ask(filled, "harbour", since=date.min, until=date.max) == {"11", "12"}
    assert ask(filled, "ferr*", since=DAY, until=DAY) == {"100", "101"}
    assert ask(filled, "ferry", since=later) == set()
    assert ask(filled, "ferry", author="Editor", since=DAY) == {"100", "101"}


def test_a_row_says_where_it_stands(filled: Store) -> None:
    (row,) = filled.search(Query(words='"harbour master"')).rows
    assert (row.kind, row.source, row.article, row.comment, row.number) == (
        "comment",
        "harbour",
        "100",
        "11",
        1,
    )
    assert (row.author, row.posted_local, row.day, row.title) == (
        "reader 1",
        "2021-05-04T07:01",
        DAY,
        "Ferry strike",
    )
    assert row.excerpt[slice(*row.marks[0])] == "harbour master"
    assert row.url.startswith("https://harbour.example/")
    assert not row.vanished
    assert row.rank > 0


def test_a_word_of_the_title_counts_more_and_is_marked(filled: Store) -> None:
    visit(
        filled, section_page([article("102", title="Port", text="A ferry, a ferry.")]), at(1), complete=False
    )
    first, *others = filled.search(Query(words="ferry -strike")).rows
    assert (first.article, first.title_marks) == ("101", ((4, 9),))
    assert [one.article for one in others] == ["102"]


def test_rows_come_in_parts(filled: Store) -> None:
    whole = filled.search(Query(words="the")).rows
    parts = [filled.search(Query(words="the", limit=1, offset=number)).rows for number in range(len(whole))]
    assert [row for (row,) in parts] == list(whole)
    assert filled.search(Query(words="the", limit=1)).total == len(whole) == 3
    for more in ({"limit": 0}, {"limit": 1_001}, {"offset": -1}):
        with pytest.raises(QueryInvalid):
            filled.search(Query(words="the", **more))


def test_of_very_many_the_last_are_ranked(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.store.search.matching.MOST_RANKED", 1)
    found = filled.search(Query(words="harbour"))
    assert (named(found), found.total, found.more) == ({"12"}, 1, True)
    found = filled.search(Query(words="ferr*", sources=("harbour",)))
    assert (named(found), found.total, found.more) == ({"101"}, 1, True)
    assert found.rows[0].rank > 0


def test_facets_count_all_that_were_ranked_not_those_shown(filled: Store) -> None:
    whole = filled.search(Query(words="the"))
    found = filled.search(Query(words="the", limit=1, count_facets=True))
    assert (len(found.rows), whole.facets) == (1, None)
    assert found.facets is not None
    assert found.facets.kinds == Counter(row.kind for row in whole.rows)
    assert found.facets.sources == Counter(row.source for row in whole.rows)
    assert found.facets.authors == Counter(row.author for row in whole.rows if row.author)
    assert found.facets.years == Counter(row.day.year for row in whole.rows)


def test_the_index_follows_the_rows(filled: Store) -> None:
    later = (comment("11", 1, text="A lighthouse"), THREAD[1])
    visit(filled, section_page([article("100", later, title="Ferry dispute", text="None.")]), at(1))
    assert ask(filled, "master") == set()
    assert ask(filled, "lighthouse") == {"11"}
    assert ask(filled, "dispute") == {"100"}
    assert ask(filled, "strike") == set()


def test_what_vanished_is_found_and_says_so(filled: Store) -> None:
    gone = section_page([article("100", THREAD[:2], title="Ferry strike")])
    visit(filled, gone, at(1))
    visit(filled, gone, at(2))
    found = {row.comment or row.article: row.vanished for row in filled.search(Query(words="ship")).rows}
    assert found == {"13": True}


def test_what_was_taken_down_is_found_by_nobody(filled: Store) -> None:
    with filled.transaction() as tx:
        tx.suppress("harbour", "100", "11", reason="court order", suppressed_at=at(1))
    assert ask(filled, "harbour") == {"12"}
    with filled.transaction() as tx:
        tx.suppress("harbour", "100", None, reason="court order", suppressed_at=at(1))
    visit(filled, section_page([ARTICLE]), at(2))
    for words in ("harbour", "ferr*", "strike", "ship"):
        assert ask(filled, words) <= {"101"}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_taken_down_word_leaves_the_files_of_the_index(url: str, store: Store) -> None:
    path = url.removeprefix("sqlite:///")
    secret = "zanzibaresque"
    visit(store, section_page([article("100", [comment("11", 1, text=f"it is {secret}")])]), at(0))
    with store.transaction() as tx:
        tx.suppress("harbour", "100", "11", reason="court order", suppressed_at=at(1))
    assert store.scrub() is None
    with open(path, "rb") as file:  # noqa: PTH123
        # A word is kept by what differs from the word before it.
        assert secret[4:].encode() not in file.read()


def test_cleared_days_leave_the_index(filled: Store) -> None:
    with filled.transaction() as tx:
        tx.rebuilding.clear_days("harbour", {DAY})
    assert ask(filled, "harbour") == set()


def test_a_transaction_that_is_taken_back_takes_the_index_back(filled: Store) -> None:
    with filled.rehearsal() as tx:
        tx.rebuilding.clear_days("harbour", {DAY})
    assert ask(filled, "harbour") == {"11", "12"}


@pytest.mark.parametrize("words", ["", "?!", "-harbour", '""', "h*", "harbour " * 100, "a b " * 20])
def test_what_cannot_be_searched_for_says_why(filled: Store, words: str) -> None:
    with pytest.raises(QueryInvalid, match=r"word|characters|letters"):
        filled.search(Query(words=words))


HOSTILE = {
    "an open quotation mark": '"harbour',
    "quotation marks alone": '"" """ "',
    "NEAR": "NEAR(harbour boats, 2)",
    "operators": "harbour AND OR NOT boats",
    "a column": "author:reader text:harbour {title}: x",
    "brackets": "((harbour) & (boats",
    "operators of PostgreSQL": "harbour:* & !boats <-> 'x':AB | \\",
    "SQL": "harbour'); DROP TABLE articles; --",
    "NUL": "harbour\x00boats",
    "lone surrogates": "\ud800harbour\udfff",
    "punctuation": "!?.,;:-_()[]{}*^+/\\'`",
    "100 kB": "harbour " * 12_500,
    "one word of 100 kB": "h" * 100_000,
    "an asterisk": "* *a h* -*",
    "minus alone": "-harbour -boats",
    "many words": "a b c d " * 30,
    "other scripts": "हिन्दी 日本語 ﷽ \U0001d573 \u202eharbour\u200b",
    "escapes of a terminal": "\x1b[31mharbour\x9b",
    "nothing": "",
    "a percent and a format": "%s %(x)s {kind} :match harbour",
}


@pytest.mark.many_cases
@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_question_has_an_answer_or_a_reason(filled: Store, words: str) -> None:
    for more in ({}, {"author": words, "sources": (words,)}):
        with suppress(QueryInvalid):
            filled.search(Query(words=words, **more))
    with suppress(QueryInvalid):
        assert ask(filled, words) <= {"11", "12", "13", "100", "101"}
    assert ask(filled, "harbour") == {"11", "12"}


@pytest.mark.many_cases
def test_any_signs_in_any_order_are_no_syntax(filled: Store) -> None:
    pieces = [
        '"',
        "*",
        "-",
        "(",
        ")",
        ":",
        "'",
        "\\",
        " ",
        "AND",
        "NOT",
        "NEAR",
        "harbour",
        "é",
        "{",
        "^",
        "+",
        "<->",
        "&",
    ]
    chance = random.Random(13)
    for _ in range(100):
        words = "".join(chance.choices(pieces, k=12))
        with suppress(QueryInvalid):
            filled.search(Query(words=words))


@pytest.mark.many_cases
def test_text_of_any_kind_is_loaded(store: Store) -> None:
    texts = (
        " ".join(f"w{number}é" for number in range(200_000)),
        "x" * 300_000,
        "𐀀" * 100_000,
        "\x01\ufffe\u202e '; \\",
    )
    thread = [comment(str(number), number, text=text) for number, text in enumerate(texts, 1)]
    visit(store, section_page([article("100", thread, title=" ".join(map(str, range(50_000))))]), at(0))
    assert ask(store, "w17e") == {"1"}


def test_upgrading_fills_the_index(url: str, make_filled: Callable[[str], None]) -> None:
    make_filled(url)
    engine = open_engine(read_url(url))
    for step, revision in ((command.downgrade, "0012"), (command.upgrade, "head")):
        with upgrading._migration(engine) as connection:
            step(upgrading._config(connection, migrate.MIGRATIONS), revision)
    engine.dispose()
    with Store.open(url) as store:
        assert ask(store, "harbour") == {"11", "12"}
        assert ask(store, "strike") == {"100"}


@pytest.fixture
def make_filled() -> Callable[[str], None]:
    def fill(url: str) -> None:
        with Store.open(url) as store:
            visit(store, section_page([ARTICLE]), at(0))

    return fill


def break_index(store: Store) -> None:
    with store.transaction() as tx:
        if tx._connection.dialect.name == "sqlite":
            statements = [f"INSERT INTO {name} ({name}) VALUES ('delete-all')" for name in matching.INDEXES]
        else:
            statements = [f"DELETE FROM {name}" for name in matching.INDEXES]
        for statement in statements:
            tx._connection.exec_driver_sql(statement)


def test_reindexing_makes_the_index_anew(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.store.search.rebuild.AT_ONCE", 2)
    break_index(filled)
    assert ask(filled, "harbour") == set()
    progress: list[tuple[int, int]] = []
    assert filled.reindex(lambda done, total: progress.append((done, total))) == 5
    assert progress == [(2, 5), (4, 5), (5, 5)]
    assert ask(filled, "harbour") == {"11", "12"}
    assert ask(filled, "strike") == {"100"}
    assert filled.room_to_reindex() > 0
    filled.reindex(lambda *_: None)
    assert len(filled.search(Query(words="harbour")).rows) == 2


def test_reindexing_that_is_interrupted_leaves_the_index_as_it_was(filled: Store) -> None:
    def interrupt(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        filled.reindex(interrupt)
    assert ask(filled, "harbour") == {"11", "12"}


VIEWS = {
    "v_articles": {
        "source": "harbour", "article": "100", "day": "2021-05-04", "title": "Ferry strike", "comments": 3,
        "posted_at": "2021-05-04T12:00:00Z", "posted_local": "2021-05-04T08:00", "vanished": "no",
        "vanished_at": None, "first_seen_at": "2021-05-04T12:00:00Z",
    },
    "v_comments": {
        "source": "harbour", "article": "100", "article_title": "Ferry strike", "article_day": "2021-05-04",
        "comment": "11", "number": 1, "author": "reader 1", "posted_at": "2021-05-04T11:01:00Z",
        "reply_to": None, "vanished": "no", "vanished_at": None,
    },
}  # fmt: skip


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_for_people(filled: Store, view: str) -> None:
    first = VIEWS[view]
    with filled.transaction() as tx:
        rows = tx._connection.exec_driver_sql(f"SELECT * FROM {view} ORDER BY id").mappings().all()
    assert {name: rows[0][name] for name in first} == first
    assert len(rows) == {"v_articles": 2, "v_comments": 3}[view]


def test_a_view_says_what_vanished_and_when(filled: Store) -> None:
    gone = section_page([article("100", THREAD[:2], title="Ferry strike")])
    visit(filled, gone, at(1))
    visit(filled, gone, at(2))
    with filled.transaction() as tx:
        asked = "SELECT comment, vanished, vanished_at FROM v_comments ORDER BY comment"
        rows = [tuple(row) for row in tx._connection.exec_driver_sql(asked)]
        live = tx._connection.exec_driver_sql(
            "SELECT comments FROM v_articles WHERE article = '100'"
        ).scalar()
    assert rows[0] == ("11", "no", None)
    assert rows[2][:2] == ("13", "yes")
    assert rows[2][2].endswith(":00:00Z")
    assert live == 2


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_the_recipe_for_postgresql_runs_as_printed(filled: Store) -> None:
    page = (Path(__file__).parents[2] / "docs" / "recipes.md").read_text("utf-8")
    (question,) = re.findall(r"```postgresql\n(.*?)```", page, re.DOTALL)
    with filled.transaction() as tx:
        assert len(tx._connection.exec_driver_sql(question).all()) == 2
