"""What was taken down stays away: on every later harvest, re-parse, import and copy."""

import gzip
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from ingest.store import Store
from tests.archive.test_external import Writer, answered
from tests.cli.conftest import Call
from tests.kit import rows
from tests.kit.marks import long
from tests.kit.rig import COMMENTS, DAY, Rig
from tests.site.model import Article, add_comment, change_article, edit_comment
from tests.site.pieces import Text
from tests.site.render import comments_page, encoded, section_page

OWN = "http://www.rantburg.com"
MINE = "a remark that nobody made before about the reservoir"
MORE = "and this is what was said of it later by the same hand"
TITLE = "A title that will be gone"


@pytest.fixture
def whole(rig: Rig) -> Article:
    """An article with a title of its own; it and its thread are to be taken down."""
    one = replace(rig.site.days[DAY].articles[0], title=TITLE)
    rig.site.change(DAY, lambda day: change_article(day, one))
    return one


@pytest.fixture
def single(rig: Rig) -> Article:
    """An article of whose comments the first is to be taken down."""
    one = rig.site.days[DAY].articles[1]
    say(rig, one, MINE)
    return one


def say(rig: Rig, article: Article, words: str) -> None:
    comment = article.comments[0].external_id
    rig.site.change(DAY, lambda day: edit_comment(day, article.external_id, comment, (Text(words),)))


def words_held(rig: Rig) -> list[str]:
    """Which of the words to be forgotten stand anywhere in the database."""
    told = "\n".join(str(row) for name in rows.schema.tables for row in rows.table(rig.url, name))
    return [words for words in (MINE, MORE, TITLE) if words in told]


def forgotten(rig: Rig, call: Call, whole: Article, single: Article) -> None:
    rig.harvest(DAY, full=True)
    say(rig, single, MORE)
    rig.harvest(DAY, full=True)
    assert words_held(rig) == [MINE, MORE, TITLE]
    assert call("forget", single.comments[0].external_id, "--reason", "asked").code == 0
    assert call("forget", whole.external_id, "--reason", "a court").code == 0
    assert words_held(rig) == []


def nothing_is_back(rig: Rig, call: Call, whole: Article) -> None:
    assert words_held(rig) == []
    (row,) = [one for one in rows.table(rig.url, "articles") if one["external_id"] == whole.external_id]
    thread = [one for one in rows.table(rig.url, "comments") if one["article_id"] == row["id"]]
    assert {(one["author"], one["text"], one["html"]) for one in thread} == {(None, "", None)}
    assert call("verify", "rantburg").code == 0


@pytest.mark.long
def test_on_harvests(rig: Rig, call: Call, whole: Article, single: Article) -> None:
    forgotten(rig, call, whole, single)
    nothing_is_back(rig, call, whole)
    assert rig.harvest(DAY).exit_code == 0
    assert len(rig.asked) == 1  # nothing seems to be missing
    rig.harvest(DAY, full=True)
    nothing_is_back(rig, call, whole)
    say(rig, single, MINE)
    later = replace(whole.comments[0], external_id="4999999")
    rig.site.change(DAY, lambda day: add_comment(day, whole.external_id, later))
    report = rig.harvest(DAY, full=True)
    assert (report.comments.new, report.comments.modified) == (0, 0)
    nothing_is_back(rig, call, whole)
    assert len(rows.table(rig.url, "comments")) == COMMENTS


@pytest.mark.long
@pytest.mark.parametrize("more", [("--all",), *long(("--all", "--diff"))], ids=["written", "diff"])
def test_on_every_kept_page_parsed_again(
    rig: Rig, call: Call, whole: Article, single: Article, more: tuple[str, ...]
) -> None:
    forgotten(rig, call, whole, single)
    rows.execute(rig.url, "UPDATE captures SET revision = 0")
    called = call("reparse", "rantburg", *more, "--json")
    assert (called.code, called.json["captures"]["parsed"]) == (0, 10)
    assert TITLE not in called.out
    assert MINE not in called.out
    nothing_is_back(rig, call, whole)


@pytest.mark.long
def test_reports_of_what_was_changed_before_are_cleaned(
    rig: Rig, call: Call, whole: Article, single: Article
) -> None:
    rig.harvest(DAY, full=True)
    rows.execute(rig.url, "UPDATE comments SET text = 'not that'")
    # A report has a few samples of each field: this title is to be one.
    rows.execute(rig.url, f"UPDATE articles SET title = 'not that' WHERE external_id = '{whole.external_id}'")
    assert call("reparse", "--all").code == 0
    assert TITLE in str(rows.table(rig.url, "runs"))
    assert call("forget", whole.external_id, "--reason", "a court").code == 0
    assert call("forget", single.comments[0].external_id, "--reason", "asked").code == 0
    nothing_is_back(rig, call, whole)


def their_file(path: Path, *pages: tuple[str, bytes], at: str = "2018-04-14T16:05:07Z") -> Path:
    with path.open("wb") as file:
        writer = Writer(file, gzip=True)
        for url, body in pages:
            record = writer.create_warc_record(
                url,
                "response",
                payload=BytesIO(body),
                http_headers=answered(("Content-Length", str(len(body)))),
                warc_headers_dict={"WARC-Date": at},
            )
            writer.write_record(record)
    return path


@pytest.mark.long
def test_on_imports_of_older_and_newer_pages(
    rig: Rig, call: Call, whole: Article, single: Article, tmp_path: Path
) -> None:
    before = rig.site.days[DAY]
    forgotten(rig, call, whole, single)
    for number, (day, at) in enumerate(
        [(before, "2018-04-14T12:00:00Z"), (rig.site.days[DAY], "2018-04-15T12:00:00Z")]
    ):
        pages = [
            (f"{OWN}/?D={DAY:%m/%d/%Y}&HC=1&SO=", encoded(section_page(day, 1))),
            *(
                (
                    f"{OWN}/comments.php?ID={one.external_id}&D={DAY:%m/%d/%Y}&HC=1",
                    encoded(comments_page(day, one.external_id)),
                )
                for one in (whole, single)
            ),
        ]
        told = call("archive", "import", their_file(tmp_path / f"{number}.warc.gz", *pages, at=at), "--json")
        assert (told.code, told.json["files"][0]["loaded"]) == (0, 3)
        nothing_is_back(rig, call, whole)


@pytest.mark.long
def test_a_redacted_page_is_not_imported_again(
    rig: Rig, call: Call, whole: Article, single: Article, tmp_path: Path
) -> None:
    page = (f"{OWN}/?D={DAY:%m/%d/%Y}&HC=1&SO=", encoded(section_page(rig.site.days[DAY], 1)))
    path = their_file(tmp_path / "theirs.warc.gz", page)
    assert call("archive", "import", path).code == 0
    assert call("forget", whole.external_id, "--reason", "a court").code == 0
    assert call("archive", "redact", "--forgotten").code == 0
    told = call("archive", "import", path, "--json").json["files"][0]
    assert (told["known"], told["loaded"]) == (1, 0)
    (held,) = rig.archive.glob("*.gz")
    assert TITLE.encode() not in gzip.decompress(held.read_bytes())
    (row,) = rows.table(rig.url, "captures")
    assert row["error"] == "redacted: a court"


@pytest.mark.long
def test_on_copies_and_in_the_archive_once_it_is_redacted(
    rig: Rig, call: Call, whole: Article, single: Article, tmp_path: Path
) -> None:
    forgotten(rig, call, whole, single)
    assert call("archive", "redact", "--forgotten").code == 0
    assert call("archive", "export", "--source", "rantburg", "--output", tmp_path / "out").code == 0
    for path in [*rig.archive.glob("*.gz"), *(tmp_path / "out").glob("*.gz")]:
        data = gzip.decompress(path.read_bytes())
        assert [words for words in (MINE, MORE, TITLE) if words.encode() in data] == []
    nothing_is_back(rig, call, whole)


def test_a_run_that_holds_the_source_is_waited_for(rig: Rig, call: Call, whole: Article) -> None:
    rig.harvest(DAY)
    with Store.open(rig.url) as store, store.lock("rantburg"):
        assert call("forget", whole.external_id, "--reason", "a court").code == 3
    assert words_held(rig) == [TITLE]
