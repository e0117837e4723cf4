"""Two sizes of one test: a quick one for ``make test``, the full one for ``make faults``."""

import pytest


def sizes(name: str, *, quick: object, full: object, seconds: int = 600) -> pytest.MarkDecorator:
    """Parametrizes a test by its size; the full one may take so many seconds."""
    return pytest.mark.parametrize(
        name,
        [
            pytest.param(quick, marks=pytest.mark.slow, id="quick"),
            pytest.param(full, marks=[pytest.mark.long, pytest.mark.timeout(seconds)], id="full"),
        ],
    )
