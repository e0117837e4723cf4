"""``thresher fixture``: cases are made, checked and accepted, and never written elsewhere."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from ingest.errors import ConfigurationError
from ingest.jobs.packs.fixtures import default_folder, read_one
from ingest.store import Store
from tests.cli.conftest import Call, on_loopback
from tests.kit.rig import DAY
from tests.kit.visits import capture_row
from tests.site.faults import Fault
from tests.site.server import SiteServer

ROOT = Path(__file__).parents[2] / "fixtures"
CASE = "rantburg/comment-quotes-a-footer"
URL = "http://www.rantburg.com/?D=03/23/2018&HC=1&SO="


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / CASE, tmp_path / "cases" / CASE)
    return tmp_path / "cases"


def test_all_ours_are_as_accepted(call: Call) -> None:
    called = call("fixture", "check", "--json")
    assert called.code == 0
    assert set(called.json) == {"checked", "wrong"}
    assert called.json["wrong"] == []


def test_json_stands_before_as_well(call: Call, folder: Path) -> None:
    assert call("--json", "fixture", "check", "--fixtures", folder).json == {"checked": 1, "wrong": []}
    assert call("fixture", "check", CASE, "--fixtures", folder).out == "1 of 1 fixtures are as accepted\n"


def test_a_wrong_answer_is_told_by_its_field(call: Call, folder: Path) -> None:
    answer = folder / CASE / "answer.json"
    accepted = json.loads(answer.read_text("utf-8"))
    said = accepted["articles"][0]["comments"][1]["author"]
    accepted["articles"][0]["comments"][1]["author"] = "Nobody " + "at all " * 40
    accepted["articles"][0]["made_up"] = 1
    answer.write_text(json.dumps(accepted), "utf-8")
    called = call("fixture", "check", "--fixtures", folder)
    assert called.code == 1
    assert "  articles.0.comments.1.author\n" in called.out
    assert f'    parsed   "{said}"\n' in called.out
    assert "characters)" in called.out
    (wrong,) = call("fixture", "check", "--fixtures", folder, "--json").json["wrong"]
    assert (wrong["name"], wrong["accepted"]) == (CASE, True)
    assert [one["field"] for one in wrong["differences"]] == [
        "articles.0.comments.1.author",
        "articles.0.made_up",
    ]
    assert wrong["differences"][1] == {"field": "articles.0.made_up", "accepted": 1, "parsed": "(absent)"}


def test_a_missing_answer_is_proposed_and_fails(call: Call, folder: Path) -> None:
    answer = folder / CASE / "answer.json"
    accepted = answer.read_bytes()
    answer.unlink()
    called = call("fixture", "check", "--fixtures", folder)
    assert called.code == 1
    assert "nothing accepted yet" in called.out
    assert "review " in called.err
    assert json.loads((folder / CASE / "answer.new.json").read_text("utf-8")) == json.loads(accepted)
    called = call("fixture", "accept", CASE, "--fixtures", folder)
    assert (called.code, called.err) == (0, f"accepted: {answer}\n")
    assert json.loads(answer.read_text("utf-8")) == json.loads(accepted)
    assert not (folder / CASE / "answer.new.json").exists()
    assert call("fixture", "check", "--fixtures", folder).code == 0


def test_a_page_becomes_a_case(call: Call, tmp_path: Path) -> None:
    (tmp_path / "saved.html").write_text("<p>Just a moment...</p>")
    cases = tmp_path / "cases"
    given = ("--source", "rantburg", "--name", "a-challenge", "--url", URL, "--fixtures", cases)
    called = call("fixture", "add", tmp_path / "saved.html", *given, "--why", "A wall.")
    assert (called.code, called.out) == (0, "")
    assert "thresher fixture accept rantburg/a-challenge" in called.err
    case = cases / "rantburg" / "a-challenge"
    assert sorted(file.name for file in case.iterdir()) == ["answer.new.json", "meta.json", "page.html"]
    assert call("fixture", "check", "--fixtures", cases).code == 1
    assert call("fixture", "accept", "rantburg/a-challenge", "--fixtures", cases).code == 0
    assert json.loads((case / "error.json").read_text()) == {"error": "PageBlocked", "field": None}
    assert call("fixture", "check", "--fixtures", cases).code == 0
    again = call("fixture", "add", tmp_path / "saved.html", *given)
    assert (again.code, "is there already" in again.err) == (2, True)


def test_words_without_markup_are_a_text_page(call: Call, tmp_path: Path) -> None:
    (tmp_path / "saved").write_text("Submit your comments on this article | |\n")
    given = ("--source", "rantburg", "--name", "words", "--fixtures", tmp_path / "cases")
    assert call("fixture", "add", tmp_path / "saved", *given).code == 0
    assert (tmp_path / "cases/rantburg/words/page.txt").exists()


@pytest.mark.parametrize("name", ["../x", "x/y", "..", ".", "", "a\0b", "A", "x" * 300, "-", "\u202e"])
def test_a_name_that_leads_elsewhere_is_refused(call: Call, tmp_path: Path, name: str) -> None:
    (tmp_path / "saved").write_text("<p>")
    given = ("--source", "rantburg", "--name", name, "--fixtures", tmp_path / "cases")
    called = call("fixture", "add", tmp_path / "saved", *given)
    assert (called.code, called.out) == (2, "")
    assert "is no fixture's name" in called.err
    assert not (tmp_path / "cases").exists()


@pytest.mark.parametrize(
    "name",
    ["../x", "/x", "rantburg/..", "rantburg/x/y", "x", "rantburg/", "a/b\0c", f"rantburg/{'x' * 300}", "./x"],
)
@pytest.mark.parametrize("command", ["check", "accept"])
def test_a_case_that_lies_elsewhere_is_refused(call: Call, folder: Path, command: str, name: str) -> None:
    (folder.parent / "x").mkdir()
    (folder.parent / "x" / "meta.json").write_text("{}")
    called = call("fixture", command, name, "--fixtures", folder)
    assert (called.code, called.out) == (2, "")
    assert "is not a fixture's name" in called.err
    assert [file.name for file in (folder.parent / "x").iterdir()] == ["meta.json"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"meta.json": "not json"}, "JSONDecodeError"),
        ({"meta.json": "[]"}, "TypeError"),
        ({"meta.json": '{"url": ""}'}, "KeyError"),
        ({"page.txt": "a second page"}, "2 files are named page"),
        ({"answer.json": "{"}, "JSONDecodeError"),
    ],
)
def test_a_folder_that_is_no_case(call: Call, folder: Path, change: dict[str, str], said: str) -> None:
    for name, content in change.items():
        (folder / CASE / name).write_text(content)
    called = call("fixture", "check", "--fixtures", folder)
    assert (called.code, called.out) == (2, "")
    assert said in called.err.replace("\n", "")


def test_a_folder_without_cases(call: Call, tmp_path: Path) -> None:
    called = call("fixture", "check", "--fixtures", tmp_path)
    assert (called.code, called.err) == (2, f"thresher: no fixtures below {tmp_path}\n")


def test_a_folder_that_cannot_be_written(call: Call, tmp_path: Path) -> None:
    (tmp_path / "saved").write_text("<p>")
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "rantburg").write_text("no folder")
    given = ("--source", "rantburg", "--name", "words", "--fixtures", tmp_path / "cases")
    called = call("fixture", "add", tmp_path / "saved", *given)
    assert (called.code, "cannot be written" in called.err) == (2, True)


def test_an_answer_that_cannot_be_written(call: Call, folder: Path) -> None:
    (folder / CASE / "answer.json").unlink()
    (folder / CASE / "answer.new.json").mkdir()
    called = call("fixture", "check", "--fixtures", folder)
    assert (called.code, "cannot be written" in called.err) == (2, True)


def test_where_the_fixtures_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(ROOT.parent)
    assert default_folder() == Path("fixtures")
    monkeypatch.chdir(tmp_path)
    assert default_folder().samefile(ROOT)


def test_a_source_nobody_knows_is_not_accepted_as_an_error(call: Call, folder: Path) -> None:
    shutil.copytree(folder / CASE, folder / "nowhere" / "case")
    called = call("fixture", "accept", "nowhere/case", "--fixtures", folder)
    assert (called.code, called.out) == (2, "")
    assert "no source is named 'nowhere'" in called.err
    with pytest.raises(ConfigurationError):
        read_one(folder / "nowhere" / "gone")


def case_of(cases: Path, name: str) -> Path:
    return cases / "rantburg" / name


def test_a_capture_becomes_a_case(call: Call, harvest: Call, tmp_path: Path, database: str) -> None:
    harvest()
    cases = tmp_path / "cases"
    called = call("fixture", "add", 2, "--name", "a-second-section", "--fixtures", cases, "--why", "A day.")
    assert (called.code, called.out) == (0, "")
    again = call("fixture", "add", 2, "--name", "again", "--fixtures", cases, "--json").json
    assert again == {"name": "rantburg/again", "review": str(case_of(cases, "again") / "answer.new.json")}
    (accepted,) = call("fixture", "accept", "rantburg/again", "--fixtures", cases, "--json").json["fixtures"]
    assert (accepted["name"], accepted["accepted"]) == (
        "rantburg/again",
        str(case_of(cases, "again") / "answer.json"),
    )
    assert {one["accepted"] for one in accepted["differences"]} == {None, "(absent)"}
    case = read_one(case_of(cases, "a-second-section"))
    with Store.open(database) as store:
        stored = store.captures.one(2)
    assert stored is not None
    row = stored.row
    assert hashlib.sha256(case.body).hexdigest() == row.digest
    assert (case.url, case.captured_at, case.content_type) == (row.url, row.captured_at, row.content_type)
    assert len(case.parsed()["articles"]) == 2  # type: ignore[arg-type]
    assert call("fixture", "accept", case.name, "--fixtures", cases).code == 0
    assert call("fixture", "check", "--fixtures", cases).code == 0


@pytest.mark.usefixtures("made")
@pytest.mark.usefixtures("harvest")
def test_a_capture_that_is_not_held(call: Call, tmp_path: Path) -> None:
    called = call("fixture", "add", "77", "--name", "gone", "--fixtures", tmp_path / "cases")
    assert (called.code, called.err) == (2, "thresher: no capture 77 is held\n")


def test_a_capture_of_another_source(call: Call, tmp_path: Path, database: str) -> None:
    with Store.open(database) as store, store.transaction() as transaction:
        transaction.captures.add(capture_row())
    called = call(
        "fixture", "add", 1, "--source", "rantburg", "--name", "x", "--fixtures", tmp_path / "cases"
    )
    assert (called.code, called.err) == (2, "thresher: capture 1 is of harbour, not of rantburg\n")


def test_a_file_called_by_a_number_is_a_file(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("2").write_text("<p>Just a moment...</p>")
    given = ("--source", "rantburg", "--name", "a-number", "--fixtures", tmp_path / "cases")
    assert call("fixture", "add", 2, *given, "--content-type", "text/html").code == 0
    assert read_one(case_of(tmp_path / "cases", "a-number")).body == b"<p>Just a moment...</p>"


@pytest.mark.parametrize("named", [(), ("--source", "rantburg")])
def test_an_address_becomes_a_case(
    call: Call, site: SiteServer, toml: Path, tmp_path: Path, named: tuple[str, ...]
) -> None:
    toml.write_text(on_loopback(site))
    cases, url = tmp_path / "cases", f"{site.url}?D={DAY:%m/%d/%Y}&HC=2&SO="
    assert call("fixture", "add", url, "--name", "fetched", "--fixtures", cases, *named).code == 0
    case = read_one(case_of(cases, "fetched"))
    assert (case.url, case.content_type) == (url, "text/html")
    assert len(case.parsed()["articles"]) == 2  # type: ignore[arg-type]
    assert site.requests[0].path == "/robots.txt"


def test_an_address_that_gives_no_page(call: Call, site: SiteServer, toml: Path, tmp_path: Path) -> None:
    toml.write_text(on_loopback(site))
    site.faults = [Fault(path="HC=2", status=410)]
    url = f"{site.url}?D={DAY:%m/%d/%Y}&HC=2&SO="
    called = call("fixture", "add", url, "--name", "x", "--fixtures", tmp_path / "cases")
    assert (called.code, "the site answered 410" in called.err) == (3, True)
    assert not (tmp_path / "cases").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("page.html", "--name", "x"), "no file, no capture's id and no address"),
        (("a\0b", "--name", "x"), "no file, no capture's id and no address"),
        (("x" * 300, "--name", "x"), "no file, no capture's id and no address"),
        (("file:///page.html", "--name", "x"), "no source knows"),
        (("1", "--name", "x", "--url", URL), "--url and --content-type are for a file"),
        (("http://elsewhere.example/", "--name", "x"), "no source knows"),
        (("http://www.rantburg.com/login.php", "--name", "x"), "no source knows"),
        (("http://www.rantburg.com/login.php", "--name", "x", "--source", "rantburg"), "is no page of"),
        ((__file__, "--name", "x"), "name its --source"),
    ],
)
def test_what_is_no_page_is_refused(call: Call, tmp_path: Path, given: tuple[str, ...], said: str) -> None:
    called = call("fixture", "add", *given, "--fixtures", tmp_path / "cases")
    assert (called.code, called.out) == (2, "")
    assert said in " ".join(called.err.split())
    assert not (tmp_path / "cases").exists()


def test_the_sites_own_address_is_not_asked_for_where_a_mirror_is_named(
    call: Call, site: SiteServer, toml: Path, tmp_path: Path
) -> None:
    toml.write_text(on_loopback(site))
    called = call("fixture", "add", URL, "--name", "x", "--fixtures", tmp_path / "cases")
    assert (called.code, "out of the source's scope" in " ".join(called.err.split())) == (3, True)
    assert site.requests == []


def test_a_file_that_cannot_be_read(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "saved").write_text("<p>")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    given = ("--source", "rantburg", "--name", "x", "--fixtures", tmp_path / "cases")
    called = call("fixture", "add", tmp_path / "saved", *given)
    assert (called.code, "cannot be read: Permission denied" in " ".join(called.err.split())) == (2, True)
