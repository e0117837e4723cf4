"""What commands put into the queue is done by workers, as a command of one machine would have done it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.site import before, past_days
from tests.kit import rows
from tests.kit.fleet import FleetRig
from tests.kit.postgres import server_or_skip
from tests.site.server import SiteServer

DAYS = 3


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    yield from server_or_skip()


@pytest.fixture
def site() -> Iterator[SiteServer]:
    with SiteServer(past_days(DAYS)) as site:
        yield site


@pytest.mark.long
def test_a_harvest_is_queued_and_done_in_slices(site: SiteServer, tmp_path: Path, server: str) -> None:
    rig = FleetRig(site, tmp_path, server, pages=4)
    words = [word for ago in range(1, DAYS + 1) for word in ("--date", before(ago).isoformat())]
    queued = rig.json("harvest", "rantburg", *words)
    assert (queued["state"], queued["queue"], queued["exit_code"]) == ("open", "fetch", None)
    assert rig.json("harvest", "rantburg", *words)["order"] == queued["order"]
    assert rig.held == []
    rig.work()
    assert rig.held == rig.shown
    (order,) = rows.table(rig.url, "orders")
    assert (order["state"], order["exit_code"], order["tries"]) == ("ended", 0, 0)
    runs = rows.table(rig.url, "runs")
    assert [run["command"] for run in runs] == ["harvest"] * len(runs)
    assert len(runs) > 2
    asked = rig.site.pages_asked
    assert len(asked) == len(set(asked))
