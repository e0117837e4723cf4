"""A site with one busy day, and the line that harvests it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ingest.pipeline.opening
from tests.kit.rig import Rig, busy_day
from tests.kit.workers import kept_worker
from tests.site.server import SiteServer


@pytest.fixture(autouse=True)
def plain_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """A spawned process imports its parent's main module anew: half a second of pytest for each worker."""
    monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)


@pytest.fixture
def site() -> Iterator[SiteServer]:
    with SiteServer([busy_day()]) as site:
        yield site


@pytest.fixture
def rig(site: SiteServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr(ingest.pipeline.opening, "Worker", kept_worker)
    return Rig.ready(site, tmp_path)
