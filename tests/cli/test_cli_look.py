"""``thresher status``, ``show``, ``runs`` and ``db``: what they print, and their exit codes."""

from dataclasses import replace

import pytest

from ingest.store import Store
from ingest.store.database import migrate
from tests.cli.conftest import Call
from tests.kit import rows
from tests.kit.rig import COMMENTS, DAY, NOON
from tests.site.model import change_article, delete_article, edit_comment
from tests.site.pieces import Text
from tests.site.server import SiteServer

RUN_KEYS = {
    "run_id", "command", "source", "started_at", "ended_at", "outcome", "counts", "version", "host", "pid",
    "error",
}  # fmt: skip
ROW_KEYS = {
    "external_id", "posted_at", "posted_local", "text", "html", "first_seen_at", "last_seen_at",
    "vanished_at", "capture", "parser", "revision", "versions",
}  # fmt: skip
SHOW_KEYS = ROW_KEYS | {
    "source", "date", "section", "section_name", "category", "title", "link", "outlet", "posted_by", "label",
    "views", "text_original", "comments",
}  # fmt: skip
HOSTILE = "\x1b[31mred\x1b[0m \x9b1m [bold]not bold[/bold] \u202egnp.exe \x07 :warning: \u2028 end"


def spoken(site: SiteServer) -> tuple[str, str]:
    """The ids of an article of section 2 and of its first comment."""
    found = next(one for one in site.days[DAY].of_section(2) if one.comments)
    return found.external_id, found.comments[0].external_id


def either_side(call: Call, *command: object) -> object:
    """What a command prints with --json behind it, which is what it prints with it before."""
    behind, before = call(*command, "--json"), call("--json", *command)
    assert (behind.code, behind.out, behind.err) == (before.code, before.out, before.err)
    return behind.json


@pytest.mark.usefixtures("made")
def test_status(harvest: Call, call: Call) -> None:
    assert call("status").code == 0
    assert either_side(call, "status") == {
        "database": call("status", "--json").json["database"],
        "revision": migrate.newest(),
        "sources": [],
        "later_than_now": None,
        "fleet": None,
    }
    harvest()
    called = call("status")
    assert called.err.startswith("database sqlite:///")
    (line,) = [line.split() for line in called.out.splitlines() if line.startswith("rantburg")]
    assert line[:6] == ["rantburg", "9", str(COMMENTS), "0", "done", "6"]
    assert line[-1] == "complete"
    told = call("--json", "status").json["sources"][0]
    assert set(told) == {"source", "articles", "comments", "pages", "last_run", "last_success", "recent"}
    assert told["articles"] == {"live": 9, "vanished": 0}
    assert set(told["last_run"]) == RUN_KEYS


@pytest.mark.usefixtures("made")
def test_runs(harvest: Call, call: Call) -> None:
    assert call("runs", "--json").json == {"runs": []}
    harvest()
    harvest()
    told = either_side(call, "runs")
    assert isinstance(told, dict)
    assert [set(run) for run in told["runs"]] == [RUN_KEYS | {"report"}] * 2
    assert [run["counts"]["requests"] for run in told["runs"]] == [1, 5]
    assert len(call("runs", "--limit", 1, "--json").json["runs"]) == 1
    called = call("runs")
    assert called.code == 0
    assert "complete  pages_done 1  articles_unmodified 3" in called.out


def test_runs_that_did_not_end(call: Call, database: str) -> None:
    with Store.open(database) as store:
        store.runs.begin("harvest", "rantburg", NOON)
    assert "unfinished" in call("runs").out
    assert call("runs", "--json").json["runs"][0]["ended_at"] is None
    assert "unfinished" in call("status").out


def test_show(harvest: Call, call: Call, site: SiteServer) -> None:
    harvest()
    said_on, comment = spoken(site)
    day = site.change(DAY, lambda now: edit_comment(now, said_on, comment, (Text("On reflection: no."),)))
    harvest("--full")
    article = day.article(said_on)
    called = call("show", said_on)
    assert (called.code, called.err) == (0, "")
    assert called.out.splitlines()[0] == article.title
    assert f"#1 {article.comments[0].author.strip()} " in called.out
    assert "On reflection: no.\n   from 2" in called.out
    assert " it was #1 by " in called.out
    told = either_side(call, "show", said_on)
    assert isinstance(told, dict)
    assert set(told) == SHOW_KEYS
    assert [set(one) for one in told["comments"]] == [ROW_KEYS | {"number", "author"}] * len(article.comments)
    assert told["comments"][0]["text"] == "On reflection: no."
    assert len(told["comments"][0]["versions"]) == 1


@pytest.mark.long
def test_show_of_an_article_that_changed_and_went(harvest: Call, call: Call, site: SiteServer) -> None:
    harvest()
    said_on, _ = spoken(site)
    before = site.days[DAY].article(said_on)
    site.change(DAY, lambda now: change_article(now, replace(before, title="Another title", label="")))
    harvest("--full")
    site.change(DAY, lambda now: delete_article(now, said_on))
    harvest()
    called = call("show", said_on, "--source", "rantburg")
    assert called.out.startswith("Another title\n")
    assert "   vanished by 2" in called.out
    assert f" the article said: {before.title}" in called.out
    assert call("show", said_on, "--json").json["vanished_at"] is not None


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("arguments", [("99",), ("99", "--source", "rantburg"), ("\x1b[31m",)])
def test_show_of_nothing(call: Call, arguments: tuple[str, ...]) -> None:
    called = call("show", *arguments)
    assert (called.code, called.out) == (2, "")
    assert "is held" in called.err
    assert "\x1b" not in called.err


def test_hostile_words_cannot_reach_the_terminal(
    harvest: Call, call: Call, site: SiteServer, database: str
) -> None:
    harvest()
    said_on, comment = spoken(site)
    hostile = HOSTILE.replace("'", "''").replace(":", "\\:")
    for table, which in (("articles", said_on), ("comments", comment)):
        rows.execute(database, f"UPDATE {table} SET text = '{hostile}' WHERE external_id = '{which}'")
    rows.execute(database, f"UPDATE articles SET title = '{hostile}', claimed_comments = 99")
    rows.execute(database, f"UPDATE runs SET error = '{hostile}', counts = '{{}}'")
    rows.execute(database, f"UPDATE pages SET state = 'short', last_error = '{hostile}'")
    for command in (("show", said_on), ("verify",), ("runs",), ("status",)):
        called = call(*command)
        assert called.out.replace("\n", "").isprintable()
    assert "[bold]not bold[/bold]" in call("show", said_on).out
    for command in (("show", said_on), ("verify",), ("runs",)):
        called = call(*command, "--json")
        assert called.out.rstrip("\n").isprintable()
    assert "\u202e" in call("show", said_on, "--json").json["text"]


def test_db_upgrade(call: Call, database: str) -> None:
    called = call("db", "upgrade")
    assert (called.code, called.out) == (0, f"sqlite:///{database} is at schema {migrate.newest()}\n")
    told = either_side(call, "db", "upgrade")
    assert told == {"database": f"sqlite:///{database}", "revision": migrate.newest()}
    assert {"articles", "comments", "pages", "captures", "runs"} <= rows.tables(database)
