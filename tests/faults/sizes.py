"""Two sizes of one test: a quick one for ``make long``, the full one for ``make faults``."""

import pytest


def sizes(
    name: str, *, quick: object, full: object, seconds: int = 600, at_once: bool = False
) -> pytest.MarkDecorator:
    """Parametrizes a test by its size; the full one may take so many seconds.

    ``at_once`` has the quick one run by ``make test``.
    """
    return pytest.mark.parametrize(
        name,
        [
            pytest.param(quick, marks=() if at_once else pytest.mark.long, id="quick"),
            pytest.param(full, marks=[pytest.mark.full, pytest.mark.timeout(seconds)], id="full"),
        ],
    )
