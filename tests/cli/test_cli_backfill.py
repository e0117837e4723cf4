"""``thresher backfill``: a window of days; what it would cost, how it ends, and how it goes on."""

import json
import os
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Call, on_loopback
from tests.kit import rows
from tests.kit.child import THRESHER, begun, ended
from tests.kit.rig import DAY, busy_day
from tests.kit.waiting import until
from tests.site.faults import instead
from tests.site.server import SiteServer

DAYS = tuple(DAY - timedelta(days=ago) for ago in range(3))
WINDOW = ("--since", DAYS[-1], "--until", DAYS[0])
REPORT_KEYS = {
    "command", "source", "run", "outcome", "exit_code", "since", "until", "stopped", "days", "again_at",
    "pages", "articles", "comments", "requests", "bytes", "adopted", "bytes_cut", "seconds", "failures",
}  # fmt: skip


@pytest.fixture
def site() -> Iterator[SiteServer]:
    with SiteServer(busy_day(day, number=number) for number, day in enumerate(DAYS)) as site:
        yield site


@pytest.fixture
def filled(call: Call, site: SiteServer, toml: Path) -> Call:
    toml.write_text(on_loopback(site), "utf-8")
    return call


def test_a_dry_run_asks_for_nothing_and_tells_what_it_would_cost(
    filled: Call, site: SiteServer, database: str
) -> None:
    told = filled("backfill", "rantburg", *WINDOW, "--dry-run", "--delay", 2, "--json").json
    assert told["days"] == {"done": 0, "waiting": 3, "resting": 0, "taken": 0}
    assert (told["requests_least"], told["requests_likely"], told["delay"]) == (3, 18, 2)
    assert told["hours"] == 0.01
    assert site.requests == []
    assert not Path(database).exists()
    called = filled("backfill", "rantburg", *WINDOW, "--dry-run", "--delay", 3600)
    assert called.out.splitlines() == [
        "rantburg: 3 days to visit, 0 done, 0 resting, 0 taken",
        "3 to 18 requests, one every 3600 s: up to 18.0 hours",
    ]


def test_a_window_is_filled_and_told(filled: Call, site: SiteServer, database: str) -> None:
    called = filled("backfill", "rantburg", *WINDOW)
    assert (called.code, called.err) == (0, "")
    assert "pages     done 15  short 0  failed 0" in called.out
    assert "days      done 3  waiting 0  resting 0  taken 0" in called.out
    assert rows.held(database) == rows.told(*site.days.values())
    told = filled("--json", "backfill", "rantburg", *WINDOW).json
    assert set(told) == REPORT_KEYS
    assert (told["requests"], told["outcome"], told["exit_code"]) == (0, "complete", 0)
    assert filled("verify", "rantburg", *WINDOW).code == 0


@pytest.mark.long
def test_what_is_not_had_is_named(filled: Call, site: SiteServer) -> None:
    site.faults = [instead("HC=4", body=b"<p>Internal trouble</p>")]
    called = filled("backfill", "rantburg", *WINDOW, "--oldest-first")
    assert called.code == 1
    assert called.out.count("failed") == 4
    assert "3 days rest, the first until 20" in called.err
    told = filled("backfill", "rantburg", *WINDOW, "--dry-run", "--json").json
    assert told["days"]["resting"] == 3
    assert told["again_at"] is not None


def test_a_site_that_gives_nothing_is_exit_3(filled: Call, site: SiteServer, no_waiting: list[float]) -> None:
    site.robots = (503, b"")
    called = filled("backfill", "rantburg", *WINDOW, "--json")
    assert (called.code, called.json["outcome"], site.pages_asked) == (3, "failed", [])


@pytest.mark.long
def test_what_could_not_run_is_told(filled: Call, tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("no folder", "utf-8")
    called = filled("backfill", "rantburg", *WINDOW)
    assert called.code == 3
    assert "thresher: " in called.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("rantburg", "--since", "2018-04-14", "--until", "2018-04-13"), "is before"),
        (("rantburg", "--since", "2018-04-14"), "--until"),
        (("--since", "2018-04-14", "--until", "2018-04-14"), "SOURCE"),
        (("nowhere", *WINDOW), "nowhere"),
        (("rantburg", *WINDOW, "--delay", "nan"), "nan"),
    ],
    ids=["order", "no-until", "no-source", "unknown", "nan"],
)
def test_a_wrong_call_is_exit_2(call: Call, arguments: tuple[object, ...], words: str) -> None:
    called = call("backfill", *arguments)
    assert called.code == 2
    assert words in called.err


def test_one_address_is_not_two_sources(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    called = call(
        "backfill", "rantburg", "rantburg", *WINDOW, "--dry-run", "--base-url", "http://127.0.0.1:9/"
    )
    assert called.code == 0


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_within_seconds_and_the_next_run_goes_on(
    site: SiteServer, tmp_path: Path, number: signal.Signals
) -> None:
    database = str(tmp_path / "held.sqlite3")
    command = [str(THRESHER), "--database", database, "--archive", str(tmp_path / "archive"), "--json"]
    command += ["backfill", "rantburg", *map(str, WINDOW), "--base-url", site.url, "--delay"]
    process = begun([*command, "3"], tmp_path)
    until(lambda: len(site.requests) >= 2)
    os.killpg(process.pid, number)
    began = time.monotonic()
    out, _ = process.communicate(timeout=100)
    took = time.monotonic() - began
    told = json.loads(out)
    assert (process.returncode, told["stopped"]) == (0, True)
    assert took < 20  # five seconds, and a busy machine's share; the whole window takes 40
    assert ended(begun([*command, "0"], tmp_path))[0] == 0
    assert rows.held(database) == rows.told(*site.days.values())
    assert len(site.pages_asked) <= 15 + 1
