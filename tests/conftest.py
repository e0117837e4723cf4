"""The marks of the tests: which of them ``make test``, ``make long`` and ``make full`` run."""

import pytest


def pytest_itemcollected(item: pytest.Item) -> None:
    """What is ``full`` is ``long`` as well, so that ``not long`` leaves out both."""
    if item.get_closest_marker("full") is not None:
        item.add_marker("long")
