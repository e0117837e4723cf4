"""A process that sleeps past its lease: another has its day by then, and what it still writes is refused."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.clock import SystemClock
from tests.faults.children import backfill_words, stopped, thresher
from tests.faults.held import ALL_WELL, broken, reckoned
from tests.faults.site import SECTIONS, WatchedSite, before, past_days
from tests.kit import rows
from tests.kit.child import ended
from tests.kit.rig import Rig
from tests.kit.waiting import until

LEASE = 3.0
STOPS_ITSELF = """
import os, signal, threading
from datetime import timedelta
import ingest.jobs.lease
from ingest.pipeline.page import PagePipeline
from ingest.store.coordination.day_leases import Leases
ingest.jobs.lease.LEASE = timedelta(seconds={lease})
ingest.jobs.lease.HEARTBEAT = {lease} / 4
step, renew, at_the_database = PagePipeline.{step}, Leases.renew, threading.Lock()
pages = []
def renewing(self, lease, *, until):
    with at_the_database:
        return renew(self, lease, until=until)
def stopping(self, visit, *more):
    pages.append(visit)
    if len(pages) == {page}:
        with at_the_database:
            os.kill(os.getpid(), signal.SIGSTOP)
    return step(self, visit, *more)
Leases.renew, PagePipeline.{step} = renewing, stopping
"""
"""It stops where no lock of the database is its own, nor its heartbeat's."""


@pytest.mark.parametrize(
    ("step", "page"),
    [
        pytest.param("_look_after", 1, id="first-answer-in-hand", marks=pytest.mark.long),
        pytest.param("_load", 1, id="first-page-parsed", marks=pytest.mark.full),
        pytest.param("_look_after", 4, id="fourth-answer-in-hand", marks=pytest.mark.full),
        pytest.param("_load", 4, id="fourth-page-parsed", marks=pytest.mark.long),
    ],
)
def test_stopped_past_its_lease(
    step: str, page: int, tmp_path: Path, figure: Callable[[str, str], None]
) -> None:
    days = past_days(2)
    with WatchedSite(days) as site:
        rig = Rig(site, tmp_path)
        words = backfill_words(rig, before(len(days)), before(1))
        first = thresher(rig, *words, prepared=STOPS_ITSELF.format(step=step, page=page, lease=LEASE))
        until(lambda: stopped(first))
        until(lambda: rig_is_free(rig), within=4 * LEASE)
        code, _, err = ended(thresher(rig, *words))
        assert code == 0, err
        assert rig.held == rig.shown
        settled = (rig.captures(), rig.page_states(), rig.held)
        os.killpg(first.pid, signal.SIGCONT)
        code, _, err = ended(first)
        stale = len(rig.captures()) - len(settled[0])
        figure(
            "T69", f"stopped with {page - 1} of {len(days) * len(SECTIONS)} pages had: {stale} stale writes"
        )
        captures, states, held = rig.captures(), rig.page_states(), rig.held
        assert (states, held) == settled[1:]
        assert captures == settled[0]
        assert "the lease of rantburg" in err
        assert code in {0, 1}
        assert reckoned(rig) == ALL_WELL
        assert list(broken(rig)) == []


def rig_is_free(rig: Rig) -> bool:
    """Whether the lease that the stopped process had is over."""
    now = SystemClock().now()
    return all(row["lease_until"] is None or row["lease_until"] < now for row in rows.table(rig.url, "pages"))
