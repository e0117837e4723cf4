"""The console's two buttons with nothing replaced: a site of loopback, a store, and the real jobs."""

import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.console.application import Console
from ingest.records.chosen import SourceSettings
from ingest.store import Store
from tests.console.browser import Browser
from tests.kit import rows
from tests.kit.rig import DAY, Rig, busy_day
from tests.kit.waiting import until
from tests.site.faults import cut_body, instead
from tests.site.render import encoded, section_page
from tests.site.server import SiteServer

pytestmark = pytest.mark.long


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    # A spawned process would import pytest anew.
    monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    with SiteServer([busy_day()]) as site:
        rig = Rig.ready(site, tmp_path)
        rig.settings = replace(
            rig.settings, sources={"rantburg": SourceSettings(base_url=site.url, delay=0.0)}
        )
        yield rig


def press(rig: Rig, address: str) -> str:
    """Sends a form, waits until what it asks for is over, and says how it ended."""
    with (
        Store.read(rig.url) as store,
        closing(Console(rig.settings, store, rig.clock)) as console,
    ):
        browser = Browser(console)
        assert browser.post(address).status_code == 303
        until(lambda: console._actions.newest[0].state not in {"waiting", "running"}, within=60)
        assert console._actions.newest[0].error is None
        return console._actions.newest[0].state


def test_a_day_that_was_cut_is_asked_for_again_and_whole(rig: Rig) -> None:
    rig.site.faults = [cut_body("HC=3", times=None)]
    assert rig.harvest(DAY).exit_code == 1
    rig.site.faults = []
    before = len(rig.site.pages_asked)
    assert press(rig, f"/day?source=rantburg&day={DAY}") == "complete"
    assert [path for path in rig.site.pages_asked[before:] if "HC=3" not in path] == []
    assert rig.held == rig.shown


def test_a_quarantined_page_is_parsed_again_and_still_says_why(rig: Rig) -> None:
    wrong = encoded(section_page(busy_day(), 2)).replace(b"04/14/2018", b"-")
    rig.site.faults = [instead("HC=2", body=wrong)]
    assert rig.harvest(DAY).exit_code == 1
    (kept,) = rows.table(rig.url, "quarantine")
    assert press(rig, f"/quarantine?id={kept['id']}") == "incomplete"
    (again,) = rows.table(rig.url, "quarantine")
    assert (again["capture_id"], again["attempts"]) == (kept["capture_id"], kept["attempts"] + 1)
