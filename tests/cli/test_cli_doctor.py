"""``thresher doctor``: what it looks at, and what it finds."""

from pathlib import Path

import pytest

from ingest.cli.commands.doctor import sqlite_check
from ingest.clock import SystemClock
from ingest.store import Store
from tests.cli.conftest import Call, on_loopback
from tests.site.server import SiteServer

CHECKS = {
    "versions", "python", "sqlite", "database", "clock", "archive", "disk", "sources", "contact",
    "robots of rantburg",
}  # fmt: skip


@pytest.mark.parametrize(
    ("found", "finding"),
    [
        ((3, 6, 23), "ok"),
        ((3, 7, 0), "warning"),
        ((3, 44, 5), "warning"),
        ((3, 44, 6), "ok"),
        ((3, 45, 9), "warning"),
        ((3, 50, 6), "warning"),
        ((3, 50, 7), "ok"),
        ((3, 51, 2), "warning"),
        ((3, 51, 3), "ok"),
        ((3, 52, 0), "ok"),
        ((4, 0, 0), "ok"),
    ],
)
def test_the_wal_reset_bug_is_known_by_version(found: tuple[int, ...], finding: str) -> None:
    assert sqlite_check(found).finding == finding


def findings(call: Call, *more: str) -> tuple[int, dict[str, str]]:
    called = call("doctor", *more, "--json")
    assert set(called.json) == {"checks"}
    assert all(set(check) == {"name", "finding", "words"} for check in called.json["checks"])
    return called.code, {check["name"]: check["finding"] for check in called.json["checks"]}


@pytest.mark.usefixtures("made")
def test_doctor_where_all_is_well(call: Call, toml: Path, site: SiteServer) -> None:
    toml.write_text(on_loopback(site))
    code, found = findings(call)
    assert (code, set(found)) == (0, CHECKS)
    assert found["robots of rantburg"] == found["database"] == found["archive"] == found["contact"] == "ok"
    assert [request.path for request in site.requests] == ["/robots.txt"]
    called = call("doctor", "--no-network")
    assert called.code == 0
    assert "robots" not in called.out


@pytest.mark.parametrize(
    ("robots", "words"), [((200, b"User-agent: *\nDisallow: /"), "may not be"), ((503, b""), "robots.txt")]
)
def test_doctor_where_the_site_will_not(
    call: Call, toml: Path, site: SiteServer, robots: tuple[int, bytes], words: str
) -> None:
    toml.write_text(on_loopback(site))
    site.robots = robots
    called = call("doctor")
    assert (called.code, words in called.out) == (1, True)


@pytest.mark.usefixtures("made")
def test_doctor_where_the_address_is_none(call: Call, toml: Path) -> None:
    toml.write_text('[sources.rantburg]\nbase_url = "http://[::1"')
    code, found = findings(call)
    assert (code, found["robots of rantburg"], found["database"]) == (1, "failed", "ok")


def test_doctor_where_nothing_can_be_used(
    call: Call, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(database).mkdir()
    (tmp_path / "archive").write_text("no folder")
    monkeypatch.delenv("THRESHER_CONTACT")
    code, found = findings(call, "--no-network")
    assert code == 1
    assert (found["database"], found["archive"], found["contact"]) == ("failed", "failed", "warning")


def test_doctor_sees_a_clock_that_went_back(call: Call, database: str) -> None:
    with Store.open(database) as store:
        store.runs.begin("harvest", "rantburg", SystemClock().now().replace(year=2999))
    code, found = findings(call, "--no-network")
    assert (code, found["clock"]) == (1, "failed")
