"""The test source agrees with itself and with the fixtures on disk."""

import html
import json
import re
import runpy
import sys
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from tests.site.cases.demo import COMMENTS, demo_day
from tests.site.cases.every import every_file, every_fixture
from tests.site.cases.fixture import Fixture
from tests.site.cases.small import day_of, remark, short_article
from tests.site.invent import invented_day
from tests.site.model import (
    Day,
    add_article,
    add_comment,
    change_article,
    delete_article,
    delete_comment,
    edit_comment,
    move_article,
    move_comment,
)
from tests.site.pieces import (
    Aside,
    Gloss,
    Note,
    Text,
    Wrapped,
    html_of,
    original_of,
    shown_in,
    unescaped,
)
from tests.site.render import encoded, section_page
from tests.site.truth import cut_section_answer, outlet_in, section_answer

FIXTURES = Path(__file__).parents[2] / "fixtures"


@pytest.fixture(scope="module")
def day() -> Day:
    return invented_day(date(2018, 3, 23), articles={1: 4, 2: 3, 3: 1, 4: 2, 6: 1}, comments=30)


@pytest.fixture(params=every_fixture(), ids=lambda fixture: fixture.name)
def case(request: pytest.FixtureRequest) -> Fixture:
    assert isinstance(request.param, Fixture)
    return request.param


def test_counters_agree_with_what_is_shown(day: Day) -> None:
    for section in (1, 2, 3, 4, 5, 6):
        page = section_page(day, section)
        answer: Any = section_answer(day, section, url="")
        counts = [int(n) for n in re.findall(r"<strong>(\d+)</strong>", page)]
        foot = [int(n) for n in re.findall(r"\((\d+)\)</a>&nbsp;", page)]
        assert f"Today: {len(counts)} articles and {sum(counts)} comments" in page
        assert len(counts) == len(day.of_section(section)) + sum(foot) == 11
        assert sum(answer["counters"]["sections"].values()) == answer["counters"]["articles_today"]
        assert page.count('class="hline"') == len(answer["articles"])


def test_invented_days_hold_what_was_asked_for(day: Day) -> None:
    assert (day.articles_today, day.comments_today) == (11, 30)
    ids = [int(comment.external_id) for article in day.articles for comment in article.comments]
    assert ids == sorted(set(ids))
    assert invented_day(day.day, articles={1: 1}, comments=0).articles[0] == replace(
        day.articles[0], comments=()
    )


def test_deletion_moves_numbers_and_keeps_ids() -> None:
    before = day_of(short_article(1, date(2018, 3, 23), comments=3))
    article = before.articles[0]
    after = delete_comment(before, article.external_id, article.comments[0].external_id)
    answer: Any = section_answer(after, 1, url="")
    assert [(c["number"], c["external_id"]) for c in answer["articles"][0]["comments"]] == [
        (1, article.comments[1].external_id),
        (2, article.comments[2].external_id),
    ]
    assert after.comments_archived == before.comments_archived - 1
    assert f'"{article.comments[0].external_id}"' not in section_page(after, 1)


def test_comments_are_added_edited_and_moved(day: Day) -> None:
    first, second = (article.external_id for article in day.articles[:2])
    new = remark(99_999, datetime(2018, 3, 25, 7, 0), "A late word.")
    added = add_comment(day, first, new)
    edited = edit_comment(added, first, new.external_id, (Text("A later word."),))
    moved = move_comment(edited, new.external_id, to=second)
    assert added.comments_archived == day.comments_archived + 1 == moved.comments_archived
    assert "A late word." in section_page(added, 1)
    assert "A late word." not in section_page(edited, 1)
    assert moved.article(second).comments[-1].external_id == new.external_id
    assert moved.article(first) == day.article(first)


def test_articles_are_added_edited_moved_and_deleted(day: Day) -> None:
    new = short_article(900, day.day, category=day.articles[0].category, comments=0)
    added = add_article(day, new)
    renamed = change_article(added, replace(new, title="Renamed"))
    moved = move_article(renamed, new.external_id, section=6)
    gone = delete_article(moved, new.external_id)
    assert [article.category for article in added.of_section(1)].count(new.category) == 2
    assert added.of_section(1)[1] == new
    assert renamed.article(new.external_id).title == "Renamed"
    assert [len(moved.of_section(section)) for section in (1, 6)] == [4, 2]
    assert move_article(moved, new.external_id, section=5, category="Tides").articles[-1].category == "Tides"
    assert gone == day
    with pytest.raises(KeyError):
        gone.article(new.external_id)


def test_pieces_know_both_their_texts() -> None:
    body = (
        Gloss("bods", "it's officials ", coded=(0,), struck="cooks", aside=Aside("as ever", picture="a.gif")),
        Text(" came"),
        Note("late."),
        Wrapped("em", (Text("r"),)),
        Wrapped("div", (Text("ivers & more"),)),
    )
    assert shown_in(body) == "cooks bods ... as ever... came late. r ivers & more"
    assert original_of(body) == "it's officials came r ivers & more"
    assert "title='&#105;t&#x27;s officials '" in html_of(body)
    assert (outlet_in("[A b] c"), outlet_in("(A.b) c"), outlet_in("A [b]"), outlet_in("[ ] c")) == (
        "A b", "A.b", None, None,
    )  # fmt: skip
    assert (unescaped("R&D"), unescaped("R&amp;D"), unescaped("a<b")) == ("R&D", "R&amp;amp;D", "a&lt;b")


@pytest.mark.parametrize("text", ["R&D", "R&amp;D", "a<b", '"Salt & Vinegar"'])
def test_titles_read_back(text: str) -> None:
    assert html.unescape(unescaped(text)) == text


def test_old_encodings_lose_no_letter() -> None:
    assert encoded("caf\u00e9 \u064e", "cp1252") == b"caf\xe9 &#1614;"


def test_cut_answers_claim_only_the_own_section(day: Day) -> None:
    first = day.articles[0]
    answer: Any = cut_section_answer(day, 1, url="", whole={first.external_id: 1})
    assert answer["counters"]["sections"] == {"1": 4}
    assert [len(article["comments"]) for article in answer["articles"]] == [1]


def test_the_demonstrations_day_is_one_day() -> None:
    day = demo_day()
    assert (day.articles_today, day.comments_today, day.clock) == (25, COMMENTS, time(23, 41))
    pages = [fixture for fixture in every_fixture() if fixture.name.startswith("demo-day-section-")]
    answers: list[Any] = [fixture.answer for fixture in pages]
    assert [len(answer["articles"]) for answer in answers] == [8, 6, 5, 4, 2]
    assert sum(len(a["comments"]) for answer in answers for a in answer["articles"]) == COMMENTS
    assert all(answer["headlines"] == answers[0]["headlines"] for answer in answers)
    assert all(answer["counters"] == answers[0]["counters"] for answer in answers)


def test_names_say_their_reason(case: Fixture) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", case.name)
    assert case.why.endswith(".")
    assert (case.answer is None) != (case.error is None)
    assert case.field is None or case.error in {"FieldMissing", "FieldMalformed"}


def test_files_on_disk_are_what_the_model_writes(case: Fixture) -> None:
    folder = FIXTURES / "rantburg" / case.name
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert files == case.files(), "run: python tests/site/write_fixtures.py fixtures"


def test_no_two_cases_share_a_name_or_a_page() -> None:
    fixtures = every_fixture()
    assert len(fixtures) >= 30
    assert len({fixture.name for fixture in fixtures}) == len(fixtures)
    assert len({(fixture.page, fixture.url, fixture.content_type) for fixture in fixtures}) == len(fixtures)


@pytest.mark.parametrize("folder", sorted((FIXTURES / "rantburg").iterdir()), ids=lambda folder: folder.name)
def test_every_folder_is_whole(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    assert len(names & {"page.html", "page.txt"}) == 1
    assert len(names & {"answer.json", "error.json"}) == 1
    assert len(names) == 3
    meta = json.loads((folder / "meta.json").read_bytes())
    assert list(meta) == ["url", "captured_at", "content_type", "why"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", meta["captured_at"])


def test_the_script_writes_every_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = Path(__file__).with_name("write_fixtures.py")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "argv", [script.name, str(tmp_path)])
    runpy.run_path(str(script), run_name="__main__")
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == set(every_file())
    assert capsys.readouterr().out == f"{len(every_fixture())} fixtures\n"
    monkeypatch.setattr(sys, "argv", [script.name])
    with pytest.raises(SystemExit, match="usage"):
        runpy.run_path(str(script), run_name="__main__")
