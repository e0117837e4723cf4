"""What all tests of sites with lists need."""

import pytest

import ingest.pipeline.opening
from tests.kit.workers import kept_worker

_seen: set[tuple[str, str]] = set()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Of a test's variants the first one runs after every change, the others in ``make long``.

    Each harvests a site several times, which takes seconds; what its pages mean is proved in tests/parsers.
    """
    assert isinstance(item, pytest.Function)
    test = item.path.name, item.originalname
    if test in _seen:
        item.add_marker("long")
    _seen.add(test)


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several visits of one test parse in one process."""
    monkeypatch.setattr(ingest.pipeline.opening, "Worker", kept_worker)
