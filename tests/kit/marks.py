"""Which values of a parametrized test are left to ``make long``."""

import pytest


def long(*values: object) -> tuple[object, ...]:
    """These values, marked: ``@pytest.mark.parametrize("status", [403, *long(404, 410)])``."""
    return tuple(pytest.param(value, marks=pytest.mark.long) for value in values)
