"""The one door of pygal, which draws charts for the command line and for the console."""

import sys
from importlib.machinery import PathFinder
from typing import Any

from ingest.errors import ConfigurationError


def pygal_and_style() -> tuple[Any, Any]:
    """The library and its class ``Style``; ConfigurationError if it is not installed.

    To import it changes how this process imports: it leaves a finder of maps, and a backport that takes the
    place of ``importlib.metadata`` in finding distributions. Both are undone: what reads the packs of others
    must be the library of Python, which passes over those that cannot be read.
    """
    finders, find = list(sys.meta_path), PathFinder.__dict__.get("find_distributions")
    try:
        import pygal  # noqa: PLC0415 - an extra
        from pygal.style import Style  # noqa: PLC0415
    except ImportError as exc:
        raise ConfigurationError("pygal is not installed: pip install 'thresher[console]'") from exc
    finally:
        sys.meta_path[:] = finders
        if find is not None:
            PathFinder.find_distributions = find  # type: ignore[method-assign]
    return pygal, Style
