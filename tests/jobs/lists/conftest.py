"""What all tests of sites with lists need."""

import pytest

import ingest.pipeline.opening
from tests.kit.workers import kept_worker


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several visits of one test parse in one process."""
    monkeypatch.setattr(ingest.pipeline.opening, "Worker", kept_worker)
