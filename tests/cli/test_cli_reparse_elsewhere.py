"""``thresher reparse --warc`` and ``--fixtures``: what they print, what they refuse, and their exit codes."""

import shutil
from pathlib import Path

import pytest

from ingest.archive.warc.records import response_member
from ingest.store import Store
from tests.archive.warcs import capture, records
from tests.cli.conftest import Call
from tests.cli.test_cli_reparse import KEYS
from tests.kit import rows
from tests.kit.marks import long
from tests.kit.rig import COMMENTS, DAY, busy_day
from tests.site.render import encoded, section_page

FIXTURES = Path(__file__).parents[2] / "fixtures"
CAPTURES = {"looked": 5, "parsed": 5, "quarantined": 0, "unreadable": 0}
SECTIONS = (1, 2, 3, 4, 6)


def url_of(section: int) -> str:
    return f"http://www.rantburg.com/?D={DAY:%m/%d/%Y}&HC={section}&SO="


@pytest.fixture
def theirs(tmp_path: Path) -> list[Path]:
    """The pages of a day in two files, and a page of another site."""
    pages = [capture(encoded(section_page(busy_day(), one)), url=url_of(one)) for one in SECTIONS]
    pages.append(capture(b"other", url="http://other.example/"))
    paths = [tmp_path / "one.warc.gz", tmp_path / "two.warc.gz"]
    for number, path in enumerate(paths):
        members = [response_member(page, warcinfo_id="<urn:x>").data for page in pages[number::2]]
        path.write_bytes(b"".join(members))
    return paths


def named(paths: list[Path]) -> list[object]:
    return [word for path in paths for word in ("--warc", path)]


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("source", [["rantburg"], *long([])], ids=["named", "not named"])
def test_pages_of_a_file(
    call: Call, theirs: list[Path], database: str, tmp_path: Path, source: list[str]
) -> None:
    told = call("reparse", *source, *named(theirs), "--diff", "--json").json
    assert not (tmp_path / "archive").exists()
    assert rows.table(database, "captures") == []
    done = call("reparse", *source, *named(theirs), "--workers", 1, "--json").json
    assert set(told) == set(done) == KEYS | {"files"}
    assert (told["taken_in"], done["taken_in"]) == (5, 5)
    files = done.pop("files")
    assert told.pop("files") == files
    assert [(one["records"], one["responses"], one["others"]) for one in files] == [
        (3, 3, 0),
        (3, 3, 1),
    ]
    assert told["captures"] == done["captures"] == CAPTURES
    assert (told["articles"], told["comments"]) == (done["articles"], done["comments"])
    assert done["comments"]["new"] == COMMENTS
    assert (done["diff"], done["resumed"], done["outcome"], done["exit_code"]) == (
        False,
        False,
        "complete",
        0,
    )
    assert rows.held(database) == rows.told(busy_day())
    assert [run["report"] for run in call("runs", "--json").json["runs"]] == [done, told]
    assert call("verify", "rantburg").code == 0
    assert call("archive", "verify").code == 0
    (path,) = (tmp_path / "archive").iterdir()
    from_them = {headers.get("WARC-Source-URI") for kind, headers, _ in records(path) if kind == "response"}
    assert from_them == {"one.warc.gz", "two.warc.gz"}


@pytest.mark.long
def test_as_text(call: Call, theirs: list[Path], database: str) -> None:
    called = call("reparse", *named(theirs))
    assert called.code == 0
    assert "passed over, as no source knows their addresses: 1 pages" in called.err
    assert "captures  looked 5  parsed 5  quarantined 0  unreadable 0" in called.out
    rows.misquote(database, "4000003", "not so")
    called = call("reparse", "rantburg", *named(theirs), "--diff", "--since", DAY, "--until", DAY)
    assert "'not so' -> " in called.out
    assert "would change: 1 fields, 1 times" in called.out
    called = call("reparse", "rantburg", *named(theirs), "--diff", "--sample", 2)
    assert "captures  looked 2 " in called.out
    called = call("reparse", "rantburg", *named(theirs), "--until", DAY.replace(day=1))
    assert "captures  looked 0 " in called.out


@pytest.mark.long
def test_what_is_taken_in_is_kept_like_the_rest(call: Call, theirs: list[Path]) -> None:
    call("reparse", *named(theirs))
    told = call("reparse", "rantburg", "--all", "--json").json
    assert (told["captures"], told["fields"], told["taken_in"]) == (CAPTURES, [], 0)
    again = call("reparse", "rantburg", *named(theirs))
    assert "0 captures were taken in, 5 are known" in again.out
    assert call("archive", "import", theirs[0], "--json").json["files"][0]["known"] == 3


def test_a_source_without_a_page_is_not_told_of(call: Call, tmp_path: Path, database: str) -> None:
    other = capture(b"other", url="http://other.example/")
    (tmp_path / "other.warc.gz").write_bytes(response_member(other, warcinfo_id="<urn:x>").data)
    called = call("reparse", "--warc", tmp_path / "other.warc.gz", "--json")
    assert (called.code, called.out) == (0, "")
    assert rows.table(database, "runs") == []
    assert call("reparse", "rantburg", "--warc", tmp_path / "other.warc.gz", "--json").json["captures"][
        "looked"
    ] == 0  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("quiet", [["--quiet"], *long([])], ids=["quiet", "plain"])
def test_damaged_records_are_told_on_stderr(call: Call, theirs: list[Path], quiet: list[str]) -> None:
    whole = theirs[0].read_bytes()
    theirs[0].write_bytes(whole + b"garbage\n")
    called = call(*quiet, "reparse", "rantburg", *named(theirs), "--json")
    assert called.code == 1
    assert (called.json["captures"], called.json["exit_code"]) == (CAPTURES, 0)
    assert f"one.warc.gz at {len(whole)}: no WARC record begins here" in called.err


@pytest.mark.long
def test_a_page_that_cannot_be_parsed_is_put_aside(call: Call, tmp_path: Path) -> None:
    wall = capture(b"a wall", url=url_of(1))
    (tmp_path / "a.warc.gz").write_bytes(response_member(wall, warcinfo_id="<urn:x>").data)
    called = call("reparse", "--warc", tmp_path / "a.warc.gz")
    assert called.code == 1
    assert "capture 1: the page is none of rantburg's" in called.out
    (entry,) = call("quarantine", "list", "--json").json["quarantine"]
    assert (entry["url"], entry["error_kind"]) == (url_of(1), "PageUnrecognised")
    assert call("quarantine", "retry").code == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--warc", "file", "--revision", "1"), "--revision chooses among kept pages"),
        (("--all", "--revision", "1"), "--revision chooses among kept pages"),
        (("--warc", "file", "--fixtures", "folder"), "exclude one another"),
        (("--warc", "file", "--sample", 3), "--sample goes with --diff"),
        (("--warc", "nothing.warc"), "nothing.warc' does not exist"),
        (("--warc", "folder"), "folder' is a directory"),
        (("--warc", "file"), "file is no WARC file that can be read"),
        (("--fixtures", "nothing"), "nothing' does not exist"),
        (("--fixtures", "file"), "file' is a file"),
        (("--fixtures", "folder"), "no fixtures below folder"),
    ],
)
def test_wrong_usage_changes_nothing(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[object, ...], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("no WARC file\n")
    (tmp_path / "folder").mkdir()
    called = call("reparse", "rantburg", *options)
    assert (called.code, called.out) == (2, "")
    assert words in called.err.replace("\n", " ")
    assert not (tmp_path / "archive").exists()


def test_a_held_source_stops_it(call: Call, theirs: list[Path], database: str, tmp_path: Path) -> None:
    with Store.open(database) as store, store.lock("rantburg"):
        assert call("reparse", *named(theirs)).code == 3
    assert not (tmp_path / "archive").exists()


@pytest.mark.long
def test_fixtures(call: Call, tmp_path: Path, database: str) -> None:
    root = tmp_path / "fixtures"
    for section in SECTIONS:
        case = f"demo-day-section-{section}"
        shutil.copytree(FIXTURES / "rantburg" / case, root / "rantburg" / case)
    first = call("reparse", "rantburg", "--fixtures", root, "--json").json
    assert (first["captures"], first["exit_code"]) == (CAPTURES, 0)
    assert first["articles"]["new"] == len(rows.table(database, "articles")) > 0
    for more in (["--diff"], []):
        again = call("reparse", "--fixtures", root, "--json", *more).json
        assert (again["captures"], again["fields"]) == (CAPTURES, [])
        assert again["articles"]["new"] == again["comments"]["new"] == 0
    commands = [run["command"] for run in rows.table(database, "runs")]
    assert commands == ["reparse --fixtures", "reparse --diff", "reparse --fixtures"]
    assert call("archive", "verify").code == 0
