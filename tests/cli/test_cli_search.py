"""``thresher search`` and ``db reindex``: what they print, and their exit codes."""

import json
from pathlib import Path

import pytest

from ingest.store import Store
from tests.cli.conftest import Call
from tests.kit.marks import long
from tests.kit.parsed import article, at, comment, section_page
from tests.kit.visits import visit

ROW_KEYS = {
    "kind", "source", "article", "comment", "number", "author", "date", "posted_at", "posted_local", "title",
    "title_marks", "excerpt", "marks", "url", "vanished", "rank",
}  # fmt: skip
HOSTILE = (
    '"open',
    "NEAR(a b)",
    "text:boats",
    "a AND (b",
    "x\udcff",
    "'; DROP TABLE articles",
    "boats*",
    "*",
    "--",
    "",
)


@pytest.fixture
def filled(database: str) -> None:
    thread = [
        comment("11", 1, text="The harbour\nmaster \x1b[31m[bold]sold[/bold] boats"),
        comment(None, 2, text="no boats", author=None),
        comment("13", 3, text="boats, boats, boats"),
    ]
    with Store.open(database) as store:
        visit(store, section_page([article("100", thread, title="Boats for sale")]), at(0))
        gone = section_page([article("100", thread[:2], title="Boats for sale")])
        visit(store, gone, at(1))
        visit(store, gone, at(2))


@pytest.mark.usefixtures("filled")
def test_search(call: Call) -> None:
    called = call("search", "boats -nothing")
    assert called.code == 0
    assert "harbour · article 100 · Editor · 2021-05-04T08:00" in called.out
    assert "harbour · comment #1 11 of article 100 · reader 1 · 2021-05-04T07:01" in called.out
    assert "harbour · comment #2 (no id) of article 100 · (nobody)" in called.out
    assert "reader 3 · 2021-05-04T07:03 · vanished" in called.out
    assert "The harbour master  [31m[bold]sold[/bold] boats" in called.out
    assert "4 of 4 rows" in called.err
    assert "0 of 0 rows" in call("search", "nowhere").err


@pytest.mark.usefixtures("filled")
def test_search_as_json(call: Call) -> None:
    found = call("search", '"harbour master"', "--json").json
    assert (found["total"], found["more"]) == (1, False)
    (row,) = found["rows"]
    assert set(row) == ROW_KEYS
    assert row["excerpt"][slice(*row["marks"][0])] == "harbour master"
    assert call("--json", "search", '"harbour master"').json == found


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--in", "articles"), {None}),
        (("--in", "comments", "--author", "reader 3"), {"13"}),
        (("--limit", 1, "--in", "comments"), {"13"}),
        (("--since", "2021-05-05"), set()),
        (("--until", "2021-05-03"), set()),
        (("--source", "rantburg"), set()),
    ],
)
def test_options(call: Call, options: tuple[object, ...], found: set[str | None]) -> None:
    called = call("search", "boats", "--json", *options)
    assert {row["comment"] for row in called.json["rows"]} == found


@pytest.mark.usefixtures("filled")
def test_of_very_many_it_says_which_are_ranked(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.store.search.matching.MOST_RANKED", 1)
    called = call("search", "boats")
    assert "2 of more than 2 rows" in called.err
    assert "loaded last" in called.err


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("words", [*HOSTILE[:3], *long(*HOSTILE[3:])])
def test_hostile_words_give_an_answer_or_exit_code_2(call: Call, words: str) -> None:
    called = call("search", "--json", "--", words)
    assert called.code in {0, 2}
    assert (called.err.startswith("thresher: "), called.out == "") == (called.code == 2,) * 2


def test_search_makes_no_database(call: Call) -> None:
    assert call("search", "boats").code == 2
    assert call("db", "reindex").code == 2


@pytest.mark.usefixtures("filled")
def test_reindex(call: Call) -> None:
    called = call("db", "reindex")
    assert (called.code, called.out) == (0, "4 articles and comments are indexed\n")
    assert "MB of free disk" in called.err
    assert call("db", "reindex", "--json").json["rows"] == 4
    assert call("search", "boats", "--json").json["total"] == 4


def test_the_metadata_of_datasette_is_named_as_the_file(call: Call, tmp_path: Path) -> None:
    printed = call("db", "datasette-metadata")
    assert list(json.loads(printed.out)["databases"]) == ["held"]
    assert call("db", "datasette-metadata", "--out", tmp_path / "metadata.json").out == ""
    assert (tmp_path / "metadata.json").read_text("utf-8") == printed.out
    assert call("db", "datasette-metadata", "--out", tmp_path / "none" / "metadata.json").code == 2
    assert call("--database", "postgresql://me@there/held", "db", "datasette-metadata").code == 2
