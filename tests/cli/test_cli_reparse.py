"""``thresher reparse`` and ``thresher quarantine``: what they print, and their exit codes."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from ingest.cli.output.progress import advancing
from ingest.cli.session import Session
from ingest.settings import Settings
from ingest.store import Store
from tests.cli.conftest import Call
from tests.kit import rows
from tests.kit.fakes import FakeClock
from tests.kit.marks import long
from tests.kit.rig import DAY

KEYS = {
    "command", "source", "run", "diff", "resumed", "outcome", "exit_code", "seconds", "captures", "taken_in",
    "articles", "comments", "fields", "failures",
}  # fmt: skip
CAPTURES = {"looked": 5, "parsed": 5, "quarantined": 0, "unreadable": 0}
ENTRY_KEYS = {
    "id", "capture_id", "source", "url", "error_kind", "error", "field", "failed_at", "attempts",
    "first_failed_at",
}  # fmt: skip
NOWHERE = "http://elsewhere.example/nothing.php"


def test_nothing_is_behind(harvest: Call, call: Call) -> None:
    harvest()
    called = call("reparse", "rantburg")
    assert (called.code, called.err) == (0, "")
    assert "captures  looked 0  parsed 0  quarantined 0  unreadable 0" in called.out
    assert "changed: 0 fields, 0 times" in called.out


@pytest.mark.parametrize("named", [*long(True), False])
def test_as_json(harvest: Call, call: Call, named: bool) -> None:
    harvest()
    source = ["rantburg"] if named else []
    told = call("reparse", *source, "--all", "--workers", 1, "--json").json
    assert set(told) == KEYS
    assert (told["exit_code"], told["outcome"], told["captures"]) == (0, "complete", CAPTURES)
    assert (told["fields"], told["failures"], told["resumed"]) == ([], [], False)
    (run, _) = call("runs", "--json").json["runs"]
    assert run["report"] == told
    assert run["counts"]["parsed"] == 5


@pytest.mark.long
def test_a_diff_shows_fields_before_and_after(harvest: Call, call: Call, database: str) -> None:
    harvest()
    rows.misquote(database, "4000003", "not [bold]so")
    rows.execute(database, "UPDATE articles SET posted_at = NULL WHERE external_id = '510003'")
    called = call("reparse", "rantburg", "--all", "--diff", "--since", DAY, "--until", DAY)
    assert called.code == 0
    assert "510000 comment 4000003" in called.out
    assert "'not [bold]so' -> " in called.out
    assert "(none) -> '2018-04-" in called.out
    assert "would change: 2 fields, 2 times" in called.out
    told = call("reparse", "--all", "--diff", "--sample", 2, "--json").json
    assert (told["diff"], told["captures"]["looked"]) == (True, 2)
    told = call("reparse", "--all", "--json").json
    assert [(one["field"], one["rows"]) for one in told["fields"]] == [
        ("article.posted_at", 1),
        ("comment.text", 1),
    ]
    (sample,) = told["fields"][1]["samples"]
    assert (sample["article"], sample["comment"], sample["before"]) == ("510000", "4000003", "not [bold]so")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--since", "2018-04-15", "--until", "2018-04-14"), "is before --since"),
        (("--sample", 3), "--sample goes with --diff"),
        (("--workers", 0), "0 is not in the range"),
    ],
)
def test_wrong_usage(call: Call, options: tuple[object, ...], words: str) -> None:
    called = call("reparse", "rantburg", *options)
    assert (called.code, called.out) == (2, "")
    assert words in called.err


@pytest.mark.usefixtures("made")
def test_a_held_source_and_a_missing_archive_stop_it(harvest: Call, call: Call, database: str) -> None:
    called = call("reparse", "rantburg")
    assert called.code == 3
    assert "there is no folder" in called.err
    harvest()
    with Store.open(database) as store, store.lock("rantburg"):
        assert call("reparse", "rantburg").code == 3


@pytest.mark.long
def test_a_run_that_was_broken_off_is_named(harvest: Call, call: Call, database: str) -> None:
    harvest()
    call("reparse", "rantburg", "--all")
    rows.execute(database, "UPDATE runs SET outcome = NULL, ended_at = NULL WHERE command = 'reparse'")
    called = call("reparse", "rantburg", "--all")
    assert "rantburg: taken up where a run was broken off" in called.err
    assert "looked 0" in called.out


@pytest.mark.long
def test_quarantine(harvest: Call, call: Call, database: str) -> None:
    harvest()
    assert call("quarantine", "list", "--json").json == {"quarantine": []}
    url = rows.table(database, "captures")[2]["url"]
    rows.execute(database, f"UPDATE captures SET url = '{NOWHERE}' WHERE id = 3")
    called = call("reparse", "rantburg", "--all")
    assert called.code == 1
    assert f"capture 3: '{NOWHERE}' is no page of rantburg that is harvested" in called.out

    (entry,) = call("quarantine", "list", "rantburg", "--json").json["quarantine"]
    assert set(entry) == ENTRY_KEYS
    assert (entry["capture_id"], entry["error_kind"], entry["attempts"]) == (3, "AddressUnknown", 1)
    assert NOWHERE in call("quarantine", "list").out
    assert call("quarantine", "show", entry["id"], "--json").json == entry
    assert "AddressUnknown" in call("quarantine", "show", entry["id"]).out
    assert call("quarantine", "show", 99).code == 2

    assert call("quarantine", "retry", entry["id"]).code == 1
    assert call("quarantine", "list", "--json").json["quarantine"][0]["attempts"] == 2
    rows.execute(database, f"UPDATE captures SET url = '{url}' WHERE id = 3")
    told = call("quarantine", "retry", "--json").json
    assert (told["exit_code"], told["captures"]["looked"]) == (0, 1)
    assert call("quarantine", "list", "--json").json == {"quarantine": []}
    assert call("quarantine", "retry").code == 0


def followed(*, terminal: bool, quiet: bool = False) -> str:
    shown, clock = io.StringIO(), FakeClock()
    err = Console(file=shown, force_terminal=terminal, width=100)
    settings = Settings(database="", archive=Path())
    session = Session(settings=settings, quiet=quiet, clock=clock)
    session.err = err
    with advancing(session, "reparse rantburg") as progress:
        for done in (100, 200, 300):
            clock.advance(40)
            progress(done, 1000)
    return shown.getvalue()


def test_progress_has_an_estimate() -> None:
    assert followed(terminal=False).splitlines() == [
        "reparse rantburg: 200 of 1000 pages, about 5 min to go",
    ]
    assert "300/1000" in followed(terminal=True)
    assert followed(terminal=False, quiet=True) == followed(terminal=True, quiet=True) == ""
