"""``thresher health``: a field that a parser no longer finds is told with its run and its pages."""

from dataclasses import replace

import pytest

from ingest.store import Store
from tests.cli.conftest import Call
from tests.kit.parsed import NOON
from tests.kit.rig import DAY
from tests.site.model import Day
from tests.site.server import SiteServer

PARSER_KEYS = {
    "source",
    "kind",
    "parser",
    "revision",
    "command",
    "run",
    "started_at",
    "pages",
    "articles",
    "comments",
    "rates",
}
FALLEN_KEYS = {
    "source",
    "kind",
    "parser",
    "revision",
    "command",
    "field",
    "before",
    "now",
    "rows_before",
    "rows_now",
    "since",
    "pages",
}


def without_labels(day: Day) -> Day:
    return replace(day, articles=tuple(replace(article, label="") for article in day.articles))


def repeat(database: str, times: int) -> None:
    """The newest run's rates once more, in runs of their own."""
    with Store.open(database) as store:
        newest = store.runs.rates(limit=1)
        for _ in range(times):
            run = store.runs.begin("harvest", "rantburg", NOON)
            store.runs.put_rates(run, [one.rates for one in newest])


@pytest.fixture
def fallen(harvest: Call, site: SiteServer, database: str) -> None:
    """Eight whole visits to a day of nine articles, and four after it lost the labels."""
    harvest("--full")
    repeat(database, 7)
    site.change(DAY, without_labels)
    harvest("--full")
    repeat(database, 3)


@pytest.mark.usefixtures("made")
def test_before_any_run_nothing_fell(call: Call) -> None:
    assert call("health", "--json").json == {"healthy": True, "parsers": [], "fallen": []}
    assert call("health").out.endswith("no field fell\n")


def test_a_run_is_counted(call: Call, harvest: Call) -> None:
    harvest()
    called = call("health", "rantburg", "--json")
    assert (called.code, called.json["healthy"], called.json["fallen"]) == (0, True, [])
    (parser,) = called.json["parsers"]
    assert set(parser) == PARSER_KEYS
    assert (parser["parser"], parser["command"], parser["run"]) == ("rantburg.section", "harvest", 1)
    assert (parser["pages"], parser["articles"], parser["comments"]) == (5, 9, 40)
    assert parser["rates"]["article.title"] == 1.0
    assert 0 < parser["rates"]["article.label"] < 1
    shown = call("health").out
    assert "article.label " in shown
    assert "harvest 1" in shown


@pytest.mark.long
@pytest.mark.usefixtures("fallen")
def test_a_fall_is_told_with_its_run_and_its_pages(call: Call) -> None:
    called = call("health", "--json")
    assert called.code == 1
    (fall,) = called.json["fallen"]
    assert set(fall) == FALLEN_KEYS
    assert (fall["field"], fall["now"], fall["since"]["run"]) == ("article.label", 0.0, 9)
    assert (fall["rows_before"], fall["rows_now"]) == (72, 36)
    assert [set(page) for page in fall["pages"]] == [{"capture", "url"}] * 3
    captures = [page["capture"] for page in fall["pages"]]
    assert captures == sorted(captures, reverse=True)
    told = call("health", "rantburg")
    assert told.code == 1
    assert "rantburg.section revision 2: article.label fell from" in told.out
    assert f"look at capture {captures[0]}: http" in told.out
    assert told.out.endswith("NOT as before: 1 fields fell\n")


@pytest.mark.long
@pytest.mark.usefixtures("fallen")
def test_only_the_runs_that_are_asked_for_are_compared(call: Call) -> None:
    assert call("health", "--runs", 3).code == 0
    assert call("health", "--runs", 9).code == 1
    assert call("health", "--runs", 0).code == 2


def test_a_run_of_no_pages_is_no_row(database: str, call: Call) -> None:
    with Store.open(database) as store:
        run = store.runs.begin("harvest", "rantburg", NOON)
        store.runs.put_rates(run, ())
        assert store.runs.rates() == ()
    assert call("health").code == 0


@pytest.mark.long
def test_a_reparse_is_counted_by_itself(call: Call, harvest: Call) -> None:
    harvest()
    assert call("reparse", "rantburg", "--all").code == 0
    parsers = call("health", "--json").json["parsers"]
    assert [one["command"] for one in parsers] == ["harvest", "reparse"]
    assert parsers[0]["rates"] == parsers[1]["rates"]
