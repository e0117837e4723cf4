"""``thresher verify``: what it prints of what is there and of what is not, its calendar, and its repair."""

from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from ingest.cli.output.coverage import MOST
from ingest.records.pages import PageState
from ingest.store import Store
from tests.cli.conftest import Call
from tests.cli.test_cli_look import HOSTILE, either_side, spoken
from tests.kit import rows
from tests.kit.rig import COMMENTS, DAY
from tests.site.faults import cut_body, unavailable
from tests.site.server import SiteServer

VERIFY_KEYS = {
    "complete", "expected", "held", "states", "short_days", "unvisited_days", "pages", "articles",
    "incomplete", "years", "later_than_now",
}  # fmt: skip
PAGE_KEYS = {"source", "day", "section", "state", "expected", "held", "error", "why"}
GAP_KEYS = {"source", "external_id", "day", "section", "title", "expected", "held"}
YEAR_KEYS = {
    "complete", "expected", "held", "pages", "states", "pages_incomplete", "articles_short", "days_unvisited",
}  # fmt: skip
REPAIR_KEYS = {
    "command", "source", "run", "outcome", "exit_code", "requests", "bytes", "seconds", "articles",
    "comments", "pages", "outcomes", "adopted", "bytes_cut", "planned", "not_asked", "never_loaded",
    "before", "after", "incomplete", "taken", "stopped",
}  # fmt: skip
REHEARSAL_KEYS = {
    "command", "source", "dry_run", "requests", "delay", "seconds", "never_loaded", "pages",
}  # fmt: skip


def put(database: str, pages: Iterable[PageState]) -> None:
    with Store.open(database) as store, store.transaction() as tx:
        for page in pages:
            tx.ledger.put(page)


def failed(day: date, section: int = 1, error: str = "the site answered 500") -> PageState:
    return PageState(source="rantburg", day=day, section=section, state="failed", last_error=error)


def test_verify_of_what_is_complete(harvest: Call, call: Call) -> None:
    harvest()
    called = call("verify")
    assert (called.code, called.err) == (0, "")
    assert called.out == (
        f"articles  9 of 9\ncomments  {COMMENTS} of {COMMENTS}\npages     6: done 6\ncomplete\n"
    )
    told = either_side(call, "verify", "rantburg")
    assert isinstance(told, dict)
    assert set(told) == VERIFY_KEYS
    assert told["complete"] is True
    assert [set(page) for page in told["pages"]] == [PAGE_KEYS] * 6


def test_verify_names_the_section_and_the_article(
    harvest: Call, call: Call, site: SiteServer, database: str
) -> None:
    harvest()
    said_on, comment = spoken(site)
    rows.execute(database, f"DELETE FROM comments WHERE external_id = '{comment}'")
    called = call("verify", "rantburg")
    assert called.code == 1
    many = len(site.days[DAY].article(said_on).comments)
    assert f"article {said_on} of {DAY}: {many - 1} of {many} comments" in called.out
    assert [line.split()[:4] for line in called.out.splitlines() if line.startswith("rantburg")] == [
        ["rantburg", "2018-04-14", "2", "done"]
    ]
    told = call("verify", "--json").json
    assert (told["complete"], told["short_days"]) == (False, ["2018-04-14"])
    assert [set(gap) for gap in told["articles"]] == [GAP_KEYS]
    assert told["articles"][0]["external_id"] == said_on


def test_verify_counts_days_that_were_never_visited(harvest: Call, call: Call) -> None:
    harvest()
    window = ("--since", "2018-04-13", "--until", "2018-04-16")
    called = call("verify", *window)
    assert called.code == 1
    assert "days never visited: 3, from 2018-04-13 to 2018-04-16" in called.out
    assert call("verify", *window, "--json").json["unvisited_days"] == [
        "2018-04-13",
        "2018-04-15",
        "2018-04-16",
    ]
    assert call("verify", "--since", DAY, "--until", DAY).code == 0
    assert call("verify", "--since", "2018-04-13").code == 0


@pytest.mark.parametrize(
    ("window", "said"),
    [
        (
            ("--since", "2018-04-14", "--until", "2018-04-13"),
            "--until 2018-04-13 is before --since 2018-04-14",
        ),
        (("--since", "9999-12-30", "--until", "9999-12-31"), "'9999-12-31' is not a day such as"),
        (("--since", "yesterday"), "'yesterday' is not a day such as"),
        (("nowhere",), "no source is named 'nowhere'"),
    ],
)
def test_verify_of_what_cannot_be(call: Call, window: tuple[str, ...], said: str) -> None:
    called = call("verify", *window)
    assert (called.code, called.out) == (2, "")
    assert said in called.err


def test_verify_tells_so_many_and_all_if_asked(harvest: Call, call: Call, database: str) -> None:
    harvest()
    put(database, [failed(DAY - timedelta(days=number)) for number in range(1, MOST + 4)])
    called = call("verify")
    assert called.out.startswith("articles  9 of 9\n")
    assert called.out.count("the site answered 500") == MOST
    assert called.out.endswith("and 3 more: --all lists every one\n")
    assert "done\n" not in called.out
    every = call("verify", "--all")
    assert (every.code, every.out.count("the site answered 500")) == (1, MOST + 3)
    assert [
        line.split()[1:4] for line in every.out.splitlines() if " done " in line and "rantburg" in line
    ] == [["2018-04-14", str(section), "done"] for section in range(1, 7)]
    told = call("verify", "--json").json
    assert (len(told["pages"]), len(told["incomplete"])) == (MOST + 9, MOST + 3)
    assert {page["why"] for page in told["incomplete"]} == {"the site answered 500"}


@pytest.mark.long
def test_verify_of_several_years_has_a_line_a_year(harvest: Call, call: Call, database: str) -> None:
    harvest()
    put(database, [failed(date(2016, 2, 29)), failed(date(2016, 2, 29), 2)])
    lines = [line.split() for line in call("verify").out.splitlines()]
    assert ["2016", "2", "2", "0", "0", "0", "0"] in lines
    assert ["2018", "6", "0", "9", "9", str(COMMENTS), str(COMMENTS)] in lines
    told = call("verify", "--json").json["years"]
    assert {year: one["complete"] for year, one in told.items()} == {"2016": False, "2018": True}
    assert [set(one) for one in told.values()] == [YEAR_KEYS] * 2


def test_verify_names_stretches_that_were_never_visited(harvest: Call, call: Call) -> None:
    harvest()
    lines = call("verify", "--since", "2018-04-10", "--until", "2018-04-15").out.splitlines()
    assert lines[-2:] == [
        "never visited: 2018-04-10 to 2018-04-13, 4 days",
        "never visited: 2018-04-15",
    ]


def test_the_calendar(harvest: Call, call: Call, database: str) -> None:
    harvest()
    put(database, [failed(date(2018, 4, 16))])
    called = call("verify", "rantburg", "--calendar", "--since", "2018-04-13")
    assert called.code == 1
    assert called.out.splitlines() == [
        "rantburg",
        "2018   done 1  failed 1  none 2",
        "    Jan Feb Mar Apr  May Jun Jul  Aug Sep  Oct Nov Dec",
        "Mon                F",
        "Tue",
        "Wed",
        "Thu",
        "Fri               .",
        "Sat               =",
        "Sun               .",
        "",
        "= done   - done, nothing on it   S short   F failed   ? never loaded   . no row",
        "NOT complete: days short: 1",
    ]
    told = either_side(call, "verify", "--calendar", "--since", "2018-04-13", "--until", "2018-04-15")
    assert told == {
        "complete": False,
        "calendar": {"rantburg": {"2018-04-13": "none", "2018-04-14": "done", "2018-04-15": "none"}},
    }


def test_the_calendar_of_every_source(harvest: Call, call: Call, database: str) -> None:
    harvest()
    put(database, [PageState(source="\x1b[31mharbour", day=DAY, section=1, state="pending")])
    called = call("verify", "--calendar")
    assert called.code == 1
    assert called.out.replace("\n", "").isprintable()
    assert [line for line in called.out.splitlines() if line.startswith("2018")] == [
        "2018   pending 1",
        "2018   done 1",
    ]


@pytest.mark.usefixtures("made")
def test_the_calendar_of_nothing(call: Call) -> None:
    called = call("verify", "rantburg", "--calendar", "--until", "2018-04-13")
    assert (called.code, called.out.splitlines()[0]) == (1, "rantburg")
    assert called.out.endswith("NOT complete: no page of these days was ever harvested\n")
    assert call("verify", "rantburg", "--calendar", "--json").json == {
        "complete": False,
        "calendar": {"rantburg": {}},
    }


@pytest.fixture
def repair(call: Call, site: SiteServer) -> Call:
    """Repairs from the site."""

    def repair(*more: object) -> object:
        return call("verify", "rantburg", "--repair", "--base-url", site.url, "--delay", 0, *more)

    return repair


@pytest.fixture
def broken(harvest: Call, site: SiteServer, no_waiting: list[float]) -> None:
    """A day was harvested but for section 3, and the site is mended."""
    site.faults = [cut_body("HC=3", times=None)]
    harvest()
    site.faults = []


@pytest.mark.usefixtures("broken")
def test_a_repair(repair: Call, call: Call, site: SiteServer, database: str) -> None:
    asked = len(site.pages_asked)
    called = repair()
    assert (called.code, called.err) == (0, "")
    assert len(site.pages_asked) == asked + 1
    assert (
        f"\nafter   articles 9 of 9  comments {COMMENTS} of {COMMENTS}  pages not complete 0 of 6\n"
        in called.out
    )
    assert "pages not complete 1 of 6" in called.out
    assert called.out.endswith("\ncomplete\n")
    assert rows.held(database) == rows.told(*site.days.values())
    assert [run["command"] for run in call("runs", "--json").json["runs"]] == ["repair", "harvest"]


@pytest.mark.long
@pytest.mark.usefixtures("broken")
def test_a_repair_as_json(repair: Call) -> None:
    told = repair("--json").json
    assert set(told) == REPAIR_KEYS
    assert (told["command"], told["outcome"], told["exit_code"]) == ("repair", "complete", 0)
    assert (told["planned"], told["not_asked"], told["never_loaded"], told["incomplete"]) == (1, 0, 0, [])
    assert (set(told["before"]), set(told["after"])) == (YEAR_KEYS, YEAR_KEYS)
    assert (told["before"]["complete"], told["after"]["complete"]) == (False, True)


@pytest.mark.usefixtures("broken")
def test_a_repair_can_be_rehearsed(repair: Call, site: SiteServer, database: str) -> None:
    asked, before = len(site.requests), rows.digest(database)
    called = repair("--dry-run", "--delay", 60)
    assert (called.code, called.err) == (0, "")
    assert called.out.startswith("1 requests, one every 60 s: 1.0 min\n")
    assert "rantburg  2018-04-14        3  failed " in called.out
    told = repair("--dry-run", "--json").json
    assert set(told) == REHEARSAL_KEYS
    assert [(page["day"], page["section"]) for page in told["pages"]] == [("2018-04-14", 3)]
    assert (len(site.requests), rows.digest(database)) == (asked, before)


@pytest.mark.long
@pytest.mark.usefixtures("broken")
def test_a_repair_of_a_site_that_gives_nothing(repair: Call, site: SiteServer, database: str) -> None:
    put(database, [failed(DAY, section) for section in (1, 2)])
    site.faults = [unavailable(strikes=1, every=1)]
    called = repair()
    assert called.code == 3
    assert "1 pages were not asked for: the site refuses" in called.err


def test_a_repair_tells_what_waits_for_a_backfill(repair: Call, harvest: Call, database: str) -> None:
    harvest()
    put(database, [PageState(source="rantburg", day=DAY - timedelta(days=1), section=1, state="pending")])
    for more in ((), ("--dry-run",)):
        called = repair(*more)
        assert called.err == "1 pages were never loaded: that is for a backfill\n"
    assert "never visited: 2018-04-13" in repair().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--repair",), "--repair needs the SOURCE to ask"),
        (("rantburg", "--repair", "--delay", "nan"), "nan is not a number of seconds"),
        (("rantburg", "--repair", "--calendar"), "--calendar goes with neither --repair nor --all"),
        (("rantburg", "--calendar", "--all"), "--calendar goes with neither --repair nor --all"),
        (("rantburg", "--dry-run"), "go with --repair"),
        (("rantburg", "--delay", "2"), "go with --repair"),
        (("rantburg", "--base-url", "http://127.0.0.1:9/"), "go with --repair"),
    ],
    ids=["no source", "nan", "calendar", "calendar of all", "dry run", "delay", "base url"],
)
def test_options_that_do_not_go_together(call: Call, options: tuple[str, ...], said: str) -> None:
    called = call("verify", *options)
    assert (called.code, called.out) == (2, "")
    assert said in called.err


def test_hostile_errors_and_titles_cannot_reach_the_terminal(
    harvest: Call, repair: Call, call: Call, database: str
) -> None:
    harvest()
    hostile = HOSTILE.replace("'", "''").replace(":", "\\:")
    rows.execute(database, f"UPDATE articles SET title = '{hostile}', claimed_comments = 99")
    rows.execute(database, f"UPDATE pages SET state = 'short', last_error = '{hostile}'")
    for command in (("verify",), ("verify", "--all"), ("verify", "--calendar")):
        called = call(*command)
        assert called.out.replace("\n", "").isprintable()
    assert repair("--dry-run").out.replace("\n", "").isprintable()
    assert "[bold]not bold[/bold]" in call("verify").out


def test_a_day_that_is_not_emptied_is_not_accepted(harvest: Call, call: Call) -> None:
    harvest()
    refused = call("verify", "rantburg", "--accept-empty", f"{DAY}")
    assert (refused.code, refused.out) == (2, "")
    assert f"rantburg {DAY}: no page shows that its articles are gone" in refused.err
    assert call("verify", "--accept-empty", f"{DAY}").code == 2
    assert call("verify", "rantburg", "--repair", "--accept-empty", f"{DAY}").code == 2
