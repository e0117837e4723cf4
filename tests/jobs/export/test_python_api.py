"""``from ingest import open_store``: articles with their comments, now and as of a moment; DataFrames."""

import re
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas
import pytest

import ingest
from ingest import OpenStore, ThreadArticle, open_store
from ingest.errors import ConfigurationError, DatabaseMissing
from ingest.store import Store
from tests.jobs.export.conftest import EVIL
from tests.kit.parsed import DAY, NOON, article, at, comment, section_page
from tests.kit.visits import visit

ROOT = Path(__file__).parents[3]
EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def by_id(found: Any) -> dict[str, ThreadArticle]:
    return {one.external_id: one for one in found}


def texts(one: ThreadArticle) -> dict[str | None, str]:
    return {comment.external_id: comment.text for comment in one.comments}


@pytest.fixture
def opened(filled: Store) -> OpenStore:
    return OpenStore(filled)


def test_articles_come_with_their_comments_and_without_what_was_taken_down(opened: OpenStore) -> None:
    found = by_id(opened.articles())
    assert list(found) == ["100", "B", "a", "\u00e9", "200"]
    assert texts(found["100"]) == {"11": "changed", "12": "remark 2", None: "remark 3", "15": "remark 5"}
    gone = {one.external_id: one for one in found["100"].comments}
    assert (gone["12"].vanished, gone["12"].vanished_at) == (True, at(1.5))
    assert (gone["12"].parent_external_id, gone["15"].parent_external_id) == ("11", None)
    assert not found["100"].vanished
    assert {one.author: one.text for one in found["B"].comments} == EVIL | {"nul": "ab \ufffd c"}
    assert [one.external_id for one in opened.articles(since=DAY + timedelta(days=1))] == ["200"]
    assert list(opened.articles(source="pier")) == []


def test_a_moment_shows_what_was_seen_by_then_in_the_words_of_then(opened: OpenStore) -> None:
    then = by_id(opened.articles(as_of=at(1)))
    assert list(then) == ["100", "B", "a", "\u00e9"]
    assert then["100"].title == "old"
    assert texts(then["100"])["11"] == "first"
    assert not any(one.vanished for one in then["100"].comments)
    later = by_id(opened.articles(as_of=at(1.5)))
    assert (later["100"].title, texts(later["100"])["11"]) == ("new", "changed")
    assert [one.external_id for one in later["100"].comments if one.vanished] == ["12"]
    assert "200" in by_id(opened.articles(as_of=date(2021, 5, 5)))
    assert list(opened.articles(as_of=DAY - timedelta(days=1))) == []
    assert by_id(opened.articles(as_of=DAY)) == by_id(opened.articles(until=DAY))
    with pytest.raises(ValueError, match="has no zone"):
        opened.articles(as_of=datetime(2021, 5, 4))


def test_a_comment_seen_later_and_one_edited_twice(filled: Store, opened: OpenStore) -> None:
    for hours, words in ((30, "one"), (31, "two"), (32, "three")):
        visit(filled, section_page([article("300", [comment("31", 1, text=words)])]), at(hours))
    new = [comment("31", 1, text="three"), comment("32", 2)]
    visit(filled, section_page([article("300", new)]), at(33))

    def then(hours: float) -> dict[str | None, str]:
        return texts(by_id(opened.articles(as_of=at(hours)))["300"])

    assert [then(hours) for hours in (30.5, 31, 32.5)] == [{"31": "one"}, {"31": "two"}, {"31": "three"}]
    assert then(33) == {"31": "three", "32": "remark 2"}


def test_many_articles_are_read_a_few_at_a_time(
    opened: OpenStore, filled_postgresql: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = [list(opened.articles()), list(opened.articles(as_of=at(1)))]
    assert [list(OpenStore(filled_postgresql).articles(as_of=moment)) for moment in (None, at(1))] == whole
    monkeypatch.setattr("ingest.store.articles.as_of.ARTICLES_AT_ONCE", 2)
    assert [list(opened.articles()), list(opened.articles(as_of=at(1)))] == whole
    assert next(opened.articles()).external_id == "100"


def test_a_frame_has_types_and_a_row_for_each(opened: OpenStore) -> None:
    frame = opened.frame("comments", until=DAY)
    assert len(frame) == 16
    assert str(frame["posted_at"].dtype) == "datetime64[us, UTC]"
    assert str(frame["number"].dtype) == "Int64"
    assert frame["article_date"].unique().tolist() == [DAY]
    assert frame[frame["author"] == "no id"]["external_id"].isna().all()
    assert frame["vanished_at"].notna().sum() == 1
    whole = opened.frame("articles", as_of=at(1))
    assert whole["title"].tolist() == ["old", "=1+1", "Title of a", "Title of \u00e9"]
    assert whole["posted_at"].max() == pandas.Timestamp(NOON + timedelta(microseconds=5))
    none = opened.frame("comments", source="pier")
    assert (len(none), list(none.columns)) == (0, list(frame.columns))
    assert (none.dtypes == frame.dtypes).all()


def test_pandas_that_is_missing_is_named(opened: OpenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ConfigurationError, match="pip install pandas"):
        opened.frame()


def test_the_database_is_the_one_that_is_named_and_is_never_made(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(str(tmp_path / "held.sqlite3")) as store:
        assert len(list(store.articles())) == 5
    monkeypatch.setenv("THRESHER_DATABASE", str(tmp_path / "none.sqlite3"))
    with pytest.raises(DatabaseMissing):
        open_store()
    assert not (tmp_path / "none.sqlite3").exists()


@pytest.mark.long
def test_the_names_are_these_and_import_nothing_before_they_are_used() -> None:
    assert sorted(ingest.__all__) == sorted(ingest.NAMES)
    with pytest.raises(AttributeError, match="no attribute 'other'"):
        _ = ingest.other  # type: ignore[attr-defined]
    is_there = "print('sqlalchemy' in sys.modules)"
    asked = f"import sys, ingest; {is_there}; ingest.open_store; {is_there}"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["False", "True"]


def test_the_documented_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Store.open(str(tmp_path / "held.sqlite3")) as store:
        day = date(2018, 3, 22)
        page = section_page(
            [article("1", [comment("11", 1, author="Ann")], date=day, title="Tide")],
            date=day,
            source="rantburg",
        )
        visit(store, page, at(0))
    monkeypatch.setenv("THRESHER_DATABASE", str(tmp_path / "held.sqlite3"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (example,) = EXAMPLE.findall((ROOT / "docs" / "reference.md").read_text("utf-8"))
    exec(compile(example, "reference.md", "exec"), {})
    out = capsys.readouterr().out
    assert "2018-03-22 Tide 1 0" in out
    assert re.search(r"Ann\s+1", out)
