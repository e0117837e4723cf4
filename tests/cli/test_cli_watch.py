"""``thresher watch`` and ``schedule list`` as an operator calls them."""

import re
import socket
from datetime import timedelta
from pathlib import Path
from signal import SIGHUP, SIGTERM

import pytest

from ingest.clock import SystemClock
from ingest.store import Store
from tests.cli.conftest import Call
from tests.runner.steer import steered

HOURLY = '[[schedule]]\nid = "hourly"\nkind = "harvest"\nevery = "1h"\nfull = true\n'
RARELY = '[[schedule]]\nid = "rarely"\nkind = "harvest"\ncron = "0 0 29 feb *"\n'
YEARS = '[[schedule]]\nid = "years"\nkind = "backfill"\ncron = "7 1 * * sat"\nsince = 2010-01-01\n'
CHECKS = '[[schedule]]\nid = "{0}"\nkind = "verify"\ncron = "7 1 * * sat"\n'
HOUR = timedelta(hours=1)
INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


@pytest.fixture
def schedules(toml: Path) -> Path:
    """The operator's own file."""
    (toml.parent / "schedules").mkdir()
    file = toml.parent / "schedules" / "rantburg.toml"
    file.write_text(HOURLY)
    return file


@pytest.mark.usefixtures("made")
def test_what_is_scheduled_is_listed_with_its_next_three_starts(call: Call) -> None:
    listed = call("schedule", "list", "--json")
    assert listed.code == 0
    hourly, verify = listed.json["schedules"]
    assert (hourly["source"], hourly["id"], hourly["kind"]) == ("rantburg", "hourly", "harvest")
    assert (hourly["covers"], verify["covers"]) == ("today and what is due", "all that is held")
    assert (hourly["catch_up"], hourly["last"]) == ("latest", None)
    assert len(hourly["next"]) == len(hourly["next_local"]) == 3
    assert all(re.fullmatch(INSTANT, start) for start in hourly["next"])
    assert all(re.search(r"T\d\d:\d\d:\d\d-0[45]:00$", start) for start in hourly["next_local"])
    shown = call("schedule", "list")
    assert shown.code == 0
    for starts in zip(hourly["next"], hourly["next_local"], strict=True):
        assert "  ".join(starts) in shown.out
    assert shown.out.count("rantburg/") == 2
    assert shown.out.count("never") == 2


@pytest.mark.usefixtures("made")
def test_the_list_says_what_each_schedule_covers(call: Call, schedules: Path) -> None:
    more = [
        YEARS,
        YEARS.replace("years", "old") + 'until = 2012-12-31\norder = "oldest"\n',
        CHECKS.format("since") + "since = 2018-01-01\n",
        CHECKS.format("until") + "until = 2018-01-01\n",
        HOURLY.replace("hourly", "recent") + "recent = 3\n",
    ]
    schedules.write_text("".join([HOURLY, *more]))
    covers = [one["covers"] for one in call("schedule", "list", "--json").json["schedules"]]
    assert covers == [
        "today and what is due, in full",
        "2010-01-01 to yesterday, newest first",
        "2010-01-01 to 2012-12-31, oldest first",
        "2018-01-01 to the last",
        "the first day to 2018-01-01",
        "the last 3 days, in full",
    ]


def test_the_list_says_what_came_of_the_last_time(call: Call, schedules: Path, database: str) -> None:
    now = SystemClock().now()
    with Store.open(database) as store:
        with store.present() as owner:
            claim = store.claims.claim(
                "rantburg/hourly", "rantburg", now, owner=owner, now=now, lease_until=now + HOUR
            )
            assert claim is not None
            assert call("schedule", "list", "--json").json["schedules"][0]["last"]["state"] == "running"
        assert call("schedule", "list", "--json").json["schedules"][0]["last"]["state"] == "broken off"
        store.claims.end(claim, "failed", ended_at=now, error="no answer")
    last = call("schedule", "list", "--json").json["schedules"][0]["last"]
    assert (last["state"], last["attempts"], last["error"]) == ("failed", 1, "no answer")
    assert re.search(rf"failed {INSTANT} no answer", call("schedule", "list").out)


def test_it_watches_until_sigterm_and_says_what_it_does(call: Call, schedules: Path) -> None:
    schedules.write_text(RARELY)
    with steered(SIGHUP, SIGTERM):
        watched = call("watch", "rantburg", "--port", 0)
    assert watched.code == 0
    assert re.search(rf"rantburg/rarely: harvest, next {INSTANT}", watched.err)
    assert re.search(r"http://127\.0\.0\.1:\d+/healthz and /metrics", watched.err)
    assert "read again: 1 schedules in force" in watched.err


def test_the_port_may_stand_in_the_file_and_is_left_out_else(call: Call, toml: Path, schedules: Path) -> None:
    schedules.write_text(RARELY)
    with steered(SIGTERM):
        assert "healthz" not in call("watch").err
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        toml.write_text(f"[watch]\nport = {taken.getsockname()[1]}\n")
        watched = call("watch")
    assert watched.code == 3
    assert "is already in use" in watched.err


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("command", [("watch",), ("schedule", "list")], ids=["watch", "list"])
def test_a_file_that_cannot_be_meant_is_a_matter_of_configuration(
    call: Call, schedules: Path, command: tuple[str, ...]
) -> None:
    schedules.write_text(HOURLY.replace("1h", "1s"))
    told = call(*command)
    assert told.code == 2
    assert f"{schedules}: schedule 'hourly' of rantburg: every = '1s'" in told.err


def test_a_watch_over_nothing_is_refused(call: Call, schedules: Path) -> None:
    schedules.write_text("")
    told = call("watch")
    assert (told.code, "nothing is scheduled" in told.err) == (2, True)
    assert call("watch", "elsewhere").code == 2
