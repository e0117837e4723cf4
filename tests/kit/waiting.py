"""Waiting for what another process or thread does: for the condition itself, never for a fixed time."""

import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.site.server import SiteServer

PATIENT = 100.0
"""Seconds after which a condition is said never to come: many times what a busy machine takes."""


def until(happened: Callable[[], bool], *, within: float = PATIENT) -> None:
    """Return as soon as it is so.

    Raises:
        AssertionError: it is not so after that many seconds.
    """
    end = time.monotonic() + within
    while not happened():
        assert time.monotonic() < end, f"it did not happen within {within:.0f} s"
        time.sleep(0.01)


class Gate:
    """A site that answers so many requests and holds every later one until it is opened."""

    def __init__(self, site: SiteServer, monkeypatch: pytest.MonkeyPatch, *, after: int) -> None:
        self._opened = threading.Event()
        self._left = after
        self._lock = threading.Lock()
        answer = site.answer

        def hold(*asked: object) -> object:
            answered = answer(*asked)  # type: ignore[arg-type]
            if not self._passes():
                self._opened.wait(PATIENT)
            return answered

        monkeypatch.setattr(site, "answer", hold)

    def open(self) -> None:
        """Let everything through from now on."""
        self._opened.set()

    def _passes(self) -> bool:
        with self._lock:
            self._left -= 1
            return self._left >= 0


def has_child(process: "subprocess.Popen[str]") -> bool:
    """Whether it has started a process, or has ended."""
    with suppress(OSError):
        threads = Path(f"/proc/{process.pid}/task").glob("*/children")
        return process.poll() is not None or any(path.read_text() for path in threads)
    return process.poll() is not None
