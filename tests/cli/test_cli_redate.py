"""``db redate``, and what other commands say of moments that are later than now."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest.clock import SystemClock
from ingest.store import Store
from tests.cli.conftest import Call, Called
from tests.kit import rows


@pytest.fixture
def later(database: str, harvest: Call) -> None:
    """A run in the right time, and one that began 40 days ahead."""
    assert harvest().code == 0
    with Store.open(database) as store:
        ahead = SystemClock().now() + timedelta(days=40)
        store.runs.end(store.runs.begin("harvest", "rantburg", ahead), ahead, "complete", {})


def warned(called: Called) -> bool:
    return "0 captures and 1 runs are later" in called.err.replace("\n", " ")


@pytest.mark.long
@pytest.mark.usefixtures("later")
def test_readers_say_so_until_it_is_mended(call: Call, database: str) -> None:
    assert all(warned(call(*words)) for words in (["status"], ["verify"]))
    told = call("status", "--json").json
    assert told["later_than_now"]["runs"] == 1
    assert told["sources"][0]["last_success"]["run_id"] == 1
    assert call("verify", "--json").json["later_than_now"]["captures"] == 0
    rehearsed = call("db", "redate", "--dry-run", "--json").json
    assert (rehearsed["dry_run"], rehearsed["ahead"]["runs"], rehearsed["changed"]) == (True, 1, {})
    mended = call("db", "redate")
    assert (mended.code, mended.out.splitlines()[-1].split()) == (0, ["runs", "1"])
    now = datetime.now(UTC)
    assert all(run["started_at"] < now for run in rows.table(database, "runs"))
    assert not warned(call("status"))
    assert call("db", "redate", "--json").json["changed"] == {}


@pytest.mark.long
@pytest.mark.usefixtures("later")
def test_a_harvest_says_so_and_mends_it(harvest: Call, call: Call) -> None:
    called = harvest("--json")
    assert called.json["later_than_now"]["runs"] == 1
    assert warned(called)
    assert call("status", "--json").json["later_than_now"] is None


def test_moments_of_1970_are_named_before_they_are_moved(call: Call, database: str, made: None) -> None:
    with Store.open(database) as store:
        store.runs.begin("harvest", "rantburg", datetime(1970, 1, 1, 0, 3, tzinfo=UTC))
        store.runs.begin("harvest", "rantburg", SystemClock().now() - timedelta(hours=1))
    words = "0 captures and 1 runs are of before 1996, the first at 1970-01-01 00:03 UTC"
    for command in (["status"], ["verify"], ["doctor"]):
        called = call(*command)
        assert words in " ".join((called.err + called.out).split())
    assert words in " ".join(call("db", "redate", "--dry-run").out.split())
    rehearsed = call("db", "redate", "--dry-run", "--json").json
    assert rehearsed["ahead"] is None
    assert rehearsed["before_1996"] == {"captures": 0, "runs": 1, "oldest": "1970-01-01T00:03:00Z"}
    mended = call("db", "redate")
    assert words in " ".join(mended.out.split())
    assert mended.out.splitlines()[-1].split() == ["runs", "1"]
    assert call("db", "redate", "--json").json["before_1996"] is None


def test_a_clock_that_is_far_behind_is_refused(call: Call, database: str, made: None) -> None:
    with Store.open(database) as store:
        store.runs.begin("harvest", "rantburg", SystemClock().now() + timedelta(days=4000))
    refused = call("db", "redate")
    assert (refused.code, "all runs are far later" in refused.err.replace("\n", " ")) == (2, True)
    assert call("db", "redate", "--force").code == 0
    assert call("status", "--json").json["later_than_now"] is None
