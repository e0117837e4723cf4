"""Watches that a parser asks for nothing but its arguments: no clock, no network, no file, no chance."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

CLOCKS = frozenset({"now", "utcnow", "today"})
MODULES = frozenset(
    {"time", "socket", "_socket", "ssl", "_ssl", "random", "_random", "subprocess", "posix", "nt", "_io"}
)
PURE_CALLS = frozenset({"StringIO", "BytesIO", "text_encoding", "strptime", "_strptime", "fspath"})
"""Of these modules, what depends on its arguments alone."""


class Impure(Exception):
    """The parser called something that can give another answer tomorrow."""


@contextmanager
def watched() -> Iterator[None]:
    """Within it such a call raises Impure; what is loaded once, as a zone's rules are, has been loaded."""
    before, collects = sys.getprofile(), gc.isenabled()
    # A collection calls whoever asked to be called then, such as a test library that measures it.
    gc.disable()
    sys.setprofile(_watch)
    try:
        yield
    finally:
        sys.setprofile(before)
        if collects:
            gc.enable()


def _watch(frame: FrameType, event: str, called: object) -> None:
    if event == "c_call":
        name, module = getattr(called, "__name__", ""), getattr(called, "__module__", None)
        if module in MODULES or (isinstance(getattr(called, "__self__", None), type) and name in CLOCKS):
            _refuse(name)
    elif event == "call" and frame.f_globals.get("__name__") in MODULES:
        _refuse(frame.f_code.co_name)


def _refuse(name: str) -> None:
    if name not in PURE_CALLS:
        sys.setprofile(None)
        raise Impure(f"it calls {name}")
