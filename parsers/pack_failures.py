"""Distributions and packs that cannot be used: each is a value, with its reason.

Nothing else of the project is imported here: a command begins with it.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoints
from traceback import format_exception_only
from typing import Any

LONGEST_REASON = 300
READERS = ("importlib.metadata", "importlib_metadata")
"""Whoever imports the second one puts it in the first one's place, for every distribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackFailure:
    """A pack that is passed over: its entry point, such as `harbour = harbour_pack:SOURCE`, and why."""

    name: str
    value: str
    reason: str

    def __str__(self) -> str:
        return f"the pack {self.name!r} ({self.value}) cannot be used: {self.reason}"


_unreadable: dict[str, PackFailure] = {}
_patched: set[type] = set()


def pass_over_unreadable() -> None:
    """Lets `importlib.metadata` pass over each distribution whose entry points cannot be read.

    It raises a TypeError otherwise, whoever asks: pydantic and apscheduler do while they are imported.
    """
    # By sys.modules: importing the second one here would put it in place.
    kinds = {sys.modules[name].Distribution for name in READERS if name in sys.modules}
    # Called again, it must not wrap its own wrapper.
    for kind in kinds - _patched:
        kind.entry_points = property(_readable(kind.__dict__["entry_points"].fget))
        _patched.add(kind)


def _readable(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def entry_points(distribution: Any) -> Any:
        try:
            return read(distribution)
        except Exception as error:  # noqa: BLE001 - the file is anybody's
            file = f"{getattr(distribution, '_path', distribution.name)}/entry_points.txt"
            _unreadable[file] = PackFailure(name=distribution.name, value=file, reason=reason_of(error))
            # None: the distribution brings no packs, and its commands are not ours.
            return EntryPoints()

    return entry_points


def unreadable() -> tuple[PackFailure, ...]:
    """What was passed over until now."""
    return tuple(_unreadable.values())


def reason_of(error: BaseException) -> str:
    """Type and message in one line; a message that cannot be printed is left out."""
    words = " ".join("".join(format_exception_only(error)).split())
    return words if len(words) <= LONGEST_REASON else f"{words[:LONGEST_REASON]}..."
