"""``thresher harvest``: options, exit codes, and what goes where."""

import asyncio
import io
from pathlib import Path

import pytest
from rich.console import Console

from ingest.cli.output.progress import following
from ingest.cli.session import Session
from ingest.records.outcome import Outcome
from ingest.settings import Settings
from tests.cli.conftest import Call
from tests.kit import rows
from tests.kit.fakes import FakeClock
from tests.kit.rig import COMMENTS, DAY
from tests.kit.waiting import until
from tests.site.faults import instead
from tests.site.server import SiteServer

REPORT_KEYS = {
    "command", "source", "run", "outcome", "exit_code", "requests", "bytes", "seconds", "articles",
    "comments", "pages", "outcomes", "adopted", "bytes_cut",
}  # fmt: skip
OUTCOME_KEYS = {"day", "section", "url", "state", "reason", "articles", "comments"}
COUNTS = ["new", "modified", "unmodified", "vanished", "returned"]


def test_a_harvest_tells_what_came_of_it(harvest: Call, site: SiteServer, database: str) -> None:
    called = harvest()
    assert (called.code, called.err) == (0, "")
    assert f"articles  new 9  modified 0  unmodified 0  vanished 0\ncomments  new {COMMENTS}  " in called.out
    assert "pages     done 5  short 0  failed 0\n5 page requests, " in called.out
    assert rows.held(database) == rows.told(*site.days.values())


@pytest.mark.parametrize("behind", [True, False])
def test_a_harvest_as_json(harvest: Call, call: Call, site: SiteServer, behind: bool) -> None:
    if behind:
        called = harvest("--json")
    else:
        there = ("--date", DAY, "--base-url", site.url, "--delay", 0)
        called = call("--json", "harvest", "rantburg", *there)
    told = called.json
    assert set(told) == REPORT_KEYS | {"later_than_now"}
    assert (told["exit_code"], told["outcome"], told["requests"]) == (0, "complete", 5)
    assert (list(told["articles"]), list(told["comments"])) == (COUNTS, COUNTS)
    assert told["pages"] == {"done": 5, "short": 0, "failed": 0}
    assert [set(outcome) for outcome in told["outcomes"]] == [OUTCOME_KEYS] * 5


def test_several_days_each_once_newest_first(harvest: Call) -> None:
    told = harvest("--date", "2018-04-13", "--date", DAY, "--json").json
    days = [outcome["day"] for outcome in told["outcomes"]]
    assert days == ["2018-04-14"] * 5 + ["2018-04-13"]


@pytest.mark.long
def test_in_full(harvest: Call) -> None:
    harvest()
    assert harvest("--json").json["requests"] == 1
    assert harvest("--full", "--json").json["requests"] == 5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "no source is named 'nowhere'; known: rantburg"),
        (("rantburg", "--date", "2018-02-30"), "'2018-02-30' is not a day such as 2018-03-23"),
        (("rantburg", "--date", "03/23/2018"), "is not a day such as"),
        (("rantburg", "--date", DAY, "--recent", 2), "--date and --recent exclude one another"),
        (("rantburg", "--recent", 0), "0 is not in the range"),
        (("rantburg", "--delay", -1), "-1.0 is not in the range"),
        (("rantburg", "--delay", "nan"), "nan is not a number of seconds"),
        (("rantburg", "--delay", "soon"), "'soon' is not a valid float"),
        (("rantburg", "--base-url", "ftp://127.0.0.1/"), "not an address of a web page"),
        (("rantburg", "--base-url", "http://[::1"), "not an address"),
        (("rantburg", "--base-url", "http://me:secret@127.0.0.1/"), "with credentials"),
        (("rantburg", "--base-url", ""), "not an address"),
    ],
)
def test_usage_that_is_wrong(call: Call, arguments: tuple[object, ...], said: str) -> None:
    called = call("harvest", *arguments)
    assert (called.code, called.out) == (2, "")
    assert said in called.err
    assert "secret" not in called.err
    assert "Traceback" not in called.err


def test_a_robots_txt_that_fails(harvest: Call, site: SiteServer, no_waiting: list[float]) -> None:
    site.robots = (503, b"")
    called = harvest("--json")
    assert (called.code, called.json["outcome"], called.json["requests"]) == (3, "failed", 0)
    assert "robots.txt" in called.json["outcomes"][0]["reason"]
    assert "robots.txt" in called.err
    assert site.pages_asked == []


def test_a_robots_txt_that_forbids(harvest: Call, site: SiteServer) -> None:
    site.robots = (200, b"User-agent: *\nDisallow: /\n")
    assert harvest().code == 3
    assert site.pages_asked == []


def test_an_unchanged_day_costs_one_request(harvest: Call, site: SiteServer) -> None:
    harvest()
    before = len(site.requests)
    assert harvest("--json").json["requests"] == 1
    assert [request.path for request in site.requests[before:]] == site.pages_asked[-1:]


def test_a_robots_txt_that_comes_to_forbid_is_heard_of_after_a_day(
    harvest: Call, site: SiteServer, database: str
) -> None:
    harvest()
    site.robots = (200, b"User-agent: *\nDisallow: /\n")
    assert harvest().code == 0
    rows.execute(database, "UPDATE robots SET asked_at = '2001-01-01T00:00:00.000000Z'")
    asked = len(site.pages_asked)
    assert harvest().code == 3
    assert len(site.pages_asked) == asked


def test_a_page_that_fails(harvest: Call, site: SiteServer, no_waiting: list[float]) -> None:
    site.faults = [instead("HC=2", body=b"<p>Just a moment...</p>")]
    called = harvest()
    assert called.code == 1
    assert "pages     done 4  short 0  failed 1" in called.out
    assert "the page is a wall: it says 'just a moment'" in called.err


@pytest.mark.parametrize("which", ["folder", "words"])
def test_a_database_that_is_none(harvest: Call, database: str, which: str) -> None:
    if which == "folder":
        Path(database).mkdir()
    else:
        Path(database).write_text("these are only words, and enough of them to be read as a header" * 20)
    called = harvest()
    assert (called.code, called.out) == (3, "")
    assert called.err.replace("\n", "").startswith(f"thresher: sqlite:///{database}: ")


def test_an_archive_that_cannot_be_written(harvest: Call, tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("no folder")
    called = harvest()
    assert (called.code, called.out) == (3, "")
    assert str(tmp_path / "archive") in called.err


def outcome(section: int) -> Outcome:
    return Outcome(day=DAY, section=section, url="http://h.example/", state="done")


def followed(*, terminal: bool, quiet: bool = False) -> str:
    shown, clock = io.StringIO(), FakeClock()
    settings = Settings(database="", archive=Path())
    err = Console(file=shown, force_terminal=terminal, width=100)
    session = Session(settings=settings, quiet=quiet, clock=clock)
    session.err = err
    with following(session, "harvest rantburg") as progress:
        for section in range(1, 6):
            clock.advance(40)
            progress(outcome(section))
    return shown.getvalue()


def test_progress_is_a_line_a_minute_without_a_terminal() -> None:
    assert followed(terminal=False).splitlines() == [
        "harvest rantburg: 2 pages, 2018-04-14 section 2 done",
        "harvest rantburg: 4 pages, 2018-04-14 section 4 done",
    ]


def test_progress_moves_on_a_terminal() -> None:
    assert "5 pages, 2018-04-14 section 5 done" in followed(terminal=True)


def test_a_terminal_shows_that_the_next_request_is_waited_for() -> None:
    shown, clock = io.StringIO(), FakeClock()
    err = Console(file=shown, force_terminal=True, width=100)
    session = Session(settings=Settings(database="", archive=Path()), clock=clock)
    session.err = err

    async def wait() -> None:
        with session.waits.wait("a turn at h.example", pace=9.0) as waiting:
            await waiting.sleep(9.0)

    async def look(_: float) -> None:
        until(lambda: "next request in 9 s" in shown.getvalue())

    with pytest.MonkeyPatch.context() as patch, following(session, "harvest rantburg"):
        patch.setattr(clock, "sleep", look)
        asyncio.run(wait())
        assert session.waits.until is None


def test_progress_can_be_quiet() -> None:
    assert followed(terminal=False, quiet=True) == followed(terminal=True, quiet=True) == ""
